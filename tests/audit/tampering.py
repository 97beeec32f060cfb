"""Changing the trail behind the program's back, as someone with the database in hand could."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Row, Table, text

from tracker.audit.models import AuditEvent

TABLE = cast("Table", AuditEvent.__table__)
COLUMNS = [column.name for column in TABLE.columns]


class Change(NamedTuple):
    """One mutation: what it does, and the events of which at least one must be named."""

    text: str
    named: set[int]


def allow_changes(connection: Connection) -> None:
    """Take the triggers away that keep the trail append-only."""
    if connection.dialect.name == "sqlite":
        for trigger in ("no_update", "no_delete", "no_replace", "grows"):
            connection.execute(text(f"DROP TRIGGER audit_event_{trigger}"))
    else:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))


def mutate(connection: Connection, rng: random.Random) -> Change:
    """Change the trail in one of many ways."""
    events = connection.execute(TABLE.select().order_by(TABLE.c.sequence)).all()
    act: Callable[[Connection, random.Random, list[Row[Any]]], Change] = rng.choice(
        [_edit, _edit, _edit, _edit_body, _delete_one, _delete_run, _truncate, _swap, _insert, _forge_last]
    )
    return act(connection, rng, list(events))


def _edit(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    event = rng.choice(events)
    column = rng.choice([name for name in COLUMNS if name not in ("sequence", "body")])
    old = getattr(event, column)
    new = {
        "at": event.at + timedelta(microseconds=rng.randint(1, 10**9)),
        "actor_id": event.actor_id + rng.randint(1, 9),
        "action": event.action + rng.choice("sx."),
        "subject": rng.choice("abc") + event.subject,
        "subject_id": None if old and rng.random() < 0.5 else (event.subject_id or 0) + rng.randint(1, 9),
        "previous_hash": _another_digit(rng, event.previous_hash),
        "hash": _another_digit(rng, event.hash),
    }[column]
    _set(connection, event.sequence, **{column: new})
    return Change(f"{column} of {event.sequence}: {old} → {new}", {event.sequence, event.sequence + 1})


def _edit_body(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    event = rng.choice(events)
    body = json.loads(event.body)
    body["amount"] = [rng.randint(0, 10**9), rng.randint(0, 10**9)]
    _set(connection, event.sequence, body=rng.choice([json.dumps(body), event.body + " ", "", "{}"]))
    return Change(f"body of {event.sequence}", {event.sequence})


def _delete_one(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    sequence = rng.choice(events).sequence
    connection.execute(TABLE.delete().where(TABLE.c.sequence == sequence))
    return Change(f"deleted {sequence}", {sequence})


def _delete_run(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    first, last = sorted(rng.choices(range(1, len(events) + 1), k=2))
    connection.execute(TABLE.delete().where(TABLE.c.sequence.between(first, last)))
    return Change(f"deleted {first} to {last}", {first})


def _truncate(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    first = rng.randint(1, len(events))
    connection.execute(TABLE.delete().where(TABLE.c.sequence >= first))
    return Change(f"cut off from {first}", {first})


def _swap(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    one, two = sorted(rng.sample(range(1, len(events) + 1), 2))
    for old, new in ((one, 0), (two, one), (0, two)):
        connection.execute(TABLE.update().where(TABLE.c.sequence == old).values(sequence=new))
    return Change(f"swapped {one} and {two}", {one})


def _insert(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    """Put a copy of an event where there is room: before the first one."""
    event = rng.choice(events)
    connection.execute(TABLE.insert().values(event._asdict() | {"sequence": -rng.randint(0, 5)}))
    return Change(f"put {event.sequence} before the first", {*range(-5, 1)})


def _forge_last(connection: Connection, rng: random.Random, events: list[Row[Any]]) -> Change:
    """Replace the last event by another that has the right shape, but not the key."""
    event = events[-1]
    forged = "".join(rng.choice("0123456789abcdef") for _ in range(64))
    _set(connection, event.sequence, body='{"amount":[0,0]}', hash=forged)
    return Change(f"forged {event.sequence}", {event.sequence})


def _set(connection: Connection, sequence: int, **values: object) -> None:
    connection.execute(TABLE.update().where(TABLE.c.sequence == sequence).values(**values))


def _another_digit(rng: random.Random, digest: str) -> str:
    place = rng.randrange(len(digest))
    other = rng.choice([digit for digit in "0123456789abcdef" if digit != digest[place]])
    return digest[:place] + other + digest[place + 1 :]
