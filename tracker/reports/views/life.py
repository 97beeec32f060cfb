"""Pages of a report's life: confirmed, superseded, compared with another, and its signed copies."""

import json

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.audit.models import Access
from tracker.audit.once import do_once, find_outcome
from tracker.audit.services import record_access
from tracker.config import MEGABYTE
from tracker.evidence.files import MAX_FILE_BYTES, DamagedFile, Fault, RefusedFile, open_intact, received
from tracker.extensions import reading
from tracker.reports.differences import IncomparableReports, compare_contents
from tracker.reports.forms import ConfirmForm, ScanForm, SupersedeForm
from tracker.reports.life import (
    ImpossibleStep,
    ReasonNeeded,
    build_final,
    confirm_report,
    is_early,
    steps_of,
    supersede_report,
)
from tracker.reports.requests import InconsistentReport
from tracker.reports.scans import MOST_SCANS, add_scan, find_scan
from tracker.reports.views.shared import PURCHASES_A_PAGE, REPORT, bp, get_intact, page_asked, part_of
from tracker.web.clock import today
from tracker.web.requests import is_number, origin


@bp.get(f"{REPORT}/differences")
def differences(report_id: int) -> ResponseReturnValue:
    """Show line by line what another report says differently."""
    snapshots = [get_intact(each) for each in (report_id, _number(request.args.get("to", "")))]
    try:
        found = compare_contents(*(json.loads(each.content) for each in snapshots))
    except IncomparableReports:
        flash(_("Only reports of the same kind can be compared."), "warning")
        return redirect(url_for("reports.detail", report_id=report_id))
    page, pages = page_asked(len(found.purchases), PURCHASES_A_PAGE)
    return render_template(
        "reports/differences.html",
        snapshots=snapshots,
        found=found,
        shown=part_of(found.purchases, page, PURCHASES_A_PAGE),
        page=page,
        page_count=pages,
    )


@bp.route(f"{REPORT}/confirm", methods=["GET", "POST"])
def confirm(report_id: int) -> ResponseReturnValue:
    """Confirm a report: as it stands, or by final figures in its place, shown with what is different."""
    snapshot = get_intact(report_id)
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
    earlier, later = get_intact(report_id), get_intact(asked or 0)
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
    snapshot = get_intact(report_id)
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


def _number(text: str) -> int:
    """Return the number of a report as it stands in an address, 0 for anything else."""
    return int(text) if is_number(text) else 0


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
