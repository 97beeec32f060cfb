"""The worker: takes one job after the other and does it as the account that asked for it."""

import time
from collections.abc import Callable

from flask import current_app

from tracker.audit.acting import Acting
from tracker.extensions import db
from tracker.jobs.models import JobState
from tracker.jobs.progress import Cancelled, Progress, WorkerEnds
from tracker.jobs.queries import is_job_waiting
from tracker.jobs.services import (
    ENDED,
    FAULT,
    REFUSED,
    ClaimedJob,
    claim_job,
    end_job,
    fail_lost_jobs,
    remove_old_files,
    worker_name,
)
from tracker.jobs.tasks import TaskRefused, find_task
from tracker.web.clock import now

PAUSE_SECONDS = 0.5
PAUSES_BETWEEN_CHECKS = 60


def run_next_job(is_ending: Callable[[], bool] = lambda: False) -> int | None:
    """Do the job that has waited longest, here and now, and return its number; None where none waits."""
    job = claim_job(worker_name(), now())
    if job is None:
        return None
    try:
        state, result = _do(job, Progress(job.id, is_ending))
    finally:
        db.session.remove()
    end_job(job.id, state, result, now())
    return job.id


def _do(job: ClaimedJob, progress: Progress) -> tuple[JobState, dict[str, object]]:
    try:
        progress.report(0, 0)
        found = find_task(job.task)(job.parameters, Acting(job.actor_id, now()), progress)
    except Cancelled:
        return JobState.CANCELLED, {}
    except WorkerEnds:
        return JobState.FAILED, {"failure": ENDED}
    except TaskRefused as error:
        return JobState.FAILED, {"failure": REFUSED, "message": str(error)}
    except Exception:  # whatever a task does, the next job is done
        current_app.logger.exception("job %s failed", job.id)
        return JobState.FAILED, {"failure": FAULT}
    return JobState.DONE, dict(found)


def work(is_ending: Callable[[], bool]) -> None:
    """Do jobs until told to end; one under way ends at its next report, rolled back and noted as failed.

    What the database refuses ends the worker: whoever started it starts another.
    """
    remove_old_files()
    pauses = 0
    while not is_ending():
        if pauses % PAUSES_BETWEEN_CHECKS == 0:
            fail_lost_jobs(now())
        if is_job_waiting():
            run_next_job(is_ending)
            continue
        # The next look must see what was written meanwhile.
        db.session.rollback()
        pauses += 1
        time.sleep(PAUSE_SECONDS)
