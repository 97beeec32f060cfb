"""Pages of reports: freezing one after a look at its figures, its files, the purchases behind a figure."""

import json
from dataclasses import replace
from io import BytesIO

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.once import do_once, find_outcome
from tracker.core.vocabulary import ReportState
from tracker.extensions import reading
from tracker.jobs.queries import JobRow, find_job
from tracker.jobs.services import enqueue
from tracker.reports.catalogue import build_report
from tracker.reports.contents import ANNEX, file_name, purchases_in_row
from tracker.reports.documents.blocks import type_names
from tracker.reports.figures import ask
from tracker.reports.forms import ABOUT, AboutForm, FreezeForm
from tracker.reports.kinds.annual import STATUTORY_TYPE
from tracker.reports.letters import write_letter
from tracker.reports.life import earlier_of, predecessors_of, state_of, steps_of
from tracker.reports.models import Snapshot
from tracker.reports.queries import count_reports, find_author, list_summaries
from tracker.reports.refusals import say_refused
from tracker.reports.renderers import Format
from tracker.reports.renderings import find_rendering, render_once
from tracker.reports.requests import Content, InconsistentReport, RefusedRequest, ReportKind, ReportRequest
from tracker.reports.scans import list_scans
from tracker.reports.services import freeze_report
from tracker.reports.tasks import RENDER
from tracker.reports.views.shared import (
    PURCHASES_A_PAGE,
    REPORT,
    as_document,
    bp,
    get_intact,
    page_asked,
    part_of,
)
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question
from tracker.web.clock import now, today
from tracker.web.requests import is_number

REPORTS_A_PAGE = 20
# A workbook of more purchases takes long enough to be given to a worker, as a PDF always does.
PURCHASES_AT_ONCE = 20_000
MADE_BY_WORKERS = (Format.PDF, Format.XLSX, Format.HWPX)
TYPES_OF_FILES = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.HWPX: "application/hwp+zip",
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.OCDS: "application/json",
}


@bp.get("")
def index() -> str:
    """List the frozen reports, the latest first."""
    page, pages = page_asked(count_reports(), REPORTS_A_PAGE)
    reports = list_summaries(page, REPORTS_A_PAGE)
    steps = steps_of([each.id for each in reports])
    return render_template(
        "reports/index.html",
        reports=reports,
        states={each.id: state_of(each.content, steps[each.id]) for each in reports if each.content},
        page=page,
        page_count=pages,
        may_make=may(current_user, Act.MAKE_REPORTS),
    )


