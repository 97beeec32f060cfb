"""The annual report (연간 실적보고서): this year against last, by type, kind, month and department."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tracker.core.rates import purchasing_rate
from tracker.core.schemes import Predicate
from tracker.core.vocabulary import Kind
from tracker.reports.explanation import explain, find_explanation_faults, without_one_offs
from tracker.reports.figures import ask, rate_of, row_of, rows_of, total_of
from tracker.reports.gathering import Gathered, find_gathered_faults, gather, social_types
from tracker.reports.planned import compare_plan, find_plan_faults, plan_of, reached
from tracker.reports.requests import Content, ReportRequest
from tracker.targets.queries import Rule
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question, Side
from tracker.totals.scope import Scope
from tracker.web.clock import korean_day

SUBJECT = "사회적경제기업 제품 우선구매 실적보고서"
# 법정 통보 covers certified social enterprises only: 사회적기업 육성법 제12조, 시행령 제12조의2.
STATUTORY_TYPE = "social"
STATUTORY_SCHEME = "social_enterprise"
LAWS = ("사회적기업 육성법 제12조", "같은 법 시행령 제12조의2")


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of an annual report, asked in the caller's one reading transaction.

    A fiscal year stands against the fiscal year before; while it runs, both count up to the same day.
    """
    question = ask(request, korean_day(frozen_at))
    gathered = gather(request, question, SUBJECT, frozen_at, LAWS)
    statutory = statutory_of(question)
    certified = [line for line in gathered.lines if STATUTORY_TYPE in line["types"]]
    plans = [
        plan_of(year, request.scope, STATUTORY_SCHEME, request.department_id)
        for year in (question.year, question.year + 1)
    ]
    return gathered.content | {
        "statutory": statutory,
        "cross": _cross(question, gathered),
        "plan": plans[0]
        | {
            "results": compare_plan(plans[0], gathered.content["by_department"], certified),
            "attainment": reached(total_of(certified), plans[0]["amount"]),
        },
        "plan_next": plans[1],
        "explained": explain(question, gathered.lines, gathered.before, social_types(gathered.content)),
        "one_offs": _without_one_offs(request, question, statutory),
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    total, cross = content["summary"]["total"], content["cross"]["rows"]
    yield from find_gathered_faults(content)
    yield from find_explanation_faults(content)
    for position, row in enumerate(content["by_type"]):
        if sum(line["amounts"][position] for line in cross) != row["current"]:
            yield f"by_type.{row['key']}"
        before = [line["prior_amounts"][position] for line in cross if line["prior_amounts"] is not None]
        if row["prior"] is not None and sum(before) != row["prior"]:
            yield f"by_type.{row['key']}.prior"
    if sum(row["total"] for row in cross) != total["current"]:
        yield "cross.total"
    if "plan" not in content:  # frozen before annual reports told of plans
        return
    yield from find_plan_faults(content)
    results = content["plan"]["results"]
    if sum(row["bought"] for row in results) != content["statutory"]["total"]["current"]:
        yield "plan.results"


def statutory_of(question: Question) -> Content:
    """Return 사회적기업 제품 구매액 by kind, and 구매비율 of the whole books of both years."""
    certified = replace(question, type=STATUTORY_TYPE, by=By.KIND)
    answered = answer(certified)
    return {
        "type": STATUTORY_TYPE,
        "total": row_of(answered.total),
        "by_kind": rows_of(answered),
        "rate": None if question.period else rate_of(replace(certified, same_period=None)),
    }


def _without_one_offs(request: ReportRequest, question: Question, statutory: Content) -> Content | None:
    rate = statutory["rate"]
    if rate is None:
        return None
    scope = Scope(question)
    ids = scope.ids(Side.CURRENT)
    eligible, spending = rate["eligible"], rate["spending"]
    return without_one_offs(
        request.one_offs,
        question.year,
        Rule(
            STATUTORY_SCHEME,
            question.year,
            "",
            (STATUTORY_TYPE,),
            Predicate(kinds=frozenset(Kind), with_affiliated=True, basis=question.basis),
            (),
            "",
            0,
        ),
        [row.id for row in scope.departments] if ids is None else ids,
        eligible["current"],
        spending["current"],
        None if eligible["prior"] is None else purchasing_rate(eligible["prior"], spending["prior"]),
    )


def _cross(question: Question, gathered: Gathered) -> Content:
    """Return department × type × year; a purchase stands in the column of each of its types.

    It stands once in the total. Last year's amounts are None where that year has no data.
    """
    from tracker.reports.tables import Cell, cross_table

    types = gathered.content["by_type"]
    years = (question.year, question.prior_year)
    buying = [row for row in gathered.content["by_department"] if row["count"] or row["prior"]]
    cells = [
        Cell(line["department_key"], code, year, line["amount"])
        for year, lines in zip(years, (gathered.lines, gathered.before or ()), strict=True)
        for line in lines
        for code in line["types"]
    ]
    sums = cross_table(cells, [row["key"] for row in buying], [row["key"] for row in types], years)
    return {
        "columns": [row["label"] for row in types],
        "rows": [
            {
                "label": row["label"],
                "count": row["count"],
                "amounts": current,
                "total": row["current"],
                "prior_amounts": None if row["prior"] is None else prior,
                "prior_total": row["prior"],
            }
            for row, (current, prior) in zip(buying, sums, strict=True)
        ],
        "totals": [row["current"] for row in types],
        "prior_totals": [row["prior"] for row in types],
    }
