"""The trail only grows, and whatever is changed in it is found and named."""

import random

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.audit.tampering import TABLE, allow_changes, mutate
from tests.factories import BY
from tracker.audit.integrity import check_chain
from tracker.audit.services import record_event
from tracker.extensions import db, transaction

EVENTS = 24
MUTATIONS = 500
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
        record_event(BY, "test.act", "thing", number or None, {"amount": [number, number + 1]})


def test_events_follow_each_other_without_gap() -> None:
    assert list(check_chain()) == []


@pytest.mark.parametrize("statement", REFUSED)
def test_trail_cannot_be_changed(statement: str) -> None:
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text(statement))


@pytest.mark.long
def test_every_one_of_many_mutations_is_found_and_its_event_named() -> None:
    with transaction():
        allow_changes(db.session.connection())
        events = [row._asdict() for row in db.session.execute(TABLE.select())]
    missed = []
    for seed in range(MUTATIONS):
        with transaction():
            db.session.execute(TABLE.delete())
            db.session.execute(TABLE.insert(), events)
            change = mutate(db.session.connection(), random.Random(seed))
        named = {finding.subject_id for finding in check_chain()}
        if not named & change.named:
            missed.append(f"{seed}: {change.text}, named: {named}")

    assert missed == []


def test_without_the_head_outside_a_cut_tail_would_go_unnoticed(any_app: Flask) -> None:
    with transaction():
        allow_changes(db.session.connection())
        db.session.execute(text("DELETE FROM audit_event WHERE sequence > 20"))
    found = [(finding.subject_id, finding.detail) for finding in check_chain()]
    (any_app.config["INSTANCE"] / "audit-head").unlink()
    found_without = [finding.detail for finding in check_chain()]

    assert found == [(21, f"cut off, with all up to {EVENTS}")]
    assert found_without == ["the head outside the database is missing"]