@bp.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Show the figures that a report would freeze, and freeze them."""
    if request.method == "GET":
        given: MultiDict[str, str] = request.args.copy()
        given.setdefault("year", str(today().year - 1))
        form = AboutForm(given)
        if not form.validate():
            return _preview(form, None), 400
        try:
            return _preview(form, form.request())
        except RefusedRequest as error:
            form.form_errors.append(say_refused(error))
            return _preview(form, None), 400
    form = FreezeForm()
    if not form.validate_on_submit():
        return _preview(form, None), 400
    by = acting_person()
    if (done_before := find_outcome(form.key.data, by)) is not None:
        return redirect(url_for("reports.detail", report_id=done_before))
    try:
        with reading():
            content = build_report(form.request(), by.at)
    except RefusedRequest as error:
        form.form_errors.append(say_refused(error))
        return _preview(form, None), 409
    except InconsistentReport as error:
        form.form_errors.append(
            _("The figures do not add up (%(faults)s). Tell the administrator.", faults=str(error))
        )
        return _preview(form, None), 409
    if content["summary"]["total"]["current"] != int(form.seen.data):
        flash(_("The ledger changed while you were looking. These are the figures of now."), "warning")
        return _preview(form, form.request()), 409
    done = do_once(form.key.data, by, lambda: freeze_report(content, by).id)
    flash(_("The report is frozen. What changes in the ledger from now on does not change it."), "success")
    return redirect(url_for("reports.detail", report_id=done.number))


@bp.get(REPORT)
def detail(report_id: int) -> str:
    """Show the figures of a report, its basis and its files."""
    snapshot = get_intact(report_id)
    content = json.loads(snapshot.content)
    return render_template(
        "reports/detail.html",
        snapshot=snapshot,
        report=content,
        author=find_author(snapshot),
        **_life(snapshot, content),
        kept={form: find_rendering(snapshot.sha256, form) for form in MADE_BY_WORKERS},
        is_long={form: _takes_long(content, form) for form in Format},
        job=_job_asked(),
        letter_text=write_letter(content),
    )


@bp.get(f"{REPORT}/document")
def document(report_id: int) -> Response:
    """Show the report as it is printed."""
    return as_document(render_once(get_intact(report_id), Format.HTML).data)


@bp.post(f"{REPORT}/render")
def render(report_id: int) -> Response:
    """Make a file that takes long, unless it was made before."""
    snapshot = get_intact(report_id)
    form = _form(request.form.get("format", ""))
    if not _takes_long(json.loads(snapshot.content), form) or find_rendering(snapshot.sha256, form):
        return redirect(url_for("reports.download", report_id=report_id, format=form))
    job_id = enqueue(RENDER, {"report": report_id, "format": form}, acting_person())
    return redirect(url_for("reports.detail", report_id=report_id, job=job_id))


@bp.get(f"{REPORT}/download")
def download(report_id: int) -> Response:
    """Give the report as a file, named as offices name it."""
    snapshot = get_intact(report_id)
    wanted = _form(request.args.get("format", ""))
    kept = find_rendering(snapshot.sha256, wanted)
    content = json.loads(snapshot.content)
    if kept is None and _takes_long(content, wanted):
        flash(_("The file is not made yet. Have it made first."), "warning")
        return redirect(url_for("reports.detail", report_id=report_id))
    made = kept or render_once(snapshot, wanted)
    is_annex = request.args.get("part") == "annex"
    data = made.annex if is_annex else made.data
    if data is None:
        abort(404)
    return send_file(
        BytesIO(data),
        mimetype=TYPES_OF_FILES[wanted],
        as_attachment=True,
        download_name=file_name(content, wanted.ending, ANNEX if is_annex else ""),
    )


@bp.get(f"{REPORT}/purchases")
def purchases(report_id: int) -> str:
    """List the frozen purchases behind a figure of the report."""
    snapshot = get_intact(report_id)
    content = json.loads(snapshot.content)
    found = purchases_in_row(content, request.args.get("by"), request.args.get("key"))
    if found is None:
        abort(404)
    label, lines = found
    page, pages = page_asked(len(lines), PURCHASES_A_PAGE)
    return render_template(
        "reports/purchases.html",
        snapshot=snapshot,
        report=content,
        label=label,
        lines=part_of(lines, page, PURCHASES_A_PAGE),
        count=len(lines),
        amount=sum(line["amount"] for line in lines),
        page=page,
        page_count=pages,
        type_names=type_names(content),
    )


def _life(snapshot: Snapshot, content: Content) -> dict[str, object]:
    """Return where a report stands in its life, and what may be done about it."""
    steps = steps_of([snapshot.id])[snapshot.id]
    state, may_make = state_of(content, steps), may(current_user, Act.MAKE_REPORTS)
    return {
        "state": state,
        "steps": steps,
        "predecessors": predecessors_of([snapshot.id])[snapshot.id],
        "earlier": earlier_of(snapshot) if may_make and state is not ReportState.SUPERSEDED else [],
        "copies": list_scans(snapshot.id),
        "may_make": may_make,
        "may_read_copies": may(current_user, Act.READ_PERSONAL),
    }


def _preview(form: AboutForm, wanted: ReportRequest | None) -> str:
    """Return the page with the form and, where it asks for something, the figures of now."""
    if wanted is None:
        return render_template("reports/new.html", form=form, found=None, content=None)
    if wanted.kind is not ReportKind.ANNUAL:
        return _preview_content(form, wanted)
    question = ask(wanted, today())
    found, by_type = answer(question), answer(replace(question, by=By.TYPE))
    freeze = FreezeForm(
        formdata=None,
        data={name: form[name].data for name in ABOUT} | {"seen": str(found.total.comparison.current)},
    )
    return render_template(
        "reports/new.html",
        form=form,
        freeze=freeze,
        found=found,
        by_type=by_type,
        statutory=next((row for row in by_type.rows if row.key == STATUTORY_TYPE), None),
        asked=_address(question),
        content=None,
    )


def _preview_content(form: AboutForm, wanted: ReportRequest) -> str:
    """Return the page with the tables that a report of another kind than the annual one would freeze."""
    with reading():
        content = build_report(wanted, now())
    seen = str(content["summary"]["total"]["current"])
    freeze = FreezeForm(formdata=None, data={name: form[name].data for name in ABOUT} | {"seen": seen})
    return render_template("reports/new.html", form=form, freeze=freeze, found=None, content=content)


def _address(question: Question) -> dict[str, object]:
    """Return the question as the pages of totals take it."""
    return {
        "year": question.year,
        "same_period": question.same_period,
        "from": question.period and question.period.start,
        "to": question.period and question.period.end,
        "department": question.department_id,
        "affiliation": question.affiliation,
    }


def _job_asked() -> JobRow | None:
    """Return the job that the address names, while it is of interest."""
    number = request.args.get("job", "")
    return find_job(int(number), current_user.id) if is_number(number) else None


def _form(name: str) -> Format:
    return Format(name) if name in list(Format) else abort(404)


def _takes_long(content: Content, form: Format) -> bool:
    return form in (Format.PDF, Format.HWPX) or (
        form is Format.XLSX and len(content["annex"]) > PURCHASES_AT_ONCE
    )
