"""An act that was sent twice is done once: each form carries a key of its own."""

import secrets

from tracker.audit.acting import Acting
from tracker.audit.models import DoneAct
from tracker.extensions import db


def new_key() -> str:
    """Return the key of a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def find_outcome(key: str, by: Acting) -> int | None:
    """Return the number of what this account's act of this key made, if it was done already."""
    done = db.session.get(DoneAct, key)
    return done.outcome if done and done.actor_id == by.actor_id else None


def remember_outcome(key: str, outcome: int, by: Acting) -> None:
    """Note that the act is done; a second one at the same moment fails on the key and is rolled back whole."""
    db.session.add(DoneAct(key=key, actor_id=by.actor_id, outcome=outcome, done_at=by.at))
    db.session.flush()
