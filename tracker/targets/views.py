"""Pages of schemes: what counts, what is to be reached and was, until when, and the yearly plan."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, own_departments, require
from tracker.audit.acting import Acting
from tracker.audit.forms import ActForm
from tracker.audit.once import Outcome, do_once
from tracker.core.money import Unit, Won
from tracker.core.shares import share_percents
from tracker.core.vocabulary import Kind, Role, Word
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.departments.wording import Change
from tracker.enterprises.queries import list_types
from tracker.imports.cells import FIRST_YEAR, LAST_YEAR
from tracker.purchases.forms import ALL, department_choices
from tracker.purchases.lines import MOST_LINES, Grid, Line, grid_of, say_too_many, spread_behind
from tracker.spending.queries import list_years
from tracker.targets import services, wording
from tracker.targets.forms import (
    NAMED_KINDS,
    PLAN_GRID,
    PLAN_SHOWN,
    PLAN_WANTED,
    AmountLineForm,
    AskedForm,
    BudgetsForm,
    CarryForm,
    CopyForm,
    DeadlineForm,
    PlanFilterForm,
    PlanLineForm,
    PlanLinesForm,
    RemovalForm,
    RuleForm,
    SharesForm,
    TargetsForm,
    read_plan_lines,
)
from tracker.targets.plan_table import build_plan_table
from tracker.targets.queries import (
    WHOLE,
    DeadlineRow,
    PlanRow,
    SchemeRow,
    TargetRow,
    budget_history,
    find_deadline,
    find_plan_line,
    find_scheme,
    list_budgets,
    list_deadlines,
    list_plan,
    list_plan_years,
    list_rule_years,
    list_scheme_names,
    list_schemes,
    list_targets,
    sum_plan,
    whole_amount,
)
from tracker.targets.sharing import ShareBy, share_out
from tracker.totals.attainment import (
    Order,
    Weights,
    list_departments_reached,
    list_standings,
    weights_of,
)
from tracker.totals.rates import departments_in, effects_of, lines_counted, rates_of, sum_counted
from tracker.web.clock import today

bp = Blueprint("targets", __name__, url_prefix="/admin/targets")
YEAR = f"<int(min={FIRST_YEAR}, max={LAST_YEAR}):fiscal_year>"
SCHEME = f"/schemes/<scheme>/{YEAR}"
DEADLINE = "/deadlines/<int:deadline_id>"
LINE = "/plan/lines/<int:line_id>"
PAGE = 100
MONTHS_AHEAD = 14
BLANK_LINES = 8

Asked = TypeVar("Asked", bound=AskedForm)


AnyWord = TypeVar("AnyWord", bound=Word)
Otherwise = TypeVar("Otherwise")


class ShareLine(NamedTuple):
    """A department's line: what it weighs in won and percent, and its part as it stands now."""

    form: AmountLineForm
    department: DepartmentRow
    weight: Won
    percent: str
    now: Won | None


@bp.context_processor
def _common() -> dict[str, object]:
    """Give the pages of this room what all of them ask for."""
    return {"say": wording, "can_write": may(current_user, Act.WRITE_TARGETS)}


@bp.get("")
def index() -> ResponseReturnValue:
    """Show every scheme of a year: what it counts, its rates by kind, targets, attainment, and budgets."""
    this_year = today().year
    form = _asked(AskedForm, [*list_rule_years(), *list_years(), this_year, this_year + 1])
    if not form.validate():
        return render_template("targets/index.html", form=form, standings=None), 400
    year = form.year.data
    return render_template(
        "targets/index.html",
        form=form,
        year=year,
        unit=Unit(form.unit.data),
        standings=list_standings(year),
        source=_carried_from(year),
        carry=CarryForm(),
        type_names=_type_names(),
    )


@bp.post(f"/{YEAR}/carry")
def carry(fiscal_year: int) -> Response:
    """Carry rules, rate targets and deadlines of the latest year before forward into this one."""
    form, source, by = CarryForm(), _carried_from(fiscal_year), acting_person()
    if not form.validate():
        abort(400)

    def copy() -> int:
        if source is None:
            raise services.AlreadySet
        services.copy_year(source, fiscal_year, by)
        return fiscal_year

    try:
        made = do_once(form.key.data, by, copy)
    except services.AlreadySet:
        flash(_("Every scheme has a rule of this year already; nothing was carried forward."), "info")
    else:
        _tell(made, _("Rules, rate targets and deadlines have been carried forward. Check the notices."))
    return redirect(url_for("targets.index", year=fiscal_year))


