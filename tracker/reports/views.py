"""Pages of reports: freezing one after a look at its figures, its files, and whether it still holds."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.once import do_once, find_outcome
from tracker.core.growth import Comparison
from tracker.extensions import reading
from tracker.jobs.queries import JobRow, find_job
from tracker.jobs.services import enqueue
from tracker.reports.catalogue import build_report
from tracker.reports.contents import file_name, name_characters, purchases_in_row
from tracker.reports.figures import ask
from tracker.reports.forms import ABOUT, AboutForm, FreezeForm
from tracker.reports.kinds.annual import STATUTORY_TYPE
from tracker.reports.models import Snapshot
from tracker.reports.queries import (
    AlteredReport,
    UnknownReport,
    count_reports,
    find_author,
    get_intact_snapshot,
    get_snapshot,
    list_summaries,
    name_purchases,
)
from tracker.reports.renderers import Format
from tracker.reports.renderings import find_rendering, render_once
from tracker.reports.requests import Content, InconsistentReport, ReportRequest
from tracker.reports.services import freeze_report
from tracker.reports.tasks import RENDER
from tracker.reports.verification import Change, verify_report
from tracker.totals.queries import Unrecorded, answer
from tracker.totals.questions import By, Question
from tracker.web.clock import today

bp = Blueprint("reports", __name__, url_prefix="/reports")
REPORT = "/<int(max=999999999):report_id>"
REPORTS_A_PAGE = 20
PURCHASES_A_PAGE = 100
# A workbook of more purchases takes long enough to be given to a worker, as a PDF always does.
PURCHASES_AT_ONCE = 20_000
TYPES_OF_FILES = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.OCDS: "application/json",
}

CHANGES = {
    Change.ADDED: _l("Counts now, did not then"),
    Change.REMOVED: _l("Counted then, does not now"),
    Change.AMOUNT: _l("The amount was corrected"),
    Change.MOVED: _l("The same amount in another department, month, kind or type"),
}
FAULTS = {
    "content": _l("Its content is not what its SHA-256 was taken of."),
    "audit": _l("Its SHA-256 is not the one in the audit trail."),
}

Row = TypeVar("Row")


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room what reads a report's plain values."""
    return {
        "comparison": _comparison,
        "iso": date.fromisoformat,
        "characters": name_characters,
        "CHANGES": CHANGES,
        "FAULTS": FAULTS,
    }


