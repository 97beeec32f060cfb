"""Pages of imports: sending files, seeing what they would do, confirming it, and taking batches back."""

from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, require
from tracker.audit.forms import ActForm
from tracker.audit.once import do_once
from tracker.audit.queries import history_of, names_of
from tracker.audit.wording import tell as tell_events
from tracker.enterprises.editions import find_edition_of
from tracker.imports import wording
from tracker.imports.aliases import UnknownAlias, count_aliases, learn_aliases, list_aliases, withdraw_alias
from tracker.imports.entry_sheets import write_entry_sheet
from tracker.imports.faulty_rows import write_faulty_rows
from tracker.imports.file_columns import read_columns, recognised_in
from tracker.imports.forms import (
    ConfirmForm,
    LateForm,
    LayoutForm,
    NamesForm,
    RetireForm,
    UndoForm,
    UploadForm,
)
from tracker.imports.layouts import LAYOUTS, missing_fields, required_of
from tracker.imports.learnt_layouts import (
    NameTaken,
    StaleLayout,
    UnknownLayout,
    change_layout,
    find_learnt,
    learn_layout,
    learnt_layouts,
    list_learnt,
    propose_layout,
    retire_layout,
)
from tracker.imports.models import ImportBatch, ImportSubject
from tracker.imports.previews import (
    FILES_AT_ONCE,
    LONG_FILE,
    Preview,
    begin_preview,
    find_preview,
    give_reason,
    keep_result,
    note_job,
    page_of_problems,
    recognise_anew,
    tell,
)
from tracker.imports.problems import KINDS, Severity, explain_unreadable
from tracker.imports.queries import count_batches, find_batch, list_batches, list_purchases_of, result_of
from tracker.imports.reading import UnreadableFile
from tracker.imports.rights import ACTS, may_undo, subjects_of
from tracker.imports.services import (
    AlreadyUndone,
    OutcomeChanged,
    TakenInBefore,
    UndoRefused,
    count_rows,
    take_in,
    undo_batch,
)
from tracker.imports.tasks import PREVIEW, TAKE_IN, UNDO
from tracker.imports.uploads import TooManyUploads, keep_upload, uploaded
from tracker.jobs.services import enqueue
from tracker.purchases.forms import parse_number
from tracker.web.clock import now

bp = Blueprint("imports", __name__, url_prefix="/imports")
layouts = Blueprint("layouts", __name__, url_prefix="/admin/layouts")
bp.record_once(lambda setup: setup.app.register_blueprint(layouts))
LAYOUT = "/<int:layout_id>"
BATCH = "/<int:batch_id>"
BATCHES_A_PAGE, PROBLEMS_A_PAGE, PURCHASES_A_PAGE, NAMES_A_PAGE = 50, 100, 100, 200


@layouts.context_processor
@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room the words for what is kept as codes."""
    return {"words": wording, "subjects": subjects_of(current_user)}


@bp.get("")
def index() -> str:
    """List what was taken in, the newest first, of one subject or of all."""
    asked = request.args.get("subject")
    subject = ImportSubject(asked) if asked in list(ImportSubject) else None
    page = max(request.args.get("page", 1, int), 1)
    batches = list_batches(subject, (page - 1) * BATCHES_A_PAGE, BATCHES_A_PAGE)
    return render_template(
        "imports/index.html",
        batches=batches,
        names=names_of("account", {batch.actor_id for batch in batches}),
        subject=subject,
        all_subjects=list(ImportSubject),
        page=page,
        page_count=_pages(count_batches(subject), BATCHES_A_PAGE),
    )


@bp.get("/template")
def template() -> Response:
    """Give an entry sheet away."""
    subject = request.args.get("subject")
    if subject not in list(ImportSubject):
        abort(404)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{ImportSubject(subject).korean}.xlsx"
        write_entry_sheet(path, ImportSubject(subject))
        content = BytesIO(path.read_bytes())
    return send_file(content, as_attachment=True, download_name=path.name)


@bp.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Take files, or pasted cells, and lead on to what they would do; nothing is entered yet."""
    form = UploadForm(subject=request.args.get("subject"))
    form.offer(current_user)
    if not form.validate_on_submit():
        return render_template("imports/create.html", form=form), 400 if form.is_submitted() else 200
    try:
        previews = _receive(form)
    except TooManyUploads:
        form.files.errors = [_("Too many files wait for their confirmation. Try again tomorrow.")]
        return render_template("imports/create.html", form=form), 503
    if len(previews) > 1:
        return redirect(url_for("imports.previews", p=[each.id for each in previews]))
    return redirect(url_for("imports.preview", preview_id=previews[0].id))


