"""`tracker user`, and `--as`: for whom a command acts."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask_babel import gettext as _

from tracker.accounts import services
from tracker.accounts.manual import describe_permissions
from tracker.accounts.passwords import make_first_password
from tracker.accounts.queries import PAGE, Filter, find_account, list_access_tokens, list_accounts
from tracker.accounts.services import (
    DuplicateLogin,
    InvalidLogin,
    UnknownToken,
    add_user,
    make_access_token,
    revoke_access_token,
)
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.core.vocabulary import Role
from tracker.departments.commands import department_named
from tracker.imports.account_rows import PEOPLE, AccountPlan, plan_accounts
from tracker.imports.problems import explain_unreadable
from tracker.imports.reading import UnreadableFile
from tracker.imports.short_lists import UnusableList
from tracker.web.clock import now
from tracker.web.spreadsheets import harmless
from tracker.web.terminal import Refused, Unusable, json_option, print_json, say

as_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--as", "as_login", default="system", show_default=True, metavar="LOGIN", help="The account that acts."
)


def acting(login: str) -> Acting:
    """Return the account acting now. Raises Unusable for an unknown or disabled one."""
    account = find_account(login)
    if account is None or not account.is_enabled:
        raise Unusable(_("There is no enabled account %(login)s.", login=login))
    return Acting(account.id, now())


@click.group()
def user() -> None:
    """Accounts of people."""


@user.command()
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--department", metavar="NAME", help="The account's department: name, code or path.")
@click.option("--name", help="The person's name; without it the login.")
@as_option
@json_option
def add(
    login: str, role: str, department: str | None, name: str | None, as_login: str, *, as_json: bool
) -> None:
    """Add an account and print its first password, which must be changed at the first sign-in."""
    by = acting(as_login)
    department_id = department_named(department) if department else None
    try:
        account = add_user(login, name or login, Role(role), department_id, by)
    except InvalidLogin as error:
        raise Unusable(
            _("A login has 2 to 60 characters: letters a–z, digits, dot, hyphen, underscore.")
        ) from error
    except DuplicateLogin as error:
        raise Refused(_("There is an account %(login)s already.", login=login)) from error
    if as_json:
        print_json({"id": account.id, "login": login, "role": role, "password": account.first_password})
    else:
        say(_("The account has been added. Its first password, to be changed at the first sign-in:"))
        click.echo(account.first_password)


@user.command()
@click.argument("login")
@click.option("--name", default="", help="What the token is for.")
@as_option
@json_option
def token(login: str, name: str, as_login: str, *, as_json: bool) -> None:
    """Make a token by which a program acts as the account; it is shown this once."""
    by, name = acting(as_login), name[:60]
    made = make_access_token(_account_id(login), name, by)
    if as_json:
        print_json({"id": made.id, "login": login, "name": name, "token": made.token})
    else:
        say(_("Token %(id)s has been made. It is shown this once; keep it like a password:", id=made.id))
        click.echo(made.token)


@user.command()
@click.argument("login")
@json_option
def tokens(login: str, *, as_json: bool) -> None:
    """List an account's tokens."""
    rows = [
        {"id": row.id, "name": row.name, "made_at": row.made_at, "revoked_at": row.revoked_at}
        for row in list_access_tokens(_account_id(login))
    ]
    if as_json:
        print_json({"login": login, "tokens": rows})
        return
    for row in rows:
        state = _("revoked") if row["revoked_at"] else _("valid")
        click.echo(f"{row['id']}  {row['made_at']:%Y-%m-%d}  {state}  {row['name']}")


