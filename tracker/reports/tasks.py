"""Jobs on reports: making a rendering that takes long."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from tracker.audit.acting import Acting
from tracker.extensions import db
from tracker.jobs.progress import Progress
from tracker.jobs.tasks import TaskRefused, task
from tracker.reports.printing import FontMissing, PrintingFailed
from tracker.reports.queries import AlteredReport, get_intact_snapshot
from tracker.reports.renderers import Format
from tracker.reports.renderings import render_once

RENDER = "reports.render"


@task(RENDER)
def render(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the rendering of a report and keep it; its pages are told as they are set."""
    report_id = parameters["report"]

    def tell(pages: int) -> None:
        progress.report(pages, 0, _("Page %(number)s is being set.", number=pages) if pages else "")

    try:
        snapshot = get_intact_snapshot(report_id)
        # Printing takes a while: no transaction stays open for it.
        db.session.expunge(snapshot)
        db.session.rollback()
        render_once(snapshot, Format(parameters["format"]), tell)
    except AlteredReport as error:
        raise TaskRefused(
            _("Report %(id)s was altered after it was frozen. Make a new one.", id=report_id)
        ) from error
    except FontMissing as error:
        raise TaskRefused(
            _("The font NanumGothic is missing. Ask the administrator to install the package fonts-nanum.")
        ) from error
    except PrintingFailed as error:
        raise TaskRefused(_("The PDF could not be printed: %(reason)s", reason=str(error))) from error
    return {"endpoint": "reports.detail", "values": {"report_id": report_id}}
