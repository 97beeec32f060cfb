"""Adding accounts, signing in and out, changing passwords, access tokens for programs."""

import re
import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, update

from tracker.accounts.models import AccessToken, SignedInSession, User
from tracker.accounts.passwords import check_new_password, hash_password, is_password, make_first_password
from tracker.accounts.queries import find_account, token_digest
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import Role
from tracker.extensions import db, get_locked, transaction

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


class InvalidLogin(ValueError):
    """A login consists of other characters."""


class DuplicateLogin(ValueError):
    """Another account has this login."""


class SignInRefused(Exception):
    """Unknown login, wrong password or disabled account: which of them is not told."""


class WrongPassword(Exception):
    """The password given as the current one is not."""


class UnknownToken(LookupError):
    """There is no access token of this number."""


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
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise InvalidLogin(login)
    password = make_first_password()
    hashed = hash_password(password)
    with transaction():
        if find_account(login):
            raise DuplicateLogin(login)
        user = User(
            login=login,
            name=name,
            role=role,
            department_id=department_id,
            password_hash=hashed,
            created_at=by.at,
        )
        db.session.add(user)
        db.session.flush()
        record_event(by, "account.add", "account", user.id, {"role": role, "department_id": department_id})
        return NewAccount(user.id, password)


def sign_in(login: str, password: str, at: datetime) -> str:
    """Begin a session and return its token, known to that browser alone.

    Raises SignInRefused, and records that too.
    """
    user = find_account(login)
    account_id = user.id if user else None
    stored = user.password_hash if user and user.is_enabled else None
    # Hashing takes a while: nobody shall wait for the write lock meanwhile.
    db.session.rollback()
    is_right = is_password(password, stored)
    with transaction():
        account = get_locked(User, account_id) if account_id is not None and is_right else None
        if account and account.is_enabled and account.password_hash == stored:
            by = Acting(account.id, at)
            token = _begin_session(by)
            record_event(by, "account.sign_in", "account", account.id)
            return token
        # What was typed is not kept: it may be a password in the wrong field.
        record_event(Acting(SYSTEM_ID, at), "account.sign_in_refused", "account", account_id)
    raise SignInRefused


def sign_out(token: str, by: Acting) -> None:
    """End the session: its cookie opens nothing any more, wherever it was copied to."""
    with transaction():
        _end_sessions(by, SignedInSession.token_digest == token_digest(token))
        record_event(by, "account.sign_out", "account", by.actor_id)


def change_password(current: str, new: str, by: Acting) -> str:
    """Store the acting account's new password, end all its sessions and return the token of a new one.

    Raises WrongPassword or PasswordRefused.
    """
    check_new_password(new)
    stored = db.session.scalar(select(User.password_hash).where(User.id == by.actor_id))
    db.session.rollback()
    if not is_password(current, stored):
        raise WrongPassword
    hashed = hash_password(new)
    with transaction():
        account = get_locked(User, by.actor_id)
        if account is None or account.password_hash != stored:
            raise WrongPassword
        account.password_hash = hashed
        account.must_change_password = False
        _end_sessions(by, SignedInSession.account_id == account.id)
        record_event(by, "account.change_password", "account", account.id)
        return _begin_session(by)


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


def _begin_session(by: Acting) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignedInSession(token_digest=token_digest(token), account_id=by.actor_id, started_at=by.at)
    )
    return token


def _end_sessions(by: Acting, which: ColumnElement[bool]) -> None:
    db.session.execute(
        update(SignedInSession).where(which, SignedInSession.ended_at.is_(None)).values(ended_at=by.at)
    )
