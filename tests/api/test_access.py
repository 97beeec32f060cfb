"""Who gets in: strangers, browsers with their token, programs with theirs, and what each role may do."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.api.programs import API, Program
from tests.client import Browser, make_user
from tests.factories import make_department, make_enterprise, make_purchase
from tracker.accounts.commands import user
from tracker.accounts.models import User
from tracker.accounts.passwords import MINIMUM_LENGTH
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction

ENTERPRISE = {"name": "새 기업"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(user, arguments)


def make_token(app: Flask, login: str, *options: str) -> Program:
    result = run("token", login, *options)
    assert result.exit_code == 0, result.output
    return Program(app, result.stdout.strip())


def test_strangers_are_told_how_to_get_in(client: Browser) -> None:
    for method, address in (("GET", "/purchases"), ("POST", "/purchases"), ("GET", "/nowhere")):
        answer = client.open(API + address, method=method)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json
        assert answer.json["code"] == "not_signed_in"


def test_a_browser_reads_with_its_session_and_writes_with_its_token(as_user: Callable[..., Browser]) -> None:
    browser = as_user()
    refused = browser.post(f"{API}/enterprises", json=ENTERPRISE)
    token = browser.token("/account/password")
    done = browser.post(f"{API}/enterprises", json=ENTERPRISE, headers={"X-CSRFToken": token})

    assert browser.get(f"{API}/purchases").status_code == 200
    assert refused.status_code == 400
    assert refused.json
    assert "X-CSRFToken" in refused.json["message"]
    assert done.status_code == 201


def test_a_token_beside_a_session_does_not_spare_the_session_its_own(
    app: Flask, as_user: Callable[..., Browser]
) -> None:
    browser, program = as_user(), make_token(app, make_user("other").login)
    answer = browser.post(f"{API}/enterprises", json=ENTERPRISE, headers=program.headers)

    assert answer.status_code == 400


def test_a_token_opens_the_api_and_no_page(app: Flask) -> None:
    program = make_token(app, make_user().login, "--name", "회계시스템")

    assert program.get("/purchases")["items"] == []
    for page in ("/", "/totals", "/account/password"):
        answer = program.client.get(page, headers=program.headers)

        assert (answer.status_code, answer.location[:6]) == (302, "/login")
    assert program.client.post("/logout", headers=program.headers).status_code == 401


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {} x"])
def test_anything_else_opens_nothing(app: Flask, given: str) -> None:
    program = make_token(app, make_user().login)
    token = program.headers["Authorization"].removeprefix("Bearer ")
    program.headers = {"Authorization": given.format(token)}

    program.get("/purchases", 401)


def test_a_revoked_token_opens_nothing(app: Flask) -> None:
    login = make_user().login
    first, second = make_token(app, login), make_token(app, login, "--name", "둘째")
    revoked = run("revoke", "1")
    listed = run("tokens", login)

    assert revoked.exit_code == 0
    first.get("/purchases", 401)
    assert second.get("/purchases")
    assert [line.split()[2:] for line in listed.stdout.splitlines()] == [["폐기됨"], ["유효", "둘째"]]


def test_the_token_of_a_disabled_account_opens_nothing(app: Flask) -> None:
    person = make_user()
    program = make_token(app, person.login)
    with transaction():
        db.session.get_one(User, person.id).is_enabled = False

    program.get("/purchases", 401)


def test_commands_tell_tokens_as_json(app: Flask) -> None:
    assert app
    login = make_user().login
    made = run("token", login, "--name", "회계시스템", "--json")
    listed = run("tokens", login, "--json")

    assert '"token": "' in made.stdout
    assert '"name": "회계시스템"' in listed.stdout
    assert '"token"' not in listed.stdout


@pytest.mark.parametrize(
    "arguments", [("token", "system"), ("token", "nobody"), ("tokens", "nobody"), ("revoke", "9")]
)
def test_commands_refuse_accounts_and_tokens_that_are_not_there(
    app: Flask, arguments: tuple[str, ...]
) -> None:
    assert app
    assert run(*arguments).exit_code == 2


def test_a_first_password_is_changed_before_the_api_is_used_but_a_token_needs_none(
    app: Flask, client: Browser
) -> None:
    person = make_user(must_change_password=True)
    client.sign_in(person)
    answer = client.get(f"{API}/purchases")

    assert answer.status_code == 403
    assert len(person.password) >= MINIMUM_LENGTH
    assert make_token(app, person.login).get("/purchases")["items"] == []


OWN, OTHER = "총무과", "복지과"
WRITES = (
    ("PATCH", "", {"version": 1, "reason": "정정", "amount": 5}),
    ("POST", "/payments", {"version": 1, "paid_on": "2026-04-01", "amount": 5}),
    ("POST", "/reversal", {"version": 1, "reason": "취소"}),
)


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_it_may_for_its_own_and_for_another_department(
    program_of: Callable[..., Program], role: Role
) -> None:
    own, other = make_department(OWN), make_department(OTHER)
    below = make_department("총무팀", parent_id=own)
    enterprise = make_enterprise()
    program = program_of(role, own)
    body = {"enterprise_id": enterprise, "amount": 5, "contracted_on": "2026-03-02"}
    may_write = {own: role in {Role.STAFF, Role.CLERK}, other: role is Role.STAFF}
    may_write[below] = may_write[own]

    for department, may in may_write.items():
        made = program.send("POST", "/purchases", json=body | {"department_id": department})
        assert made.status_code == (201 if may else 403), made.text
        for method, place, change in WRITES:
            purchase = make_purchase(department, enterprise)
            answer = program.send(method, f"/purchases/{purchase}{place}", json=change)
            assert answer.status_code in ({200, 201} if may else {403}), (method, place)
            assert program.get(f"/purchases/{purchase}")["version"] == (2 if may else 1)
    for address, body_, is_allowed in (
        ("/enterprises", ENTERPRISE, role is Role.STAFF),
        ("/reports", {"year": 2026}, role is Role.STAFF),
    ):
        answer = program.send("POST", address, json=body_)
        assert answer.status_code == (201 if is_allowed else 403), address
    for address in ("/purchases", "/enterprises", "/enterprises/1", "/totals?year=2026", "/reports"):
        assert program.get(address)


def test_a_clerk_moves_no_purchase_to_another_department(program_of: Callable[..., Program]) -> None:
    own, other = make_department(OWN), make_department(OTHER)
    purchase = make_purchase(own, make_enterprise())
    program = program_of(Role.CLERK, own)
    told = program.patch(
        f"/purchases/{purchase}", {"version": 1, "reason": "이관", "department_id": other}, 403
    )

    assert told["code"] == "not_allowed"
    assert program.get(f"/purchases/{purchase}")["department_id"] == own


def test_another_department_is_refused_before_what_was_sent_is_read(
    program_of: Callable[..., Program],
) -> None:
    own, other = make_department(OWN), make_department(OTHER)
    purchase = make_purchase(other, make_enterprise())
    program = program_of(Role.CLERK, own)

    for method, place, _change in WRITES:
        assert program.send(method, f"/purchases/{purchase}{place}", data="{").status_code == 403


def test_the_session_of_an_ended_browser_opens_nothing(as_user: Callable[..., Browser]) -> None:
    browser = as_user()
    cookie = browser.get_cookie("session")
    assert cookie
    browser.submit("/account/password", "/logout")
    answer: Any = browser.get(f"{API}/purchases", headers={"Cookie": f"session={cookie.value}"})

    assert answer.status_code == 401
