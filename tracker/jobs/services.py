"""Putting jobs into the queue, taking them out, and noting what became of them."""

import json
import os
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.extensions import db, get_locked, transaction
from tracker.jobs.models import Job, JobState
from tracker.jobs.progress import Progress, job_folder

# Why a job failed, as its result says it; `refused` comes with the task's own message.
ENDED, FAULT, REFUSED = "ended", "fault", "refused"


class ClaimedJob(NamedTuple):
    """A job that this worker alone has taken."""

    id: int
    task: str
    parameters: Mapping[str, Any]
    actor_id: int


def worker_name() -> str:
    """Return who this process is among the workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def enqueue(task: str, parameters: Mapping[str, Any], by: Acting) -> int:
    """Let a worker do the task for this account, and return the job's number.

    It joins the caller's transaction: where that is rolled back, there is no job.
    """
    with transaction():
        job = Job(
            task=task,
            parameters=json.dumps(parameters, ensure_ascii=False),
            state=JobState.QUEUED,
            actor_id=by.actor_id,
            queued_at=by.at,
        )
        db.session.add(job)
        db.session.flush()
        return job.id


def claim_job(worker: str, at: datetime) -> ClaimedJob | None:
    """Take the job that has waited longest; None where none waits."""
    with transaction():
        job = db.session.scalar(
            select(Job)
            .where(Job.state == JobState.QUEUED)
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.state, job.worker, job.started_at = JobState.RUNNING, worker, at
        return ClaimedJob(job.id, job.task, json.loads(job.parameters), job.actor_id)


def end_job(job_id: int, state: JobState, result: Mapping[str, Any], at: datetime) -> None:
    """Note what became of the job, and remove its files."""
    with transaction():
        job = get_locked(Job, job_id)
        assert job
        job.state, job.ended_at = state, at
        job.result = json.dumps(result, ensure_ascii=False)
    Progress(job_id).forget()


def fail_lost_jobs(at: datetime) -> list[int]:
    """Note as failed what workers of this host left behind, and return the jobs' numbers.

    Called between two jobs: what this very process seems to run was left by one that had its number before.
    """
    host = socket.gethostname()
    with transaction():
        running = db.session.scalars(
            select(Job)
            .where(Job.state == JobState.RUNNING, Job.worker.startswith(f"{host}:", autoescape=True))
            .with_for_update()
        )
        lost = [job for job in running if not _is_alive(int((job.worker or "").rpartition(":")[2]))]
        for job in lost:
            job.state, job.ended_at = JobState.FAILED, at
            job.result = json.dumps({"failure": ENDED})
        numbers = [job.id for job in lost]
    for number in numbers:
        Progress(number).forget()
    return numbers


def remove_old_files() -> None:
    """Remove the files of jobs that have ended."""
    with transaction():
        going = db.session.scalars(select(Job.id).where(Job.state.in_([JobState.QUEUED, JobState.RUNNING])))
        kept = {str(number) for number in going}
    for file in job_folder().iterdir():
        if file.stem not in kept:
            file.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    return process != os.getpid() and Path("/proc", str(process)).exists()
