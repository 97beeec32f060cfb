"""Nobody gets in without signing in, whatever the address and method."""

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from tests.client import Browser
from tracker.accounts.access import OPEN_ENDPOINTS

OPEN_PAGES = ("/login", "/health", "/static/theme.css", "/bootstrap/static/css/bootstrap.min.css")


def address(rule: Rule) -> str:
    """Return an address that the rule matches."""
    values = {
        name: 1 if isinstance(rule._converters[name], IntegerConverter) else "x" for name in rule.arguments
    }
    built = rule.build(values)
    assert built
    return str(built[1])


def test_every_address_that_is_not_named_open_is_closed_to_strangers(app: Flask, client: Browser) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_ENDPOINTS:
            continue
        for method in rule.methods or ():
            answer = client.open(address(rule), method=method)
            tried += 1

            if method in {"GET", "HEAD", "OPTIONS"} and not rule.rule.startswith("/api/"):
                assert answer.status_code == 302, (rule, method)
                assert answer.location.startswith("/login"), (rule, method)
            else:
                assert answer.status_code == 401, (rule, method)
    assert tried > 5


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    "page", ["/there-is-no-such-page", "/logout", "/totals/../admin", "/%2e%2e/etc/passwd"]
)
def test_unknown_addresses_lead_strangers_to_the_sign_in(client: Browser, page: str, method: str) -> None:
    answer = client.open(page, method=method)

    assert answer.status_code == 302
    assert answer.location.startswith("/login")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_strangers_who_send_something_are_told_to_sign_in(client: Browser, method: str) -> None:
    assert client.open("/there-is-no-such-page", method=method).status_code == 401


def test_the_api_answers_strangers_with_401(client: Browser) -> None:
    assert client.get("/api/v1/anything").status_code == 401


@pytest.mark.parametrize("page", OPEN_PAGES)
def test_open_addresses_answer_strangers(client: Browser, page: str) -> None:
    with client.get(page) as answer:
        assert answer.status_code == 200


def test_a_stranger_is_sent_on_to_the_page_asked_for(client: Browser) -> None:
    assert client.get("/account/password?a=1").location == "/login?next=/account/password?a%3D1"