@user.command()
@click.argument("token_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@as_option
def revoke(token_id: int, as_login: str) -> None:
    """Revoke a token: it opens nothing any more."""
    try:
        revoke_access_token(token_id, acting(as_login))
    except UnknownToken as error:
        raise Unusable(_("There is no token %(id)s.", id=token_id)) from error
    say(_("Token %(id)s has been revoked.", id=token_id))


@user.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the accounts of people."""
    rows = []
    for page in range(1, 10_000):
        found, number = list_accounts(Filter(), page)
        rows += found
        if page * PAGE >= number:
            break
    if as_json:
        print_json({"accounts": [row._asdict() | {"standing": row.standing.value} for row in rows]})
        return
    for row in rows:
        click.echo(
            "  ".join((row.login, row.name, row.role.korean, row.department or "–", row.standing.korean))
        )


@user.command()
@click.argument("login")
@as_option
def disable(login: str, as_login: str) -> None:
    """Take an account out of use, at once; what it did stays under its name."""
    try:
        services.disable_account(_person_id(login), acting(as_login))
    except services.OwnAccount as error:
        raise Refused(_("You cannot take your own account out of use. Ask another admin.")) from error
    say(_("The account is out of use; nobody is signed in with it."))


@user.command()
@click.argument("login")
@as_option
def enable(login: str, as_login: str) -> None:
    """Take an account into use again."""
    services.enable_account(_person_id(login), acting(as_login))
    say(_("The account is in use again."))


@user.command()
@click.argument("login")
@as_option
@json_option
def reset(login: str, as_login: str, *, as_json: bool) -> None:
    """Print a new first password of an account; its second factor, sessions and tokens end."""
    account_id, first = _person_id(login), make_first_password()
    try:
        services.reset_account(account_id, first, acting(as_login))
    except services.OwnAccount as error:
        raise Refused(_("For your own account change the password.")) from error
    if as_json:
        print_json({"id": account_id, "login": login, "password": first.text})
    else:
        say(_("The first password, to be changed at the next sign-in:"))
        click.echo(first.text)


@user.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be added, and store nothing.")
@as_option
@json_option
def import_command(file: Path, as_login: str, *, dry_run: bool, as_json: bool) -> None:
    """Add the accounts of a list (아이디, 이름, 역할, 부서) and print their first passwords as CSV."""
    by = acting(as_login)
    try:
        plan = plan_accounts(PEOPLE.read(file))
    except UnreadableFile as error:
        raise Unusable(explain_unreadable(error)) from error
    except UnusableList as error:
        raise Refused(error.problem.message) from error
    firsts = [make_first_password() for _each in plan.accounts]
    is_stored = not (dry_run or plan.problems)
    if is_stored:
        services.add_accounts([each.draft for each in plan.accounts], firsts, by)
    passwords = [first.text for first in firsts] if is_stored else []
    if as_json:
        print_json(_plan_as_json(plan, passwords))
    else:
        _tell(plan, passwords)
    if plan.problems:
        sys.exit(1)


@user.command()
def permissions() -> None:
    """Print who may do what, as the page of the manual."""
    click.echo(describe_permissions(current_app), nl=False)


def _plan_as_json(plan: AccountPlan, passwords: list[str]) -> dict[str, object]:
    accounts = [
        {"row": each.row, "login": each.draft.login, "name": each.draft.name, "role": each.draft.role}
        | {"department": each.department}
        for each in plan.accounts
    ]
    for account, password in zip(accounts, passwords, strict=False):
        account["password"] = password
    problems = [
        {
            "row": each.row,
            "column": each.column,
            "value": each.value,
            "code": each.code,
            "message": each.message,
        }
        for each in plan.problems
    ]
    return {"added": len(passwords), "accounts": accounts, "problems": problems}


def _tell(plan: AccountPlan, passwords: list[str]) -> None:
    for problem in plan.problems:
        place = _("Row %(row)s, %(column)s", row=problem.row, column=problem.column)
        say(f"{place}: {problem.message} {problem.value or ''}".rstrip())
    if passwords:
        say(_("These first passwords are shown this once; hand each to its owner:"))
        writer = csv.writer(sys.stdout, lineterminator="\n")
        for each, password in zip(plan.accounts, passwords, strict=True):
            named = harmless(each.department or ""), harmless(each.draft.name)
            writer.writerow((*named, each.draft.login, password))
    else:
        say(_("Nothing was stored; without faults are: %(count)s.", count=len(plan.accounts)))


def _person_id(login: str) -> int:
    """Return the account of a person, in use or not."""
    account = find_account(login)
    if account is None or account.id == SYSTEM_ID:
        raise Unusable(_("There is no account %(login)s.", login=login))
    return account.id


def _account_id(login: str) -> int:
    account_id = acting(login).actor_id
    if account_id == SYSTEM_ID:
        raise Unusable(_("The account system acts for commands only and has no tokens."))
    return account_id
