"""Building an annual report: every figure, its basis and the purchases behind it, as one plain value."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from tracker.core.growth import Comparison, Note, percentage_points
from tracker.core.money import Won, fixed_text
from tracker.core.periods import Period
from tracker.core.rates import purchasing_rate, rate_text
from tracker.core.shares import share_percents
from tracker.core.vocabulary import Affiliation, Basis, Measure, Tax, Word
from tracker.departments.queries import DepartmentRow, get_root, list_departments
from tracker.enterprises.queries import list_types
from tracker.purchases.closings import late_among
from tracker.reports.queries import count_register, excluded_sums, get_audit_head, tax_of
from tracker.spending.queries import spending_by_kind
from tracker.totals.queries import Answer, TotalRow, answer, purchases_behind
from tracker.totals.questions import By, Question, Side
from tracker.totals.scope import Scope
from tracker.web.clock import SEOUL

FORMAT = 1
ANNUAL = "annual"
SUBJECT = "사회적경제기업 제품 우선구매 실적보고서"
# 법정 통보 covers certified social enterprises only: 사회적기업 육성법 제12조, 시행령 제12조의2.
STATUTORY_TYPE = "social"
LAWS = ("사회적기업 육성법 제12조", "같은 법 시행령 제12조의2")
# Payments of a fiscal year may still be booked until 20 January; until then its figures are 잠정.
LAST_BOOKING = (1, 20)

Content = dict[str, Any]


class ReportScope(Word):
    """보고 범위: the body's own duty, or with its corporations and funded institutes."""

    STATUTORY = "statutory", "법정(본청·소속기관)"
    EVALUATION = "evaluation", "평가(출자·출연기관 포함)"


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What an annual report is about; with `period` the year is a label only."""

    year: int
    period: Period | None = None
    scope: ReportScope = ReportScope.STATUTORY
    department_id: int | None = None


class InconsistentReport(Exception):
    """The figures of a report do not add up: it must not be frozen."""


def build_annual(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of an annual report, asked in the caller's one reading transaction.

    A fiscal year stands against the fiscal year before; while it runs, both count up to the same day.
    Raises InconsistentReport when its inner sums fail.
    """
    question = ask(request, frozen_at.astimezone(SEOUL).date())
    departments = list_departments()
    by_department = answer(question)
    annex = _annex(question)
    total = by_department.total
    department_rows = _rows(by_department)
    types = {row.code: row for row in list_types()}
    type_rows = _rows(answer(replace(question, by=By.TYPE)), with_shares=False)
    content: Content = {
        "format": FORMAT,
        "kind": ANNUAL,
        "year": request.year,
        "institution": get_root().name,
        "department": next((row.name for row in departments if row.id == request.department_id), None),
        "subject": SUBJECT,
        "question": describe_question(request, question),
        "basis": _basis(request, question, by_department, annex, frozen_at),
        "summary": {
            "total": _row(total),
            "full_year": _full_year(question),
            "participation": _participation(question, departments),
        },
        "statutory": _statutory(question),
        "by_type": [row | {"is_social_economy": types[row["key"]].is_social_economy} for row in type_rows],
        "by_kind": _rows(answer(replace(question, by=By.KIND))),
        "by_month": _rows(answer(replace(question, by=By.MONTH))),
        "by_department": department_rows,
        "cross": _cross(question, annex, department_rows, type_rows),
        "annex": annex,
    }
    if faults := list(find_faults(content)):
        raise InconsistentReport(", ".join(faults))
    return content


def question_of(content: Content) -> Question:
    """Return the question that a frozen report answered, to ask it again."""
    asked = content["question"]
    days, until = asked["period"], asked["same_period"]
    return Question(
        year=asked["year"],
        period=Period(*map(date.fromisoformat, days)) if days else None,
        same_period=date.fromisoformat(until) if until else None,
        of=Measure(asked["of"]),
        basis=Basis(asked["basis"]),
        department_id=asked["department_id"],
        affiliation=Affiliation(asked["affiliation"]) if asked["affiliation"] else None,
    )


