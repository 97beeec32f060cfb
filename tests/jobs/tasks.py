"""Small tasks for tests, known to the workers of this process only."""

from collections.abc import Mapping
from typing import Any

from tests.factories import make_department
from tracker.audit.acting import Acting
from tracker.extensions import transaction
from tracker.jobs.progress import Progress
from tracker.jobs.tasks import TaskRefused, task

done: list[tuple[object, int]] = []


@task("tests.note")
def note(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Note what it was given and as whom it acts."""
    progress.report(1, 4, "처음")
    done.append((parameters["what"], by.actor_id))
    return {"endpoint": "web.index", "values": {"from": "job"}}


@task("tests.refuse")
def refuse(_parameters: Mapping[str, Any], _by: Acting, _progress: Progress) -> Mapping[str, Any]:
    """Say why it cannot be done."""
    raise TaskRefused("글꼴이 없습니다.")


@task("tests.fail")
def fail(_parameters: Mapping[str, Any], _by: Acting, _progress: Progress) -> Mapping[str, Any]:
    """Fail as nobody expected."""
    raise ZeroDivisionError


@task("tests.write")
def write(_parameters: Mapping[str, Any], _by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Write something, and be cancelled before it is committed."""
    with transaction():
        make_department("반쯤 만든 과")
        progress.ask_to_cancel()
        progress.report(1, 2)
    return {}
