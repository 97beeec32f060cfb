"""Pages of total spending: the table by year, a department's figures with their history, entering them."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, own_departments, require
from tracker.audit.once import Outcome, do_once
from tracker.core.money import Unit
from tracker.core.vocabulary import Role
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.imports.cells import FIRST_YEAR, LAST_YEAR
from tracker.purchases.by_department import amounts_by_department
from tracker.spending.forms import EntryForm, LineForm, OverviewForm, PlaceForm, WithdrawalForm
from tracker.spending.overview import build_overview
from tracker.spending.queries import (
    Figure,
    count_history,
    find_figure,
    list_figures,
    list_history,
    list_years,
    spending_by_department,
)
from tracker.spending.services import Place, StaleSpending, enter_spending, withdraw_figure
from tracker.web.clock import today
from tracker.web.messages import tell_done
from tracker.web.requests import nearest_page

bp = Blueprint("spending", __name__, url_prefix="/spending")
PAGE = 100
PLACE = "/<int:department_id>/<int(max=9999):fiscal_year>"


class EntryLine(NamedTuple):
    """A line of the form beside the figure that stands there; `is_changed`: somebody else was faster."""

    form: LineForm
    standing: Figure | None
    is_changed: bool


@bp.get("")
def index() -> str | tuple[str, int]:
    """Show total spending of a year by department and kind, and where purchases exceed it."""
    departments, this_year = list_departments(), today().year
    years = sorted({*list_years(), this_year, this_year - 1}, reverse=True)
    given: MultiDict[str, str] = request.args.copy()
    given.setdefault("year", str(this_year))
    if current_user.role is Role.CLERK and current_user.department_id:
        given.setdefault("department", str(current_user.department_id))
    form = OverviewForm(given)
    form.offer(years, departments)
    if not form.validate():
        return render_template("spending/index.html", form=form, overview=None), 400
    year = form.year.data
    asked = {row.id for row in departments}
    if form.department.data:
        asked.intersection_update(subtree_ids(int(form.department.data), departments))
    return render_template(
        "spending/index.html",
        form=form,
        year=year,
        unit=Unit(form.unit.data),
        overview=build_overview(
            departments, asked, year, spending_by_department(year), amounts_by_department(year)
        ),
        can_write=may(current_user, Act.WRITE_SPENDING),
    )


@bp.get(PLACE)
def detail(department_id: int, fiscal_year: int) -> str:
    """Show a department's figures of a year by kind and 통계목, and what stood there before."""
    department = _find(list_departments(), department_id)
    page, page_count = nearest_page(count_history(department_id, fiscal_year), PAGE)
    figures = list_figures(department_id, fiscal_year)
    return render_template(
        "spending/detail.html",
        department=department,
        fiscal_year=fiscal_year,
        figures=figures,
        total=sum(figure.amount for figure in figures),
        history=list_history(department_id, fiscal_year, PAGE, (page - 1) * PAGE),
        page=page,
        page_count=page_count,
        can_write=may(current_user, Act.WRITE_SPENDING, department_id),
    )


@bp.get("/new")
def create() -> str | Response | tuple[str, int]:
    """Ask for which department and year figures shall be entered, and go there."""
    departments = _writable()
    form = _place_form(departments)
    if "department" in request.args and form.validate():
        return redirect(
            url_for("spending.edit", department_id=form.department.data, fiscal_year=form.year.data)
        )
    page = render_template("spending/choose.html", form=form, departments=departments)
    return page, 400 if form.errors else 200


@bp.route(f"{PLACE}/edit", methods=["GET", "POST"])
def edit(department_id: int, fiscal_year: int) -> str | Response | tuple[str, int]:
    """Enter the figures of a department and year; one that stood there is replaced and stays readable."""
    departments = _writable()
    department = _find(list_departments(), department_id)
    require(Act.WRITE_SPENDING, department_id)
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        abort(404)
    standing = {(each.kind, each.budget_item): each for each in list_figures(department_id, fiscal_year)}
    form, status = EntryForm(), 200
    stale: set[Place] = set()
    if not form.is_submitted():
        form.show(list(standing.values()))
    elif not form.validate():
        status = 422
    else:
        by = acting_person()

        def enter() -> int:
            recorded = enter_spending(department_id, fiscal_year, form.amounts(), form.seen(), by)
            return sum(each.spending_id is not None for each in recorded)

        try:
            made = do_once(form.key.data, by, enter)
        except StaleSpending as error:
            form.take_notice(error.standing)
            stale, status = set(error.standing), 409
        else:
            _tell(made)
            return _to_detail(department_id, fiscal_year)
    page = render_template(
        "spending/form.html",
        form=form,
        lines=[_entry_line(each.form, standing, stale) for each in form.lines],
        is_stale=bool(stale),
        is_faulty=status == 422,
        place=_place_form(departments, department_id, fiscal_year),
        department=department,
        fiscal_year=fiscal_year,
    )
    return page, status


@bp.route("/figures/<int:spending_id>/withdraw", methods=["GET", "POST"])
def withdraw(spending_id: int) -> str | Response | tuple[str, int]:
    """Take back a figure that should not stand there; the one before stands again."""
    figure = find_figure(spending_id) or abort(404)
    require(Act.WRITE_SPENDING, figure.department_id)
    back = _to_detail(figure.department_id, figure.fiscal_year)
    form = WithdrawalForm()
    if form.validate_on_submit():
        by, reason = acting_person(), form.reason.data

        def take_back() -> int:
            withdraw_figure(spending_id, reason, by)
            return spending_id

        try:
            do_once(form.key.data, by, take_back)
        except StaleSpending:
            abort(409)
        flash(_("The figure has been taken back."), "success")
        return back
    if figure.replaced_at:
        flash(_("This figure does not stand any more: look at the history."), "warning")
        return back
    department = _find(list_departments(), figure.department_id)
    page = render_template("spending/withdraw.html", form=form, figure=figure, department=department)
    return page, 422 if form.errors else 200


def _place_form(
    departments: Sequence[DepartmentRow], department_id: int | None = None, fiscal_year: int | None = None
) -> PlaceForm:
    given: MultiDict[str, str] = request.args.copy()
    own = current_user.department_id or (departments[0].id if departments else 0)
    given.setdefault("department", str(department_id or own))
    given.setdefault("year", str(fiscal_year or today().year))
    form = PlaceForm(given)
    form.department.choices = [SelectChoice(row.id, row.path) for row in departments]
    return form


def _writable() -> list[DepartmentRow]:
    """Return the departments for which the person signed in enters figures."""
    departments = list_departments()
    if current_user.role is not Role.CLERK:
        return departments
    own = own_departments(current_user)
    return [row for row in departments if row.id in own]


def _entry_line(form: LineForm, standing: Mapping[Place, Figure], stale: Collection[Place]) -> EntryLine:
    figure = standing.get(form.place) if form.place else None
    return EntryLine(form, figure, form.place in stale)


def _tell(made: Outcome) -> None:
    if made.is_repeat or made.number:
        tell_done(_("Figures recorded: %(count)s.", count=made.number), is_repeat=made.is_repeat)
    else:
        flash(_("Nothing differs from the figures that stand."), "info")


def _to_detail(department_id: int, fiscal_year: int) -> Response:
    return redirect(url_for("spending.detail", department_id=department_id, fiscal_year=fiscal_year))


def _find(departments: Sequence[DepartmentRow], department_id: int) -> DepartmentRow:
    return next((row for row in departments if row.id == department_id), None) or abort(404)
