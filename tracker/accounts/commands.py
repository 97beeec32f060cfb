"""`tracker user`, and `--as`: for whom a command acts."""

from collections.abc import Callable
from typing import Any

import click
from flask_babel import gettext as _

from tracker.accounts.queries import find_account, list_access_tokens
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
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    closest_names,
    find_department,
)
from tracker.web.clock import now
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
    department_id = _department_id(department) if department else None
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


def _account_id(login: str) -> int:
    account_id = acting(login).actor_id
    if account_id == SYSTEM_ID:
        raise Unusable(_("The account system acts for commands only and has no tokens."))
    return account_id


def _department_id(name: str) -> int:
    try:
        return find_department(name).id
    except AmbiguousDepartment as error:
        paths = ", ".join(error.candidates)
        raise Refused(
            _("Several departments have this name; give the path: %(paths)s", paths=paths)
        ) from error
    except DepartmentNotFound as error:
        near = ", ".join(closest_names(name)) or "–"
        raise Refused(
            _("There is no department %(name)s. Similar: %(near)s", name=name, near=near)
        ) from error
