"""`tracker serve` keeps a worker beside the pages, and both end when told to."""

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask

from tests.factories import BY
from tracker.extensions import db
from tracker.jobs.models import Job, JobState
from tracker.jobs.services import enqueue

COMMAND = Path(sys.executable).with_name("tracker")
MOST_LOOKS = 1_200
Found = TypeVar("Found")


@contextmanager
def server(instance: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run `tracker serve` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port)],
        env=os.environ | {"TRACKER_INSTANCE": str(instance)},
        stderr=subprocess.DEVNULL,
    )
    with process:
        yield process, port
        process.kill()


def wait_for(process: "subprocess.Popen[bytes]", look: Callable[[], Found | None]) -> Found:
    """Return what is found while the process runs."""
    for _ in range(MOST_LOOKS):
        if (found := look()) is not None:
            return found
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            pytest.fail("The server ended.")
    pytest.fail("Nothing was found.")


def worker_that_does_a_job(process: "subprocess.Popen[bytes]") -> int:
    """Return the process number of the worker that does a new job."""
    number = enqueue("imports.preview", {"preview": "none"}, BY)

    def look() -> int | None:
        db.session.rollback()
        job = db.session.get_one(Job, number)
        return int((job.worker or "").rpartition(":")[2]) if job.state is JobState.FAILED else None

    return wait_for(process, look)


def is_running(process_number: int) -> bool:
    return Path("/proc", str(process_number)).exists()


def answers(port: int) -> bool | None:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
        return bool(answer.status == 200)
    return None


def test_one_worker_does_jobs_beside_the_pages_until_both_end(app: Flask, instance: Path) -> None:
    assert app
    with server(instance) as (process, port):
        worker = worker_that_does_a_job(process)
        assert wait_for(process, lambda: answers(port))
        assert worker != process.pid

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == 0
        assert not is_running(worker)


@pytest.mark.long
def test_a_worker_that_dies_has_a_successor(app: Flask, instance: Path) -> None:
    assert app
    with server(instance) as (process, _port):
        first = worker_that_does_a_job(process)
        os.kill(first, signal.SIGKILL)

        assert worker_that_does_a_job(process) != first
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.long
def test_a_worker_ends_with_a_server_that_was_killed(app: Flask, instance: Path) -> None:
    assert app
    with server(instance) as (process, _port):
        worker = worker_that_does_a_job(process)
        descriptor = os.pidfd_open(worker)

        process.kill()

        assert select.select([descriptor], [], [], 30)[0]
        os.close(descriptor)
