"""Guessing passwords gets slower and slower, in every process alike, and locks nobody out for good.

Attempts are counted for the account from one address, for the address, and for the account from anywhere.
They are counted before the password is checked, so that many at the same moment get no further than one after
another. A stranger who tries an account is slowed down where the stranger is; only when very many addresses
try it does it become slower from everywhere, and even then not where its owner has signed in before.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.accounts.models import SignedInSession, Throttle, User
from tracker.extensions import audit_key, db, transaction

KNOWN_FOR = timedelta(days=90)
FORGOTTEN_AFTER = timedelta(days=1)


class Limit(NamedTuple):
    """How many failures are free, how long one waits after that, doubling, and when all is forgotten."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgotten_after: timedelta

    def wait(self, failures: int) -> timedelta:
        """Return how long the next attempt must wait."""
        doublings = min(failures - self.free, 20)
        return min(self.first_wait * 2**doublings, self.longest_wait) if doublings >= 0 else timedelta()


PAIR, ADDRESS, ACCOUNT = "pair", "address", "account"
LIMITS: Mapping[str, Limit] = {
    PAIR: Limit(5, timedelta(seconds=30), timedelta(minutes=15), FORGOTTEN_AFTER),
    # A whole office may stand behind one address.
    ADDRESS: Limit(50, timedelta(seconds=10), timedelta(minutes=5), timedelta(hours=1)),
    ACCOUNT: Limit(50, timedelta(seconds=2), timedelta(minutes=1), timedelta(hours=1)),
}


class TooManyAttempts(Exception):
    """The next attempt must wait."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


def count_attempt(login: str, address: str, at: datetime) -> None:
    """Count an attempt as failed until it is forgiven. Raises TooManyAttempts while one must wait."""
    keys = _keys(login, address)
    with transaction():
        db.session.execute(delete(Throttle).where(Throttle.last_failed_at < at - FORGOTTEN_AFTER))
        rows = _locked(keys, at)
        binding = [kind for kind in LIMITS if kind != ACCOUNT or not _is_known(login, address, at)]
        waits = [
            # Never longer than the longest wait, though the clock was set back meanwhile.
            min(until - at, LIMITS[kind].longest_wait)
            for kind in binding
            if (until := rows[kind].blocked_until) and until > at
        ]
        if waits:
            raise TooManyAttempts(max(waits))
        for kind, row in rows.items():
            limit = LIMITS[kind]
            row.failures = 1 if row.last_failed_at < at - limit.forgotten_after else row.failures + 1
            row.last_failed_at = at
            row.blocked_until = at + limit.wait(row.failures)


def forgive_attempt(login: str, address: str, at: datetime) -> None:
    """Take the attempt back after success; what went wrong with this account from here is forgotten."""
    with transaction():
        for kind, row in _locked(_keys(login, address), at).items():
            row.failures = 0 if kind == PAIR else max(row.failures - 1, 0)
            row.blocked_until = None


def _locked(keys: Mapping[str, str], at: datetime) -> dict[str, Throttle]:
    module = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = [{"key": key, "failures": 0, "last_failed_at": at} for key in sorted(keys.values())]
    db.session.execute(module.insert(Throttle).values(fresh).on_conflict_do_nothing())
    rows = db.session.scalars(
        select(Throttle)
        .where(Throttle.key.in_(keys.values()))
        .order_by(Throttle.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.key: row for row in rows}
    return {kind: found[key] for kind, key in keys.items()}


def _is_known(login: str, address: str, at: datetime) -> bool:
    """Return whether the account's owner has signed in from this address lately."""
    return (
        db.session.scalar(
            select(SignedInSession.id)
            .join(User, User.id == SignedInSession.account_id)
            .where(
                User.login == login,
                SignedInSession.origin == address,
                SignedInSession.started_at > at - KNOWN_FOR,
                SignedInSession.awaits_code.is_(False),
            )
            .limit(1)
        )
        is not None
    )


def _keys(login: str, address: str) -> dict[str, str]:
    """Return the keys under which an attempt counts: digests, since a login may be a mistyped password."""
    return {
        kind: hmac.new(audit_key(), "\0".join((kind, *parts)).encode(), hashlib.sha256).hexdigest()
        for kind, parts in ((PAIR, (login, address)), (ADDRESS, (address,)), (ACCOUNT, (login,)))
    }
