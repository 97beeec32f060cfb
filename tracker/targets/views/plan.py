"""Pages of the yearly plan: its lines, typed in, pasted or copied."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, own_departments, require
from tracker.audit.once import do_once
from tracker.core.money import Unit
from tracker.core.vocabulary import Role
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.departments.wording import Change
from tracker.purchases.forms import ALL, department_choices
from tracker.purchases.lines import MOST_LINES, Grid, Line, grid_of, say_too_many, spread_behind
from tracker.targets import services, wording
from tracker.targets.forms import (
    PLAN_GRID,
    PLAN_SHOWN,
    PLAN_WANTED,
    CopyForm,
    PlanFilterForm,
    PlanLineForm,
    PlanLinesForm,
    RemovalForm,
    read_plan_lines,
)
from tracker.targets.plan_table import build_plan_table
from tracker.targets.queries import (
    PlanRow,
    find_plan_line,
    list_plan,
    list_plan_years,
    list_scheme_names,
    sum_plan,
)
from tracker.targets.views.shared import PAGE, YEAR, asked_form, bp, pressed, status_of, strike_out
from tracker.web.clock import today
from tracker.web.messages import tell_done
from tracker.web.requests import nearest_page

LINE = "/plan/lines/<int:line_id>"
BLANK_LINES = 8


@bp.get("/plan")
def plan() -> ResponseReturnValue:
    """Show the plan of a year: sums by department and scheme, and its lines."""
    departments, names, this_year = list_departments(), list_scheme_names(), today().year
    form = asked_form(PlanFilterForm, [*list_plan_years(), this_year, this_year + 1])
    form.offer(departments, names)
    if not form.validate():
        return render_template("targets/plan.html", form=form, table_of_sums=None), 400
    year, scheme = form.year.data, form.scheme.data or None
    ids = subtree_ids(int(form.department.data), departments) if form.department.data else None
    table = build_plan_table(departments, names, sum_plan(year, ids, scheme))
    page, page_count = nearest_page(table.lines, PAGE)
    own = _writable(departments, year)
    return render_template(
        "targets/plan.html",
        form=form,
        year=year,
        unit=Unit(form.unit.data),
        table_of_sums=table,
        lines=list_plan(year, ids, scheme, (page - 1) * PAGE, PAGE),
        names=names,
        page=page,
        page_count=page_count,
        own={row.id for row in own},
        copy=_copy_form(own, form.department.data),
        asked={"department": form.department.data, "scheme": form.scheme.data, "unit": form.unit.data},
    )


@bp.route(f"/plan/{YEAR}/new", methods=["GET", "POST"])
def create_plan(fiscal_year: int) -> ResponseReturnValue:
    """Write several lines of the plan at once, typed into a grid or pasted from a spreadsheet."""
    departments, names = list_departments(), list_scheme_names()
    own = _writable(departments, fiscal_year)
    form = PlanLinesForm()
    if not form.is_submitted():
        mine = {row.id for row in own}
        form.department_id.data = current_user.department_id if current_user.department_id in mine else None
    form.offer(own, names)
    if not form.is_submitted():
        return _show_grid(form, fiscal_year, Grid(PLAN_SHOWN, [{}] * BLANK_LINES))
    if form.department_id.data:
        require(Act.WRITE_PLANS, form.department_id.data)
    grid = grid_of(request.form, PLAN_GRID, PLAN_SHOWN)
    if form.pasted.data.strip():
        return _spread(form, fiscal_year, grid)
    if pressed() == "more":
        rows = [*grid.rows, *[{}] * BLANK_LINES][:MOST_LINES]
        return _show_grid(form, fiscal_year, Grid(grid.fields, rows))
    if len(grid.rows) > MOST_LINES:
        form.form_errors.append(say_too_many())
        return _show_grid(form, fiscal_year, grid), 422
    if not form.validate():
        return _show_grid(form, fiscal_year, grid), 422
    lines, drafts = read_plan_lines(
        grid.rows,
        fiscal_year,
        form.department_id.data,
        form.scheme.data,
        departments,
        {row.id for row in own},
    )
    if not drafts:
        if not lines:
            form.form_errors.append(_("Fill in at least one line."))
        return _show_grid(form, fiscal_year, grid, lines), 422
    by = acting_person()
    made = do_once(form.key.data, by, lambda: services.plan_purchases(drafts, by)[0])
    tell_done(
        _(
            "%(count)s lines for %(amount)s won have been added to the plan.",
            count=len(drafts),
            amount=f"{sum(draft.amount for draft in drafts):,}",
        ),
        is_repeat=made.is_repeat,
    )
    return redirect(url_for("targets.plan", year=fiscal_year, department=form.department_id.data))


@bp.post(f"/plan/{YEAR}/copy")
def copy_plan(fiscal_year: int) -> ResponseReturnValue:
    """Carry last year's plan forward, for departments that have written none yet."""
    departments = list_departments()
    own = _writable(departments, fiscal_year)
    form = _copy_form(own)
    if not form.validate():
        abort(400)
    ids = {row.id for row in own}
    if form.department.data:
        ids &= set(subtree_ids(int(form.department.data), departments))
    by = acting_person()
    made = do_once(form.key.data, by, lambda: len(services.copy_plan(fiscal_year - 1, fiscal_year, ids, by)))
    if made.number or made.is_repeat:
        tell_done(
            _("%(count)s lines of last year's plan have been copied.", count=made.number),
            is_repeat=made.is_repeat,
        )
    else:
        flash(_("Nothing was copied: last year has no plan, or this year's is begun already."), "info")
    return redirect(url_for("targets.plan", year=fiscal_year, department=form.department.data))


