"""Pages of reports: freezing one after a look at its figures, its files, and whether it still holds."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.forms import ActForm
from tracker.audit.models import Access
from tracker.audit.once import do_once, find_outcome, new_key
from tracker.audit.services import record_access
from tracker.config import MEGABYTE
from tracker.core.growth import Comparison
from tracker.core.vocabulary import ReportState
from tracker.evidence.files import MAX_FILE_BYTES, DamagedFile, Fault, RefusedFile, open_intact, received
from tracker.extensions import reading
from tracker.jobs.queries import JobRow, find_job
from tracker.jobs.services import enqueue
from tracker.reports.batch import (
    Batch,
    batch_name,
    count_standing,
    get_batch,
    read_numbers,
    say_frozen,
)
from tracker.reports.catalogue import build_report
from tracker.reports.contents import ANNEX, file_name, name_characters, purchases_in_row
from tracker.reports.differences import IncomparableReports, compare_contents
from tracker.reports.documents.blocks import type_names
from tracker.reports.figures import ask
from tracker.reports.forms import (
    ABOUT,
    INDICATOR_FIELDS,
    AboutForm,
    ConfirmForm,
    FreezeForm,
    IndicatorForm,
    IndicatorRemovalForm,
    ScanForm,
    SheetsForm,
    SupersedeForm,
    TextsForm,
)
from tracker.reports.indicators import (
    IndicatorRow,
    StaleIndicator,
    UnknownIndicator,
    add_indicator,
    change_indicator,
    find_indicator,
    list_indicator_years,
    list_indicators,
    remove_indicator,
)
from tracker.reports.kinds.annual import STATUTORY_TYPE
from tracker.reports.letters import write_letter
from tracker.reports.life import (
    ImpossibleStep,
    ReasonNeeded,
    build_final,
    confirm_report,
    earlier_of,
    find_by_code,
    is_early,
    predecessors_of,
    state_of,
    steps_of,
    supersede_report,
)
from tracker.reports.logos import get_picture
from tracker.reports.markup import document_html
from tracker.reports.models import Snapshot
from tracker.reports.pictures import Picture
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
from tracker.reports.refusals import say_refused
from tracker.reports.renderers import Format
from tracker.reports.renderings import find_rendering, render_once
from tracker.reports.requests import (
    Content,
    InconsistentReport,
    RefusedRequest,
    ReportKind,
    ReportRequest,
)
from tracker.reports.samples import first_page
from tracker.reports.scans import MOST_SCANS, add_scan, find_scan, list_scans
from tracker.reports.services import freeze_report
from tracker.reports.tasks import RENDER, SHEETS
from tracker.reports.text_blocks import (
    ALL_KINDS,
    Block,
    StaleTexts,
    Words,
    copy_blocks,
    count_blocks,
    get_block,
    save_block,
    texts_from,
)
from tracker.reports.verification import Change, verify_report
from tracker.reports.wording import say_code
from tracker.totals.queries import Unrecorded, answer
from tracker.totals.questions import By, Question
from tracker.web.clock import now, today
from tracker.web.requests import origin

bp = Blueprint("reports", __name__, url_prefix="/reports")
REPORT = "/<int:report_id>"
SHEETS_TOGETHER = "/sheets/<numbers>"
BATCH_FILES = {"pdf": "application/pdf", "zip": "application/zip"}
REPORTS_A_PAGE = 20
PURCHASES_A_PAGE = 100
# The code on a report's pages has eight digits; who reads it from a worn page may type more.
SHORTEST_CODE = 8
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

CHANGES = {
    Change.ADDED: _l("Counts now, did not then"),
    Change.REMOVED: _l("Counted then, does not now"),
    Change.AMOUNT: _l("The amount was corrected"),
    Change.MOVED: _l("The same amount in another department, month, kind or type"),
}
CHANGES_BETWEEN = {
    Change.ADDED: _l("Stands in the later report only"),
    Change.REMOVED: _l("Stands in the earlier report only"),
    Change.AMOUNT: _l("Another amount"),
    Change.MOVED: _l("The same amount in another department, month, kind or type"),
}
FAULTS = {
    "content": _l("Its content is not what its SHA-256 was taken of."),
    "audit": _l("Its SHA-256 is not the one in the audit trail."),
    "logo": _l("Its logo is missing or was altered outside the program. A backup may hold it."),
}

TABLES = (
    ("by_district", _l("By institution"), _l("Institution")),
    ("by_year", _l("By year"), _l("Year")),
    ("by_type", _l("By type"), _l("Type")),
    ("by_kind", _l("By kind of purchase"), _l("Kind")),
    ("by_month", _l("By month"), _l("Month")),
    ("by_department", _l("By department"), _l("Department")),
)

Row = TypeVar("Row")


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room what reads a report's plain values."""
    return {
        "comparison": _comparison,
        "iso": date.fromisoformat,
        "characters": name_characters,
        "frozen_tables": _frozen_tables,
        "CHANGES": CHANGES,
        "CHANGES_BETWEEN": CHANGES_BETWEEN,
        "say_code": say_code,
        "FAULTS": FAULTS,
    }


