"""The second factor: set up with a first code, asked for at each sign-in, taken away with the password."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from tests.client import Browser, Person, make_user
from tests.factories import BY, NOW
from tracker.accounts import second_factor, services
from tracker.accounts.models import User
from tracker.accounts.passwords import make_first_password
from tracker.accounts.throttle import LIMITS, PAIR
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import Role
from tracker.extensions import db

HALF_MINUTE = timedelta(seconds=30)
SECRET = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')


@pytest.fixture
def later(app: Flask) -> Callable[[timedelta], None]:
    """Return a function that moves the clock on."""
    moments = [NOW]
    app.config["CLOCK"] = lambda: moments[0]

    def move(by: timedelta) -> None:
        moments[0] += by

    return move


@pytest.fixture
def person(app: Flask) -> Person:
    """Return an admin."""
    assert app
    return make_user("lee.suhyun", Role.ADMIN)


def code_of(secret: str, app: Flask) -> str:
    """Return what an app shows at the standing clock's time."""
    return pyotp.TOTP(secret).at(app.config["CLOCK"]())


@pytest.fixture
def secret(app: Flask, client: Browser, person: Person, later: Callable[[timedelta], None]) -> str:
    """Return the secret of the person's app, set up in the browser, the half minute after."""
    client.sign_in(person)
    found = SECRET.search(client.get("/account/second-factor").text)
    assert found
    letters = found[1].replace(" ", "")
    assert client.submit("/account/second-factor", code=code_of(letters, app)).status_code == 302
    client.submit("/", "/logout")
    later(HALF_MINUTE)
    return letters


@pytest.mark.usefixtures("secret")
def test_the_password_alone_opens_nothing(client: Browser, person: Person) -> None:
    answer = client.sign_in(person)

    assert answer.location == "/login/code"
    assert client.get("/").location == "/login"
    assert client.get("/account/password").location.startswith("/login")


def test_password_and_code_open_the_page_asked_for(
    app: Flask, client: Browser, person: Person, secret: str
) -> None:
    asked = client.sign_in(person, "/login?next=/totals")
    opened = client.submit(asked.location, code=code_of(secret, app))

    assert asked.location == "/login/code?next=/totals"
    assert opened.location == "/totals"
    assert client.get("/").status_code == 200


def test_a_wrong_code_is_refused_and_recorded(
    app: Flask, client: Browser, person: Person, secret: str
) -> None:
    client.sign_in(person)
    for code in ("000000", "", "１２３４５６", "x", code_of(secret, app)[:5]):
        assert client.submit("/login/code", code=code).status_code in {200, 401}
    db.session.rollback()

    assert client.get("/").location == "/login"
    assert "account.code_refused" in db.session.scalars(select(AuditEvent.action)).all()


def test_a_code_is_taken_once(app: Flask, client: Browser, person: Person, secret: str) -> None:
    code = code_of(secret, app)
    client.sign_in(person)
    assert client.submit("/login/code", code=code).status_code == 302
    client.submit("/", "/logout")
    client.sign_in(person)

    assert client.submit("/login/code", code=code).status_code == 401


def test_codes_half_a_minute_off_are_taken_and_older_ones_are_not(
    app: Flask, client: Browser, person: Person, secret: str, later: Callable[[timedelta], None]
) -> None:
    late = code_of(secret, app)
    client.sign_in(person)
    later(2 * HALF_MINUTE)
    assert client.submit("/login/code", code=late).status_code == 401
    late = code_of(secret, app)
    later(HALF_MINUTE)

    assert client.submit("/login/code", code=late).status_code == 302


def test_codes_cannot_be_guessed_faster_by_giving_the_password_again(
    client: Browser, person: Person, secret: str
) -> None:
    assert secret
    tried = 0
    while client.sign_in(person).status_code == 302:
        tried += client.submit("/login/code", code="000000").status_code == 401
        assert tried <= LIMITS[PAIR].free

    assert client.sign_in(person).status_code == 429
    assert client.submit("/login/code", code="000000").status_code == 429


@pytest.mark.usefixtures("secret")
def test_the_code_must_follow_soon(
    client: Browser, person: Person, later: Callable[[timedelta], None]
) -> None:
    client.sign_in(person)
    later(timedelta(minutes=5))
    answer = client.submit("/login/code", code="000000")

    assert answer.location == "/login"
    assert "다시 로그인하세요" in client.get("/login").text


def test_without_a_password_before_there_is_nothing_to_complete(client: Browser, person: Person) -> None:
    assert person
    assert client.submit("/login/code?next=/totals", code="000000").location == "/login?next=/totals"


def test_whoever_is_shut_out_between_password_and_code_stays_out(
    app: Flask, client: Browser, person: Person, secret: str
) -> None:
    client.sign_in(person)
    services.disable_account(person.id, BY)
    assert client.submit("/login/code", code=code_of(secret, app)).location == "/login"
    services.enable_account(person.id, BY)
    client.sign_in(person)
    services.reset_account(person.id, make_first_password(), BY)

    assert client.submit("/login/code", code=code_of(secret, app)).location == "/login"


def test_setting_up_needs_a_right_code(client: Browser, person: Person) -> None:
    client.sign_in(person)
    answer = client.submit("/account/second-factor", code="000000")

    assert "다음 번호가 나타나면" in answer.text
    assert client.get("/account/second-factor").text.count('<svg class="qr"') == 1
    assert db.session.get_one(User, person.id).factor_seed is None


def test_it_is_taken_away_with_the_password_only(
    app: Flask, client: Browser, person: Person, secret: str
) -> None:
    client.sign_in(person)
    client.submit("/login/code", code=code_of(secret, app))
    page = "/account/second-factor"
    wrong = client.submit(page, f"{page}/remove", current="not the password")
    empty = client.submit(page, f"{page}/remove", current="")
    right = client.submit(page, f"{page}/remove", current=person.password)

    assert "현재 비밀번호가 맞지 않습니다" in wrong.text
    assert empty.status_code == 200
    assert right.location == page
    client.submit("/", "/logout")
    assert client.sign_in(person).location == "/"


def test_another_admin_gets_a_person_without_phone_in_again(
    client: Browser, person: Person, secret: str
) -> None:
    assert secret
    first = make_first_password()
    services.reset_account(person.id, first, BY)

    assert client.sign_in(person._replace(password=first.text)).location == "/"


def test_the_database_does_not_hold_the_secret(client: Browser, person: Person, secret: str) -> None:
    assert client
    account = db.session.get_one(User, person.id)

    assert account.factor_seed
    assert secret == second_factor.secret_of(account.factor_seed)
    assert secret not in account.factor_seed


def test_the_square_holds_what_apps_read() -> None:
    size, path = second_factor.draw_square("otpauth://totp/x")

    assert 21 <= size <= 177
    assert path.startswith("M0 0h1v1h-1z")
