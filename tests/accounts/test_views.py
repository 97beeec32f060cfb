"""Signing in and out and changing the password, through the browser."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.client import Browser, Person, make_user
from tracker.accounts.models import SignedInSession, User
from tracker.accounts.queries import SESSION_LENGTH
from tracker.audit.models import AuditEvent
from tracker.extensions import db, transaction

NEW_PASSWORD = "가을 하늘 높은 날에"
EVIL = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example",
    "\\\\evil.example", "/\\/evil.example", "https://evil.example", "http:evil.example",
    "https:/evil.example", "HTTPS://evil.example", "javascript:alert(1)", "data:text/html,x",
    "evil.example", "./evil", "../evil", "?next=//evil.example", "#//evil", "/\t/evil.example",
    "\t//evil.example", "/\n/evil.example", "/ok\r\nSet-Cookie: a=b", "/ok\\..\\evil",
    " //evil.example", "/\x00/evil.example", "@evil.example", "",
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def person() -> Person:
    """Return an ordinary account."""
    return make_user()


def actions() -> list[tuple[str, int | None]]:
    """Return what the trail says of accounts, and of which."""
    db.session.rollback()
    events = db.session.execute(
        select(AuditEvent.action, AuditEvent.subject_id)
        .where(AuditEvent.subject == "account")
        .order_by(AuditEvent.sequence)
    )
    return [(event.action, event.subject_id) for event in events]


def test_a_person_signs_in_and_out(client: Browser, person: Person) -> None:
    signed_in = client.sign_in(person)
    home = client.get("/")
    signed_out = client.submit("/", "/logout")

    assert (signed_in.status_code, signed_in.location) == (302, "/")
    assert home.status_code == 200
    assert "김민지" in home.text
    assert signed_out.location == "/login"
    assert client.get("/").location == "/login"
    assert actions() == [
        ("account.add", person.id),
        ("account.sign_in", person.id),
        ("account.sign_out", person.id),
    ]


def test_a_login_is_found_whatever_its_case(client: Browser, person: Person) -> None:
    assert client.sign_in(person._replace(login=" Kim.MinJi ")).status_code == 302


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: Browser, person: Person) -> None:
    cookie = client.sign_in(person).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_session_cookie_travels_encrypted_only_where_the_site_is(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    browser = app.test_client()
    page = browser.get("/login", base_url="https://localhost/")

    assert "Secure" in page.headers["Set-Cookie"]


def test_a_copied_cookie_opens_nothing_after_sign_out(app: Flask, client: Browser, person: Person) -> None:
    client.sign_in(person)
    cookie = client.get_cookie("session")
    assert cookie
    copied = {"Cookie": f"session={cookie.value}"}
    thief = app.test_client(use_cookies=False)

    # The control: the copy is good while the session lasts, and its signature stays good.
    assert thief.get("/", headers=copied).status_code == 200
    client.submit("/", "/logout")
    assert thief.get("/", headers=copied).location == "/login"
    with transaction():
        db.session.execute(update(SignedInSession).values(ended_at=None))
    assert thief.get("/", headers=copied).status_code == 200


def test_a_session_ends_after_a_working_day(app: Flask, client: Browser, person: Person) -> None:
    client.sign_in(person)
    started = app.config["CLOCK"]()
    app.config["CLOCK"] = lambda: started + SESSION_LENGTH

    assert client.get("/").location == "/login"


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(client: Browser, person: Person) -> None:
    client.sign_in(person)
    with transaction():
        db.session.get_one(User, person.id).is_enabled = False

    assert client.get("/").location == "/login"
    assert client.sign_in(person).status_code == 401


def test_wrong_password_and_unknown_login_look_the_same(client: Browser, person: Person) -> None:
    wrong = client.sign_in(person._replace(password="not the password"))
    unknown = client.sign_in(person._replace(login="nobody"))

    assert wrong.status_code == unknown.status_code == 401
    assert "아이디 또는 비밀번호가 맞지 않습니다" in wrong.text
    assert "아이디 또는 비밀번호가 맞지 않습니다" in unknown.text
    assert actions()[1:] == [("account.sign_in_refused", person.id), ("account.sign_in_refused", None)]


def test_what_was_typed_as_an_unknown_login_is_kept_nowhere(client: Browser, person: Person) -> None:
    client.sign_in(person._replace(login="my-secret-password"))

    db.session.rollback()
    assert "my-secret-password" not in "".join(db.session.scalars(select(AuditEvent.body)))


def test_the_system_account_cannot_sign_in(client: Browser) -> None:
    assert client.sign_in(Person(1, "system", "")).status_code == 200
    assert client.sign_in(Person(1, "system", "system")).status_code == 401


def test_signing_in_needs_the_token_of_the_form(client: Browser, person: Person) -> None:
    answer = client.post("/login", data={"login": person.login, "password": person.password})

    assert answer.status_code == 400
    assert "화면을 연 지 오래되어" in answer.text


def test_signing_out_needs_the_token_of_the_form(client: Browser, person: Person) -> None:
    client.sign_in(person)

    assert client.post("/logout").status_code == 400
    assert client.get("/").status_code == 200


def test_signing_in_leads_on_to_the_page_asked_for(client: Browser, person: Person) -> None:
    assert client.sign_in(person, "/login?next=/account/password").location == "/account/password"
    assert client.get("/login?next=/account/password").location == "/account/password"


def test_signing_in_never_leads_to_another_site(client: Browser, person: Person) -> None:
    client.sign_in(person)

    for evil in EVIL:
        assert client.get("/login", query_string={"next": evil}).location == "/", evil
        assert client.get("/lang/en", query_string={"next": evil}).location == "/", evil


def test_a_first_password_must_be_changed_before_anything_else(client: Browser) -> None:
    person = make_user("park.jiho", must_change_password=True)
    client.sign_in(person)

    assert client.get("/").location == "/account/password"
    assert client.get("/there-is-no-such-page").location == "/account/password"
    changed = client.submit(
        "/account/password", current=person.password, new=NEW_PASSWORD, again=NEW_PASSWORD
    )
    assert changed.location == "/"
    assert "비밀번호를 변경했습니다." in client.get("/").text


@pytest.mark.long
def test_changing_the_password_signs_out_everywhere_else(app: Flask, client: Browser, person: Person) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Browser)
    elsewhere.sign_in(person)
    client.sign_in(person)

    client.submit("/account/password", current=person.password, new=NEW_PASSWORD, again=NEW_PASSWORD)

    assert client.get("/").status_code == 200
    assert elsewhere.get("/").location == "/login"
    assert elsewhere.sign_in(person).status_code == 401
    assert elsewhere.sign_in(person._replace(password=NEW_PASSWORD)).status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        (None, "아홉글자입니다요.", "아홉글자입니다요.", "비밀번호는 10자 이상 200자 이하여야 합니다."),
        (None, "Password1234!", "Password1234!", "누구나 먼저 시도해 볼 만한 비밀번호입니다."),
        (None, "봄비 kim.minji 가을", "봄비 kim.minji 가을", "비밀번호에 아이디가 들어 있습니다."),
        (None, None, None, "지금 쓰고 있는 비밀번호입니다."),
        (None, NEW_PASSWORD, NEW_PASSWORD + "!", "새 비밀번호와 확인 입력이 다릅니다."),
        ("not the password", NEW_PASSWORD, NEW_PASSWORD, "현재 비밀번호가 맞지 않습니다."),
        ("", NEW_PASSWORD, NEW_PASSWORD, "이 항목을 입력해 주십시오."),
    ],
)
def test_a_new_password_is_refused_with_the_reason(
    client: Browser, person: Person, current: str | None, new: str | None, again: str | None, said: str
) -> None:
    client.sign_in(person)
    typed = {"current": current, "new": new, "again": again}
    filled = {name: person.password if text is None else text for name, text in typed.items()}
    answer = client.submit("/account/password", **filled)

    assert answer.status_code == 200
    assert said in answer.text
    assert actions()[-1] == ("account.sign_in", person.id)


def test_a_page_that_is_not_there_is_told_so_to_whoever_is_signed_in(client: Browser, person: Person) -> None:
    client.sign_in(person)

    assert client.get("/there-is-no-such-page").status_code == 404
