"""Reading the queue of jobs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from tracker.extensions import db
from tracker.jobs.models import Job, JobState

RECENT = 50


class JobRow(NamedTuple):
    """One job as its page shows it."""

    id: int
    task: str
    state: JobState
    result: Mapping[str, Any]
    queued_at: datetime
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will happen."""
        return self.state not in (JobState.QUEUED, JobState.RUNNING)


def is_job_waiting() -> bool:
    """Return whether a job waits for a worker."""
    return bool(db.session.scalar(select(exists().where(Job.state == JobState.QUEUED))))


def find_job(job_id: int, actor_id: int) -> JobRow | None:
    """Return this account's job of this number."""
    job = db.session.scalar(select(Job).where(Job.id == job_id, Job.actor_id == actor_id))
    return _row(job) if job else None


def recent_jobs(actor_id: int) -> list[JobRow]:
    """Return this account's last jobs, the newest first."""
    jobs = db.session.scalars(
        select(Job).where(Job.actor_id == actor_id).order_by(Job.id.desc()).limit(RECENT)
    )
    return [_row(job) for job in jobs]


def _row(job: Job) -> JobRow:
    return JobRow(
        job.id, job.task, job.state, json.loads(job.result or "{}"), job.queued_at, job.ended_at
    )  # fmt: skip