@bp.get("/previews")
def previews() -> ResponseReturnValue:
    """Show in one table what several files would do."""
    found = [each for number in request.args.getlist("p") if (each := _find_preview(number))]
    if not found:
        abort(404)
    shown = [_renew(each) for each in found]
    told = [each.told.account for each in shown if each.told]
    return render_template(
        "imports/previews.html",
        previews=shown,
        together={
            key: sum(each[key] for each in told) for key in ("rows_read", "imported", "rejected", "amount")
        },
        explain=explain_unreadable,
        form=ActForm(None),
        ready=sum(each.told.is_ready for each in shown if each.told),
        is_awaited=any(each.told is None and each.unreadable is None for each in shown),
    )


@bp.post("/previews/confirm")
def confirm_all() -> ResponseReturnValue:
    """Have all files taken in that are ready, as their previews told, one after the other."""
    found = [each for number in request.args.getlist("p") if (each := _find_preview(number))]
    if not found or not ActForm().validate():
        abort(404)
    ready = [(each.id, each.told.seal) for each in found if each.told and each.told.is_ready]
    by = acting_person()

    def enqueue_all() -> int:
        for number, seal in ready:
            enqueue(TAKE_IN, {"preview": number, "seal": seal}, by)
        return len(ready)

    done = do_once(request.form["key"], by, enqueue_all).number
    flash(_("Files being taken in: %(count)s. Look again in a moment.", count=done), "info")
    return redirect(url_for("imports.previews", **_others()))


@bp.get("/previews/<preview_id>")
def preview(preview_id: str) -> ResponseReturnValue:
    """Show what a file would do, with every problem at its cell."""
    found = _renew(_own_preview(preview_id))
    if found.told is None and found.unreadable is None:
        return redirect(url_for("jobs.detail", job_id=found.job_id))
    return _show(found, ConfirmForm())


@bp.get("/previews/<preview_id>/faulty")
def faulty(preview_id: str) -> Response:
    """Give the faulty rows away, with the reasons at their cells."""
    found = _own_preview(preview_id)
    if found.told is None:
        abort(404)
    content = BytesIO()
    write_faulty_rows(content, found, now())
    content.seek(0)
    name = _("%(file)s - to be mended.xlsx", file=Path(found.file).stem)
    return send_file(content, as_attachment=True, download_name=name)


@bp.post("/previews/<preview_id>/again")
def again(preview_id: str) -> Response:
    """Have a file looked at once more."""
    found = _own_preview(preview_id)
    if not found.is_long:
        return redirect(url_for("imports.preview", preview_id=preview_id))
    return redirect(url_for("jobs.detail", job_id=_look_later(found).job_id))


@bp.post("/previews/<preview_id>/late")
def late(preview_id: str) -> ResponseReturnValue:
    """Say why purchases of closed periods come late, and look at the file once more."""
    found, form = _own_preview(preview_id), LateForm()
    if found.told is None:
        return redirect(url_for("imports.preview", preview_id=preview_id, **_others()))
    if not form.validate():
        return _show(found, ConfirmForm(None), form), 400
    return _look_anew(give_reason(found, form.late_reason.data.strip()))


@bp.route("/previews/<preview_id>/columns", methods=["GET", "POST"])
def columns(preview_id: str) -> ResponseReturnValue:
    """Ask what the columns of a file mean, and remember it for all files with these headings."""
    found, form = _own_preview(preview_id), LayoutForm()
    learnt = learnt_layouts(found.subject)
    try:
        recognised = recognised_in(uploaded(found.sha256), found.subject, found.options.layout, learnt)
        asked = parse_number(request.values.get("row"))
        table = read_columns(uploaded(found.sha256), found.subject, recognised, asked)
    except UnreadableFile:
        return redirect(url_for("imports.preview", preview_id=preview_id, **_others()))
    required = required_of(found.subject)
    form.offer(found.subject, [column.heading for column in table.columns], set(chain(*required)))
    if not form.is_submitted():
        guesses = tuple((column.heading, column.guess) for column in table.columns)
        form.show(propose_layout(Path(found.file).stem, guesses, recognised))
    elif form.validate() and form.demand(
        found.subject, missing_fields(required, form.draft().fields, found.options.given())
    ):
        by, draft = acting_person(), form.draft()
        try:
            do_once(form.key.data, by, lambda: learn_layout(found.subject, draft, table.header_row, by))
        except NameTaken:
            form.name.errors = [_("Another layout has this name. Choose another one.")]
        else:
            flash(
                _("The layout is remembered: files with these headings are recognised from now on."),
                "success",
            )
            return _look_anew(recognise_anew(found))
    page = render_template(
        "imports/columns.html",
        preview=found,
        form=form,
        table=table,
        lines=list(zip(form.lines(), table.columns, strict=True)),
        others=_others(),
    )
    return page, 400 if form.is_submitted() else 200


