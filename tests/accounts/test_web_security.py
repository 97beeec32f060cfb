"""What browsers can be made to do against their owner's will, each beside a control that must fail."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, request
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.accounts.test_views import EVIL
from tests.accounts.world import Rewinder, World, build_world, contents_digest, headers_of, requests
from tests.client import Browser, Person, make_user
from tests.conftest import build_test_app
from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.accounts.permissions import ALLOWED, ENDPOINTS
from tracker.config import ROOT, load_settings
from tracker.core.vocabulary import Role
from tracker.web.destinations import own_page
from tracker.web.requests import SAFE_METHODS

MEGABYTE = 1024 * 1024


@pytest.fixture
def person(app: Flask) -> Person:
    """Return an ordinary account."""
    assert app
    return make_user()


@pytest.fixture
def world(app: Flask) -> World:
    """Return a body to walk through, on a server that shows its faults as pages."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return build_world()


@pytest.mark.long
def test_nothing_is_written_without_the_token_of_a_page(app: Flask, world: World, instance: Path) -> None:
    headers = {}
    for role in Role:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        browser.sign_in(world.people[role])
        headers[role] = headers_of(browser)
    bare = app.test_client(use_cookies=False)
    assert isinstance(bare, Browser)
    before, rewinder = contents_digest(), Rewinder(instance)
    faults, controls = [], 0
    for rule, method, address, _department in requests(app, world):
        if method in SAFE_METHODS:
            continue
        role = sorted(ALLOWED[ENDPOINTS[rule.endpoint]])[0]
        cookie = {"Cookie": headers[role]["Cookie"]}
        for forged in (cookie, cookie | {"X-CSRFToken": "x"}, cookie | {"Referer": "https://evil.example/"}):
            answer = bare.open(address, method=method, headers=forged)
            if answer.status_code != 400:
                faults.append(f"{method} {address} ({rule.endpoint}): {answer.status}")
        # The control: with the token the answer is another, so the token is what was missing.
        with_token = bare.open(address, method=method, headers=headers[role])
        controls += "화면을 연 지 오래되어" not in with_token.text
        rewinder.rewind()

    assert not faults, "\n".join(faults)
    assert contents_digest() == before
    assert controls > 20


def test_signing_in_gives_a_session_that_nobody_could_know_before(
    app: Flask, client: Browser, person: Person
) -> None:
    client.get("/login")
    planted = client.get_cookie("session")
    assert planted
    client.sign_in(person)
    carried = client.get_cookie("session")
    assert carried
    thief = app.test_client(use_cookies=False)

    assert carried.value != planted.value
    assert thief.get("/", headers={"Cookie": f"session={planted.value}"}).location == "/login"
    # The control: what the browser carries now opens the page.
    assert thief.get("/", headers={"Cookie": f"session={carried.value}"}).status_code == 200


def test_signing_in_again_takes_nothing_over_from_the_browser_before(client: Browser, person: Person) -> None:
    client.get("/login")
    with client.session_transaction() as planted:
        planted["_user_id"] = "a token of the thief's choice"
        planted["awaiting_code"] = "another"
        planted["anything"] = "planted"
        planted["language"] = "en"
    client.sign_in(person)
    with client.session_transaction() as carried:
        kept = dict(carried)

    assert kept["_user_id"] != "a token of the thief's choice"
    assert {"awaiting_code", "anything"} & kept.keys() == set()
    assert kept["language"] == "en"


def test_a_cookie_that_is_not_signed_by_the_program_is_no_cookie(
    app: Flask, client: Browser, person: Person
) -> None:
    client.sign_in(person)
    with client.session_transaction() as carried:
        content = dict(carried)
    thief = app.test_client(use_cookies=False)
    answers = {}
    for key in (b"guessed", app.config["SECRET_KEY"]):
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        forged = URLSafeTimedSerializer(
            key,
            salt=serializer.salt,
            serializer=serializer.serializer,
            signer_kwargs=serializer.signer_kwargs,
        ).dumps(content)
        answers[key] = thief.get("/", headers={"Cookie": f"session={forged}"}).status_code

    assert answers[b"guessed"] == 302
    # The control: with the program's own key the same content opens the page.
    assert answers[app.config["SECRET_KEY"]] == 200


