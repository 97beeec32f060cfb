"""Signing in and out, with a second factor where there is one, and changing one's own password."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, update

from tracker.accounts.models import SignedInSession, User
from tracker.accounts.passwords import (
    PasswordRefused,
    Weakness,
    check_new_password,
    hash_password,
    is_password,
)
from tracker.accounts.queries import find_account, token_digest
from tracker.accounts.second_factor import find_step
from tracker.accounts.throttle import count_attempt, forgive_attempt
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.audit.services import record_event
from tracker.extensions import db, get_locked, transaction

CODE_WITHIN = timedelta(minutes=5)


class SignInRefused(Exception):
    """Unknown login, wrong password or disabled account: which of them is not told."""


class SignInExpired(Exception):
    """The password was given too long ago for the code, or meanwhile the account was changed."""


class WrongPassword(Exception):
    """The password given as the current one is not."""


class WrongCode(Exception):
    """The code is not the one of this half minute, or it was used already."""


class SignIn(NamedTuple):
    """The token of the session that began; with `needs_code` it opens nothing until the code is given."""

    token: str
    needs_code: bool


def sign_in(login: str, password: str, at: datetime, origin: str = "") -> SignIn:
    """Begin a session, whose token is known to that browser alone.

    Raises SignInRefused, and records that too; TooManyAttempts while one must wait; TooBusy.
    """
    login = login.strip().lower()
    count_attempt(login, origin, at)
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
            if account.factor_seed:
                # The attempt stays counted: else codes could be guessed as fast as passwords are right.
                return SignIn(_begin_session(by, origin, awaits_code=True), needs_code=True)
            forgive_attempt(login, origin, at)
            record_event(by, "account.sign_in", "account", account.id)
            return SignIn(_begin_session(by, origin), needs_code=False)
        # What was typed is not kept: it may be a password in the wrong field.
        record_event(Acting(SYSTEM_ID, at), "account.sign_in_refused", "account", account_id)
    raise SignInRefused


def enter_code(token: str, code: str, at: datetime, origin: str = "") -> str:
    """Complete a sign-in by the code of the second factor and return the token of the session.

    Raises WrongCode, and records that too; SignInExpired; TooManyAttempts.
    """
    login = db.session.scalar(
        select(User.login)
        .join(SignedInSession, SignedInSession.account_id == User.id)
        .where(
            SignedInSession.token_digest == token_digest(token),
            SignedInSession.awaits_code,
            SignedInSession.ended_at.is_(None),
            SignedInSession.started_at > at - CODE_WITHIN,
            User.is_enabled,
        )
    )
    db.session.rollback()
    if login is None:
        raise SignInExpired
    count_attempt(login, origin, at)
    with transaction():
        found = find_account(login)
        account = get_locked(User, found.id) if found else None
        assert account
        by = Acting(account.id, at)
        step = find_step(account.factor_seed, code, at, account.factor_step) if account.factor_seed else None
        if step is not None:
            account.factor_step = step
            end_sessions(by, SignedInSession.token_digest == token_digest(token))
            forgive_attempt(login, origin, at)
            record_event(by, "account.sign_in", "account", account.id, {"second_factor": True})
            return _begin_session(by, origin)
        record_event(Acting(SYSTEM_ID, at), "account.code_refused", "account", account.id)
    raise WrongCode


def sign_out(token: str, by: Acting) -> None:
    """End the session: its cookie opens nothing any more, wherever it was copied to."""
    with transaction():
        end_sessions(by, SignedInSession.token_digest == token_digest(token))
        record_event(by, "account.sign_out", "account", by.actor_id)


def change_password(current: str, new: str, by: Acting, origin: str = "") -> str:
    """Store the acting account's new password, end all its sessions and return the token of a new one.

    Raises WrongPassword, PasswordRefused or TooBusy.
    """
    account = db.session.get(User, by.actor_id)
    assert account
    check_new_password(new, account.login)
    stored = account.password_hash
    db.session.rollback()
    if not is_password(current, stored):
        raise WrongPassword
    if is_password(new, stored):
        raise PasswordRefused(Weakness.SAME)
    hashed = hash_password(new)
    with transaction():
        account = get_locked(User, by.actor_id)
        if account is None or account.password_hash != stored:
            raise WrongPassword
        account.password_hash = hashed
        account.must_change_password = False
        end_sessions(by, SignedInSession.account_id == account.id)
        record_event(by, "account.change_password", "account", account.id)
        return _begin_session(by, origin)


def enable_factor(seed: str, code: str, by: Acting) -> None:
    """Ask for a code at each sign-in from now on, once a first code proves that the app has the secret.

    Raises WrongCode.
    """
    step = find_step(seed, code, by.at)
    if step is None:
        raise WrongCode
    with transaction():
        account = get_locked(User, by.actor_id)
        assert account
        account.factor_seed, account.factor_step = seed, step
        record_event(by, "account.enable_factor", "account", account.id)


def disable_factor(password: str, by: Acting) -> None:
    """Ask for no code any more. Raises WrongPassword or TooBusy."""
    stored = db.session.scalar(select(User.password_hash).where(User.id == by.actor_id))
    db.session.rollback()
    if not is_password(password, stored):
        raise WrongPassword
    with transaction():
        account = get_locked(User, by.actor_id)
        assert account
        account.factor_seed = account.factor_step = None
        record_event(by, "account.disable_factor", "account", account.id)


def end_sessions(by: Acting, which: ColumnElement[bool]) -> None:
    """End sessions inside the transaction of the act that asks for it."""
    db.session.execute(
        update(SignedInSession).where(which, SignedInSession.ended_at.is_(None)).values(ended_at=by.at)
    )


def _begin_session(by: Acting, origin: str, *, awaits_code: bool = False) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignedInSession(
            token_digest=token_digest(token),
            account_id=by.actor_id,
            started_at=by.at,
            origin=origin[:60],
            awaits_code=awaits_code,
        )
    )
    return token
