"""The head of the chain outside the database follows every commit, and only forwards."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.audit.tampering import allow_changes
from tests.factories import BY
from tracker.audit.head import FILE, read_head, rewrite_head
from tracker.audit.integrity import check_chain
from tracker.audit.queries import head
from tracker.audit.services import record_event
from tracker.config import ROOT
from tracker.extensions import db, transaction

WRITE_AND_DIE = """
import os, sys
from tracker import create_app
from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from datetime import UTC, datetime
with create_app().app_context():
    for _ in range(5):
        record_event(Acting(1, datetime.now(UTC)), "test.act", "thing")
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def file(app: Flask) -> Path:
    """Return where the head stands."""
    return Path(app.config["INSTANCE"]) / FILE


def details() -> list[str]:
    """Return what the check of the chain finds."""
    return [finding.detail for finding in check_chain()]


def test_before_the_first_event_there_is_no_head_and_nothing_is_wrong(file: Path) -> None:
    assert not file.exists()
    assert head() is None
    assert details() == []


def test_the_head_is_written_with_each_commit(any_app: Flask) -> None:
    assert any_app
    for number in range(1, 4):
        record_event(BY, "test.act", "thing")
        kept = read_head()

        assert kept is not None
        assert kept.sequence == number
        assert kept == head()


def test_an_act_that_is_not_committed_moves_no_head(file: Path) -> None:
    record_event(BY, "test.act", "thing")
    before = file.read_text()
    with suppress(ArithmeticError), transaction():
        record_event(BY, "test.act", "thing")
        raise ArithmeticError
    with transaction():
        db.session.execute(text("UPDATE account SET name = name"))

    assert file.read_text() == before
    assert details() == []


def test_the_file_is_for_the_program_alone(file: Path) -> None:
    record_event(BY, "test.act", "thing")

    assert file.stat().st_mode & 0o777 == 0o600


def test_writers_side_by_side_leave_the_last_head(any_app: Flask) -> None:
    def write() -> None:
        with any_app.app_context():
            for _ in range(20):
                record_event(BY, "test.act", "thing")
            db.session.remove()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = read_head()

    assert kept is not None
    assert kept.sequence == 80
    assert details() == []


def test_after_a_crash_the_chain_may_be_longer(file: Path) -> None:
    record_event(BY, "test.act", "thing")
    before = file.read_text()
    record_event(BY, "test.act", "thing")
    file.write_text(before)

    assert details() == []


@pytest.mark.long
def test_a_process_that_is_killed_leaves_chain_and_head_whole(file: Path) -> None:
    environment = os.environ | {"TRACKER_INSTANCE": str(file.parent)}
    process = subprocess.run([sys.executable, "-c", WRITE_AND_DIE], env=environment, cwd=ROOT, check=False)
    kept = read_head()

    assert process.returncode == -9
    assert kept is not None
    assert kept.sequence == 5


@pytest.mark.parametrize(
    "content", ["nonsense", "[]", '{"sequence": 1}', '{"sequence": "x", "hash": ""}', "\x00"]
)
def test_a_damaged_head_is_told_and_stops_no_act(file: Path, content: str) -> None:
    record_event(BY, "test.act", "thing")
    file.write_text(content)
    record_event(BY, "test.act", "thing")

    assert details() == ["the head outside the database cannot be read"]
    rewrite_head()
    assert details() == []


def test_a_head_that_cannot_be_written_stops_no_act(file: Path) -> None:
    file.mkdir()

    assert record_event(BY, "test.act", "thing") == 1


def test_another_event_in_the_place_of_the_head_is_found(file: Path) -> None:
    for _ in range(3):
        record_event(BY, "test.act", "thing")
    kept = json.loads(file.read_text())
    with transaction():
        allow_changes(db.session.connection())
        db.session.execute(text("DELETE FROM audit_event WHERE sequence > 1"))
    for _ in range(3):
        record_event(BY, "other.act", "thing")

    assert kept["sequence"] == 3
    file.write_text(json.dumps(kept))
    assert details() == ["is not the event that stood here"]


def test_an_older_database_put_back_on_purpose_takes_its_head_along(file: Path) -> None:
    for _ in range(3):
        record_event(BY, "test.act", "thing")
    with transaction():
        allow_changes(db.session.connection())
        db.session.execute(text("DELETE FROM audit_event WHERE sequence > 1"))
    assert details() == ["cut off, with all up to 3"]
    rewrite_head()

    assert details() == []
    with transaction():
        db.session.execute(text("DELETE FROM audit_event"))
    rewrite_head()
    assert details() == []
    assert json.loads(file.read_text())["sequence"] == 0


def test_events_that_come_while_the_check_reads_are_no_finding(app: Flask) -> None:
    record_event(BY, "test.act", "thing")
    db.session.rollback()
    assert head()  # the check's moment

    def write() -> None:
        with app.app_context():
            record_event(BY, "test.act", "thing")
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    writer.join()

    assert details() == []
