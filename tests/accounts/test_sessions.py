"""How long a sign-in lasts, and that it ends at once when it should."""

from collections.abc import Callable
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from flask import Flask

from tests.client import Browser, Person, make_user
from tests.factories import BY, NOW, make_department
from tracker.accounts import services
from tracker.accounts.passwords import make_first_password
from tracker.accounts.queries import SESSION_LENGTH, open_sessions
from tracker.accounts.services import AccountDraft
from tracker.core.vocabulary import Role

IDLE = timedelta(minutes=60)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def person() -> Person:
    """Return an ordinary account."""
    return make_user()


@pytest.fixture
def at(app: Flask) -> Callable[[timedelta], None]:
    """Return a function that sets the clock to a time after the sign-in."""

    def put(after: timedelta) -> None:
        app.config["CLOCK"] = lambda: NOW + after

    return put


def test_a_browser_nobody_uses_is_signed_out(
    client: Browser, person: Person, at: Callable[[timedelta], None]
) -> None:
    client.sign_in(person)
    at(IDLE - timedelta(seconds=1))
    assert client.get("/").status_code == 200
    at(2 * IDLE - timedelta(seconds=2))
    assert client.get("/").status_code == 200
    at(3 * IDLE - timedelta(seconds=2))

    assert client.get("/").location == "/login"


@pytest.mark.long
def test_a_browser_in_use_is_signed_out_after_a_working_day(
    client: Browser, person: Person, at: Callable[[timedelta], None]
) -> None:
    client.sign_in(person)
    for step in range(1, 24):
        at(step * timedelta(minutes=30))
        assert client.get("/").status_code == 200
    at(SESSION_LENGTH)

    assert client.get("/").location == "/login"


def test_an_old_copy_of_the_cookie_is_not_kept_alive_by_the_owner(
    app: Flask, client: Browser, person: Person, at: Callable[[timedelta], None]
) -> None:
    client.sign_in(person)
    cookie = client.get_cookie("session")
    assert cookie
    thief, copied = app.test_client(use_cookies=False), {"Cookie": f"session={cookie.value}"}
    assert thief.get("/", headers=copied).status_code == 200
    for minutes in (30, 59, 80):
        at(timedelta(minutes=minutes))
        assert client.get("/").status_code == 200

    assert thief.get("/", headers=copied).location == "/login"


@pytest.mark.parametrize(
    "act",
    [
        lambda person: services.disable_account(person.id, BY),
        lambda person: services.reset_account(person.id, make_first_password(), BY),
        lambda person: services.sign_out_account(person.id, BY),
        lambda person: services.change_account(
            person.id, AccountDraft("", "김민지", Role.AUDITOR, None), 1, BY
        ),
    ],
    ids=["disable", "reset", "sign_out", "role"],
)
def test_it_ends_at_once(client: Browser, person: Person, act: Callable[[Person], object]) -> None:
    client.sign_in(person)
    assert client.get("/").status_code == 200
    act(person)

    assert client.get("/").location == "/login"


def test_another_department_counts_at_once(client: Browser) -> None:
    first, second = make_department("총무과"), make_department("복지과")
    person = make_user("lee.suhyun", Role.CLERK, first)
    client.sign_in(person)
    services.change_account(person.id, AccountDraft("", "김민지", Role.CLERK, second), 1, BY)

    assert "복지과" in client.get("/account/password").text


def test_signing_out_everywhere_ends_every_browser(app: Flask, client: Browser, person: Person) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Browser)
    elsewhere.sign_in(person)
    client.sign_in(person)
    page = client.get("/account/password").text
    answer = client.submit("/account/password", "/account/sign-out-everywhere")

    assert page.count("다른 브라우저") == 1
    assert page.count("지금 이 브라우저") == 1
    assert answer.location == "/login"
    assert "모든 기기에서 로그아웃했습니다" in client.get("/login").text
    assert elsewhere.get("/").location == "/login"
    assert open_sessions(person.id, NOW) == []


def test_a_cookie_without_time_opens_nothing(client: Browser, person: Person) -> None:
    client.sign_in(person)
    with client.session_transaction() as carried:
        del carried["seen"]

    assert client.get("/").location == "/login"


def test_an_access_token_opens_the_api_and_no_page(app: Flask, person: Person) -> None:
    made = services.make_access_token(person.id, "회계", BY)
    program = app.test_client()
    shown = {"Authorization": f"Bearer {made.token}"}

    assert program.get("/api/v1/purchases", headers=shown).status_code == 200
    assert program.get("/api/v1/purchases", headers={"Authorization": "Bearer x"}).status_code == 401
    assert (
        program.get("/api/v1/purchases", headers={"Authorization": f"Basic {made.token}"}).status_code == 401
    )
    assert program.get("/", headers=shown).location == "/login"
    services.reset_account(person.id, make_first_password(), BY)
    assert program.get("/api/v1/purchases", headers=shown).status_code == 401


def test_a_first_password_opens_no_api(client: Browser) -> None:
    client.sign_in(make_user("lee.suhyun", must_change_password=True))

    assert client.get("/api/v1/purchases").status_code == 403


def test_a_rush_of_sign_ins_is_asked_to_come_back(
    client: Browser, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = client.token("/login")
    full = BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr("tracker.accounts.passwords._queue", full)
    fields = {"login": person.login, "password": person.password, "csrf_token": token}

    assert client.post("/login", data=fields).status_code == 503
    full.release()
    assert client.post("/login", data=fields).status_code == 302
