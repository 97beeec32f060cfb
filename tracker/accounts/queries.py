"""Who has an account, and who is signed in."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select

from tracker.accounts.models import AccessToken, SignedInSession, User
from tracker.extensions import db

# A working day: a browser left open does not stay signed in for ever.
SESSION_LENGTH = timedelta(hours=12)


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