@bp.errorhandler(AlteredReport)
def _show_alteration(error: AlteredReport) -> Response:
    """Show of an altered report nothing but that it was altered."""
    return redirect(url_for("reports.verify", report_id=error.args[0]))


@bp.get("")
def index() -> str:
    """List the frozen reports, the latest first."""
    page, pages = _page(count_reports(), REPORTS_A_PAGE)
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
    snapshot = _intact(report_id)
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
    return _as_document(render_once(_intact(report_id), Format.HTML).data)


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
        type_names=type_names(content),
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


@bp.get("/verify")
def look_up() -> str:
    """Find a report by the short code that stands on each of its pages."""
    typed = request.args.get("code", "")
    code = re.sub(r"[\s-]", "", typed).lower()
    is_code = re.fullmatch(f"[0-9a-f]{{{SHORTEST_CODE},64}}", code) is not None
    found = [(each, verify_report(each.id)) for each in (find_by_code(code) if is_code else ())]
    return render_template("reports/look_up.html", typed=typed, is_code=is_code, found=found)


@bp.get(f"{REPORT}/differences")
def differences(report_id: int) -> ResponseReturnValue:
    """Show line by line what another report says differently."""
    snapshots = [_intact(each) for each in (report_id, _number(request.args.get("to", "")))]
    try:
        found = compare_contents(*(json.loads(each.content) for each in snapshots))
    except IncomparableReports:
        flash(_("Only reports of the same kind can be compared."), "warning")
        return redirect(url_for("reports.detail", report_id=report_id))
    page, pages = _page(len(found.purchases), PURCHASES_A_PAGE)
    return render_template(
        "reports/differences.html",
        snapshots=snapshots,
        found=found,
        shown=_slice(found.purchases, page, PURCHASES_A_PAGE),
        page=page,
        page_count=pages,
    )


@bp.route(f"{REPORT}/confirm", methods=["GET", "POST"])
def confirm(report_id: int) -> ResponseReturnValue:
    """Confirm a report: as it stands, or by final figures in its place, shown with what is different."""
    snapshot = _intact(report_id)
    content, form, by = json.loads(snapshot.content), ConfirmForm(), acting_person()
    if form.is_submitted() and (done := find_outcome(form.key.data or "", by)) is not None:
        return redirect(url_for("reports.detail", report_id=done))
    try:
        if steps_of([report_id])[report_id]:
            raise ImpossibleStep(report_id)
        with reading():
            final = build_final(content, by.at, form.reason.data)
        total, status = (final or content)["summary"]["total"]["current"], 200
        if form.validate_on_submit():
            if int(form.seen.data) == total:
                reason = form.reason.data
                made = do_once(form.key.data, by, lambda: confirm_report(report_id, final, reason, by))
                flash(_("The report is confirmed."), "success")
                return redirect(url_for("reports.detail", report_id=made.number))
            flash(_("The ledger changed while you were looking. These are the figures of now."), "warning")
            status = 409
        elif form.is_submitted():
            status = 422
    except ReasonNeeded:
        form.reason.errors = [_("Payments may still be booked. Say why the figures are final now.")]
        status = 422
    except ImpossibleStep:
        flash(_("This report was confirmed or superseded before."), "warning")
        return redirect(url_for("reports.detail", report_id=report_id))
    except InconsistentReport as error:
        flash(
            _("The figures do not add up (%(faults)s). Tell the administrator.", faults=str(error)), "danger"
        )
        return redirect(url_for("reports.detail", report_id=report_id))
    form.seen.data = str(total)
    return render_template(
        "reports/confirm.html",
        form=form,
        snapshot=snapshot,
        is_early=is_early(content, today()),
        final=final,
        found=final and compare_contents(content, final),
    ), status


