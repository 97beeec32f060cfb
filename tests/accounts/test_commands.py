"""`tracker user add`, and for whom commands act."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from tests.factories import NOW, make_department
from tracker.accounts.commands import acting, user
from tracker.accounts.models import User
from tracker.accounts.sessions import sign_in
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

    assert result.exit_code == 1
    assert "총무과" in result.stderr


def test_an_ambiguous_department_is_refused_with_the_paths(run: Callable[..., Result]) -> None:
    for district in ("동구", "서구"):
        make_department("총무과", parent_id=make_department(district))
    result = run("add", "han.jiwon", "--role", "clerk", "--department", "총무과")

    assert result.exit_code == 1
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
