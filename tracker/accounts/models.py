"""Tables of accounts, their signed-in sessions, the access tokens of their programs, and refused sign-ins."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.core.vocabulary import Role
from tracker.departments.models import Department
from tracker.extensions import Base, UtcDateTime, word


class User(UserMixin, Base):  # type: ignore[misc]
    """One person's account; `system` (id 1) acts for commands and cannot sign in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[Role] = mapped_column(word(Role))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    # Of the second factor only what its secret is derived from, and the last time step whose code was taken.
    factor_seed: Mapped[str | None] = mapped_column(String(64))
    factor_step: Mapped[int | None]

    department: Mapped[Department | None] = relationship()

    # Unmapped: the token of the session this account was loaded for, or that a program showed its own.
    session_token = ""
    is_program = False

    def get_id(self) -> str:
        """Return what the signed cookie carries: the session's token, not the account's number."""
        return self.session_token


class SignedInSession(Base):
    """A signed-in browser, known by the digest of its token; ended ones open nothing."""

    __tablename__ = "account_session"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    origin: Mapped[str] = mapped_column(String(60), default="")
    # The password was right and the code of the second factor is still to come: until then it opens nothing.
    awaits_code: Mapped[bool] = mapped_column(default=False)

    account: Mapped[User] = relationship()


class AccessToken(Base):
    """A token by which a program acts as the account, known by its digest; revoked ones open nothing."""

    __tablename__ = "account_token"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[User] = relationship()


class Throttle(Base):
    """Failed sign-ins of an account, an address or both together, by a digest, and until when to wait."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = (Index(None, "last_failed_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