@bp.route(f"{REPORT}/supersede", methods=["GET", "POST"])
def supersede(report_id: int) -> ResponseReturnValue:
    """Let a later report stand in the place of this one."""
    form = SupersedeForm()
    asked = form.successor.data if form.is_submitted() else _number(request.args.get("by", ""))
    earlier, later = _intact(report_id), _intact(asked or 0)
    status = 200
    if form.validate_on_submit():
        by = acting_person()

        def act() -> int:
            supersede_report(earlier.id, later.id, form.reason.data, by)
            return later.id

        try:
            do_once(form.key.data, by, act)
        except ImpossibleStep:
            flash(_("Only a later report on the same, not superseded itself, can take its place."), "warning")
            status = 409
        else:
            flash(_("The later report stands in its place now."), "success")
            return redirect(url_for("reports.detail", report_id=later.id))
    elif form.is_submitted():
        status = 422
    form.successor.data = later.id
    found = compare_contents(json.loads(earlier.content), json.loads(later.content))
    return render_template(
        "reports/supersede.html", form=form, earlier=earlier, later=later, found=found
    ), status


@bp.route(f"{REPORT}/scans/new", methods=["GET", "POST"])
def add_copy(report_id: int) -> ResponseReturnValue:
    """Keep a signed copy with a report."""
    snapshot = _intact(report_id)
    form = ScanForm()
    if form.validate_on_submit():
        by, source = acting_person(), form.source()
        try:
            if source is None:
                raise RefusedFile(Fault.EMPTY)
            with received([source]) as (file,):
                do_once(form.key.data, by, lambda: add_scan(report_id, file, form.note.data, by))
        except RefusedFile as refused:
            form.file.errors = [_say_refused_copy(refused)]
        else:
            flash(_("The signed copy is kept with the report."), "success")
            return redirect(url_for("reports.detail", report_id=report_id, _anchor="copies"))
    page = render_template("reports/copy.html", form=form, snapshot=snapshot)
    return (page, 422) if form.is_submitted() else page


@bp.get(f"{REPORT}/scans/<int:scan_id>")
def signed_copy(report_id: int, scan_id: int) -> Response:
    """Give a signed copy away as a file, once it is noted who has it."""
    scan = find_scan(report_id, scan_id) or abort(404)
    record_access(acting_person(), origin(), Access.DOWNLOAD, "report", report_id, scan.file_name)
    try:
        file = open_intact(scan.sha256)
    except DamagedFile:
        flash(
            _(
                "This file is missing or was altered outside the program. "
                "Tell the administrator; a backup may hold it."
            ),
            "danger",
        )
        return redirect(url_for("reports.detail", report_id=report_id))
    return send_file(
        file, mimetype="application/octet-stream", as_attachment=True, download_name=scan.file_name
    )


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


@bp.route("/texts", methods=["GET", "POST"])
def texts() -> ResponseReturnValue:
    """Show and save the institution's own wording of a year's reports."""
    year, kind = _texts_asked()
    block, form, conflict = get_block(year, kind), TextsForm(), None
    status = 200
    if not form.is_submitted():
        form.show(block)
    elif form.validate():
        by, version = acting_person(), form.version.data or 0

        def act() -> int:
            save_block(Block(year, kind, form.words(block.words), version), by, form.picture)
            return year

        try:
            do_once(form.key.data, by, act)
        except StaleTexts:
            conflict, status = _differing_words(block.words, form), 409
            form.version.data, form.key.data = block.version, new_key()
        else:
            flash(_("The wording is saved. Reports frozen from now on use it."), "success")
            return redirect(url_for("reports.texts", year=year, kind=kind))
    else:
        status = 422
    form.ask_for_picture_again()
    return render_template(
        "reports/texts.html",
        form=form,
        year=year,
        kind=kind,
        kinds=[(ALL_KINDS, _("All kinds")), *((str(each), each.korean) for each in ReportKind)],
        block=block,
        picture=_kept_picture(block.words.get("logo")),
        conflict=conflict,
        may_copy=count_blocks(year - 1) > 0,
        copy=ActForm(formdata=None),
    ), status


