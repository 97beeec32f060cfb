"""Pages of 구매가능예산: what could be bought of, by department and year."""

from collections.abc import Collection, Sequence

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts.access import acting_person
from tracker.audit.once import do_once
from tracker.core.money import Unit
from tracker.departments.queries import DepartmentRow, list_departments
from tracker.spending.queries import list_years
from tracker.targets import services
from tracker.targets.forms import AskedForm, BudgetsForm
from tracker.targets.queries import budget_history, list_budgets, list_rule_years
from tracker.targets.views.shared import YEAR, asked_form, bp
from tracker.web.clock import today
from tracker.web.messages import tell_done


@bp.get("/budgets")
def budgets() -> ResponseReturnValue:
    """Show 구매가능예산 of a year by department beside that of the year before."""
    this_year = today().year
    form = asked_form(AskedForm, [*list_rule_years(), *list_years(), this_year, this_year + 1])
    if not form.validate():
        return render_template("targets/budgets.html", form=form, rows=None), 400
    year = form.year.data
    standing, before = list_budgets(year), list_budgets(year - 1)
    return render_template(
        "targets/budgets.html",
        form=form,
        year=year,
        unit=Unit(form.unit.data),
        rows=[
            (row, standing.get(row.id), before.get(row.id))
            for row in _budget_departments(year, standing.keys() | before.keys())
        ],
        total=sum(row.amount for row in standing.values()) if standing else None,
        total_before=sum(row.amount for row in before.values()) if before else None,
    )


@bp.get(f"/budgets/<int:department_id>/{YEAR}")
def budget(department_id: int, fiscal_year: int) -> str:
    """Show how a department's 구매가능예산 of a year came about."""
    return render_template(
        "targets/budget.html",
        department=_department(list_departments(), department_id),
        year=fiscal_year,
        history=budget_history(department_id, fiscal_year),
    )


@bp.route(f"/budgets/{YEAR}/edit", methods=["GET", "POST"])
def edit_budgets(fiscal_year: int) -> ResponseReturnValue:
    """Enter the budgets of all departments at once; what changes replaces what stood there."""
    form, stale = BudgetsForm(), set[int]()
    standing = list_budgets(fiscal_year)
    departments = _budget_departments(fiscal_year, standing.keys())
    if not form.is_submitted():
        form.show_standing(departments, standing)
    elif form.check(departments):
        by = acting_person()

        def record() -> int:
            return services.record_budgets(fiscal_year, form.amounts(), form.seen(), form.reason.data, by)

        try:
            made = do_once(form.key.data, by, record)
        except services.StaleBudgets as error:
            stale, standing = set(error.standing), list_budgets(fiscal_year)
            form.take_notice(standing)
        else:
            tell_done(_("Budgets recorded: %(count)s.", count=made.number), is_repeat=made.is_repeat)
            return redirect(url_for("targets.budgets", year=fiscal_year))
    by_id = {row.id: row for row in departments}
    page = render_template(
        "targets/budgets_form.html",
        form=form,
        year=fiscal_year,
        lines=[
            (line.form, by_id[line.form.department.data], standing.get(line.form.department.data))
            for line in form.lines
            if line.form.department.data in by_id
        ],
        stale=stale,
    )
    return page, 422 if form.errors else 409 if stale else 200


def _department(departments: Sequence[DepartmentRow], department_id: int) -> DepartmentRow:
    return next((row for row in departments if row.id == department_id), None) or abort(404)


def _budget_departments(fiscal_year: int, held: Collection[int]) -> list[DepartmentRow]:
    """Return the departments that may have a budget of the year, or have one."""
    rows = list_departments()
    parents = {row.parent_id for row in rows}
    return [
        row for row in rows if row.id in held or (row.id not in parents and row.was_there_in(fiscal_year))
    ]
