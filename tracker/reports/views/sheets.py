"""Pages of the sheets of all departments: made at once, given as one file."""

from io import BytesIO

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.audit.once import do_once, find_outcome
from tracker.jobs.services import enqueue
from tracker.reports.batch import Batch, batch_name, count_standing, get_batch, read_numbers, say_frozen
from tracker.reports.forms import SheetsForm
from tracker.reports.life import predecessors_of, state_of, steps_of
from tracker.reports.queries import UnknownReport
from tracker.reports.renderings import find_rendering
from tracker.reports.tasks import SHEETS
from tracker.reports.views.shared import bp
from tracker.web.clock import today

SHEETS_TOGETHER = "/sheets/<numbers>"
BATCH_FILES = {"pdf": "application/pdf", "zip": "application/zip"}


@bp.route("/sheets/new", methods=["GET", "POST"])
def create_sheets() -> ResponseReturnValue:
    """Have a sheet made for every department of a year."""
    form, by = SheetsForm(year=today().year - 1), acting_person()
    is_valid = form.validate_on_submit()
    if is_valid and (done := find_outcome(form.key.data, by)) is not None:
        return redirect(url_for("jobs.detail", job_id=done))
    year = form.year.data if form.year.data and not form.year.errors else today().year - 1
    count, standing = count_standing(year)
    if is_valid and standing and not form.reason.data:
        form.reason.errors = [_("Sheets of the year stand already. Say why new ones take their place.")]
    elif is_valid:
        parameters = {"year": year, "reason": form.reason.data}
        made = do_once(form.key.data, by, lambda: enqueue(SHEETS, parameters, by))
        return redirect(url_for("jobs.detail", job_id=made.number))
    page = render_template("reports/new_sheets.html", form=form, count=count, standing=standing, year=year)
    return (page, 422) if form.is_submitted() else page


@bp.get(SHEETS_TOGETHER)
def sheets(numbers: str) -> str:
    """List sheets of all departments, with one file of all and one of each."""
    batch = _batch(numbers)
    ids = [each.id for each in batch.sheets]
    steps, earlier = steps_of(ids), predecessors_of(ids)
    frozen_at = max(each.frozen_at for each in batch.sheets)
    last = [each.id for each in batch.sheets if each.frozen_at == frozen_at]
    replaced = sum(each in earlier for each in last)
    return render_template(
        "reports/sheets.html",
        numbers=numbers,
        rows=[
            (sheet, content, state_of(content, steps[sheet.id]), earlier[sheet.id])
            for sheet, content in zip(batch.sheets, batch.contents, strict=True)
        ],
        frozen_at=frozen_at,
        said=say_frozen(len(last) - replaced, replaced, len(ids) - len(last)),
        kept={ending: find_rendering(batch.hash, ending) for ending in BATCH_FILES},
    )


# Jobs done before name their sheets by the first and the last.
bp.add_url_rule("/sheets/<int:first>-<int:last>", endpoint="sheets", build_only=True)


@bp.post(f"{SHEETS_TOGETHER}/render")
def render_sheets(numbers: str) -> Response:
    """Make the files of sheets again, where they are gone."""
    _batch(numbers)
    job_id = enqueue(SHEETS, {"numbers": numbers}, acting_person())
    return redirect(url_for("jobs.detail", job_id=job_id))


@bp.get(f"{SHEETS_TOGETHER}/download")
def download_sheets(numbers: str) -> Response:
    """Give all sheets as one file."""
    batch, ending = _batch(numbers), request.args.get("format", "")
    if ending not in BATCH_FILES:
        abort(404)
    kept = find_rendering(batch.hash, ending)
    if kept is None:
        flash(_("The file is not made yet. Have it made first."), "warning")
        return redirect(url_for("reports.sheets", numbers=numbers))
    return send_file(
        BytesIO(kept.data),
        mimetype=BATCH_FILES[ending],
        as_attachment=True,
        download_name=batch_name(batch, ending),
    )


def _batch(numbers: str) -> Batch:
    try:
        return get_batch(read_numbers(numbers))
    except UnknownReport:
        abort(404)