@bp.post("/texts/copy")
def copy_texts() -> Response:
    """Take over last year's wording where this year has none."""
    year, kind = _texts_asked()
    form = ActForm()
    if not form.validate():
        abort(400)
    by = acting_person()
    done = do_once(form.key.data, by, lambda: copy_blocks(year, by))
    if done.number:
        flash(_("The wording of %(year)s was taken over.", year=year - 1), "success")
    else:
        flash(_("There was nothing to take over: the year has its own wording."), "info")
    return redirect(url_for("reports.texts", year=year, kind=kind))


@bp.post("/texts/preview")
def preview_texts() -> ResponseReturnValue:
    """Show the first page of a report in the words that were typed; nothing is saved."""
    year, kind = _texts_asked()
    form = TextsForm()
    if not form.validate():
        return texts()
    general = [] if kind == ALL_KINDS else [get_block(year, ALL_KINDS).words]
    told = texts_from(*general, form.words(get_block(year, kind).words))
    picture = form.picture or _kept_picture(told.logo)
    document = first_page(ReportKind(kind or ReportKind.ANNUAL), year, told, picture, acting_person().at)
    return _as_document(document_html(document).encode())


@bp.get("/indicators")
def indicators() -> str:
    """List the institution's other indicators of an evaluation period."""
    years = list_indicator_years()
    year = _year_of(request.args.get("year", "")) or (years or [today().year])[0]
    return render_template(
        "reports/indicators.html",
        rows=list_indicators(year),
        year=year,
        years=sorted({year, *years}, reverse=True),
        may_make=may(current_user, Act.MAKE_REPORTS),
    )


@bp.route("/indicators/new", methods=["GET", "POST"])
def create_indicator() -> ResponseReturnValue:
    """Enter an indicator."""
    form = IndicatorForm()
    if not form.is_submitted():
        form.year.data = _year_of(request.args.get("year", "")) or today().year
    elif form.validate():
        draft, by = form.draft(), acting_person()
        do_once(form.key.data, by, lambda: add_indicator(draft, by))
        flash(_("The indicator is entered."), "success")
        return redirect(url_for("reports.indicators", year=draft.year))
    return _show_indicator(form, None, None)


@bp.route("/indicators/<int:indicator_id>", methods=["GET", "POST"])
def edit_indicator(indicator_id: int) -> ResponseReturnValue:
    """Change an indicator."""
    row, form = find_indicator(indicator_id) or abort(404), IndicatorForm()
    if not form.is_submitted():
        form.show(row)
        return _show_indicator(form, row, None)
    if not form.validate():
        return _show_indicator(form, row, None)
    draft, version, by = form.draft(), form.version.data or 0, acting_person()

    def change() -> int:
        change_indicator(indicator_id, draft, version, by)
        return indicator_id

    try:
        do_once(form.key.data, by, change)
    except StaleIndicator:
        row = find_indicator(indicator_id) or abort(404)
        form.version.data, form.version.raw_data = row.version, None
        return _show_indicator(form, row, _differing_indicator(row, form))
    flash(_("The indicator is changed. Reports frozen before keep what it said."), "success")
    return redirect(url_for("reports.indicators", year=draft.year))


@bp.post("/indicators/<int:indicator_id>/remove")
def strike_indicator(indicator_id: int) -> ResponseReturnValue:
    """Strike out an indicator."""
    row, form, by = find_indicator(indicator_id), IndicatorRemovalForm(), acting_person()
    if not form.validate():
        abort(400)

    def strike() -> int:
        remove_indicator(indicator_id, form.version.data or 0, by)
        return 0

    try:
        do_once(form.key.data, by, strike)
    except UnknownIndicator:
        abort(404)
    except StaleIndicator:
        row, shown = find_indicator(indicator_id) or abort(404), IndicatorForm(formdata=None)
        shown.show(row)
        return _show_indicator(shown, row, [])
    flash(_("The indicator is struck out. The audit trail keeps what it said."), "success")
    return redirect(url_for("reports.indicators", year=row.year if row else None))


