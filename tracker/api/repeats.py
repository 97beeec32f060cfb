"""A request that is sent again with the same Idempotency-Key is done once."""

from collections.abc import Callable

from flask import abort, request
from sqlalchemy import select

from tracker.accounts.access import acting_person
from tracker.audit.models import DoneAct
from tracker.audit.once import Outcome, do_once
from tracker.core.canonical import sha256_hex
from tracker.extensions import db, transaction

LONGEST_KEY = 255
# Which key of whom for what, and what was sent with it: together as long as a key is stored.
_PLACE, _CONTENT = 40, 24


class KeyReused(Exception):
    """The key was sent before, with another content: that would be lost without a word."""


def do_request_once(act: Callable[[], int]) -> Outcome:
    """Do the act, which returns the number of what it made, unless this request was done already."""
    by = acting_person()
    given = request.headers.get("Idempotency-Key")
    if given is None:
        with transaction():
            return Outcome(act(), is_repeat=False)
    if not 1 <= len(given) <= LONGEST_KEY:
        abort(400)
    place = sha256_hex(f"{by.actor_id} {request.method} {request.path} {given}")[:_PLACE]
    key = place + sha256_hex(request.get_data(as_text=True))[:_CONTENT]
    with transaction():
        used = db.session.scalars(select(DoneAct.key).where(DoneAct.key.between(place, place + "g")))
        if set(used) - {key}:
            raise KeyReused
        return do_once(key, by, act)
