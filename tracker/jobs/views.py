"""Pages of jobs: how far one is, cancelling it, and the way to its result. Everyone sees the own ones."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.jobs.progress import Progress
from tracker.jobs.queries import JobRow, find_job, recent_jobs
from tracker.jobs.services import ENDED, FAULT
from tracker.jobs.tasks import title_of

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

FAILURES = {
    ENDED: _l("The program ended before the job was done; nothing of it has been saved. Start it again."),
    FAULT: _l("Something went wrong. Try again; if it stays so, tell the administrator the time."),
}


@bp.get("")
def index() -> str:
    """List one's last jobs."""
    return render_template(
        "jobs/index.html", jobs=recent_jobs(current_user.id), result_of=_result, title_of=title_of
    )


@bp.get("/<int:job_id>")
def detail(job_id: int) -> str:
    """Show how far a job is; the page renews itself until the job is over."""
    job, progress = _own_job(job_id), Progress(job_id)
    return render_template(
        "jobs/detail.html",
        job=job,
        title=title_of(job.task),
        reached=progress.reached(),
        is_cancel_asked=progress.is_cancel_asked(),
        result=_result(job),
        message=_message(job),
    )


@bp.get("/<int:job_id>.json")
def state(job_id: int) -> dict[str, object]:
    """Say the same to the page's script."""
    job = _own_job(job_id)
    return {
        "state": job.state.value,
        "label": job.state.korean,
        **Progress(job_id).reached()._asdict(),
        "result": _result(job),
        "message": _message(job),
    }


@bp.post("/<int:job_id>/cancel")
def cancel(job_id: int) -> Response:
    """Ask the job to end; one that has ended stays as it is."""
    if not _own_job(job_id).is_over:
        Progress(job_id).ask_to_cancel()
    return redirect(url_for("jobs.detail", job_id=job_id))


def _own_job(job_id: int) -> JobRow:
    return find_job(job_id, current_user.id) or abort(404)


def _result(job: JobRow) -> str | None:
    endpoint = job.result.get("endpoint")
    return url_for(endpoint, **job.result.get("values", {})) if endpoint else None


def _message(job: JobRow) -> str | None:
    failure = job.result.get("failure")
    if failure is None:
        return None
    return str(FAILURES.get(failure) or job.result.get("message") or _("The job could not be done."))