def _show_indicator(
    form: IndicatorForm, row: IndicatorRow | None, conflict: list[dict[str, object]] | None
) -> ResponseReturnValue:
    page = render_template(
        "reports/indicator.html",
        form=form,
        row=row,
        conflict=conflict,
        removal=IndicatorRemovalForm(formdata=None, version=row.version) if row else None,
    )
    return page, 409 if conflict is not None else 422 if form.errors else 200


def _differing_indicator(row: IndicatorRow, form: IndicatorForm) -> list[dict[str, object]]:
    """Return each field in which what is stored is not what was typed."""
    typed = form.draft()
    return [
        {"label": form[name].label.text, "before": getattr(row, name), "after": getattr(typed, name)}
        for name in INDICATOR_FIELDS
        if getattr(row, name) != getattr(typed, name)
    ]


def _year_of(text: str) -> int | None:
    return int(text) if re.fullmatch("(19|2[0-9])[0-9]{2}", text) else None


def _number(text: str) -> int:
    """Return the number of a report as it stands in an address, 0 for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


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


def _texts_asked() -> tuple[int, str]:
    """Return the year and the kind of report that the address names."""
    year, kind = request.args.get("year", str(today().year - 1)), request.args.get("kind", ALL_KINDS)
    if not re.fullmatch("(19|2[0-9])[0-9]{2}", year) or kind not in (ALL_KINDS, *map(str, ReportKind)):
        abort(404)
    return int(year), kind


def _differing_words(stored: Words, form: TextsForm) -> list[dict[str, object]]:
    """Return each field in which what is stored is not what was typed."""
    typed = form.words(stored)
    return [
        {
            "label": form[name].label.text,
            "before": _said_words(name, stored.get(name)),
            "after": _said_words(name, typed.get(name)),
        }
        for name in dict.fromkeys((*typed, *stored))
        if stored.get(name) != typed.get(name)
    ]


def _said_words(name: str, value: Any) -> object:  # noqa: ANN401 - as it is typed
    if name == "logo" and value:
        return say_code(value)
    return " / ".join(value) if isinstance(value, list) else value or "–"


def _kept_picture(sha256: str | None) -> Picture | None:
    """Return a logo to look at; None where there is none, or it is damaged."""
    try:
        return get_picture(sha256) if sha256 else None
    except DamagedFile:
        return None


def _say_refused_copy(refused: RefusedFile) -> str:
    if refused.fault is Fault.EMPTY:
        return str(_("Choose the signed copy, a PDF or a picture."))
    if refused.fault is Fault.UNKNOWN_FORMAT:
        return str(_("Only PDF, JPEG and PNG are kept with reports."))
    if refused.fault is Fault.TOO_MANY:
        return str(_("A report holds up to %(count)s signed copies.", count=MOST_SCANS))
    if refused.fault is Fault.ALREADY_THERE:
        return str(_("The same file is kept with this report already."))
    return str(_("The file is larger than %(most)s MB.", most=MAX_FILE_BYTES // MEGABYTE))


def _as_document(html: bytes) -> Response:
    """Return a report's own page, under a policy of its own."""
    response = Response(html, mimetype=TYPES_OF_FILES[Format.HTML])
    response.headers["Content-Security-Policy"] = _only_own_style(html)
    return response


def _intact(report_id: int) -> Snapshot:
    try:
        return get_intact_snapshot(report_id)
    except UnknownReport:
        abort(404)


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


def _frozen_tables(content: Content) -> list[tuple[str, str, str]]:
    """Return the tables that a report of its kind has: name, title, and the head of its rows."""
    return [(name, str(title), str(first)) for name, title, first in TABLES if content.get(name)]


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
    return form in (Format.PDF, Format.HWPX) or (
        form is Format.XLSX and len(content["annex"]) > PURCHASES_AT_ONCE
    )


def _only_own_style(html: bytes) -> str:
    """Return the policy under which nothing but the document's own style sheet and logo takes effect."""
    style = re.search(rb"<style>(.*?)</style>", html, re.S)
    digest = b64encode(hashlib.sha256(style[1] if style else b"").digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
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