@bp.post("/previews/<preview_id>/names")
def names(preview_id: str) -> ResponseReturnValue:
    """Point names in a file at whom they mean, remember it, and look at the file once more."""
    found, form = _own_preview(preview_id), NamesForm()
    if found.told is None:
        return redirect(url_for("imports.preview", preview_id=preview_id, **_others()))
    form.offer(found.told.account.get("unresolved", ()), current_user)
    pointers = form.pointers() if form.validate() else None
    if pointers is None:
        return _show(found, ConfirmForm(None), names_form=form), 400
    by = acting_person()
    done = do_once(form.key.data, by, lambda: learn_aliases(pointers, by)).number
    if done:
        flash(_("Names remembered: %(count)s.", count=done), "success")
    return _look_anew(found)


@bp.post("/previews/<preview_id>/confirm")
def confirm(preview_id: str) -> ResponseReturnValue:
    """Take the file in as the preview told; where that has changed, show what would happen now."""
    found, form = _own_preview(preview_id), ConfirmForm()
    if found.told is None:
        return redirect(url_for("imports.preview", preview_id=preview_id))
    if not form.validate():
        return _show(found, form), 400
    if found.told.account["rejected"] and not form.accept_valid.data:
        form.accept_valid.errors = [_("Some rows have errors. Mend the file, or agree to leave them out.")]
        return _show(found, form), 400
    by, seal = acting_person(), form.seal.data
    if found.is_long:
        asked = {"preview": found.id, "seal": seal}
        job = do_once(form.key.data, by, lambda: enqueue(TAKE_IN, asked, by)).number
        return redirect(url_for("jobs.detail", job_id=job))
    options = found.options_for(current_user)
    path = uploaded(found.sha256)
    try:
        batch = take_in(path, found.subject, options, by, found.file, seal=seal, key=form.key.data).batch
    except TakenInBefore as error:
        batch = error.batch_id
    except OutcomeChanged as error:
        keep_result(found, error.result, by)
        return redirect(url_for("imports.preview", preview_id=preview_id, changed=1, **_others()))
    return redirect(url_for("imports.detail", batch_id=batch, preview=preview_id, **_others()))


@bp.get(BATCH)
def detail(batch_id: int) -> str:
    """Show what was taken in."""
    return _show_batch(_batch(batch_id), UndoForm())


@bp.get(f"{BATCH}/purchases")
def purchases(batch_id: int) -> str:
    """List the purchases that a batch recorded or amended."""
    batch = _batch(batch_id)
    if batch.subject is not ImportSubject.PURCHASES:
        abort(404)
    after = max(request.args.get("after", 0, int), 0)
    rows = list_purchases_of(batch_id, after, PURCHASES_A_PAGE + 1)
    return render_template(
        "imports/purchases.html",
        batch=batch,
        rows=rows[:PURCHASES_A_PAGE],
        next_after=rows[PURCHASES_A_PAGE - 1].row_number if len(rows) > PURCHASES_A_PAGE else None,
    )