@pytest.mark.long
@pytest.mark.parametrize("page", ["/login", "/login/code"])
def test_signing_in_leads_to_no_other_site(client: Browser, person: Person, page: str) -> None:
    for evil in EVIL:
        token = client.token("/login")
        fields = {"csrf_token": token, "login": person.login, "password": person.password, "code": "0"}
        answer = client.post(page, query_string={"next": evil}, data=fields)
        assert answer.location in ({"/"} if page == "/login" else {"/login"}), evil
        client.delete_cookie("session")
    # The control: looking only at the first character would let some of them through.
    assert len(EVIL) >= 25
    assert [evil for evil in EVIL if evil.startswith("/") and own_page(evil) == "/"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("192.168.0.5", 200),
        ("purchases.example.go.kr", 200),
        ("Purchases.Example.go.kr.:443", 200),
        ("evil.example", 400),
        ("localhost.evil.example", 400),
        ("evil.example:80@localhost", 400),
        ("127.0.0.1.evil.example", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_only_known_hosts_are_answered(instance: Path, host: str, status: int) -> None:
    environment = {"TRACKER_INSTANCE": str(instance), "TRACKER_HOSTS": "purchases.example.go.kr, other.go.kr"}
    app = build_test_app(instance, HOSTS=load_settings(environment)["HOSTS"])
    answer = app.test_client().get("/login", headers={"Host": host})

    assert answer.status_code == status


def test_an_unknown_host_is_told_what_to_do(client: Browser) -> None:
    answer = client.get("/login", headers={"Host": "evil.example"})

    assert "TRACKER_HOSTS" in answer.text
    assert "evil.example" not in answer.text


def from_where(app: Flask) -> str:
    """Return the address that the program believes a browser behind two proxies to have."""
    seen: list[str | None] = []

    @app.before_request
    def look() -> None:
        seen.append(request.remote_addr)

    app.test_client().get(
        "/login",
        headers={
            "X-Forwarded-For": "198.51.100.66, 203.0.113.9, 10.0.0.2",
            "X-Forwarded-Host": "evil.example",
        },
    )
    return str(seen[0])


@pytest.mark.parametrize(
    ("proxies", "believed"), [("", "127.0.0.1"), ("0", "127.0.0.1"), ("1", "10.0.0.2"), ("2", "203.0.113.9")]
)
def test_headers_of_proxies_count_only_when_the_settings_say_so(
    instance: Path, proxies: str, believed: str
) -> None:
    environment = {"TRACKER_INSTANCE": str(instance), "TRACKER_PROXIES": proxies}
    app = build_test_app(instance, PROXIES=load_settings(environment)["PROXIES"])

    assert from_where(app) == believed
    assert isinstance(app.wsgi_app, ProxyFix) is (proxies not in {"", "0"})


@pytest.mark.parametrize(
    ("size", "kind", "status"),
    [
        (3 * MEGABYTE, "application/x-www-form-urlencoded", 413),
        (3 * MEGABYTE, "application/json", 413),
        (3 * MEGABYTE, "", 413),
        (65 * MEGABYTE, "application/x-www-form-urlencoded", 413),
        (65 * MEGABYTE, "multipart/form-data; boundary=x", 413),
        (65 * MEGABYTE, "application/json", 413),
        (65 * MEGABYTE, "application/octet-stream", 413),
        (1_000, "application/x-www-form-urlencoded", 400),  # the control: small enough, but without token
    ],
)
def test_what_is_too_large_is_refused_whatever_it_calls_itself(
    client: Browser, size: int, kind: str, status: int
) -> None:
    assert client.post("/login", data=b"a=" + b"b" * size, content_type=kind).status_code == status


def test_a_form_of_very_many_fields_is_refused(client: Browser) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    body = part * 2_000 + b"--x--\r\n"

    assert client.post("/login", data=body, content_type="multipart/form-data; boundary=x").status_code == 413


def test_the_cookie_stays_with_the_site(app: Flask, client: Browser, person: Person) -> None:
    app.config["SESSION_COOKIE_SECURE"] = load_settings(
        {"TRACKER_HTTPS": "1", "TRACKER_INSTANCE": str(app.config["INSTANCE"])}
    )["SESSION_COOKIE_SECURE"]
    page = client.get("/login", base_url="https://localhost/")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    answer = client.post(
        "/login",
        base_url="https://localhost/",
        headers={"Referer": "https://localhost/login"},
        data={"login": person.login, "password": person.password, "csrf_token": token[1]},
    )
    cookie = answer.headers["Set-Cookie"]

    assert answer.status_code == 302
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    for flag in ("Domain=", "Expires=", "Max-Age="):
        assert flag not in cookie


@pytest.mark.long
def test_secrets_are_for_the_program_alone(tmp_path: Path) -> None:
    command = "from tracker import create_app; create_app()"
    subprocess.run(
        ["sh", "-c", f"umask 000 && exec {sys.executable} -c '{command}'"],
        env={"TRACKER_INSTANCE": str(tmp_path / "instance"), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        check=True,
    )
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "instance").iterdir()}

    assert modes == {"secret.key": "0o600", "audit.key": "0o600"}


def test_open_pages_are_few_and_tell_nothing_of_the_body(app: Flask, client: Browser, world: World) -> None:
    assert world
    for endpoint in sorted(OPEN_ENDPOINTS):
        for rule in app.url_map.iter_rules(endpoint):
            address = rule.rule.replace("<path:filename>", "theme.css").replace("<code>", "ko")
            with client.get(address) as answer:
                assert "총무과" not in answer.get_data(as_text=True)
    assert len(OPEN_ENDPOINTS) < 9
