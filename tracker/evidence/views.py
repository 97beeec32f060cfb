"""Pages of evidence: adding files, looking at one, its versions, and handing them out."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, require
from tracker.audit.acting import Acting
from tracker.audit.models import Access
from tracker.audit.once import do_once, find_outcome
from tracker.audit.services import record_access
from tracker.evidence.files import DamagedFile, RefusedFile, open_intact, received
from tracker.evidence.formats import SHOWN, Format
from tracker.evidence.forms import ENDINGS, AddForm, ReplacementForm, WithdrawalForm, say_fault
from tracker.evidence.queries import Owner, Record, Version, find_evidence, find_owner
from tracker.evidence.services import StaleEvidence, add_evidence, replace_evidence, withdraw_evidence
from tracker.web.requests import origin

bp = Blueprint("evidence", __name__)
ONE = "/evidence/<int:evidence_id>"
VERSION = f"{ONE}/<int(max=999999):number>"

# Whatever a file holds, in the reader's browser it runs nothing, loads nothing and has no part in this site.
HARMLESS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# Readers of PDF that are part of a browser need scripts of their own; the file's own have no source either.
HARMLESS_PDF = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)


@bp.context_processor
def _words() -> dict[str, object]:
    return {"endings": ENDINGS}


@bp.route("/purchases/<int:purchase_id>/evidence/new", methods=["GET", "POST"])
def create(purchase_id: int) -> ResponseReturnValue:
    """Keep files with a purchase."""
    owner = find_owner(purchase_id) or abort(404)
    require(Act.WRITE_PURCHASES, owner.department_id)
    form = AddForm()
    if not form.is_submitted():
        return _show_adding(form, owner)
    if not form.validate():
        return _show_adding(form, owner), 422
    by = acting_person()
    try:
        with received(form.sources()) as files:
            outcome = do_once(
                form.key.data, by, lambda: add_evidence(purchase_id, form.draft(), files, by)[0]
            )
    except RefusedFile as refused:
        form.files.errors = [say_fault(refused)]
        return _show_adding(form, owner), 422
    if outcome.is_repeat:
        flash(_("These files had been added before; nothing was added twice."), "info")
    else:
        flash(_("%(count)s files have been added as evidence.", count=len(files)), "success")
    return redirect(url_for("purchases.detail", purchase_id=purchase_id, _anchor="evidence"))


@bp.get(ONE)
def detail(evidence_id: int) -> str:
    """Show one file with what it is, and all its versions."""
    record = _get_record(evidence_id, Act.READ_EVIDENCE)
    may_change = may(current_user, Act.WRITE_PURCHASES, record.owner.department_id)
    return render_template(
        "evidence/detail.html",
        record=record,
        may_change=may_change and record.current.withdrawn_at is None,
    )


@bp.get(VERSION)
def content(evidence_id: int, number: int) -> Response:
    """Give a version to be shown by the browser itself: pictures and PDF, nothing else."""
    version = _get_version(evidence_id, number)
    if not version.is_shown:
        abort(404)
    answer = _hand_out(version, Access.VIEW)
    if version.format is Format.PDF:
        answer.headers["Content-Security-Policy"] = HARMLESS_PDF
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@bp.get(f"{VERSION}/download")
def download(evidence_id: int, number: int) -> Response:
    """Give a version away as a file."""
    return _hand_out(_get_version(evidence_id, number), Access.DOWNLOAD)


@bp.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(evidence_id: int) -> ResponseReturnValue:
    """Replace a file by a new version, or mend its kind and note."""
    record = _get_record(evidence_id, Act.WRITE_PURCHASES)
    current = record.current
    form = ReplacementForm(kind=current.kind, note=current.note, version=current.number)
    if not form.is_submitted():
        return _show_change("edit", form, record)
    if not form.validate():
        return _show_change("edit", form, record), 422
    by, version = acting_person(), form.version.data or 0
    if version == current.number and not form.changes(current) and find_outcome(form.key.data, by) is None:
        flash(_("Nothing was changed, so nothing was saved."), "info")
        return redirect(url_for(".detail", evidence_id=evidence_id))
    try:
        with received(form.sources()) as files:
            file = files[0] if files else None
            return _change(
                form,
                record,
                by,
                lambda: replace_evidence(evidence_id, form.draft(), file, form.reason.data, version, by),
            )
    except RefusedFile as refused:
        form.file.errors = [say_fault(refused)]
        return _show_change("edit", form, record), 422


@bp.route(f"{ONE}/withdraw", methods=["GET", "POST"])
def withdraw(evidence_id: int) -> ResponseReturnValue:
    """Let a file hold no more; it stays readable."""
    record = _get_record(evidence_id, Act.WRITE_PURCHASES)
    form = WithdrawalForm(version=record.current.number)
    if not form.is_submitted():
        return _show_change("withdraw", form, record)
    if not form.validate():
        return _show_change("withdraw", form, record), 422
    by, version = acting_person(), form.version.data or 0
    return _change(form, record, by, lambda: withdraw_evidence(evidence_id, form.reason.data, version, by))


def _get_record(evidence_id: int, act: Act) -> Record:
    """Return the file; 404 where there is none, 403 where it is not for this person."""
    record = find_evidence(evidence_id) or abort(404)
    require(act, record.owner.department_id)
    return record


def _get_version(evidence_id: int, number: int) -> Version:
    return _get_record(evidence_id, Act.READ_EVIDENCE).version(number) or abort(404)


def _hand_out(version: Version, access: Access) -> Response:
    """Return a version's content once it is noted who has it; what was altered is not handed out."""
    what = f"{version.kind.korean} ({version.number})"
    record_access(acting_person(), origin(), access, "evidence", version.evidence_id, what)
    try:
        file = open_intact(version.sha256)
    except DamagedFile:
        flash(
            _(
                "This file is missing or was altered outside the program. "
                "Tell the administrator; a backup may hold it."
            ),
            "danger",
        )
        return redirect(url_for(".detail", evidence_id=version.evidence_id))
    is_shown = access is Access.VIEW
    answer = send_file(
        file,
        mimetype=SHOWN[version.format] if is_shown else "application/octet-stream",
        as_attachment=not is_shown,
        download_name=version.file_name,
    )
    answer.content_length = version.size
    answer.headers["Content-Security-Policy"] = HARMLESS
    return answer


def _show_adding(form: AddForm, owner: Owner) -> str:
    return render_template("evidence/create.html", form=form, owner=owner)


def _change(
    form: ReplacementForm | WithdrawalForm, record: Record, by: Acting, act: Callable[[], None]
) -> ResponseReturnValue:
    """Do the act once; 409 with what is there now where somebody else was faster."""

    def done() -> int:
        act()
        return record.id

    try:
        outcome = do_once(form.key.data, by, done)
    except StaleEvidence:
        record = find_evidence(record.id) or abort(404)
        form.version.data = record.current.number
        page = "edit" if isinstance(form, ReplacementForm) else "withdraw"
        return _show_change(page, form, record, is_stale=True), 409
    if outcome.is_repeat:
        flash(_("This had been saved before; nothing was saved twice."), "info")
    else:
        flash(_("Saved. What stood before stays readable."), "success")
    return redirect(url_for(".detail", evidence_id=record.id))


def _show_change(
    page: str, form: ReplacementForm | WithdrawalForm, record: Record, *, is_stale: bool = False
) -> str:
    return render_template(f"evidence/{page}.html", form=form, record=record, is_stale=is_stale)
