"""Who has an account, and who is signed in."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy import func as sql

from tracker.accounts.models import AccessToken, SignedInSession, User
from tracker.audit.acting import SYSTEM_ID
from tracker.core.vocabulary import Role, Word
from tracker.departments.models import Department
from tracker.extensions import db

PAGE = 50

# A working day: a browser left open does not stay signed in for ever.
SESSION_LENGTH = timedelta(hours=12)


class Standing(Word):
    """Whether an account is in use."""

    ENABLED = "enabled", "사용"
    FIRST_PASSWORD = "first_password", "임시 비밀번호"
    DISABLED = "disabled", "사용 중지"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which accounts are looked for; None asks nothing. text: part of the login or name."""

    text: str | None = None
    role: Role | None = None
    department_ids: Collection[int] | None = None
    standing: Standing | None = None


class AccountRow(NamedTuple):
    """An account of a person, as a list shows it."""

    id: int
    login: str
    name: str
    role: Role
    department_id: int | None
    department: str | None
    is_enabled: bool
    must_change_password: bool
    has_factor: bool
    version: int
    signed_in_at: datetime | None

    @property
    def standing(self) -> Standing:
        """Return whether it is in use."""
        if not self.is_enabled:
            return Standing.DISABLED
        return Standing.FIRST_PASSWORD if self.must_change_password else Standing.ENABLED


class OpenSession(NamedTuple):
    """A browser in which the account is signed in."""

    started_at: datetime
    origin: str
    is_this: bool


def token_digest(token: str) -> str:
    """Return what the database keeps of a session's or program's token: it alone opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_account(login: str) -> User | None:
    """Return the account of this login, whatever its letters' case."""
    return db.session.scalar(select(User).where(User.login == login.strip().lower()))


def find_signed_in(token: str, at: datetime) -> User | None:
    """Return the enabled account whose session this is, unless it was ended or has run out."""
    return db.session.scalar(
        select(User)
        .join(SignedInSession, SignedInSession.account_id == User.id)
        .where(
            SignedInSession.token_digest == token_digest(token),
            SignedInSession.ended_at.is_(None),
            SignedInSession.awaits_code.is_(False),
            SignedInSession.started_at > at - SESSION_LENGTH,
            User.is_enabled,
        )
    )


def find_by_access_token(token: str) -> User | None:
    """Return the enabled account whose program shows this token, unless it was revoked."""
    return db.session.scalar(
        select(User)
        .join(AccessToken, AccessToken.account_id == User.id)
        .where(
            AccessToken.token_digest == token_digest(token),
            AccessToken.revoked_at.is_(None),
            User.is_enabled,
        )
    )


def list_access_tokens(account_id: int) -> list[AccessToken]:
    """Return the account's tokens, the earliest first; what they are is known to their programs alone."""
    return list(
        db.session.scalars(
            select(AccessToken).where(AccessToken.account_id == account_id).order_by(AccessToken.id)
        )
    )


def open_sessions(account_id: int, at: datetime, token: str = "") -> list[OpenSession]:
    """Return where the account is signed in, the latest first; `token` is that of the session asking."""
    rows = db.session.scalars(
        select(SignedInSession)
        .where(
            SignedInSession.account_id == account_id,
            SignedInSession.ended_at.is_(None),
            SignedInSession.awaits_code.is_(False),
            SignedInSession.started_at > at - SESSION_LENGTH,
        )
        .order_by(SignedInSession.id.desc())
    )
    this = token_digest(token)
    return [OpenSession(row.started_at, row.origin, row.token_digest == this) for row in rows]


def list_accounts(wanted: Filter, page: int = 1) -> tuple[list[AccountRow], int]:
    """Return one page of the accounts that the filter finds, by login, and how many it finds in all."""
    conditions = list(_conditions(wanted))
    number = db.session.scalar(select(sql.count()).select_from(User).where(*conditions)) or 0
    rows = db.session.execute(
        _accounts().where(*conditions).order_by(User.login).limit(PAGE).offset((page - 1) * PAGE)
    )
    return [AccountRow(**row._asdict()) for row in rows], number


def find_row(account_id: int) -> AccountRow | None:
    """Return one account of a person as lists show it."""
    row = db.session.execute(_accounts().where(User.id == account_id, User.id != SYSTEM_ID)).one_or_none()
    return AccountRow(**row._asdict()) if row else None


def taken_logins(logins: Collection[str]) -> set[str]:
    """Return which of the logins have an account."""
    return set(db.session.scalars(select(User.login).where(User.login.in_(logins))))


def _accounts() -> Select[*tuple[Any, ...]]:
    last = (
        select(SignedInSession.account_id, sql.max(SignedInSession.started_at).label("signed_in_at"))
        .where(SignedInSession.awaits_code.is_(False))
        .group_by(SignedInSession.account_id)
        .subquery()
    )
    return (
        select(
            User.id,
            User.login,
            User.name,
            User.role,
            User.department_id,
            Department.name.label("department"),
            User.is_enabled,
            User.must_change_password,
            User.factor_seed.is_not(None).label("has_factor"),
            User.version,
            last.c.signed_in_at,
        )
        .outerjoin(Department, Department.id == User.department_id)
        .outerjoin(last, last.c.account_id == User.id)
    )


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    yield User.id != SYSTEM_ID
    if wanted.text:
        text = wanted.text.strip().lower()
        yield or_(
            User.login.contains(text, autoescape=True), sql.lower(User.name).contains(text, autoescape=True)
        )
    if wanted.role:
        yield User.role == wanted.role
    if wanted.department_ids is not None:
        yield User.department_id.in_(wanted.department_ids)
    match wanted.standing:
        case Standing.ENABLED:
            yield User.is_enabled.is_(True)
            yield User.must_change_password.is_(False)
        case Standing.FIRST_PASSWORD:
            yield User.is_enabled.is_(True)
            yield User.must_change_password.is_(True)
        case Standing.DISABLED:
            yield User.is_enabled.is_(False)
