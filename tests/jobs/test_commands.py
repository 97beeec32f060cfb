"""`tracker work` does jobs in a process of its own until it is told to end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import BY
from tracker.extensions import db
from tracker.jobs.queries import find_job
from tracker.jobs.services import enqueue

COMMAND = Path(sys.executable).with_name("tracker")


@contextmanager
def worker(instance: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `tracker work` until it has ended; what it says first is that it waits."""
    process = subprocess.Popen(
        [COMMAND, "work", *options],
        env=os.environ | {"TRACKER_INSTANCE": str(instance)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        assert "작업을 기다립니다" in process.stderr.readline() or process.poll() is None
        yield process


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(app: Flask, instance: Path, wish: int) -> None:
    assert app
    number = enqueue("tests.nobody_knows", {}, BY)
    db.session.rollback()
    with worker(instance) as process:
        process.send_signal(wish)

        assert process.wait(timeout=30) == 0
    assert find_job(number, BY.actor_id)


@pytest.mark.long
def test_it_ends_with_the_process_that_started_it(app: Flask, instance: Path) -> None:
    assert app
    with worker(instance, "--parent", "1") as process:
        assert process.wait(timeout=30) == 0
