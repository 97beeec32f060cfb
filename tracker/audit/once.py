"""An act that was sent twice is done once: each form carries a key of its own."""

import secrets
from collections.abc import Callable
from typing import NamedTuple

from tracker.audit.acting import Acting
from tracker.audit.models import DoneAct
from tracker.extensions import db, transaction


class Outcome(NamedTuple):
    """The number of what an act made, and whether it had been done before."""

    number: int
    is_repeat: bool


def new_key() -> str:
    """Return the key of a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def find_outcome(key: str, by: Acting) -> int | None:
    """Return the number of what this account's act of this key made, if it was done already."""
    done = db.session.get(DoneAct, key)
    return done.outcome if done and done.actor_id == by.actor_id else None


def remember_outcome(key: str, outcome: int, by: Acting) -> None:
    """Note that the act is done; a second one at the same moment fails on the key and leaves nothing."""
    db.session.add(DoneAct(key=key, actor_id=by.actor_id, outcome=outcome, done_at=by.at))
    db.session.flush()


def do_once(key: str, by: Acting, act: Callable[[], int]) -> Outcome:
    """Do the act, which returns the number of what it made, unless this key's act was done already."""
    with transaction():
        done = find_outcome(key, by)
        if done is not None:
            return Outcome(done, is_repeat=True)
        number = act()
        remember_outcome(key, number, by)
        return Outcome(number, is_repeat=False)
