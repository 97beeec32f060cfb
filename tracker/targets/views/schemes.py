"""Pages of schemes: what counts, what is to be reached and was, and the parts of the departments."""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.audit.acting import Acting
from tracker.audit.once import do_once
from tracker.core.money import Unit, Won
from tracker.core.shares import share_percents
from tracker.core.vocabulary import Kind, Word
from tracker.departments.queries import DepartmentRow, list_departments
from tracker.enterprises.queries import list_types
from tracker.spending.queries import list_years
from tracker.targets import services, wording
from tracker.targets.forms import (
    NAMED_KINDS,
    AmountLineForm,
    AskedForm,
    CarryForm,
    RuleForm,
    SharesForm,
    TargetsForm,
)
from tracker.targets.queries import (
    WHOLE,
    SchemeRow,
    TargetRow,
    find_scheme,
    list_rule_years,
    list_schemes,
    list_targets,
    whole_amount,
)
from tracker.targets.sharing import ShareBy, share_out
from tracker.targets.views.shared import PAGE, YEAR, asked_form, bp, pressed, status_of
from tracker.totals.attainment import Order, Weights, list_departments_reached, list_standings, weights_of
from tracker.totals.rates import departments_in, effects_of, lines_counted, rates_of, sum_counted
from tracker.web.clock import today
from tracker.web.messages import tell_done
from tracker.web.requests import place_asked

SCHEME = f"/schemes/<scheme>/{YEAR}"

AnyWord = TypeVar("AnyWord", bound=Word)
Otherwise = TypeVar("Otherwise")


class ShareLine(NamedTuple):
    """A department's line: what it weighs in won and percent, and its part as it stands now."""

    form: AmountLineForm
    department: DepartmentRow
    weight: Won
    percent: str
    now: Won | None


@bp.get("")
def index() -> ResponseReturnValue:
    """Show every scheme of a year: what it counts, its rates by kind, targets, attainment, and budgets."""
    this_year = today().year
    form = asked_form(AskedForm, [*list_rule_years(), *list_years(), this_year, this_year + 1])
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
        tell_done(
            _("Rules, rate targets and deadlines have been carried forward. Check the notices."),
            is_repeat=made.is_repeat,
        )
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
    lines = lines_counted(fiscal_year, row.rule, ids, kind, place_asked(), PAGE + 1)
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
        if pressed() == "save":
            try:
                made = do_once(form.key.data, by, lambda: services.save_rule(draft, version, by))
            except services.Stale:
                stored = _find(scheme, fiscal_year).rule
                conflict = wording.differences(
                    wording.tell_rule(stored, types), wording.tell_rule(rule, types)
                )
                form.go_on_from(stored, fiscal_year)
            else:
                tell_done(_("The rule has been saved; the rates follow it."), is_repeat=made.is_repeat)
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
    return page, status_of(form, conflict)


@bp.route(f"{SCHEME}/targets", methods=["GET", "POST"])
def edit_targets(scheme: str, fiscal_year: int) -> ResponseReturnValue:
    """Set the institution's targets of a scheme: a rate, an amount, or both, with the ground."""
    row, form, conflict = _find(scheme, fiscal_year), TargetsForm(), None
    standing = _institution_targets(scheme, fiscal_year)
    if not form.is_submitted():
        kinds = [kind for kind in NAMED_KINDS if kind in row.rule.predicate.kinds or kind in standing]
        form.show([*kinds, WHOLE], standing)
    elif form.validate() and pressed() == "save":
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
            tell_done(_("The targets have been saved."), is_repeat=made.is_repeat)
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
    return page, status_of(form, conflict)


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
                tell_done(_("The parts of the departments have been saved."), is_repeat=made.is_repeat)
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


def _word(words: type[AnyWord], name: str, otherwise: Otherwise) -> AnyWord | Otherwise:
    """Return the word that the address asks for."""
    asked = request.args.get(name)
    return words(asked) if asked in list(words) else otherwise


def _type_names() -> dict[str, str]:
    return {row.code: row.name for row in list_types()}


def _find(scheme: str, fiscal_year: int) -> SchemeRow:
    return find_scheme(scheme, fiscal_year) or abort(404)


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
