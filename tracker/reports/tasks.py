"""Jobs on reports: making a rendering that takes long, and all departments' sheets."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.audit.acting import Acting
from tracker.extensions import db
from tracker.jobs.progress import Progress
from tracker.jobs.tasks import TaskRefused, task
from tracker.reports.batch import (
    NoDepartments,
    batch_pdf,
    batch_zip,
    freeze_sheets,
    get_batch,
    read_numbers,
    say_frozen,
    say_numbers,
)
from tracker.reports.life import ImpossibleStep, ReasonNeeded
from tracker.reports.printing import FontMissing, PrintingFailed
from tracker.reports.queries import AlteredReport, get_intact_snapshot
from tracker.reports.refusals import say_no_sheets
from tracker.reports.renderers import Format
from tracker.reports.renderings import render_once
from tracker.reports.requests import InconsistentReport

RENDER = "reports.render"
SHEETS = "reports.sheets"


@contextmanager
def _refusing() -> Iterator[None]:
    """Let what no retry would mend be refused in words that say what to do."""
    try:
        yield
    except (NoDepartments, ReasonNeeded, ImpossibleStep) as error:
        raise TaskRefused(say_no_sheets(error)) from error
    except InconsistentReport as error:
        raise TaskRefused(
            _("The figures do not add up (%(faults)s). Tell the administrator.", faults=str(error))
        ) from error
    except AlteredReport as error:
        raise TaskRefused(
            _("Report %(id)s was altered after it was frozen. Make a new one.", id=error.args[0])
        ) from error
    except FontMissing as error:
        raise TaskRefused(
            _("The font NanumGothic is missing. Ask the administrator to install the package fonts-nanum.")
        ) from error
    except PrintingFailed as error:
        raise TaskRefused(_("The PDF could not be printed: %(reason)s", reason=str(error))) from error


@task(RENDER)
def render(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the rendering of a report and keep it; its pages are told as they are set."""
    report_id = parameters["report"]

    def tell(pages: int) -> None:
        progress.report(pages, 0, _("Page %(number)s is being set.", number=pages) if pages else "")

    with _refusing():
        snapshot = get_intact_snapshot(report_id)
        # Printing takes a while: no transaction stays open for it.
        db.session.expunge(snapshot)
        db.session.rollback()
        render_once(snapshot, Format(parameters["format"]), tell)
    return {"endpoint": "reports.detail", "values": {"report_id": report_id}}


@task(SHEETS, _l("Make all departments' sheets"))
def make_sheets(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Freeze a sheet for every department of a year, then make one PDF of all and a ZIP of each.

    With the numbers of sheets frozen before, only files that are gone are made again.
    """
    done_text = _("All files are made.")

    def freezing(done: int, total: int) -> None:
        progress.report(done, total, _("Sheet %(number)s of %(total)s", number=done + 1, total=total))

    def printing(done: int, total: int) -> None:
        progress.report(done, total, _("PDF %(number)s of %(total)s", number=done + 1, total=total))

    with _refusing():
        if "year" in parameters:
            frozen = freeze_sheets(parameters["year"], by, parameters["reason"], freezing)
            numbers = frozen.numbers
            done_text = say_frozen(len(frozen.new), len(frozen.replaced), len(frozen.unchanged))
        else:
            numbers = read_numbers(parameters["numbers"])
        batch = get_batch(numbers)
        db.session.expunge_all()
        db.session.rollback()
        batch_zip(batch, printing)
        progress.report(len(batch.sheets), len(batch.sheets), _("All sheets as one PDF"))
        batch_pdf(batch)
        progress.report(len(numbers), len(numbers), done_text)
    return {"endpoint": "reports.sheets", "values": {"numbers": say_numbers(numbers)}}
