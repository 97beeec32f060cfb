"""The annual report (연간 실적보고서): this year against last, by type, kind, month and department."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tracker.departments.queries import list_departments
from tracker.enterprises.queries import list_types
from tracker.reports.figures import (
    annex_of,
    ask,
    basis_of,
    find_common_faults,
    full_year,
    head_of,
    participation,
    rate_of,
    row_of,
    rows_of,
)
from tracker.reports.requests import Content, ReportRequest
from tracker.totals.queries import answer, purchases_behind
from tracker.totals.questions import By, Question, Side
from tracker.web.clock import SEOUL

SUBJECT = "사회적경제기업 제품 우선구매 실적보고서"
# 법정 통보 covers certified social enterprises only: 사회적기업 육성법 제12조, 시행령 제12조의2.
STATUTORY_TYPE = "social"
LAWS = ("사회적기업 육성법 제12조", "같은 법 시행령 제12조의2")


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of an annual report, asked in the caller's one reading transaction.

    A fiscal year stands against the fiscal year before; while it runs, both count up to the same day.
    """
    question = ask(request, frozen_at.astimezone(SEOUL).date())
    departments = list_departments()
    by_department = answer(question)
    annex = annex_of(question)
    total = by_department.total
    department_rows = rows_of(by_department)
    types = {row.code: row for row in list_types()}
    type_rows = rows_of(answer(replace(question, by=By.TYPE)), with_shares=False)
    return {
        **head_of(request, question, SUBJECT, departments),
        "basis": basis_of(request, question, annex, frozen_at, LAWS),
        "summary": {
            "total": row_of(total),
            "full_year": full_year(question),
            "participation": participation(question, departments),
        },
        "statutory": _statutory(question),
        "by_type": [row | {"is_social_economy": types[row["key"]].is_social_economy} for row in type_rows],
        "by_kind": rows_of(answer(replace(question, by=By.KIND))),
        "by_month": rows_of(answer(replace(question, by=By.MONTH))),
        "by_department": department_rows,
        "cross": _cross(question, annex, department_rows, type_rows),
        "annex": annex,
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    total, annex, cross = content["summary"]["total"], content["annex"], content["cross"]["rows"]
    yield from find_common_faults(content, ("by_kind", "by_month", "by_department"))
    for position, row in enumerate(content["by_type"]):
        behind = sum(line["amount"] for line in annex if row["key"] in line["types"])
        in_cross = sum(line["amounts"][position] for line in cross)
        if not behind == in_cross == row["current"]:
            yield f"by_type.{row['key']}"
        before = [line["prior_amounts"][position] for line in cross if line["prior_amounts"] is not None]
        if row["prior"] is not None and sum(before) != row["prior"]:
            yield f"by_type.{row['key']}.prior"
    if sum(row["total"] for row in cross) != total["current"]:
        yield "cross.total"


def _statutory(question: Question) -> Content:
    """Return 사회적기업 제품 구매액 by kind, and 구매비율 of the whole books of both years."""
    certified = replace(question, type=STATUTORY_TYPE, by=By.KIND)
    answered = answer(certified)
    return {
        "type": STATUTORY_TYPE,
        "total": row_of(answered.total),
        "by_kind": rows_of(answered),
        "rate": None if question.period else rate_of(replace(certified, same_period=None)),
    }


def _cross(
    question: Question, annex: list[Content], departments: list[Content], types: list[Content]
) -> Content:
    """Return department × type × year; a purchase stands in the column of each of its types.

    It stands once in the total. Last year's amounts are None where that year has no data.
    """
    from tracker.reports.tables import Cell, cross_table

    years = (question.year, question.prior_year)
    buying = [row for row in departments if row["count"] or row["prior"]]
    cells = [
        Cell(line["department_key"], code, question.year, line["amount"])
        for line in annex
        for code in line["types"]
    ]
    cells += [
        Cell(line.keys[0], code, question.prior_year, line.amount)
        for line in purchases_behind(question, side=Side.PRIOR)
        for code in line.types
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