@bp.get(SCHEME)
def detail(scheme: str, fiscal_year: int) -> str:
    """Show a scheme's rule and rates, what its exclusions do, and how far each department got."""
    row = _find(scheme, fiscal_year)
    order = _word(Order, "order", Order.ATTAINMENT)
    [standing] = list_standings(fiscal_year, scheme)
    return render_template(
        "targets/detail.html",
        scheme=row,
        year=fiscal_year,
        unit=Unit.THOUSAND,
        standing=standing,
        told=wording.tell_rule(row.rule, _type_names()),
        effects=effects_of(fiscal_year, row.rule) if row.rule.exclusions else None,
        departments=list_departments_reached(fiscal_year, scheme, order),
        order=order,
        orders=list(Order),
    )


@bp.get(f"{SCHEME}/purchases")
def purchases(scheme: str, fiscal_year: int) -> str:
    """List the purchases behind one figure of a scheme."""
    row = _find(scheme, fiscal_year)
    kind, number = _word(Kind, "kind", None), request.args.get("department", type=int)
    found = next(
        (
            rate
            for rate in rates_of(fiscal_year, scheme, by_department=number is not None)
            if rate.kind is kind and (rate.department.id if rate.department else None) == number
        ),
        None,
    ) or abort(404)
    counted = [found.department] if found.department else list_departments()
    ids = [each.id for each in departments_in(row.rule.predicate, counted)]
    lines = lines_counted(fiscal_year, row.rule, ids, kind, _after(), PAGE + 1)
    return render_template(
        "targets/purchases.html",
        scheme=row,
        year=fiscal_year,
        found=found,
        whole=sum_counted(fiscal_year, row.rule, ids, kind),
        lines=lines[:PAGE],
        next_after=f"{lines[PAGE - 1].day}.{lines[PAGE - 1].line_id}" if len(lines) > PAGE else None,
    )


@bp.route(f"{SCHEME}/rule", methods=["GET", "POST"])
def edit(scheme: str, fiscal_year: int) -> ResponseReturnValue:
    """Set what a scheme counts in a year; what the exclusions would do is shown beside them."""
    row, form, types = _find(scheme, fiscal_year), RuleForm(), _type_names()
    form.offer(types)
    rule, conflict = row.rule, None
    if not form.is_submitted():
        form.show(rule, fiscal_year)
    elif form.validate():
        draft, version, by = form.draft(scheme, fiscal_year), form.version.data, acting_person()
        rule = draft.rule()
        if _act() == "save":
            try:
                made = do_once(form.key.data, by, lambda: services.save_rule(draft, version, by))
            except services.Stale:
                stored = _find(scheme, fiscal_year).rule
                conflict = wording.differences(
                    wording.tell_rule(stored, types), wording.tell_rule(rule, types)
                )
                form.go_on_from(stored, fiscal_year)
            else:
                _tell(made, _("The rule has been saved; the rates follow it."))
                return redirect(url_for("targets.detail", scheme=scheme, fiscal_year=fiscal_year))
    form.add_blank_lines()
    page = render_template(
        "targets/rule.html",
        form=form,
        scheme=row,
        year=fiscal_year,
        effects=effects_of(fiscal_year, rule),
        conflict=conflict,
    )
    return page, _status(form, conflict)


@bp.route(f"{SCHEME}/targets", methods=["GET", "POST"])
def edit_targets(scheme: str, fiscal_year: int) -> ResponseReturnValue:
    """Set the institution's targets of a scheme: a rate, an amount, or both, with the ground."""
    row, form, conflict = _find(scheme, fiscal_year), TargetsForm(), None
    standing = _institution_targets(scheme, fiscal_year)
    if not form.is_submitted():
        kinds = [kind for kind in NAMED_KINDS if kind in row.rule.predicate.kinds or kind in standing]
        form.show([*kinds, WHOLE], standing)
    elif form.validate() and _act() == "save":
        drafts, by = form.drafts(scheme, fiscal_year), acting_person()

        def set_all() -> int:
            for draft, version in drafts:
                services.set_target(draft, version, by)
            return fiscal_year

        try:
            made = do_once(form.key.data, by, set_all)
        except services.Stale:
            standing = _institution_targets(scheme, fiscal_year)
            conflict = wording.differences(
                wording.tell_targets(list(standing.values())),
                wording.tell_targets([draft for draft, _version in drafts]),
            )
            form.take_notice(standing)
        else:
            _tell(made, _("The targets have been saved."))
            return redirect(url_for("targets.detail", scheme=scheme, fiscal_year=fiscal_year))
    [reached] = list_standings(fiscal_year, scheme)
    page = render_template(
        "targets/targets.html",
        form=form,
        scheme=row,
        year=fiscal_year,
        standing=reached,
        rates={rate.kind or WHOLE: rate for rate in reached.rates},
        conflict=conflict,
    )
    return page, _status(form, conflict)