def describe_question(request: ReportRequest, question: Question) -> Content:
    """Return the question in plain values."""
    period = question.period
    return {
        "year": question.year,
        "period": [period.start.isoformat(), period.end.isoformat()] if period else None,
        "same_period": question.same_period.isoformat() if question.same_period else None,
        "of": str(question.of),
        "basis": str(question.basis),
        "scope": str(request.scope),
        "department_id": question.department_id,
        "affiliation": str(question.affiliation) if question.affiliation else None,
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    total, annex, cross = content["summary"]["total"], content["annex"], content["cross"]["rows"]
    for name in ("by_kind", "by_month", "by_department"):
        rows = content[name]
        if sum(row["current"] for row in rows) != total["current"]:
            yield f"{name}.current"
        if sum(row["count"] for row in rows) != total["count"]:
            yield f"{name}.count"
        if total["prior"] is not None and sum(row["prior"] or 0 for row in rows) != total["prior"]:
            yield f"{name}.prior"
    if sum(line["amount"] for line in annex) != total["current"]:
        yield "annex.amount"
    if len(annex) != total["count"]:
        yield "annex.count"
    if sum(row["amount"] for row in content["basis"]["tax"]) != total["current"]:
        yield "basis.tax"
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


def ask(request: ReportRequest, today: date) -> Question:
    """Return the question a report made on that day answers; ValueError for days outside 1900 to 2999."""
    runs = not request.period and today.year == request.year and (today.month, today.day) < (12, 31)
    return Question(
        year=request.year,
        period=request.period,
        same_period=today if runs else None,
        department_id=request.department_id,
        affiliation=Affiliation.OWN if request.scope is ReportScope.STATUTORY else None,
    )


def _compared(told: Comparison) -> Content:
    return {
        "current": told.current,
        "prior": told.prior,
        "difference": told.difference,
        "growth": told.growth_text(),
        "note": str(told.note) if told.note else None,
    }


def _row(row: TotalRow) -> Content:
    return _compared(row.comparison) | {
        "key": row.key,
        "label": row.label,
        "count": row.count,
        "is_recorded": row.is_recorded,
        "succession": row.succession._asdict() if row.succession else None,
    }


def _rows(answered: Answer, *, with_shares: bool = True) -> list[Content]:
    rows = [_row(row) for row in answered.rows]
    if with_shares:
        for row, share in zip(rows, share_percents([row["current"] for row in rows]), strict=True):
            row["share"] = share
    return rows


def _basis(
    request: ReportRequest, question: Question, answered: Answer, annex: list[Content], frozen_at: datetime
) -> Content:
    by_tax: Counter[Tax] = Counter()
    for line in annex:
        by_tax[line["tax"]] += line["amount"]
    head, register = get_audit_head(), count_register()
    frozen_on = frozen_at.astimezone(SEOUL).date()
    return {
        "from": answered.period.start.isoformat(),
        "to": answered.period.end.isoformat(),
        "against_from": answered.against.start.isoformat(),
        "against_to": answered.against.end.isoformat(),
        "is_by_fiscal_year": question.period is None,
        "is_running": question.same_period is not None,
        "is_provisional": frozen_on <= date(answered.period.end.year + 1, *LAST_BOOKING),
        "basis": question.basis.korean,
        "measure": question.of.korean,
        "scope": request.scope.korean,
        "tax": [
            {"key": str(tax), "label": tax.korean, "amount": by_tax[tax]} for tax in Tax if tax in by_tax
        ],
        "excluded": [
            {
                "directness": row.directness.korean,
                "nature": row.nature.korean,
                "amount": row.amount,
                "count": row.count,
            }
            for row in excluded_sums(question)
        ],
        "late": _late(annex),
        "register": register._asdict(),
        "laws": list(LAWS),
        "frozen_at": frozen_at.isoformat(timespec="seconds"),
        "frozen_on": frozen_on.isoformat(),
        "audit": head._asdict(),
    }


def _late(annex: list[Content]) -> Content:
    """Return 마감 후 입력: the purchases entered or changed after their department's period was closed."""
    ids = late_among({line["id"] for line in annex})
    lines = [line for line in annex if line["id"] in ids]
    return {"count": len(ids), "amount": sum(line["amount"] for line in lines)}


def _full_year(question: Question) -> Content | None:
    """Return the whole books of both years beside figures up to a day; None where the tables are whole."""
    return _row(answer(replace(question, same_period=None)).total) if question.same_period else None


def _participation(question: Question, departments: Sequence[DepartmentRow]) -> Content:
    """Return purchases, suppliers and departments that took part, against the year compared with."""
    before = Question(
        year=question.prior_year,
        period=question.period and question.prior.shown,
        same_period=question.same_period and question.prior.shown.end,
        department_id=question.department_id,
        affiliation=question.affiliation,
    )
    had_data = answer(before).total.is_recorded
    then = _taking_part(before, departments)
    return {
        name: _compared(Comparison(count, then[name] if had_data else None))
        for name, count in _taking_part(question, departments).items()
    }


def _taking_part(question: Question, departments: Sequence[DepartmentRow]) -> dict[str, int]:
    rows = {int(row.key): row for row in answer(question).rows}
    shown = question.current.shown
    there = {
        row.id
        for row in departments
        if row.id in rows
        and (row.valid_from is None or row.valid_from <= shown.end)
        and (row.valid_to is None or row.valid_to >= shown.start)
    }
    buying = {identifier for identifier, row in rows.items() if row.count}
    suppliers = answer(replace(question, by=By.ENTERPRISE)).rows
    return {
        "purchases": sum(row.count for row in rows.values()),
        "enterprises": sum(row.count > 0 for row in suppliers),
        "departments": len(buying),
        "of_departments": len(there | buying),
    }


def _statutory(question: Question) -> Content:
    """Return 사회적기업 제품 구매액 by kind, and 구매비율 of the whole books of both years."""
    certified = replace(question, type=STATUTORY_TYPE, by=By.KIND)
    answered = answer(certified)
    return {
        "type": STATUTORY_TYPE,
        "total": _row(answered.total),
        "by_kind": _rows(answered),
        "rate": None if question.period else _rate(replace(certified, same_period=None)),
    }


def _rate(question: Question) -> Content:
    """Return 총구매액 and 구매비율 of the fiscal years; what was not entered is None."""
    scope, everywhere = Scope(question), [row.id for row in list_departments()]
    comparison = answer(question).total.comparison

    def spending(side: Side, fiscal_year: int) -> Won | None:
        ids = scope.ids(side)
        by_kind = spending_by_kind(fiscal_year, everywhere if ids is None else ids)
        return sum(by_kind.values()) if by_kind else None

    current, prior = spending(Side.CURRENT, question.year), spending(Side.PRIOR, question.prior_year)
    rates = (
        purchasing_rate(comparison.current, current),
        None if comparison.prior is None else purchasing_rate(comparison.prior, prior),
    )
    return {
        "eligible": {"current": comparison.current, "prior": comparison.prior},
        "spending": _spending_comparison(current, prior),
        "current": rate_text(rates[0]),
        "prior": rate_text(rates[1]),
        "change": _points(*rates),
    }


def _spending_comparison(current: Won | None, prior: Won | None) -> Content:
    if current is None:
        unknown = {"current": None, "prior": prior, "difference": None, "growth": None, "note": Note.NO_DATA}
        return unknown | {"is_recorded": False}
    return _compared(Comparison(current, prior)) | {"is_recorded": True}


def _points(current: Fraction | None, prior: Fraction | None) -> str | None:
    points = percentage_points(current, prior)
    return None if points is None else fixed_text(points, 2)


def _annex(question: Question) -> list[Content]:
    behind = list(purchases_behind(question))
    taxes = tax_of({line.id for line in behind})
    return [
        {
            "id": line.id,
            "department_key": line.keys[0],
            "department": line.department,
            "day": line.day.isoformat(),
            "enterprise": line.enterprise,
            "item": line.item,
            "contract_name": line.contract_name,
            "kind": line.kind.korean,
            "types": list(line.types),
            "tax": taxes[line.id],
            "amount": line.amount,
        }
        for line in behind
    ]


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
