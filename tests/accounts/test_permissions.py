"""Every address × method × role × department is really asked for and answers as the table says."""

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.wrappers import Response

from tests.accounts.world import (
    Rewinder,
    World,
    build_world,
    closed_rules,
    contents_digest,
    headers_of,
    requests,
)
from tests.client import Browser
from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.accounts.models import User
from tracker.accounts.permissions import ALLOWED, ENDPOINTS, Act, may
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.web.requests import SAFE_METHODS

# Looking at what is not public leaves its trace there; that is no change of anybody's data.
TRACES = {"access_record"}


@pytest.fixture
def world(app: Flask) -> World:
    """Return the body to walk through, on a server that shows its faults as pages."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return build_world()


def enter(app: Flask, world: World, role: Role) -> tuple[Browser, dict[str, str]]:
    """Return a browser that keeps no cookies, and the headers by which the account of the role acts in it."""
    browser, bare = app.test_client(), app.test_client(use_cookies=False)
    assert isinstance(browser, Browser)
    assert isinstance(bare, Browser)
    browser.sign_in(world.people[role])
    return bare, headers_of(browser)


def is_refused(answer: Response) -> bool:
    """Return whether the answer is a refusal."""
    return answer.status_code in {401, 403}


def test_every_page_is_in_the_table_and_the_table_names_no_other(app: Flask) -> None:
    declared = ENDPOINTS.keys() | OPEN_ENDPOINTS
    served = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert served - declared == set(), "these pages are in no table and so open to nobody"
    assert declared - served == set(), "the table names pages that are not there"


def test_every_act_says_who_may_do_it() -> None:
    assert set(Act) == set(ALLOWED)


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
def test_a_role_gets_where_the_table_lets_it_and_nowhere_else(
    app: Flask, world: World, instance: Path, role: Role
) -> None:
    browser, headers = enter(app, world, role)
    rewinder = Rewinder(instance)
    seen: Counter[bool] = Counter()
    faults = []
    for rule, method, address, department in requests(app, world):
        allowed = may(db.session.get_one(User, world.people[role].id), ENDPOINTS[rule.endpoint], department)
        db.session.rollback()
        with browser.open(address, method=method, headers=headers) as answer:
            seen[allowed] += 1
            is_missing = answer.status_code == 404 and allowed and method == "GET" and world.knows(rule)
            if is_refused(answer) == allowed or answer.status_code >= 500 or is_missing:
                faults.append(f"{method} {address} ({rule.endpoint}): {answer.status}, allowed: {allowed}")
        if method not in SAFE_METHODS:
            rewinder.rewind()

    assert not faults, "\n".join(faults)
    assert seen[True] > 5


@pytest.mark.long
def test_strangers_get_nowhere(app: Flask, world: World, client: Browser) -> None:
    headers = {"X-CSRFToken": client.token("/login")}
    faults = []
    for rule, method, address, _department in requests(app, world):
        answer = client.open(address, method=method, headers=headers)
        is_page = method in SAFE_METHODS and not address.startswith("/api/")
        if answer.status_code != (302 if is_page else 401) or (
            is_page and not answer.location.startswith("/login")
        ):
            faults.append(f"{method} {address} ({rule.endpoint}): {answer.status}")

    assert not faults, "\n".join(faults)


@pytest.mark.long
def test_the_auditor_changes_nothing(app: Flask, world: World) -> None:
    browser, headers = enter(app, world, Role.AUDITOR)
    before = contents_digest(TRACES)
    for rule, method, address, _department in requests(app, world):
        is_own = ENDPOINTS[rule.endpoint] is Act.OWN_ACCOUNT  # an auditor signs out like everybody else
        if not (is_own and method not in SAFE_METHODS):
            browser.open(address, method=method, headers=headers).close()

    assert contents_digest(TRACES) == before


def test_the_digest_tells_a_change(app: Flask, world: World) -> None:
    browser, headers = enter(app, world, Role.AUDITOR)
    before = contents_digest(TRACES)
    browser.post("/logout", headers=headers)

    assert contents_digest(TRACES) != before


@pytest.mark.long
@pytest.mark.own_app
def test_a_page_that_is_in_no_table_is_open_to_nobody(app: Flask, world: World, client: Browser) -> None:
    app.add_url_rule("/leak", "leak", lambda: "open", methods=["GET", "POST"])

    assert "leak" in {rule.endpoint for rule in closed_rules(app)}
    assert client.get("/leak").location.startswith("/login")
    for role in Role:
        browser, headers = enter(app, world, role)
        assert browser.get("/leak", headers=headers).status_code == 403
        assert browser.post("/leak", headers=headers).status_code == 403


@pytest.mark.own_app
def test_the_walk_finds_a_page_that_forgets_the_department(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add_url_rule("/forgetful/<int:purchase_id>", "forgetful", lambda purchase_id: str(purchase_id))
    monkeypatch.setitem(ENDPOINTS, "forgetful", Act.WRITE_PURCHASES)
    browser, headers = enter(app, world, Role.CLERK)
    clerk = db.session.get_one(User, world.people[Role.CLERK].id)
    found = [
        (may(clerk, ENDPOINTS[rule.endpoint], department), is_refused(browser.get(address, headers=headers)))
        for rule, method, address, department in requests(app, world)
        if rule.endpoint == "forgetful" and method == "GET"
    ]

    assert found == [(True, False), (False, False)]  # the second should have been refused
