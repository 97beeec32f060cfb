"""`tracker user add`, and for whom commands act."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.factories import NOW, make_department
from tracker.accounts.commands import acting, user
from tracker.accounts.models import User
from tracker.accounts.queries import find_by_access_token
from tracker.accounts.sessions import SignInRefused, sign_in
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction
from tracker.web.terminal import Unusable

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def run() -> Callable[..., Result]:
    """Return a function that runs `tracker user` with arguments."""
    return lambda *arguments: CliRunner().invoke(user, arguments)


def test_the_first_password_signs_in_and_must_be_changed(run: Callable[..., Result]) -> None:
    department = make_department("총무과")
    result = run(
        "add", "Han.Jiwon", "--role", "clerk", "--department", "총무과", "--name", "한지원", "--json"
    )
    printed = json.loads(result.stdout)
    account = db.session.get_one(User, printed["id"])

    assert result.exit_code == 0
    assert sign_in("han.jiwon", printed["password"], NOW)
    assert (account.name, account.role, account.department_id) == ("한지원", Role.CLERK, department)
    assert account.must_change_password


def test_without_json_the_password_alone_is_printed(run: Callable[..., Result]) -> None:
    result = run("add", "han.jiwon", "--role", "admin")

    assert sign_in("han.jiwon", result.stdout.strip(), NOW)
    assert "임시 비밀번호" in result.stderr


def test_a_second_account_of_the_login_is_refused(run: Callable[..., Result]) -> None:
    run("add", "han.jiwon", "--role", "staff")

    assert run("add", "han.jiwon", "--role", "staff").exit_code == 1


def test_an_unknown_department_is_refused_with_similar_ones(run: Callable[..., Result]) -> None:
    make_department("총무과")
    result = run("add", "han.jiwon", "--role", "clerk", "--department", "총무")

    assert result.exit_code == 2
    assert "총무과" in result.stderr


def test_an_ambiguous_department_is_refused_with_the_paths(run: Callable[..., Result]) -> None:
    for district in ("동구", "서구"):
        make_department("총무과", parent_id=make_department(district))
    result = run("add", "han.jiwon", "--role", "clerk", "--department", "총무과")

    assert result.exit_code == 2
    assert "동구/총무과" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("add", "한지원", "--role", "staff"), ("add", "han.jiwon", "--role", "king"), ("add", "han.jiwon")],
)
def test_wrong_usage_exits_with_2(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_commands_act_for_the_system_unless_told_otherwise() -> None:
    assert acting("system") == Acting(SYSTEM_ID, NOW)


def test_nothing_is_done_for_an_unknown_or_disabled_account(run: Callable[..., Result]) -> None:
    account = json.loads(run("add", "han.jiwon", "--role", "staff", "--json").stdout)
    with transaction():
        db.session.get_one(User, account["id"]).is_enabled = False

    for login in ("nobody", "han.jiwon"):
        with pytest.raises(Unusable):
            acting(login)
        assert run("add", "next.one", "--role", "staff", "--as", login).exit_code == 2


def test_accounts_are_listed(run: Callable[..., Result]) -> None:
    office = make_department("총무과")
    run("add", "han.jiwon", "--role", "clerk", "--department", "총무과", "--name", "한지원")
    told = json.loads(run("list", "--json").stdout)["accounts"]

    assert [(one["login"], one["department_id"], one["standing"]) for one in told] == [
        ("han.jiwon", office, "first_password")
    ]
    assert "han.jiwon  한지원  부서 담당자  총무과  임시 비밀번호" in run("list").stdout


def test_an_account_is_taken_out_of_use_and_into_it_again(run: Callable[..., Result]) -> None:
    account = json.loads(run("add", "han.jiwon", "--role", "staff", "--json").stdout)

    assert run("disable", "Han.Jiwon").exit_code == 0
    with pytest.raises(SignInRefused):
        sign_in("han.jiwon", account["password"], NOW)
    assert run("enable", "han.jiwon").exit_code == 0
    assert sign_in("han.jiwon", account["password"], NOW)


def test_a_reset_prints_a_new_first_password(run: Callable[..., Result]) -> None:
    account = json.loads(run("add", "han.jiwon", "--role", "admin", "--json").stdout)
    plain = run("reset", "han.jiwon").stdout.strip()
    told = json.loads(run("reset", "han.jiwon", "--json").stdout)

    assert told["id"] == account["id"]
    for old in (account["password"], plain):
        with pytest.raises(SignInRefused):
            sign_in("han.jiwon", old, NOW)
    assert sign_in("han.jiwon", told["password"], NOW)


def test_nobody_shuts_out_the_own_account(run: Callable[..., Result]) -> None:
    run("add", "han.jiwon", "--role", "admin")

    assert run("disable", "han.jiwon", "--as", "han.jiwon").exit_code == 1
    assert run("reset", "han.jiwon", "--as", "han.jiwon").exit_code == 1


@pytest.mark.parametrize("command", ["disable", "enable", "reset"])
def test_only_accounts_of_people_are_kept(run: Callable[..., Result], command: str) -> None:
    for login in ("nobody", "system"):
        assert run(command, login).exit_code == 2


def test_a_list_is_taken_in_and_its_first_passwords_printed(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    make_department("총무과")
    file = tmp_path / "list.csv"
    file.write_text("아이디,이름,부서,역할\nkim.minji,김민지,총무과,\npark.jiho,박지호,,감사\n")
    rehearsed = json.loads(run("import", str(file), "--dry-run", "--json").stdout)
    result = run("import", str(file))
    rows = [line.split(",") for line in result.stdout.splitlines()]

    assert (rehearsed["added"], len(rehearsed["accounts"])) == (0, 2)
    assert "password" not in rehearsed["accounts"][0]
    assert [row[:3] for row in rows] == [["총무과", "김민지", "kim.minji"], ["", "박지호", "park.jiho"]]
    assert sign_in("park.jiho", rows[1][3], NOW)


def test_the_first_passwords_of_a_list_stand_in_its_json(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("아이디,이름,역할\npark.jiho,박지호,감사\n")
    told = json.loads(run("import", str(file), "--json").stdout)

    assert told["added"] == 1
    assert sign_in("park.jiho", told["accounts"][0]["password"], NOW)


def test_a_list_with_faults_adds_nobody(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("아이디,이름,역할\npark.jiho,박지호,감사\nx y,나,감사\n")
    plain = run("import", str(file))
    told = run("import", str(file), "--json")

    assert (plain.exit_code, told.exit_code) == (1, 1)
    assert "3행 아이디" in plain.stderr
    assert json.loads(told.stdout)["problems"][0]["code"] == "login_unusable"
    assert run("disable", "park.jiho").exit_code == 2


def test_a_file_that_is_no_list_is_refused(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("a,b\n1,2\n")
    empty = tmp_path / "empty.csv"
    empty.touch()

    assert run("import", str(file)).exit_code == 1
    assert run("import", str(empty)).exit_code == 2


def test_a_token_is_made_listed_and_revoked(run: Callable[..., Result]) -> None:
    run("add", "han.jiwon", "--role", "staff")
    made = json.loads(run("token", "han.jiwon", "--name", "회계", "--json").stdout)
    plain = run("token", "han.jiwon").stdout.strip()
    account = find_by_access_token(made["token"])
    revoked = run("revoke", str(made["id"]))
    told = json.loads(run("tokens", "han.jiwon", "--json").stdout)["tokens"]

    assert account is not None
    assert account.login == "han.jiwon"
    assert revoked.exit_code == 0
    assert find_by_access_token(made["token"]) is None
    assert find_by_access_token(plain) is not None
    assert [bool(token["revoked_at"]) for token in told] == [True, False]
    assert len(run("tokens", "han.jiwon").stdout.splitlines()) == 2


def test_only_tokens_and_accounts_that_are_there_are_taken(run: Callable[..., Result]) -> None:
    assert run("revoke", "99").exit_code == 2
    assert run("token", "system").exit_code == 2
    assert run("tokens", "nobody").exit_code == 2