@bp.route(LINE, methods=["GET", "POST"])
def edit_plan_line(line_id: int) -> ResponseReturnValue:
    """Change one line of the plan."""
    row, form, conflict = _plan_line(line_id), PlanLineForm(), None
    departments, names = list_departments(), list_scheme_names()
    if not form.is_submitted():
        form.show(row)
    form.offer(_writable(departments, row.fiscal_year), names)
    if form.is_submitted() and form.validate():
        draft, version, by = form.draft(row.fiscal_year), form.version.data or 0, acting_person()

        def change() -> int:
            services.change_plan_line(line_id, draft, version, by)
            return line_id

        try:
            made = do_once(form.key.data, by, change)
        except services.Stale:
            row = _plan_line(line_id)
            paths = {each.id: each.path for each in departments}
            conflict = wording.differences(
                wording.tell_plan_line(row, paths, names), wording.tell_plan_line(draft, paths, names)
            )
            form.go_on_from(row.version)
        else:
            tell_done(_("The line has been changed."), is_repeat=made.is_repeat)
            return redirect(url_for("targets.plan", year=row.fiscal_year, department=draft.department_id))
    return _show_plan_line(form, row, conflict)


@bp.post(f"{LINE}/remove")
def remove_plan_line(line_id: int) -> ResponseReturnValue:
    """Strike a line out of the plan."""
    row = find_plan_line(line_id)
    if row:
        require(Act.WRITE_PLANS, row.department_id)
    if strike_out(lambda version, by: services.remove_plan_line(line_id, version, by)):
        year, department = (row.fiscal_year, row.department_id) if row else (None, None)
        return redirect(url_for("targets.plan", year=year, department=department))
    row, form = _plan_line(line_id), PlanLineForm(formdata=None)
    form.show(row)
    form.offer(_writable(list_departments(), row.fiscal_year), list_scheme_names())
    return _show_plan_line(form, row, [])


def _show_plan_line(
    form: PlanLineForm, row: PlanRow, conflict: Sequence[Change] | None
) -> ResponseReturnValue:
    removal = RemovalForm(formdata=None, version=row.version)
    page = render_template("targets/plan_line.html", form=form, row=row, conflict=conflict, removal=removal)
    return page, status_of(form, conflict)


def _plan_line(line_id: int) -> PlanRow:
    row = find_plan_line(line_id) or abort(404)
    require(Act.WRITE_PLANS, row.department_id)
    return row


def _writable(departments: Sequence[DepartmentRow], fiscal_year: int) -> list[DepartmentRow]:
    """Return the departments of the year whose plan the person signed in writes."""
    if not may(current_user, Act.WRITE_PLANS):
        return []
    own = own_departments(current_user) if current_user.role is Role.CLERK else None
    return [row for row in departments if row.was_there_in(fiscal_year) and (own is None or row.id in own)]


def _copy_form(own: Sequence[DepartmentRow], department: str = "") -> CopyForm:
    form = CopyForm(department=department)
    form.department.choices = [ALL, *department_choices(own)]
    return form


def _spread(form: PlanLinesForm, fiscal_year: int, grid: Grid) -> ResponseReturnValue:
    """Show the grid with the pasted block behind the lines that are filled in."""
    try:
        block = spread_behind(grid, form.pasted.data, PLAN_GRID, PLAN_WANTED)
    except ValueError as error:
        form.pasted.errors = [str(error)]
        return _show_grid(form, fiscal_year, grid), 422
    if block.left_out:
        flash(_("These columns were left out: %(columns)s.", columns=", ".join(block.left_out)), "warning")
    form.pasted.data = ""
    return _show_grid(form, fiscal_year, Grid(block.fields, block.rows))


def _show_grid(form: PlanLinesForm, fiscal_year: int, grid: Grid, lines: Sequence[Line] = ()) -> str:
    return render_template(
        "targets/plan_lines.html",
        form=form,
        year=fiscal_year,
        columns=[PLAN_GRID[name] for name in grid.fields],
        rows=grid.rows,
        lines={line.number: line for line in lines},
        most_lines=MOST_LINES,
    )
