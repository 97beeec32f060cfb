"""The head of the chain, kept outside the database too: without it a tail cut off would go unnoticed.

It is one line in a file of the instance folder, written after each commit and only ever forwards. The line
always has the same length and stays within one sector, so it is written in place: no power cut leaves half of
it, and nothing waits for the disk. After a crash the file may name an earlier event than the last one: the
chain may be longer than it says, never shorter.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from tracker.audit.queries import Head, head
from tracker.extensions import db

FILE = "audit-head"
LENGTH = 128
_NOTED = "audit_head"


class UnreadableHead(ValueError):
    """The file holds something else than a head."""


def head_file() -> Path:
    """Return where the head stands outside the database."""
    return Path(current_app.config["INSTANCE"]) / FILE


def read_head() -> Head | None:
    """Return the head kept outside the database, None where there is none. Raises UnreadableHead."""
    try:
        content = head_file().read_bytes()
    except FileNotFoundError:
        return None
    return _parse(content) if content else None


def rewrite_head() -> None:
    """Let the file follow the database, forwards or back: after an older database was restored on purpose."""
    with _opened() as file:
        _write(file, head() or Head(0, ""))


def note_head(reached: Head) -> None:
    """Have the head written once the transaction that appended the event is committed."""
    db.session().info[_NOTED] = reached


@event.listens_for(Session, "after_commit")
def _advance(session: Session) -> None:
    reached: Head | None = session.info.pop(_NOTED, None)
    if reached is None:
        return
    try:
        with _opened() as file:
            known = _parse(os.pread(file, LENGTH, 0), Head(0, ""))
            # Of two writers the later may come here first.
            if reached.sequence > known.sequence:
                _write(file, reached)
    except (OSError, UnreadableHead):
        # The act itself is stored: it must not look as if it had failed. `tracker verify` tells the rest.
        current_app.logger.exception("the head of the audit chain could not be written")


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_NOTED, None)


@contextmanager
def _opened() -> Iterator[int]:
    file = os.open(head_file(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _write(file: int, reached: Head) -> None:
    os.pwrite(file, json.dumps(reached._asdict()).ljust(LENGTH - 1).encode() + b"\n", 0)


def _parse(content: bytes, otherwise: Head | None = None) -> Head:
    if not content and otherwise:
        return otherwise
    try:
        said = json.loads(content)
        return Head(int(said["sequence"]), str(said["hash"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableHead from error
