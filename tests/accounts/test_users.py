"""The pages on which an admin keeps everybody's accounts."""

import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.client import Browser, Person, make_user
from tests.factories import BY, make_department
from tracker.accounts.models import AccessToken, User
from tracker.accounts.passwords import make_first_password
from tracker.accounts.queries import PAGE, find_account
from tracker.accounts.services import (
    AccountDraft,
    StaleAccount,
    UnknownAccount,
    add_account,
    change_account,
    disable_account,
    make_access_token,
    reset_account,
)
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import Role
from tracker.extensions import db

HIDDEN = re.compile(r'name="(key|version|lines)"[^>]*value="([^"]*)"')
PASSWORD = re.compile(r'<code class="secret">([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>')
FILE = re.compile(r"base64,([A-Za-z0-9+/=]+)")


@pytest.fixture
def admin(as_user: Callable[..., Browser]) -> Browser:
    """Return an admin's browser."""
    return as_user(Role.ADMIN)


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department."""
    assert app
    return make_department("총무과")


def hidden(page: str) -> dict[str, str]:
    """Return what a page's forms carry unseen, the last form's key."""
    return {name: value.replace("&#34;", '"') for name, value in HIDDEN.findall(page)}


def send(browser: Browser, page: str, to: str | None = None, **fields: Any) -> TestResponse:
    """Fill in the form on the page and send it, with what it carries unseen."""
    return browser.submit(page, to, **hidden(browser.get(page).text) | fields)


def account(login: str) -> User:
    """Return the account as it stands now."""
    db.session.rollback()
    found = find_account(login)
    assert found
    return found


def test_a_new_account_gets_a_first_password_that_is_shown_once(
    app: Flask, admin: Browser, office: int
) -> None:
    page = admin.get("/admin/users/new").text
    said: dict[str, Any] = {"name": "한지원", "login": "Han.Jiwon", "role": "clerk", "department": office}
    fields = hidden(page) | said
    shown = admin.submit("/admin/users/new", **fields)
    again = admin.submit("/admin/users/new", **fields)
    found = PASSWORD.search(shown.text)
    browser = app.test_client()
    assert isinstance(browser, Browser)

    assert found
    assert browser.sign_in(Person(0, "han.jiwon", found[1])).status_code == 302
    assert browser.get("/").location == "/account/password"
    assert again.status_code == 302
    assert "한 번만 보여 주므로" in admin.get(again.location).text
    assert (account("han.jiwon").name, account("han.jiwon").department_id) == ("한지원", office)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"login": "한지원"}, "아이디는 영문"),
        ({"login": "the.one"}, "이미 쓰고 있는 아이디입니다"),
        ({"login": ""}, "입력"),
        ({"name": ""}, "입력"),
        ({"role": "king"}, "error-summary"),
        ({"department": ""}, "구매를 입력할 부서를 선택하세요"),
        ({"department": "99"}, "error-summary"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_the_reason(
    admin: Browser, office: int, fields: dict[str, str], said: str
) -> None:
    make_user("the.one")
    right = {"name": "한지원", "login": "han.jiwon", "role": "clerk", "department": str(office)}
    answer = send(admin, "/admin/users/new", **right | fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert find_account("han.jiwon") is None


def test_fields_that_the_form_does_not_have_change_nothing(admin: Browser, office: int) -> None:
    extra: dict[str, Any] = {
        "id": 1,
        "password_hash": "x",
        "must_change_password": "",
        "is_enabled": "",
        "factor_seed": "x",
    }
    send(admin, "/admin/users/new", name="한", login="han.j", role="clerk", department=office, **extra)
    before = account("han.j")
    known = (before.id, before.password_hash, before.must_change_password, before.is_enabled)
    send(
        admin,
        f"/admin/users/{before.id}",
        name="한지원",
        role="clerk",
        department=office,
        login="root",
        **extra,
    )
    after = account("han.j")

    assert (after.id, after.password_hash, after.must_change_password, after.is_enabled) == known
    assert (after.name, after.factor_seed) == ("한지원", None)
    assert known[0] != 1
    # The control: the table has such columns, and whoever took every field would write them.
    assert extra.keys() <= {column.name for column in User.__table__.columns}


def test_the_list_is_searched(admin: Browser, office: int) -> None:
    below = make_department("민원팀", parent_id=office)
    for login, name, role, department in (
        ("kim.one", "김하나", Role.CLERK, below),
        ("lee.two", "이둘", Role.AUDITOR, None),
    ):
        add_account(AccountDraft(login, name, role, department), make_first_password(), BY)
    disable_account(account("lee.two").id, BY)
    for asked, expected in (
        ("text=KIM", {"kim.one"}),
        ("text=%EA%B9%80", {"kim.one"}),  # 김
        ("text=_", set()),
        ("role=auditor", {"lee.two"}),
        (f"department={office}", {"kim.one"}),
        ("standing=disabled", {"lee.two"}),
        ("standing=first_password", {"kim.one"}),
        ("standing=enabled", set()),
        ("", {"kim.one", "lee.two"}),
    ):
        page = admin.get(f"/admin/users?{asked}").text

        assert {login for login in ("kim.one", "lee.two") if login in page} == expected, asked
    assert "조건에 맞는 계정이 없습니다" in admin.get("/admin/users?text=nobody").text
    assert "system" not in admin.get("/admin/users").text


@pytest.mark.parametrize("asked", ["role=king", "department=99", "standing=x", "page=x"])
def test_a_filter_that_cannot_be_read_is_told(admin: Browser, asked: str) -> None:
    assert admin.get(f"/admin/users?{asked}").status_code == 400


def test_the_list_is_paged(admin: Browser) -> None:
    first = make_first_password()
    for number in range(PAGE):
        add_account(AccountDraft(f"person{number:03}", "사람", Role.STAFF, None), first, BY)

    assert "person049" not in admin.get("/admin/users").text
    assert "person049" in admin.get("/admin/users?page=2").text
    assert "조건에 맞는 계정이 없습니다" in admin.get("/admin/users?page=9").text


def test_name_role_and_department_are_changed(admin: Browser, office: int) -> None:
    person = make_user("lee.suhyun")
    address = f"/admin/users/{person.id}"
    changed = send(admin, address, name="이수현", role="clerk", department=office)
    same = send(admin, address, name="이수현", role="clerk", department=office)
    page = admin.get(address).text

    assert (changed.location, same.location) == (address, address)
    assert account("lee.suhyun").role is Role.CLERK
    assert "<del>사회적경제팀</del>" in page
    assert "계정 변경" in page
    db.session.rollback()
    bodies = db.session.scalars(select(AuditEvent.body).where(AuditEvent.action == "account.change")).all()
    assert len(bodies) == 1
    assert "이수현" not in bodies[0]


def test_a_change_made_meanwhile_is_shown_beside_what_was_typed(admin: Browser, office: int) -> None:
    person = make_user("lee.suhyun")
    address = f"/admin/users/{person.id}"
    seen = hidden(admin.get(address).text)
    change_account(person.id, AccountDraft("", "김민지", Role.AUDITOR, office), 1, BY)
    answer = admin.submit(address, **seen | {"name": "이수현", "role": "staff", "department": ""})
    once_more = admin.submit(
        address, **hidden(answer.text) | {"name": "이수현", "role": "staff", "department": ""}
    )

    assert answer.status_code == 409
    for text in ("감사", "총무과", 'value="이수현"'):
        assert text in answer.text
    assert once_more.status_code == 302
    assert account("lee.suhyun").name == "이수현"


@pytest.mark.parametrize("version", ["", "x", "１", "99999999999"])
def test_a_change_without_version_is_taken_for_an_old_one(admin: Browser, version: str) -> None:
    address = f"/admin/users/{make_user('lee.suhyun').id}"
    answer = send(admin, address, name="이수현", role="staff", department="", version=version)

    assert answer.status_code == 409


def test_an_account_is_taken_out_of_use_and_into_it_again(app: Flask, admin: Browser) -> None:
    person = make_user("lee.suhyun")
    token = make_access_token(person.id, "명세", BY)
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(person)
    address = f"/admin/users/{person.id}"
    for _ in range(2):
        assert admin.submit(address, f"{address}/disable").location == address

    assert browser.get("/").location == "/login"
    assert browser.sign_in(person).status_code == 401
    assert db.session.get_one(AccessToken, token.id).revoked_at
    assert "사용 중지" in admin.get("/admin/users").text
    for _ in range(2):
        admin.submit(address, f"{address}/enable")
    assert browser.sign_in(person).status_code == 302


def test_a_password_is_reset_and_shown_once(app: Flask, admin: Browser) -> None:
    person = make_user("lee.suhyun")
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(person)
    address = f"/admin/users/{person.id}"
    page = admin.get(address).text
    fields = hidden(page)
    shown = admin.submit(address, f"{address}/reset", **fields)
    again = admin.submit(address, f"{address}/reset", **fields)
    found = PASSWORD.search(shown.text)

    assert found
    assert again.location == address
    assert browser.get("/").location == "/login"
    assert browser.sign_in(person).status_code == 401
    assert browser.sign_in(person._replace(password=found[1])).status_code == 302
    assert account("lee.suhyun").must_change_password


def test_an_admin_signs_a_person_out_everywhere(app: Flask, admin: Browser) -> None:
    person = make_user("lee.suhyun")
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(person)
    address = f"/admin/users/{person.id}"
    assert "브라우저 1개" in admin.get(address).text
    admin.submit(address, f"{address}/sign-out")

    assert browser.get("/").location == "/login"
    assert "브라우저 0개" in admin.get(address).text


def test_nobody_takes_away_the_own_account_or_role(admin: Browser) -> None:
    own = account("admin.0")
    address = f"/admin/users/{own.id}"
    page = admin.get(address).text
    key = hidden(page)
    for act in ("disable", "reset"):
        assert admin.submit(address, f"{address}/{act}", **key).location == address
        assert "자신의 계정" in admin.get(address).text
    role = send(admin, address, name="김민지", role="staff", department="")

    assert f"{address}/disable" not in page
    assert role.status_code == 422
    assert "자신의 역할은 바꿀 수 없습니다" in role.text
    assert account("admin.0").is_enabled


@pytest.mark.parametrize("number", [1, 99])
def test_there_is_no_page_of_the_system_account_or_an_unknown_one(admin: Browser, number: int) -> None:
    assert admin.get(f"/admin/users/{number}").status_code == 404
    fields = hidden(admin.get("/admin/users/new").text)
    for act in ("disable", "enable", "sign-out", "reset"):
        answer = admin.submit("/admin/users/new", f"/admin/users/{number}/{act}", **fields)
        assert answer.status_code == 404, act
    assert admin.submit("/admin/users/new", f"/admin/users/{number}/reset").status_code == 400


def test_services_refuse_what_is_not_there_or_old(app: Flask) -> None:
    assert app
    person = make_user("lee.suhyun")

    with pytest.raises(UnknownAccount):
        reset_account(99, make_first_password(), BY)
    with pytest.raises(StaleAccount):
        change_account(person.id, AccountDraft("", "x", Role.STAFF, None), 7, BY)


def upload(browser: Browser, content: str, name: str = "list.csv") -> TestResponse:
    """Send a list of people and return the preview."""
    return browser.submit("/admin/users/import", file=(BytesIO(content.encode()), name))


@pytest.mark.long
def test_a_list_of_clerks_is_taken_in_at_one_go(app: Flask, admin: Browser) -> None:
    lines = ["아이디,이름,부서"]
    for number in range(53):
        make_department(f"{number:02}과")
        lines += [f"clerk{number:02}{letter},담당{letter},{number:02}과" for letter in "ab"]
    preview = upload(admin, "\n".join(lines))
    fields = hidden(preview.text)
    shown = admin.submit("/admin/users/import", "/admin/users/import/confirm", **fields)
    again = admin.submit("/admin/users/import", "/admin/users/import/confirm", **fields)
    file = FILE.search(shown.text)
    assert file
    rows = list(openpyxl.load_workbook(BytesIO(b64decode(file[1]))).active.values)
    browser = app.test_client()
    assert isinstance(browser, Browser)

    assert "계정 106개가 추가됩니다" in preview.text
    assert len(PASSWORD.findall(shown.text)) == 106
    assert rows[0] == ("부서", "이름", "아이디", "임시 비밀번호")
    assert len(rows) == 107
    assert rows[1][:3] == ("00과", "담당a", "clerk00a")
    assert browser.sign_in(Person(0, str(rows[1][2]), str(rows[1][3]))).status_code == 302
    assert again.location == "/admin/users"
    assert "임시 비밀번호는 한 번만" in admin.get("/admin/users").text


def test_a_list_with_faults_shows_each_at_its_cell_and_adds_nobody(admin: Browser, office: int) -> None:
    assert office
    before = db.session.scalar(select(func.count()).select_from(User))
    page = upload(admin, "아이디,이름,역할,부서\nkim minji,김민지,,총무과\nlee.suhyun,이수현,왕,총무\n").text
    db.session.rollback()

    for text in (
        "아이디는 영문",
        "쓸 수 없는 말",
        "총무과",
        '<td class="num">2</td>',
        '<td class="num">3</td>',
    ):
        assert text in page
    assert "/admin/users/import/confirm" not in page
    assert db.session.scalar(select(func.count()).select_from(User)) == before


def test_what_changed_between_preview_and_confirmation_is_shown(admin: Browser) -> None:
    preview = upload(admin, "아이디,이름,역할\nkim.minji,김민지,감사\n")
    make_user("kim.minji")
    answer = admin.submit("/admin/users/import", "/admin/users/import/confirm", **hidden(preview.text))

    assert answer.status_code == 409
    assert "이미 계정이 있는 아이디입니다" in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "파일"), ("a,b\n1,2\n", "제목"), ("아이디,부서\na,b\n", "이름"), ("아이디,이름\n", "행")],
)
def test_a_file_without_a_list_is_refused_with_the_reason(admin: Browser, content: str, said: str) -> None:
    answer = upload(admin, content)

    assert answer.status_code == 422
    assert said in answer.text
    assert "field-error" in answer.text


def test_without_a_file_nothing_is_read(admin: Browser) -> None:
    assert admin.submit("/admin/users/import").status_code == 422


@pytest.mark.parametrize(
    "lines",
    ["", "x", "{}", "[]", "[1]", "[[1]]", '[["x","a","b","c","d"]]', '[[1,2,"b","c","d"]]', "[" * 100_000],
)
def test_a_confirmation_that_is_none_is_refused(admin: Browser, lines: str) -> None:
    key = hidden(admin.get("/admin/users/new").text)["key"]
    answer = admin.submit("/admin/users/import", "/admin/users/import/confirm", key=key, lines=lines)

    assert answer.status_code == 400


def test_formulas_in_a_list_stay_text(admin: Browser) -> None:
    preview = upload(admin, '아이디,이름,역할\nkim.minji,"=1+1",감사\n')
    shown = admin.submit("/admin/users/import", "/admin/users/import/confirm", **hidden(preview.text))
    file = FILE.search(shown.text)
    assert file
    cell = openpyxl.load_workbook(BytesIO(b64decode(file[1]))).active["B2"]

    assert (cell.value, cell.data_type) == ("=1+1", "s")
