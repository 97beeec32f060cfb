"""Keeping accounts: adding and changing them, taking them out of use, resetting them; access tokens."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import update

from tracker.accounts.models import AccessToken, SignedInSession, User
from tracker.accounts.passwords import FirstPassword, make_first_password
from tracker.accounts.queries import find_account, token_digest
from tracker.accounts.sessions import end_sessions
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import Role
from tracker.extensions import db, get_locked, transaction

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


class InvalidLogin(ValueError):
    """A login consists of other characters."""


class DuplicateLogin(ValueError):
    """Another account has this login."""


class UnknownAccount(LookupError):
    """There is no account of a person with this number."""


class StaleAccount(Exception):
    """Somebody else changed the account since it was opened."""


class OwnAccount(Exception):
    """Nobody takes the own account out of use, or its role: there might be no way back."""


class UnknownToken(LookupError):
    """There is no access token of this number."""


class AccountDraft(NamedTuple):
    """What is said of an account."""

    login: str
    name: str
    role: Role
    department_id: int | None


class NewAccount(NamedTuple):
    """A new account and the password to hand over, which must be changed at once."""

    id: int
    first_password: str


class NewToken(NamedTuple):
    """The number of a new access token, and the token itself."""

    id: int
    token: str


def add_user(login: str, name: str, role: Role, department_id: int | None, by: Acting) -> NewAccount:
    """Add an account with a random first password. Raises InvalidLogin or DuplicateLogin."""
    return add_account(AccountDraft(login, name, role, department_id), make_first_password(), by)


def add_account(draft: AccountDraft, first: FirstPassword, by: Acting) -> NewAccount:
    """Add an account with that first password. Raises InvalidLogin or DuplicateLogin."""
    login = normal_login(draft.login)
    with transaction():
        if find_account(login):
            raise DuplicateLogin(login)
        user = User(
            login=login,
            name=draft.name,
            role=draft.role,
            department_id=draft.department_id,
            password_hash=first.hash,
            created_at=by.at,
        )
        db.session.add(user)
        db.session.flush()
        record_event(
            by,
            "account.add",
            "account",
            user.id,
            {"role": draft.role, "department_id": draft.department_id},
        )
        return NewAccount(user.id, first.text)


def add_accounts(drafts: Sequence[AccountDraft], firsts: Sequence[FirstPassword], by: Acting) -> None:
    """Add all of them or none. Raises InvalidLogin or DuplicateLogin."""
    with transaction():
        for draft, first in zip(drafts, firsts, strict=True):
            add_account(draft, first, by)


def normal_login(login: str) -> str:
    """Return the login as it is stored. Raises InvalidLogin."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise InvalidLogin(login)
    return login


def change_account(account_id: int, draft: AccountDraft, version: int, by: Acting) -> bool:
    """Change name, role and department; return whether anything differed. The login stays.

    Another role begins with signing in anew. Raises UnknownAccount, StaleAccount or OwnAccount.
    """
    with _account(account_id) as account:
        if account.version != version:
            raise StaleAccount(account_id)
        changes: dict[str, object] = {}
        if account.name != draft.name:
            changes["name"] = None  # a person's name stands in the account alone
        for field in ("role", "department_id"):
            before, after = getattr(account, field), getattr(draft, field)
            if before != after:
                changes[field] = [before, after]
        if not changes:
            return False
        if "role" in changes:
            if account_id == by.actor_id:
                raise OwnAccount
            end_sessions(by, SignedInSession.account_id == account_id)
        account.name, account.role, account.department_id = draft.name, draft.role, draft.department_id
        account.version += 1
        record_event(by, "account.change", "account", account_id, {"changes": changes})
        return True


def disable_account(account_id: int, by: Acting) -> None:
    """Let nobody sign in with the account any more, at once; what it did stays under its name.

    Raises UnknownAccount or OwnAccount.
    """
    with _account(account_id) as account:
        if account_id == by.actor_id:
            raise OwnAccount
        if account.is_enabled:
            account.is_enabled = False
            account.version += 1
            _shut_out(account_id, by)
            record_event(by, "account.disable", "account", account_id)


def enable_account(account_id: int, by: Acting) -> None:
    """Let the account sign in again. Raises UnknownAccount."""
    with _account(account_id) as account:
        if not account.is_enabled:
            account.is_enabled = True
            account.version += 1
            record_event(by, "account.enable", "account", account_id)


def sign_out_account(account_id: int, by: Acting) -> None:
    """End all sessions of the account, its owner's or another person's. Raises UnknownAccount."""
    with _account(account_id):
        end_sessions(by, SignedInSession.account_id == account_id)
        record_event(by, "account.sign_out_everywhere", "account", account_id)


def reset_account(account_id: int, first: FirstPassword, by: Acting) -> None:
    """Give the account a first password again, without second factor, and end whatever was open with it.

    Raises UnknownAccount, or OwnAccount: the own password is changed, not reset.
    """
    with _account(account_id) as account:
        if account_id == by.actor_id:
            raise OwnAccount
        account.password_hash = first.hash
        account.must_change_password = True
        account.factor_seed = account.factor_step = None
        account.version += 1
        _shut_out(account_id, by)
        record_event(by, "account.reset", "account", account_id)


def make_access_token(account_id: int, name: str, by: Acting) -> NewToken:
    """Make a token by which a program acts as the account; it is shown this once."""
    token = secrets.token_urlsafe(32)
    with transaction():
        row = AccessToken(token_digest=token_digest(token), account_id=account_id, name=name, made_at=by.at)
        db.session.add(row)
        db.session.flush()
        record_event(by, "account.make_token", "account", account_id, {"token": row.id, "name": name})
        return NewToken(row.id, token)


def revoke_access_token(token_id: int, by: Acting) -> None:
    """Let the token open nothing any more, from now on. Raises UnknownToken."""
    with transaction():
        row = get_locked(AccessToken, token_id)
        if row is None:
            raise UnknownToken(token_id)
        row.revoked_at = row.revoked_at or by.at
        record_event(by, "account.revoke_token", "account", row.account_id, {"token": token_id})


@contextmanager
def _account(account_id: int) -> Iterator[User]:
    """Give the account of a person, locked; the transaction ends with the block."""
    with transaction():
        account = get_locked(User, account_id)
        if account is None or account_id == SYSTEM_ID:
            raise UnknownAccount(account_id)
        yield account


def _shut_out(account_id: int, by: Acting) -> None:
    """End the sessions of the account and revoke the tokens of its programs."""
    end_sessions(by, SignedInSession.account_id == account_id)
    db.session.execute(
        update(AccessToken)
        .where(AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=by.at)
    )
