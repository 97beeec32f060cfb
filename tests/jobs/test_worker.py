"""Jobs are done one after the other, as the account that asked, wholly or not at all."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, NOW, make_institution
from tests.jobs import tasks
from tracker.audit.acting import Acting
from tracker.departments.models import Department
from tracker.extensions import db, transaction, writing
from tracker.jobs.models import Job, JobState
from tracker.jobs.progress import Progress, Reached, job_folder
from tracker.jobs.queries import JobRow, find_job
from tracker.jobs.services import claim_job, enqueue, fail_lost_jobs, worker_name
from tracker.jobs.worker import run_next_job, work

HERE = socket.gethostname()


@pytest.fixture(autouse=True)
def _nothing_done(app: Flask) -> None:  # noqa: ARG001
    tasks.done.clear()


def job(number: int) -> JobRow:
    """Return the job as the database has it."""
    db.session.rollback()
    row = find_job(number, BY.actor_id)
    assert row
    return row


def dead_process() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def files() -> list[str]:
    return sorted(file.name for file in job_folder().iterdir())


def test_a_job_is_done_as_the_account_that_asked_for_it() -> None:
    with transaction():
        number = enqueue("tests.note", {"what": "보고서"}, Acting(7, NOW))

    assert run_next_job() == number
    assert tasks.done == [("보고서", 7)]
    row = db.session.get_one(Job, number)
    assert (row.state, row.worker, row.started_at, row.ended_at) == (JobState.DONE, worker_name(), NOW, NOW)


def test_its_result_says_where_to_look() -> None:
    number = enqueue("tests.note", {"what": 1}, BY)
    run_next_job()

    assert job(number).result == {"endpoint": "web.index", "values": {"from": "job"}}
    assert files() == []


def test_jobs_are_done_in_the_order_of_asking_until_none_waits() -> None:
    for what in ("가", "나"):
        enqueue("tests.note", {"what": what}, BY)

    assert [run_next_job(), run_next_job(), run_next_job()] == [1, 2, None]
    assert [what for what, _ in tasks.done] == ["가", "나"]


def test_what_its_asker_rolls_back_is_no_job() -> None:
    with suppress(ZeroDivisionError), transaction():
        enqueue("tests.note", {"what": 1}, BY)
        raise ZeroDivisionError

    assert run_next_job() is None


@pytest.mark.parametrize(
    ("task", "result"),
    [
        ("tests.fail", {"failure": "fault"}),
        ("tests.unknown", {"failure": "fault"}),
        ("tests.refuse", {"failure": "refused", "message": "글꼴이 없습니다."}),
    ],
)
def test_a_task_that_fails_keeps_no_other_waiting(task: str, result: dict[str, str]) -> None:
    number = enqueue(task, {}, BY)
    enqueue("tests.note", {"what": "다음"}, BY)
    run_next_job()
    run_next_job()

    assert (job(number).state, job(number).result) == (JobState.FAILED, result)
    assert tasks.done == [("다음", BY.actor_id)]


def test_a_job_cancelled_while_it_waits_never_begins() -> None:
    number = enqueue("tests.note", {"what": 1}, BY)
    Progress(number).ask_to_cancel()
    run_next_job()

    assert (job(number).state, tasks.done, files()) == (JobState.CANCELLED, [], [])


def test_a_job_cancelled_while_it_writes_leaves_nothing() -> None:
    make_institution()
    number = enqueue("tests.write", {}, BY)
    run_next_job()

    assert job(number).state is JobState.CANCELLED
    assert db.session.scalars(select(Department.name)).all() == ["행복구"]


def test_a_worker_that_is_told_to_end_says_so_in_the_job() -> None:
    number = enqueue("tests.note", {"what": 1}, BY)
    run_next_job(is_ending=lambda: True)

    assert (job(number).state, job(number).result) == (JobState.FAILED, {"failure": "ended"})


def test_progress_is_told_while_the_database_is_locked() -> None:
    progress = Progress(1)
    with transaction():
        enqueue("tests.note", {"what": 1}, BY)
        progress.report(2_000, 10_000, "구매.xlsx")

        assert Progress(1).reached() == Reached(2_000, 10_000, "구매.xlsx")
    progress.forget()
    assert Progress(1).reached() == Reached(0, 0, "")


def test_each_job_is_claimed_once(any_app: Flask) -> None:  # noqa: ARG001
    for _ in range(2):
        enqueue("tests.note", {"what": 1}, BY)

    claimed = [claim_job(name, NOW) for name in ("하나:1", "둘:2", "셋:3")]

    assert [each and each.id for each in claimed] == [1, 2, None]


@pytest.mark.postgresql
@pytest.mark.usefixtures("postgresql_app")
def test_workers_side_by_side_do_not_wait_for_each_other() -> None:
    for _ in range(2):
        enqueue("tests.note", {"what": 1}, BY)
    with writing(), db.engine.begin() as another_worker:
        another_worker.exec_driver_sql("SELECT id FROM job WHERE id = 1 FOR UPDATE")
        claimed = claim_job("둘:2", NOW)

    assert claimed
    assert claimed.id == 2


def test_what_a_dead_worker_left_is_noted_as_failed() -> None:
    names = (f"{HERE}:{dead_process()}", worker_name(), f"{HERE}:{os.getppid()}", "elsewhere:1")
    for name in names:
        enqueue("tests.note", {"what": 1}, BY)
        claim_job(name, NOW)
    Progress(1).report(1, 2)

    assert fail_lost_jobs(NOW) == [1, 2]
    assert [job(number).state for number in (1, 2, 3, 4)] == [JobState.FAILED] * 2 + [JobState.RUNNING] * 2
    assert job(1).result == {"failure": "ended"}
    assert files() == []


@pytest.mark.long
def test_a_worker_does_what_waits_and_goes_on_looking() -> None:
    enqueue("tests.note", {"what": "첫째"}, BY)
    (job_folder() / "99.cancel").touch()

    def looks() -> Iterator[bool]:
        yield False
        yield False  # asked by the report
        yield False
        yield False
        yield False
        while True:
            yield True

    endings = looks()
    work(lambda: next(endings))

    assert [what for what, _ in tasks.done] == ["첫째"]
    assert files() == []


def test_files_of_jobs_that_go_on_stay() -> None:
    enqueue("tests.note", {"what": 1}, BY)
    Progress(1).ask_to_cancel()
    work(lambda: True)

    assert files() == ["1.cancel"]