@bp.get("")
def index() -> str:
    """List the frozen reports, the latest first."""
    page, pages = _page(count_reports(), REPORTS_A_PAGE)
    return render_template(
        "reports/index.html",
        reports=list_summaries(page, REPORTS_A_PAGE),
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
        return _preview(form, form.request())
    form = FreezeForm()
    if not form.validate_on_submit():
        return _preview(form, None), 400
    by = acting_person()
    if (done_before := find_outcome(form.key.data, by)) is not None:
        return redirect(url_for("reports.detail", report_id=done_before))
    try:
        with reading():
            content = build_report(form.request(), by.at)
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
    snapshot = _intact(report_id)
    content = json.loads(snapshot.content)
    return render_template(
        "reports/detail.html",
        snapshot=snapshot,
        report=content,
        author=find_author(snapshot),
        kept={form: find_rendering(snapshot.sha256, form) for form in (Format.PDF, Format.XLSX)},
        is_long={form: _takes_long(content, form) for form in Format},
        job=_job_asked(),
    )


@bp.get(f"{REPORT}/document")
def document(report_id: int) -> Response:
    """Show the report as it is printed."""
    html = render_once(_intact(report_id), Format.HTML).data
    response = Response(html, mimetype=TYPES_OF_FILES[Format.HTML])
    response.headers["Content-Security-Policy"] = _only_own_style(html)
    return response


@bp.post(f"{REPORT}/render")
def render(report_id: int) -> Response:
    """Make a file that takes long, unless it was made before."""
    snapshot = _intact(report_id)
    form = _form(request.form.get("format", ""))
    if not _takes_long(json.loads(snapshot.content), form) or find_rendering(snapshot.sha256, form):
        return redirect(url_for("reports.download", report_id=report_id, format=form))
    job_id = enqueue(RENDER, {"report": report_id, "format": form}, acting_person())
    return redirect(url_for("reports.detail", report_id=report_id, job=job_id))


@bp.get(f"{REPORT}/download")
def download(report_id: int) -> Response:
    """Give the report as a file, named as offices name it."""
    snapshot = _intact(report_id)
    wanted = _form(request.args.get("format", ""))
    kept = find_rendering(snapshot.sha256, wanted)
    content = json.loads(snapshot.content)
    if kept is None and _takes_long(content, wanted):
        flash(_("The file is not made yet. Have it made first."), "warning")
        return redirect(url_for("reports.detail", report_id=report_id))
    return send_file(
        BytesIO((kept or render_once(snapshot, wanted)).data),
        mimetype=TYPES_OF_FILES[wanted],
        as_attachment=True,
        download_name=file_name(content, wanted.ending),
    )


@bp.get(f"{REPORT}/purchases")
def purchases(report_id: int) -> str:
    """List the frozen purchases behind a figure of the report."""
    snapshot = _intact(report_id)
    content = json.loads(snapshot.content)
    found = purchases_in_row(content, request.args.get("by"), request.args.get("key"))
    if found is None:
        abort(404)
    label, lines = found
    page, pages = _page(len(lines), PURCHASES_A_PAGE)
    return render_template(
        "reports/purchases.html",
        snapshot=snapshot,
        report=content,
        label=label,
        lines=_slice(lines, page, PURCHASES_A_PAGE),
        count=len(lines),
        amount=sum(line["amount"] for line in lines),
        page=page,
        page_count=pages,
        type_names={row["key"]: row["label"] for row in content["by_type"]},
    )


@bp.get(f"{REPORT}/verify")
def verify(report_id: int) -> str:
    """Show whether the report is what was frozen, and what the ledger says differently today."""
    try:
        snapshot, found = get_snapshot(report_id), verify_report(report_id)
    except UnknownReport:
        abort(404)
    page, pages = _page(len(found.differences), PURCHASES_A_PAGE)
    shown = _slice(found.differences, page, PURCHASES_A_PAGE)
    return render_template(
        "reports/verify.html",
        snapshot=snapshot,
        found=found,
        total=json.loads(snapshot.content)["summary"]["total"]["current"] if found.is_intact else None,
        shown=shown,
        names=name_purchases({each.purchase for each in shown}),
        page=page,
        page_count=pages,
    )


def _intact(report_id: int) -> Snapshot:
    """Return the report; of an altered one nothing is shown but that it was altered."""
    try:
        return get_intact_snapshot(report_id)
    except UnknownReport:
        abort(404)
    except AlteredReport:
        abort(redirect(url_for("reports.verify", report_id=report_id)))


def _preview(form: AboutForm, wanted: ReportRequest | None) -> str:
    """Return the page with the form and, where it asks for something, the figures of now."""
    if wanted is None:
        return render_template("reports/new.html", form=form, found=None)
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
    )


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


def _comparison(row: Content) -> Comparison:
    """Return a frozen figure as the pages compare it; figures that never had no data say nothing of it."""
    is_recorded = row.get("is_recorded", True)
    return (Comparison if is_recorded else Unrecorded)(row["current"], row["prior"])


def _job_asked() -> JobRow | None:
    """Return the job that the address names, while it is of interest."""
    number = request.args.get("job", "")
    return find_job(int(number), current_user.id) if re.fullmatch("[0-9]{1,9}", number) else None


def _form(name: str) -> Format:
    return Format(name) if name in list(Format) else abort(404)


def _takes_long(content: Content, form: Format) -> bool:
    return form is Format.PDF or (form is Format.XLSX and len(content["annex"]) > PURCHASES_AT_ONCE)


def _only_own_style(html: bytes) -> str:
    """Return the policy under which nothing but the document's own style sheet takes effect."""
    style = re.search(rb"<style>(.*?)</style>", html, re.S)
    digest = b64encode(hashlib.sha256(style[1] if style else b"").digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )


def _page(count: int, size: int) -> tuple[int, int]:
    """Return the page asked for and how many there are; 404 for one that is not there."""
    pages = max(1, -(-count // size))
    asked = request.args.get("page", "1")
    if not re.fullmatch("[0-9]{1,6}", asked) or not 1 <= int(asked) <= pages:
        abort(404)
    return int(asked), pages


def _slice(rows: Sequence[Row], page: int, size: int) -> Sequence[Row]:
    return rows[(page - 1) * size : page * size]