@bp.route(f"{SCHEME}/shares", methods=["GET", "POST"])
def share(scheme: str, fiscal_year: int) -> ResponseReturnValue:
    """Share the institution's target out among the departments: first looked at, then saved."""
    row, form, status = _find(scheme, fiscal_year), SharesForm(), 200
    share_by = _word(ShareBy, "by", ShareBy.RESULTS)
    targets = list_targets(fiscal_year, scheme)
    weights = weights_of(share_by, fiscal_year, row)
    if form.is_submitted():
        by = acting_person()
        try:
            if form.check(weights.departments):
                made = do_once(form.key.data, by, lambda: _share(form, scheme, fiscal_year, by))
                _tell(made, _("The parts of the departments have been saved."))
                return redirect(url_for("targets.detail", scheme=scheme, fiscal_year=fiscal_year))
        except services.NotTheWhole as error:
            form.form_errors.append(_say_difference(error.difference))
        except services.Stale:
            targets, status = list_targets(fiscal_year, scheme), 409
            form.go_on_from(targets)
        status = 422 if form.errors else status
    whole = whole_amount(targets)
    now = {each.department_id: each.amount or 0 for each in targets if each.department_id and not each.kind}
    if whole is not None and not form.is_submitted():
        is_by_hand = share_by is ShareBy.HAND
        form.show(weights.departments, now if is_by_hand else share_out(whole, weights.by_department))
        form.go_on_from(targets)
        form.reason.data = None if is_by_hand else share_by.korean
    page = render_template(
        "targets/shares.html",
        form=form,
        scheme=row,
        year=fiscal_year,
        whole=whole,
        share_by=share_by,
        ways=list(ShareBy),
        lines=_share_lines(form, weights, now),
        weights=weights,
        together=sum(form.amounts().values()),
        is_stale=status == 409,
    )
    return page, status


@bp.get("/budgets")
def budgets() -> ResponseReturnValue:
    """Show 구매가능예산 of a year by department beside that of the year before."""
    this_year = today().year
    form = _asked(AskedForm, [*list_rule_years(), *list_years(), this_year, this_year + 1])
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
            _tell(made, _("Budgets recorded: %(count)s.", count=made.number))
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


