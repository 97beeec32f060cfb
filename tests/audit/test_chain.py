"""The trail only grows, and a change in it is found."""

import random

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import BY
from tracker.audit.integrity import check_chain
from tracker.audit.services import record_event
from tracker.extensions import db, transaction

EVENTS = 12
REFUSED = [
    "UPDATE audit_event SET body = '{}' WHERE sequence = 3",
    "DELETE FROM audit_event WHERE sequence = 3",
    "INSERT INTO audit_event SELECT 99, at, actor_id, action, subject, subject_id, body, previous_hash, hash"
    " FROM audit_event WHERE sequence = 3",
]


@pytest.fixture(autouse=True)
def _events(any_app: Flask) -> None:
    assert any_app
    for number in range(EVENTS):
        record_event(BY, "test.act", "thing", number, {"amount": [number, number + 1]})


def test_events_follow_each_other_without_gap() -> None:
    assert list(check_chain()) == []


@pytest.mark.parametrize("statement", REFUSED)
def test_trail_cannot_be_changed(statement: str) -> None:
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text(statement))


@pytest.mark.parametrize("seed", range(20))
def test_every_edit_in_the_middle_is_found(seed: int) -> None:
    rng = random.Random(seed)
    sequence = rng.randint(1, EVENTS - 1)
    change = rng.choice(
        [
            "UPDATE audit_event SET body = '{\"amount\":[0,9]}' WHERE sequence = :n",
            "UPDATE audit_event SET actor_id = actor_id + 1 WHERE sequence = :n",
            "UPDATE audit_event SET action = 'other.act' WHERE sequence = :n",
            "UPDATE audit_event SET subject_id = 77 WHERE sequence = :n",
            "UPDATE audit_event SET hash = previous_hash WHERE sequence = :n",
            "DELETE FROM audit_event WHERE sequence = :n",
        ]
    )
    with transaction():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("DROP TRIGGER audit_event_no_update"))
            db.session.execute(text("DROP TRIGGER audit_event_no_delete"))
        else:
            db.session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        db.session.execute(text(change), {"n": sequence})

    assert list(check_chain()) != []
