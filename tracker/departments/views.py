"""Pages of departments: the tree, each with its trail, changes, reorganisations, a list from a file."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.once import do_once, find_outcome
from tracker.audit.queries import history_of
from tracker.audit.wording import tell
from tracker.core.money import Won
from tracker.core.names import normalise_heading
from tracker.departments import services
from tracker.departments.forms import (
    MOST_SUCCESSORS,
    NEW_SUCCESSORS,
    ClosingForm,
    DepartmentForm,
    ListForm,
    ReorganisationForm,
    WithdrawalForm,
)
from tracker.departments.queries import (
    DepartmentRow,
    list_departments,
    list_successions,
)
from tracker.departments.wording import REFUSALS, Change, explain, tell_differences
from tracker.imports.department_rows import DEPARTMENTS, DepartmentPlan, plan_departments
from tracker.imports.forms import ShortListFileForm, ShortListForm
from tracker.purchases.by_department import amounts_by_department
from tracker.totals.queries import Answer, TotalRow, answer
from tracker.totals.questions import Question
from tracker.web.clock import today
from tracker.web.filters import day as day_text
from tracker.web.requests import nearest_page

bp = Blueprint("departments", __name__, url_prefix="/admin/departments")
PAGE = 200


class Effect(NamedTuple):
    """A row of the comparison with last year, as it is and as it would be; None where it has no row."""

    label: str
    before: TotalRow | None
    after: TotalRow | None

    @property
    def is_split(self) -> bool:
        """Return whether nobody can say which part of last year belongs here."""
        succession = self.after and self.after.succession
        return bool(succession and succession.kind == "split")


@bp.get("")
def index() -> str:
    """Show the tree with what each department bought this year."""
    form = ListForm(request.args)
    rows, day = list_departments(), today()
    amounts = _amounts(day.year)
    wanted = normalise_heading(form.q.data or "")
    shown = [
        row
        for row in rows
        if (form.closed.data or not row.is_closed_on(day))
        and (
            not wanted or wanted in normalise_heading(row.name) or wanted in normalise_heading(row.code or "")
        )
    ]
    page, page_count = nearest_page(len(shown), PAGE)
    return render_template(
        "departments/index.html",
        form=form,
        day=day,
        rows=shown[(page - 1) * PAGE : page * PAGE],
        has_any=bool(rows),
        count=len(shown),
        amounts=amounts,
        total=sum(amounts.values()) if amounts else None,
        page=page,
        page_count=page_count,
        can_write=may(current_user, Act.WRITE_DEPARTMENTS),
    )


@bp.get("/<int:department_id>")
def detail(department_id: int) -> str:
    """Show a department, what came before and after it, and its trail."""
    rows = {row.id: row for row in list_departments()}
    row = rows.get(department_id) or abort(404)
    successions = list_successions()
    amounts, day = _amounts(today().year), today()
    return render_template(
        "departments/detail.html",
        row=row,
        rows=rows,
        day=day,
        amount=amounts.get(department_id, 0) if amounts else None,
        below=[
            each for each in rows.values() if each.parent_id == department_id and not each.is_closed_on(day)
        ],
        before=[each for each in successions if each.successor_id == department_id],
        after=[each for each in successions if each.predecessor_id == department_id],
        events=tell(history_of("department", department_id)),
        can_write=may(current_user, Act.WRITE_DEPARTMENTS),
    )


@bp.route("/new", methods=["GET", "POST"])
def create() -> str | Response | tuple[str, int]:
    """Add a department; the first one is the institution."""
    rows = list_departments()
    form = DepartmentForm()
    form.offer_parents(rows, None, today())
    if not form.is_submitted():
        if rows:
            form.parent.data = request.args.get("parent", rows[0].id, int)
        else:
            form.name.data = current_app.config["INSTITUTION"]
    elif form.validate():
        draft, by = form.draft(), acting_person()

        def add() -> int:
            return services.add_department(**vars(draft), by=by)

        try:
            made = do_once(form.key.data, by, add)
        except REFUSALS as error:
            form.form_errors.append(explain(error))
        else:
            flash(
                _said(_("The department %(name)s has been added.", name=draft.name), made.is_repeat),
                "success",
            )
            return redirect(url_for("departments.detail", department_id=made.number))
    return render_template("departments/form.html", form=form, row=None), 200 if not form.errors else 422


@bp.route("/<int:department_id>/edit", methods=["GET", "POST"])
def edit(department_id: int) -> str | Response | tuple[str, int]:
    """Change name, code, affiliation, place or first day of a department."""
    rows = list_departments()
    row = _find(rows, department_id)
    form = DepartmentForm()
    form.offer_parents(rows, row, today())
    is_stale, conflict = False, list[Change]()
    if not form.is_submitted():
        form.show(row)
    elif form.validate():
        draft, by, version = form.draft(), acting_person(), form.version.data or 0

        def change() -> int:
            return int(services.update_department(department_id, draft, version, by))

        try:
            made = do_once(form.key.data, by, change)
        except services.StaleDepartment:
            stored = _find(list_departments(), department_id)
            conflict = tell_differences(stored, draft, {each.id: each for each in rows})
            form.version.data, form.version.raw_data, is_stale = stored.version, None, True
        except REFUSALS as error:
            form.form_errors.append(explain(error))
        else:
            flash(_said(_("The changes have been saved."), made.is_repeat), "success")
            return redirect(url_for("departments.detail", department_id=department_id))
    page = render_template("departments/form.html", form=form, row=row, is_stale=is_stale, conflict=conflict)
    return page, 409 if is_stale else 422 if form.errors else 200


@bp.route("/<int:department_id>/close", methods=["GET", "POST"])
def close(department_id: int) -> str | Response | tuple[str, int]:
    """Close a department with its last day, or open a closed one again."""
    rows = list_departments()
    row = _find(rows, department_id)
    form = ClosingForm()
    conflict: list[Change] = []
    if not form.is_submitted():
        form.version.data, form.last_day.data = row.version, row.valid_to or today()
    elif form.validate():
        last_day, reason, by = form.last_day.data, form.reason.data, acting_person()

        def settle() -> int:
            services.close_department(department_id, last_day, by, reason, form.version.data)
            return department_id

        try:
            made = do_once(form.key.data, by, settle)
        except services.StaleDepartment:
            row = _find(list_departments(), department_id)
            conflict = [Change(_("Last day"), day_text(row.valid_to), day_text(last_day))]
            form.version.data, form.version.raw_data = row.version, None
        except services.NotClosed:
            form.last_day.errors = [_("Enter the last day on which the department is there.")]
        except REFUSALS as error:
            form.form_errors.append(explain(error))
        else:
            done = _("It is closed from the day after.") if last_day else _("It is open again.")
            flash(_said(done, made.is_repeat), "success")
            return redirect(url_for("departments.detail", department_id=department_id))
    page = render_template("departments/close.html", form=form, row=row, conflict=conflict)
    return page, 409 if conflict else 422 if form.errors else 200


@bp.route("/reorganise", methods=["GET", "POST"])
def reorganise() -> str | Response | tuple[str, int]:
    """Ask who hands over to whom, show what that does to the comparison, and store it when confirmed."""
    rows, day, status = list_departments(), today(), 200
    if not rows:
        return redirect(url_for("departments.index"))
    form = ReorganisationForm()
    form.offer(rows, day)
    step = request.form.get("step")
    done = find_outcome(form.key.data or "", acting_person()) if step == "confirm" else None
    if done is not None:
        # Those that handed over are closed by now, and the form would not know them any more.
        flash(_said("", is_repeat=True), "info")
        return redirect(url_for("departments.detail", department_id=done))
    if step == "more":
        for _each in range(min(NEW_SUCCESSORS, MOST_SUCCESSORS - len(form.new))):
            form.new.append_entry()
    elif step in ("preview", "confirm") and form.validate():
        try:
            if step == "confirm":
                try:
                    return _store_reorganisation(form, rows)
                except services.StaleDepartment:
                    rows, status = list_departments(), 409
                    said = _(
                        "Somebody changed one of these departments meanwhile. Look at the preview again."
                    )
                    flash(said, "warning")
            return _preview_reorganisation(form, rows, day), status
        except REFUSALS as error:
            form.form_errors.append(explain(error))
    elif not step:
        form.predecessors.data = request.args.getlist("predecessor", int)
    names = {row.id: row.path for row in rows}
    page = render_template(
        "departments/reorganise.html", form=form, successions=list_successions()[::-1], names=names
    )
    return page, 422 if form.errors else 200


@bp.route("/<int:department_id>/successors/<int:successor_id>", methods=["GET", "POST"])
def withdraw(department_id: int, successor_id: int) -> str | Response | tuple[str, int]:
    """Take back that one department succeeded another."""
    rows = list_departments()
    row, successor = _find(rows, department_id), _find(rows, successor_id)
    form = WithdrawalForm()
    if form.validate_on_submit():
        by = acting_person()

        def take_back() -> int:
            services.withdraw_succession(department_id, successor_id, form.reason.data, by)
            return department_id

        try:
            do_once(form.key.data, by, take_back)
        except services.UnknownDepartment:
            abort(404)
        except REFUSALS as error:
            form.form_errors.append(explain(error))
        else:
            flash(_("The succession has been taken back."), "success")
            return redirect(url_for("departments.reorganise"))
    elif not any(each[:2] == (department_id, successor_id) for each in list_successions()):
        abort(404)
    page = render_template("departments/withdraw.html", form=form, row=row, successor=successor)
    return page, 422 if form.errors else 200


@bp.route("/import", methods=["GET", "POST"])
def upload() -> str | Response | tuple[str, int]:
    """Read a list of departments from a file and show what it would add."""
    if not list_departments():
        return redirect(url_for("departments.index"))
    form = ShortListFileForm()
    if form.validate_on_submit() and (lines := form.read(DEPARTMENTS)):
        return _show_plan(ShortListForm.carrying(lines), plan_departments(lines))
    page = render_template("departments/upload.html", form=form, names=DEPARTMENTS.usual_headings())
    return page, 422 if form.errors else 200


@bp.post("/import/confirm")
def confirm() -> str | Response | tuple[str, int]:
    """Add the departments of a list that was looked at, all or none."""
    form = ShortListForm()
    try:
        lines = form.restore(DEPARTMENTS) if form.validate() else abort(400)
    except ValueError:
        abort(400)
    by = acting_person()

    def add() -> int:
        plan = plan_departments(lines)
        if plan.is_refused:
            raise _ListRefused(plan)
        return len(services.add_departments(plan.drafts, by))

    try:
        made = do_once(form.key.data, by, add)
    except _ListRefused as refused:
        return _show_plan(form, refused.plan), 409
    flash(_said(_("Departments added: %(count)s.", count=made.number), made.is_repeat), "success")
    return redirect(url_for("departments.index"))


class _ListRefused(Exception):
    """What was right in the preview is not any more."""

    def __init__(self, plan: DepartmentPlan) -> None:
        super().__init__()
        self.plan = plan


def _show_plan(form: ShortListForm, plan: DepartmentPlan) -> str:
    return render_template("departments/plan.html", form=form, plan=plan)


def _preview_reorganisation(form: ReorganisationForm, rows: Sequence[DepartmentRow], day: date) -> str:
    happened_on = form.happened_on.data
    asked = Question(happened_on.year, same_period=day if day.year == happened_on.year else None)
    now = answer(asked)
    form.remember(rows)
    with services.rehearsed_reorganisation(
        form.predecessors.data,
        form.successors.data,
        happened_on,
        acting_person(),
        form.new_drafts(rows),
    ) as successors:
        then = answer(asked)
        names = {row.id: row.path for row in list_departments()}
    involved = {*form.predecessors.data, *successors}
    return render_template(
        "departments/preview.html",
        form=form,
        asked=asked,
        effects=_effects(now, then, involved, names),
        totals=Effect("", now.total, then.total),
        predecessors=[names[each] for each in form.predecessors.data],
        successors=[names[each] for each in successors],
        closing=[names[each] for each in form.predecessors.data if each not in successors],
        added=[names[each] for each in successors if each not in form.involved()],
    )


def _store_reorganisation(form: ReorganisationForm, rows: Sequence[DepartmentRow]) -> Response:
    by = acting_person()

    def store() -> int:
        return services.reorganise(
            form.predecessors.data,
            form.successors.data,
            form.happened_on.data,
            by,
            form.new_drafts(rows),
            form.versions(),
        )[0]

    made = do_once(form.key.data, by, store)
    flash(_("The reorganisation has been stored."), "success")
    return redirect(url_for("departments.detail", department_id=made.number))


def _effects(now: Answer, then: Answer, involved: set[int], names: dict[int, str]) -> list[Effect]:
    """Return the rows of the departments involved, and of all others whose comparison would change."""
    before = {row.key: row for row in now.rows}
    after = {row.key: row for row in then.rows}
    keys = {str(each) for each in involved}
    keys |= {key for key in before | after if _compared(before.get(key)) != _compared(after.get(key))}
    return [
        Effect(name, before.get(str(each)), after.get(str(each)))
        for each, name in names.items()
        if str(each) in keys
    ]


def _compared(row: TotalRow | None) -> tuple[object, ...] | None:
    return (type(row.comparison), row.comparison) if row else None


def _amounts(year: int) -> dict[int, Won]:
    """Return what each department bought this year; empty where the year has no data at all."""
    sums: dict[int, Won] = {}
    for (department_id, _kind), amount in amounts_by_department(year).items():
        sums[department_id] = sums.get(department_id, 0) + amount
    return sums


def _find(rows: Sequence[DepartmentRow], department_id: int) -> DepartmentRow:
    return next((row for row in rows if row.id == department_id), None) or abort(404)


def _said(done: str, is_repeat: bool) -> str:
    return str(_("This was done already; nothing changed a second time.")) if is_repeat else done