@bp.get("/deadlines")
def deadlines() -> str:
    """Show what is due in the coming months, month by month."""
    asked = re.fullmatch("((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])", request.args.get("month", ""))
    day = today()
    first = date(int(asked[1]), int(asked[2]), 1) if asked else day.replace(day=1)
    months = [_months_on(first, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    rows = list_deadlines(first, date.fromordinal(months.pop().toordinal() - 1))
    return render_template(
        "targets/deadlines.html",
        months=[
            (month, [(row, (row.due_on - day).days) for row in rows if row.due_on.replace(day=1) == month])
            for month in months
        ],
        count=len(rows),
        earlier=f"{_months_on(first, -MONTHS_AHEAD):%Y-%m}",
        later=f"{_months_on(first, MONTHS_AHEAD):%Y-%m}",
        is_now=first == day.replace(day=1),
    )


@bp.route("/deadlines/new", methods=["GET", "POST"])
def create_deadline() -> ResponseReturnValue:
    """Enter something that is due."""
    form = DeadlineForm()
    form.offer(list_scheme_names())
    if not form.is_submitted():
        form.fiscal_year.data = today().year
    elif form.validate():
        draft, by = form.draft(), acting_person()
        made = do_once(form.key.data, by, lambda: services.add_deadline(draft, by))
        _tell(made, _("The deadline has been entered."))
        return redirect(url_for("targets.deadlines"))
    return _show_deadline(form, None, None)


@bp.route(DEADLINE, methods=["GET", "POST"])
def edit_deadline(deadline_id: int) -> ResponseReturnValue:
    """Change what is due, or when."""
    row, names = find_deadline(deadline_id) or abort(404), list_scheme_names()
    form, conflict = DeadlineForm(), None
    form.offer(names)
    if not form.is_submitted():
        form.show(row)
    elif form.validate():
        draft, version, by = form.draft(), form.version.data or 0, acting_person()

        def change() -> int:
            services.change_deadline(deadline_id, draft, version, by)
            return deadline_id

        try:
            made = do_once(form.key.data, by, change)
        except services.Stale:
            row = find_deadline(deadline_id) or abort(404)
            conflict = wording.differences(
                wording.tell_deadline(row, names), wording.tell_deadline(draft, names)
            )
            form.go_on_from(row.version)
        else:
            _tell(made, _("The deadline has been changed."))
            return redirect(url_for("targets.deadlines"))
    return _show_deadline(form, row, conflict)


@bp.post(f"{DEADLINE}/remove")
def remove_deadline(deadline_id: int) -> ResponseReturnValue:
    """Strike out something that is not due any more."""
    if _strike_out(lambda version, by: services.remove_deadline(deadline_id, version, by)):
        return redirect(url_for("targets.deadlines"))
    row, form = find_deadline(deadline_id) or abort(404), DeadlineForm(formdata=None)
    form.offer(list_scheme_names())
    form.show(row)
    return _show_deadline(form, row, [])


@bp.get("/plan")
def plan() -> ResponseReturnValue:
    """Show the plan of a year: sums by department and scheme, and its lines."""
    departments, names, this_year = list_departments(), list_scheme_names(), today().year
    form = _asked(PlanFilterForm, [*list_plan_years(), this_year, this_year + 1])
    form.offer(departments, names)
    if not form.validate():
        return render_template("targets/plan.html", form=form, table_of_sums=None), 400
    year, scheme = form.year.data, form.scheme.data or None
    ids = subtree_ids(int(form.department.data), departments) if form.department.data else None
    table = build_plan_table(departments, names, sum_plan(year, ids, scheme))
    page_count = -(-table.lines // PAGE) or 1
    page = min(max(request.args.get("page", 1, int), 1), page_count)
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
    if _act() == "more":
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
    _tell(
        made,
        _(
            "%(count)s lines for %(amount)s won have been added to the plan.",
            count=len(drafts),
            amount=f"{sum(draft.amount for draft in drafts):,}",
        ),
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
        _tell(made, _("%(count)s lines of last year's plan have been copied.", count=made.number))
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
            _tell(made, _("The line has been changed."))
            return redirect(url_for("targets.plan", year=row.fiscal_year, department=draft.department_id))
    return _show_plan_line(form, row, conflict)


@bp.post(f"{LINE}/remove")
def remove_plan_line(line_id: int) -> ResponseReturnValue:
    """Strike a line out of the plan."""
    row = find_plan_line(line_id)
    if row:
        require(Act.WRITE_PLANS, row.department_id)
    if _strike_out(lambda version, by: services.remove_plan_line(line_id, version, by)):
        year, department = (row.fiscal_year, row.department_id) if row else (None, None)
        return redirect(url_for("targets.plan", year=year, department=department))
    row, form = _plan_line(line_id), PlanLineForm(formdata=None)
    form.show(row)
    form.offer(_writable(list_departments(), row.fiscal_year), list_scheme_names())
    return _show_plan_line(form, row, [])


# What the pages share


def _asked(form: type[Asked], years: Iterable[int]) -> Asked:
    given: MultiDict[str, str] = request.args.copy()
    given.setdefault("year", str(today().year))
    if current_user.role is Role.CLERK and current_user.department_id:
        given.setdefault("department", str(current_user.department_id))
    asked = form(given)
    asked.offer_years(years)
    return asked


def _act() -> str:
    """Return which button was pressed; that of saving where none says so."""
    return request.form.get("act", "save")


def _status(form: ActForm, conflict: Sequence[Change] | None) -> int:
    if form.errors:
        return 422
    return 200 if conflict is None else 409


def _tell(made: Outcome, said: str) -> None:
    if made.is_repeat:
        flash(_("This was done already; nothing changed a second time."), "info")
    else:
        flash(said, "success")


def _word(words: type[AnyWord], name: str, otherwise: Otherwise) -> AnyWord | Otherwise:
    """Return the word that the address asks for."""
    asked = request.args.get(name)
    return words(asked) if asked in list(words) else otherwise


def _after() -> tuple[date, int] | None:
    """Return the line after which the list goes on; 404 for what is none."""
    text = request.args.get("after")
    if text is None:
        return None
    place = re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})[.]([0-9]{1,15})", text)
    try:
        return (date.fromisoformat(place[1]), int(place[2])) if place else abort(404)
    except ValueError:
        abort(404)


def _type_names() -> dict[str, str]:
    return {row.code: row.name for row in list_types()}


def _find(scheme: str, fiscal_year: int) -> SchemeRow:
    return find_scheme(scheme, fiscal_year) or abort(404)


def _department(departments: Sequence[DepartmentRow], department_id: int) -> DepartmentRow:
    return next((row for row in departments if row.id == department_id), None) or abort(404)


def _carried_from(fiscal_year: int) -> int | None:
    """Return the latest year before whose rules some schemes still go by."""
    years = [row.rule.fiscal_year for row in list_schemes(fiscal_year)]
    return max((year for year in years if year < fiscal_year), default=None)


def _institution_targets(scheme: str, fiscal_year: int) -> dict[str, TargetRow]:
    return {target.kind: target for target in list_targets(fiscal_year, scheme, ())}


def _share(form: SharesForm, scheme: str, fiscal_year: int, by: Acting) -> int:
    """Save the parts; a department with 0 has no target."""
    parts = {department_id: amount for department_id, amount in form.amounts().items() if amount}
    services.share_target(scheme, fiscal_year, parts, form.reason.data, by, seen=form.whole.data)
    return fiscal_year


def _say_difference(difference: Won) -> str:
    amount = f"{abs(difference):,}"
    if difference > 0:
        return str(_("The parts are %(amount)s won more than the whole. Take it off them.", amount=amount))
    return str(_("The parts are %(amount)s won less than the whole. Add it to them.", amount=amount))


def _share_lines(form: SharesForm, weights: Weights, now: Mapping[int, Won]) -> list[ShareLine]:
    by_id = {row.id: row for row in weights.departments}
    weighed = [max(weights.by_department[each], 0) for each in by_id]
    percents = dict(zip(by_id, share_percents(weighed), strict=True))
    return [
        ShareLine(
            line.form, by_id[number], weights.by_department[number], f"{percents[number]}", now.get(number)
        )
        for line in form.lines
        if (number := line.form.department.data) in by_id
    ]


def _budget_departments(fiscal_year: int, held: Collection[int]) -> list[DepartmentRow]:
    """Return the departments that may have a budget of the year, or have one."""
    rows = list_departments()
    parents = {row.parent_id for row in rows}
    return [
        row for row in rows if row.id in held or (row.id not in parents and row.was_there_in(fiscal_year))
    ]


def _months_on(first: date, number: int) -> date:
    """Return the first day of the month so many months on."""
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)


def _strike_out(act: Callable[[int, Acting], None]) -> bool:
    """Strike something out as the form showed it; False where somebody changed it meanwhile."""
    form, by = RemovalForm(), acting_person()
    if not form.validate():
        abort(400)

    def strike() -> int:
        act(form.version.data or 0, by)
        return 0

    try:
        made = do_once(form.key.data, by, strike)
    except services.UnknownRow:
        abort(404)
    except services.Stale:
        return False
    _tell(made, _("It has been struck out."))
    return True


def _show_deadline(
    form: DeadlineForm, row: DeadlineRow | None, conflict: Sequence[Change] | None
) -> ResponseReturnValue:
    removal = RemovalForm(formdata=None, version=row.version) if row else None
    page = render_template("targets/deadline.html", form=form, row=row, conflict=conflict, removal=removal)
    return page, _status(form, conflict)


def _show_plan_line(
    form: PlanLineForm, row: PlanRow, conflict: Sequence[Change] | None
) -> ResponseReturnValue:
    removal = RemovalForm(formdata=None, version=row.version)
    page = render_template("targets/plan_line.html", form=form, row=row, conflict=conflict, removal=removal)
    return page, _status(form, conflict)


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