@bp.post(f"{BATCH}/undo")
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a batch back whole, or name what stands in the way."""
    batch, form = _batch(batch_id), UndoForm()
    if not may_undo(current_user, batch.subject, batch.actor_id):
        abort(403)
    if not form.validate():
        return _show_batch(batch, form), 400
    by, reason = acting_person(), form.reason.data.strip()
    if batch.imported > LONG_FILE:
        asked = {"batch": batch_id, "reason": reason}
        job = do_once(form.key.data, by, lambda: enqueue(UNDO, asked, by)).number
        return redirect(url_for("jobs.detail", job_id=job))
    try:
        do_once(form.key.data, by, lambda: undo_batch(batch_id, reason, by).batch_id)
    except AlreadyUndone:
        flash(_("This batch was taken back before."), "info")
    except UndoRefused as error:
        return _show_batch(
            _batch(batch_id), form, obstacles=[each.purchase_id for each in error.obstacles]
        ), 409
    else:
        flash(_("The batch has been taken back."), "success")
    return redirect(url_for("imports.detail", batch_id=batch_id))


def _receive(form: UploadForm) -> list[Preview]:
    """Keep what was sent, and let jobs look at long files, or at many."""
    by = acting_person()
    subject, options = form.wanted()
    found = []
    sources = list(form.sources())
    are_many = len(sources) > FILES_AT_ONCE
    for name, stream in sources:
        sha256 = keep_upload(stream, by.at)
        begun = begin_preview(sha256, name, subject, options, by, is_long=are_many or _is_long(sha256))
        found.append(_look_later(begun) if begun.is_long else begun)
    return found


def _is_long(sha256: str) -> bool:
    try:
        return count_rows(uploaded(sha256), LONG_FILE + 1) > LONG_FILE
    except UnreadableFile:  # the preview tells why
        return False


def _look_later(found: Preview) -> Preview:
    return note_job(found, enqueue(PREVIEW, {"preview": found.id}, acting_person()))


def _look_anew(found: Preview) -> Response:
    """Lead to what the file would do now; a long one is looked at by a job."""
    if found.is_long:
        return redirect(url_for("jobs.detail", job_id=_look_later(found).job_id))
    return redirect(url_for("imports.preview", preview_id=found.id, **_others()))


def _renew(found: Preview) -> Preview:
    """Return what the file would do as things are; a long one is looked at again only when asked to."""
    if found.is_long or found.unreadable or (found.told and not found.is_outdated):
        return found
    return tell(found, current_user, acting_person())


def _find_preview(preview_id: str) -> Preview | None:
    found = find_preview(preview_id, current_user.id)
    return found if found and may(current_user, ACTS[found.subject]) else None


def _own_preview(preview_id: str) -> Preview:
    found = find_preview(preview_id, current_user.id) or abort(404)
    require(ACTS[found.subject])
    return found


def _show(
    found: Preview,
    form: ConfirmForm,
    late_form: LateForm | None = None,
    names_form: NamesForm | None = None,
) -> str:
    told = found.told
    context: dict[str, Any] = {"preview": found, "form": form, "others": _others()}
    if told is None:
        assert found.unreadable
        return render_template(
            "imports/unreadable.html", **context, reason=explain_unreadable(found.unreadable)
        )
    code = request.args.get("code")
    if code not in told.examples:
        code = None
    errors, warnings = told.count(Severity.ERROR), told.count(Severity.WARNING)
    asked = request.args.get("severity", "error" if errors and not code else "")
    severity = Severity(asked) if asked in list(Severity) else None
    page = max(request.args.get("page", 1, int), 1)
    first = (page - 1) * PROBLEMS_A_PAGE
    form.seal.data = told.seal
    if names_form is None and told.account.get("unresolved"):
        names_form = NamesForm(None)
        names_form.offer(told.account["unresolved"], current_user)
    return render_template(
        "imports/preview.html",
        **context,
        told=told,
        account=told.account,
        errors=errors,
        warnings=warnings,
        kinds=sorted(
            told.examples.items(), key=lambda each: (KINDS[each[0]].severity, -told.count(code=each[0]))
        ),
        severity=severity,
        code=code,
        problems=page_of_problems(found, severity, code, first, PROBLEMS_A_PAGE),
        page=page,
        page_count=_pages(told.count(severity, code), PROBLEMS_A_PAGE),
        late_form=late_form or LateForm(None, late_reason=found.options.late_reason),
        names_form=names_form,
        is_late=bool({"period_closed", "entered_late"} & told.examples.keys()),
        is_changed="changed" in request.args,
        is_outdated=found.is_outdated,
    )


def _batch(batch_id: int) -> ImportBatch:
    return find_batch(batch_id) or abort(404)


def _show_batch(batch: ImportBatch, form: UndoForm, obstacles: list[int] | None = None) -> str:
    preview = _find_preview(request.args.get("preview", ""))
    return render_template(
        "imports/detail.html",
        batch=batch,
        account=result_of(batch),
        person=names_of("account", {batch.actor_id})[batch.actor_id],
        form=form,
        obstacles=obstacles or [],
        may_undo=batch.undone_at is None and may_undo(current_user, batch.subject, batch.actor_id),
        preview=preview,
        edition=find_edition_of(batch.id),
        others=_others(),
        may_write=may(current_user, Act.WRITE_PURCHASES),
    )


def _others() -> dict[str, Any]:
    """Return the other files that were sent together, as the address carries them on."""
    numbers = request.args.getlist("p")
    return {"p": numbers} if numbers else {}


def _pages(number: int, of: int) -> int:
    return max(1, -(-number // of))


@layouts.get("", endpoint="index")
def index_of_layouts() -> str:
    """List the layouts that are shipped and those that were learnt, and the names that are remembered."""
    page = max(request.args.get("page", 1, int), 1)
    learnt, remembered = list_learnt(), list_aliases((page - 1) * NAMES_A_PAGE, NAMES_A_PAGE)
    people = {each.learnt_by for each in learnt} | {each.learnt_by for each in remembered}
    return render_template(
        "imports/layouts.html",
        shipped=LAYOUTS,
        learnt=learnt,
        aliases=remembered,
        names=names_of("account", people),
        form=ActForm(None),
        may_keep=may(current_user, Act.KEEP_LAYOUTS),
        page=page,
        page_count=_pages(count_aliases(), NAMES_A_PAGE),
    )


@layouts.get("/shipped/<name>")
def shipped(name: str) -> str:
    """Show which headings a shipped layout knows."""
    layout = next((each for each in LAYOUTS if each.name == name), None) or abort(404)
    return render_template("imports/layout_shipped.html", layout=layout)


@layouts.get(LAYOUT, endpoint="detail")
def detail_of_layout(layout_id: int) -> str:
    """Show what was learnt, and who changed it."""
    row = find_learnt(layout_id) or abort(404)
    return render_template(
        "imports/layout.html",
        row=row,
        person=names_of("account", {row.learnt_by})[row.learnt_by],
        events=tell_events(history_of("layout", layout_id)),
        form=RetireForm(None, version=row.version),
        may_keep=may(current_user, Act.KEEP_LAYOUTS) and row.retired_at is None,
    )


@layouts.route(f"{LAYOUT}/edit", methods=["GET", "POST"], endpoint="edit")
def edit_layout(layout_id: int) -> ResponseReturnValue:
    """Change what the columns mean; where somebody was faster, show both."""
    row, form, conflict = find_learnt(layout_id) or abort(404), LayoutForm(), None
    if row.retired_at:
        return redirect(url_for("layouts.detail", layout_id=layout_id))
    required = required_of(row.subject)
    form.offer(row.subject, [heading for heading, _field in row.draft.columns], set(chain(*required)))
    if not form.is_submitted():
        form.show(row.draft)
        form.go_on_from(row.version)
    elif form.validate() and form.demand(
        # Who brings a file may say the department or the year for all of it.
        row.subject,
        missing_fields(required, form.draft().fields, frozenset({"department", "fiscal_year"})),
    ):
        draft, version, by = form.draft(), form.version.data or 0, acting_person()

        def change() -> int:
            change_layout(layout_id, draft, version, by)
            return layout_id

        try:
            do_once(form.key.data, by, change)
        except NameTaken:
            form.name.errors = [_("Another layout has this name. Choose another one.")]
        except UnknownLayout:
            return redirect(url_for("layouts.detail", layout_id=layout_id))
        except StaleLayout:
            row = find_learnt(layout_id) or abort(404)
            conflict = wording.tell_differences(row.subject, row.draft, draft)
            form.go_on_from(row.version)
        else:
            flash(_("The layout has been changed."), "success")
            return redirect(url_for("layouts.detail", layout_id=layout_id))
    page = render_template(
        "imports/layout_edit.html", row=row, form=form, lines=form.lines(), conflict=conflict
    )
    return page, 409 if conflict is not None else 400 if form.errors else 200


@layouts.post(f"{LAYOUT}/retire")
def retire(layout_id: int) -> ResponseReturnValue:
    """Take a layout out of use."""
    form, by = RetireForm(), acting_person()
    if not form.validate():
        abort(400)

    def act() -> int:
        retire_layout(layout_id, form.version.data or 0, by)
        return layout_id

    try:
        do_once(form.key.data, by, act)
    except UnknownLayout:
        abort(404)
    except StaleLayout:
        flash(_("Somebody else changed this layout meanwhile. Look at it again, then retire it."), "warning")
    else:
        flash(_("The layout is not used any more."), "success")
    return redirect(url_for("layouts.detail", layout_id=layout_id))


@layouts.post("/aliases/<int:alias_id>/withdraw", endpoint="withdraw_alias")
def withdraw(alias_id: int) -> ResponseReturnValue:
    """Do not remember a name any more."""
    form, by = ActForm(), acting_person()
    if not form.validate():
        abort(400)

    def act() -> int:
        withdraw_alias(alias_id, by)
        return alias_id

    try:
        do_once(form.key.data, by, act)
    except UnknownAlias:
        abort(404)
    flash(_("The name is not remembered any more. What came in by it stays."), "success")
    return redirect(url_for("layouts.index", _anchor="names"))
