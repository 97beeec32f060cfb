"""The report on a scheme (제도별 실적보고서): what counts, of what was spent, against the target."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from tracker.core.growth import Comparison
from tracker.core.money import Won, round_half_up
from tracker.core.rates import rate_text
from tracker.core.schemes import Predicate
from tracker.core.vocabulary import Basis, Kind, Measure, Procurement
from tracker.departments.queries import list_departments
from tracker.enterprises.queries import list_types
from tracker.reports.explanation import explain, find_explanation_faults, without_one_offs
from tracker.reports.figures import (
    ask,
    basis_of,
    compared,
    figure,
    figures_by,
    find_common_faults,
    find_type_faults,
    grouped,
    head_of,
    lines_of_report,
    participation_of,
    points_between,
    question_of,
    shared,
    spending_comparison,
    total_of,
)
from tracker.reports.planned import find_plan_faults, plan_of
from tracker.reports.queries import list_counted
from tracker.reports.requests import Content, ReportRequest, ReportScope, UnknownSubject
from tracker.targets.queries import Exclusion, Rule, SchemeRow, find_scheme
from tracker.totals.queries import Answer, answer
from tracker.totals.questions import Question, Side
from tracker.totals.rates import RateRow, departments_in, effects_of, rates_of
from tracker.totals.scope import Scope
from tracker.web.clock import korean_day

SUBJECT = "실적보고서"
# Orders through the Public Procurement Service are stated first (법 시행령 제4조 서식의 순서).
PROCUREMENTS = {
    str(each): each.korean for each in (Procurement.CENTRAL, Procurement.OWN, Procurement.UNKNOWN)
}


class _Sides(NamedTuple):
    """The lines that count this year and last; None where a year has no data."""

    now: list[Content]
    before: list[Content] | None
    is_recorded: bool


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of a report on a scheme; UnknownSubject when there is no such scheme.

    The scheme's own rule of the year decides what counts, over which bodies and by which basis; last year's
    figures go by last year's rule. While the year runs, purchases count up to the same day on both sides;
    rates are of the whole books.
    """
    scheme, before = (find_scheme(request.scheme or "", year) for year in (request.year, request.year - 1))
    if scheme is None or before is None:
        raise UnknownSubject("scheme")
    predicate = scheme.rule.predicate
    scope = ReportScope.EVALUATION if predicate.with_affiliated else ReportScope.STATUTORY
    request = replace(request, scope=scope)
    question = replace(ask(request, korean_day(frozen_at)), of=Measure.CERTIFIED, basis=predicate.basis)
    departments = list_departments()
    by_department = answer(question)
    sides = _sides(question, scheme.rule, before.rule, by_department)
    types = {row.code: row.name for row in list_types()}
    reached = rates_of(request.year, scheme.code, by_department=True)
    reached_before = rates_of(question.prior_year, before.code)
    rates = _rates(reached, reached_before, by_department)
    kinds = {
        kind.korean: kind.korean
        for kind in Kind
        if kind in predicate.kinds
        and (kind is not Kind.UNCLASSIFIED or any(line["kind"] == kind.korean for line in _all(sides)))
    }
    told = {"is_recorded": sides.is_recorded}
    return {
        **head_of(request, question, f"{scheme.name} {SUBJECT}", departments),
        "scheme": _describe(request.year, scheme, before, types),
        "basis": basis_of(request, question, sides.now, frozen_at, _laws(scheme), scheme.rule.types)
        | {"measure": scheme.name},
        "summary": {
            "total": figure("", "합계", sides.now, sides.before, **told),
            "full_year": _full_year(question, scheme.rule, before.rule, by_department),
            "participation": participation_of(question, departments, sides.now, sides.before),
        },
        "rates": rates,
        "by_procurement": _by_procurement(sides, kinds),
        "by_kind": shared(_keyed(figures_by("kind", kinds, sides.now, sides.before, **told))),
        "by_type": [
            figure(
                code,
                types[code],
                _of_type(code, sides.now) or [],
                _of_type(code, sides.before),
                is_recorded=sides.is_recorded,
            )
            for code in types
            if code in scheme.rule.types
        ],
        "by_department": _by_department(sides, by_department, reached),
        "type_names": types,
        "plan": plan_of(question.year, scope, scheme.code),
        "plan_next": plan_of(question.year + 1, scope, scheme.code),
        "explained": explain(question, sides.now, sides.before, scheme.rule.types, predicate.kinds),
        "one_offs": without_one_offs(
            request.one_offs,
            question.year,
            scheme.rule,
            [row.id for row in departments_in(predicate, departments)],
            rates[-1]["numerator"]["current"] if rates[-1]["is_known"] else None,
            rates[-1]["denominator"]["current"],
            reached_before[-1].rate if sides.before is not None else None,
        ),
        "annex": sides.now,
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_common_faults(content, ("by_kind", "by_department"))
    yield from find_explanation_faults(content)
    total, rates = content["summary"]["total"], content["rates"]
    for column in ("current", "count"):
        if sum(row[column] for row in content["by_procurement"]) != total[column]:
            yield f"by_procurement.{column}"
    books = content["summary"]["full_year"] or total
    if rates[-1]["is_known"] and rates[-1]["numerator"]["current"] != books["current"]:
        yield "rates.numerator"
    for side in ("numerator", "denominator"):
        parts = [row[side]["current"] for row in rates[:-1]]
        if sum(part or 0 for part in parts) != (rates[-1][side]["current"] or 0):
            yield f"rates.{side}"
    yield from find_type_faults(content)
    yield from find_plan_faults(content)


def lines_today(content: Content) -> tuple[list[Content], Won | None]:
    """Return the lines that count today by the rules the report was made with, and last year's sum."""
    question = question_of(content)
    rules = [_rule(content["scheme"][name]) for name in ("rule", "rule_before")]
    sides = _sides(question, rules[0], rules[1], answer(question))
    return sides.now, None if sides.before is None else total_of(sides.before)


def _sides(question: Question, rule: Rule, rule_before: Rule, asked: Answer) -> _Sides:
    was_recorded = asked.total.comparison.prior is not None
    return _Sides(
        _lines(question, Side.CURRENT, rule),
        _lines(question, Side.PRIOR, rule_before) if was_recorded and rule_before.types else None,
        asked.total.is_recorded and bool(rule.types),
    )


def _lines(question: Question, side: Side, rule: Rule) -> list[Content]:
    """Return the lines that count on a side, those up to its day while the year runs."""
    scope, span = Scope(question), question.span(side)
    ids = scope.ids(side)
    if not rule.types:
        return []
    found = list_counted(
        span.shown.start.year, rule, [row.id for row in scope.departments] if ids is None else ids
    )

    def key(department_id: int) -> str:
        owner = scope.attribution.owner(department_id) if side is Side.PRIOR else department_id
        return scope.key_of(owner)

    return lines_of_report(
        (key(line.department_id), line) for line in found if span.days is None or line.day in span.days
    )


def _full_year(question: Question, rule: Rule, rule_before: Rule, asked: Answer) -> Content | None:
    """Return the whole books of both years beside figures up to a day; None where the tables are whole."""
    if question.same_period is None:
        return None
    sides = _sides(replace(question, same_period=None), rule, rule_before, asked)
    return figure("", "합계", sides.now, sides.before, is_recorded=sides.is_recorded)


def _rates(reached: Sequence[RateRow], before: Sequence[RateRow], asked: Answer) -> list[Content]:
    """Return numerator, denominator, rate, target and attainment by kind, the whole last."""
    then = {row.kind: row for row in before}
    had_data = asked.total.comparison.prior is not None
    return [
        _rate(row, then.get(row.kind) if had_data else None, is_recorded=asked.total.is_recorded)
        for row in reached
        if row.department is None
    ]


def _rate(row: RateRow, before: RateRow | None, *, is_recorded: bool) -> Content:
    is_known = row.numerator is not None and is_recorded
    numerator = compared(Comparison(row.numerator or 0, before and before.numerator))
    prior_spent = before and before.denominator
    return {
        "key": str(row.kind or ""),
        "label": row.kind_name,
        "is_known": is_known,
        "numerator": numerator,
        "denominator": spending_comparison(row.denominator, prior_spent),
        "rate": rate_text(row.rate) if is_known else None,
        "prior_rate": rate_text(before.rate) if before else None,
        "change": points_between(row.rate, before.rate) if before and is_known else None,
        **_against_target(row, is_known=is_known),
        "exceeds": is_known and row.denominator is not None and (row.numerator or 0) > row.denominator,
    }


def _against_target(row: RateRow, *, is_known: bool) -> Content:
    """Return target and attainment, and what is missing of the target in won."""
    reached = row.attainment if is_known else None
    aim = row.target_amount
    if row.target is not None and row.denominator is not None:
        aim = int(round_half_up(row.target * row.denominator, 0))
    is_short = reached is not None and reached < 1
    return {
        "target": rate_text(row.target),
        "target_amount": row.target_amount,
        "attainment": rate_text(reached, 1),
        "is_short": is_short,
        "shortfall": aim - (row.numerator or 0) if is_short and aim is not None else None,
    }


def _by_procurement(sides: _Sides, kinds: dict[str, str]) -> list[Content]:
    """Return 조달청 의뢰 and 자체, each by kind; what does not say stands apart where there is any."""
    rows = figures_by("procurement", PROCUREMENTS, sides.now, sides.before, is_recorded=sides.is_recorded)
    return [
        row
        | {
            "by_kind": [
                total_of(
                    line for line in sides.now if line["procurement"] == row["key"] and line["kind"] == kind
                )
                for kind in kinds
            ]
        }
        for row in rows
        if row["key"] != Procurement.UNKNOWN or row["count"] or row["prior"]
    ]


def _by_department(sides: _Sides, asked: Answer, reached: Sequence[RateRow]) -> list[Content]:
    """Return every department of the scope with what it bought, and its rate and target where it has any."""
    rates = {str(row.department.id): row for row in reached if row.department and row.kind is None}
    now, before = grouped("department_key", sides.now), grouped("department_key", sides.before or ())
    rows = []
    for each in asked.rows:
        had_data = sides.before is not None and each.comparison.prior is not None
        is_recorded = each.is_recorded and sides.is_recorded
        then = before[each.key] if had_data else None
        row = figure(each.key, each.label, now[each.key], then, is_recorded=is_recorded)
        found = rates.get(each.key)
        rows.append(
            row
            | {
                "succession": each.succession._asdict() if each.succession else None,
                "spending": found and found.denominator,
                "rate": rate_text(found.rate) if found and sides.is_recorded else None,
                "target": rate_text(found.target) if found else None,
                "target_amount": found and found.target_amount,
                "attainment": rate_text(found.attainment, 1) if found and sides.is_recorded else None,
            }
        )
    return shared(rows)


def _describe(year: int, scheme: SchemeRow, before: SchemeRow, types: dict[str, str]) -> Content:
    """Return what counts and why: what the report says, and what the same figures are asked with again."""
    rule = scheme.rule
    effects = {each.exclusion: each for each in effects_of(year, rule).each}
    return {
        "code": scheme.code,
        "name": scheme.name,
        "law": scheme.law,
        "notice": rule.notice,
        "is_statutory": scheme.is_statutory,
        "recipient": rule.recipient,
        "types": [name for code, name in types.items() if code in rule.types],
        "kinds": [kind.korean for kind in Kind if kind in rule.predicate.kinds],
        "excluded_kinds": [
            kind.korean
            for kind in (Kind.GOODS, Kind.SERVICES, Kind.WORKS)
            if kind not in rule.predicate.kinds
        ],
        "exclusions": [
            {
                "item": each.item,
                "reason": each.reason,
                "eligible": effects[each].eligible,
                "spending": effects[each].spent,
            }
            for each in rule.exclusions
        ],
        "rule": _plain(rule),
        "rule_before": _plain(before.rule),
        "is_rule_changed": _asks(rule) != _asks(before.rule),
    }


def _asks(rule: Rule) -> tuple[Sequence[str], Predicate]:
    return sorted(rule.types), rule.predicate


def _plain(rule: Rule) -> Content:
    predicate = rule.predicate
    return {
        "scheme": rule.scheme,
        "fiscal_year": rule.fiscal_year,
        "types": list(rule.types),
        "kinds": sorted(map(str, predicate.kinds)),
        "excluded_items": list(predicate.excluded_items),
        "with_affiliated": predicate.with_affiliated,
        "basis": str(predicate.basis),
    }


def _rule(plain: Content) -> Rule:
    predicate = Predicate(
        kinds=frozenset(map(Kind, plain["kinds"])),
        excluded_items=tuple(plain["excluded_items"]),
        with_affiliated=plain["with_affiliated"],
        basis=Basis(plain["basis"]),
    )
    exclusions = tuple(Exclusion(item, "") for item in plain["excluded_items"])
    return Rule(
        plain["scheme"], plain["fiscal_year"], "", tuple(plain["types"]), predicate, exclusions, "", 0
    )


def _laws(scheme: SchemeRow) -> list[str]:
    return [each for each in (scheme.law, scheme.rule.notice) if each]


def _all(sides: _Sides) -> Iterable[Content]:
    yield from sides.now
    yield from sides.before or ()


def _of_type(code: str, lines: Sequence[Content] | None) -> list[Content] | None:
    return None if lines is None else [line for line in lines if code in line["types"]]


def _keyed(rows: list[Content]) -> list[Content]:
    """Give rows by kind the keys that rows by kind have everywhere."""
    codes = {kind.korean: str(kind) for kind in Kind}
    return [row | {"key": codes[row["label"]]} for row in rows]
