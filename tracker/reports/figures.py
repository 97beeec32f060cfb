"""The figures that reports of every kind are built from, asked in the caller's one reading transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from tracker.core.growth import Comparison, Note, percentage_points
from tracker.core.money import Won, fixed_text
from tracker.core.periods import Period
from tracker.core.rates import purchasing_rate, rate_text
from tracker.core.shares import share_percents
from tracker.core.vocabulary import Affiliation, Basis, Measure, Tax
from tracker.departments.queries import DepartmentRow, get_root, list_departments
from tracker.purchases.closings import late_among
from tracker.reports.queries import CountedLine, count_register, excluded_sums, get_audit_head, terms_of
from tracker.reports.requests import FORMAT, Content, ReportRequest, ReportScope
from tracker.reports.suppliers import identify_suppliers
from tracker.spending.queries import spending_by_kind
from tracker.totals.queries import Answer, PurchaseBehind, TotalRow, Unrecorded, answer, purchases_behind
from tracker.totals.questions import By, Question, Side
from tracker.totals.scope import Scope
from tracker.web.clock import korean_day

# Payments of a fiscal year may still be booked until 20 January; until then its figures are 잠정.
LAST_BOOKING = (1, 20)


def head_of(
    request: ReportRequest, question: Question, subject: str, departments: Iterable[DepartmentRow]
) -> Content:
    """Return what every report says first: kind, year, who reports, the question it answers."""
    return {
        "format": FORMAT,
        "kind": str(request.kind),
        "year": request.year,
        "institution": get_root().name,
        "department": next((row.name for row in departments if row.id == request.department_id), None),
        "subject": subject,
        "question": describe_question(request, question),
    }


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


def compared(told: Comparison) -> Content:
    """Return an amount against the other year's, its difference and growth, as plain values."""
    return {
        "current": told.current,
        "prior": told.prior,
        "difference": told.difference,
        "growth": told.growth_text(),
        "note": str(told.note) if told.note else None,
    }


def row_of(row: TotalRow) -> Content:
    """Return a row of totals as plain values."""
    return compared(row.comparison) | {
        "key": row.key,
        "label": row.label,
        "count": row.count,
        "is_recorded": row.is_recorded,
        "succession": row.succession._asdict() if row.succession else None,
    }


def rows_of(answered: Answer, *, with_shares: bool = True) -> list[Content]:
    """Return the rows of a table of totals, each with its share of the sum."""
    rows = [row_of(row) for row in answered.rows]
    return shared(rows) if with_shares else rows


def shared(rows: list[Content]) -> list[Content]:
    """Return rows, each with its share of their sum in %."""
    shares = share_percents([row["current"] for row in rows])
    return [row | {"share": share} for row, share in zip(rows, shares, strict=True)]


def basis_of(
    request: ReportRequest,
    question: Question,
    annex: list[Content],
    frozen_at: datetime,
    laws: Sequence[str],
    types: Collection[str] = (),
) -> Content:
    """Return what every report states of itself: period, basis, scope, tax, exclusions, register, moment."""
    by_tax: Counter[Tax] = Counter()
    for line in annex:
        by_tax[line["tax"]] += line["amount"]
    head, register = get_audit_head(), count_register()
    frozen_on = korean_day(frozen_at)
    return {
        "from": question.current.shown.start.isoformat(),
        "to": question.current.shown.end.isoformat(),
        "against_from": question.prior.shown.start.isoformat(),
        "against_to": question.prior.shown.end.isoformat(),
        "is_by_fiscal_year": question.period is None,
        "is_running": question.same_period is not None,
        "is_provisional": frozen_on <= date(question.current.shown.end.year + 1, *LAST_BOOKING),
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
            for row in excluded_sums(question, types)
        ],
        "late": _late(annex),
        "register": register._asdict(),
        "laws": list(laws),
        "frozen_at": frozen_at.isoformat(timespec="seconds"),
        "frozen_on": frozen_on.isoformat(),
        "audit": head._asdict(),
    }


def _late(annex: list[Content]) -> Content:
    """Return 마감 후 입력: the purchases entered or changed after their department's period was closed."""
    ids = late_among({line["id"] for line in annex})
    lines = [line for line in annex if line["id"] in ids]
    return {"count": len(ids), "amount": sum(line["amount"] for line in lines)}


def full_year(question: Question) -> Content | None:
    """Return the whole books of both years beside figures up to a day; None where the tables are whole."""
    return row_of(answer(replace(question, same_period=None)).total) if question.same_period else None


def participation(question: Question, departments: Sequence[DepartmentRow]) -> Content:
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
        name: compared(Comparison(count, then[name] if had_data else None))
        for name, count in _taking_part(question, departments).items()
    }


def participation_of(
    question: Question,
    departments: Sequence[DepartmentRow],
    lines: Sequence[Content],
    before: Sequence[Content] | None,
) -> Content:
    """Return the same of purchases that no question alone can name."""

    def number(name: str) -> Content:
        now, then = ({line[name] for line in side} for side in (lines, before or ()))
        return compared(Comparison(len(now), None if before is None else len(then)))

    return {
        "purchases": compared(Comparison(len(lines), None if before is None else len(before))),
        "enterprises": number("enterprise_key"),
        "departments": number("department_key"),
        "of_departments": participation(question, departments)["of_departments"],
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


def rate_of(question: Question) -> Content:
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
        "spending": spending_comparison(current, prior),
        "current": rate_text(rates[0]),
        "prior": rate_text(rates[1]),
        "change": points_between(*rates),
    }


def spending_comparison(current: Won | None, prior: Won | None) -> Content:
    """Return 총구매액 against last year's; what was not entered is None."""
    if current is None:
        unknown = {"current": None, "prior": prior, "difference": None, "growth": None, "note": Note.NO_DATA}
        return unknown | {"is_recorded": False}
    return compared(Comparison(current, prior)) | {"is_recorded": True}


def points_between(current: Fraction | None, prior: Fraction | None) -> str | None:
    """Return the change between two rates in %p with two decimals; None when either is unknown."""
    points = percentage_points(current, prior)
    return None if points is None else fixed_text(points, 2)


def annex_of(question: Question, side: Side = Side.CURRENT) -> list[Content]:
    """Return the purchases that add up to the total, each once."""
    return lines_of_report(
        (line.keys[0], line) for line in purchases_behind(replace(question, by=By.DEPARTMENT), side=side)
    )


def lines_of_report(found: Iterable[tuple[str, PurchaseBehind | CountedLine]]) -> list[Content]:
    """Return purchases as plain values, each with the key of the department's row in which it stands."""
    behind = list(found)
    terms = terms_of({line.id for _, line in behind})
    suppliers = identify_suppliers({line.enterprise_id for _, line in behind})
    return [
        {
            "id": line.id,
            "department_key": key,
            "department": line.department,
            "day": line.day.isoformat(),
            "enterprise_key": str(line.enterprise_id),
            "enterprise": line.enterprise,
            "item": line.item,
            "contract_name": line.contract_name,
            "kind": line.kind.korean,
            "types": list(line.types),
            "supplier": suppliers[line.enterprise_id],
            **terms[line.id]._asdict(),
            "amount": line.amount,
        }
        for key, line in behind
    ]


def figure(
    key: str,
    label: str,
    lines: Sequence[Content],
    before: Sequence[Content] | None,
    *,
    is_recorded: bool = True,
) -> Content:
    """Return the sum of purchases against those of the year before, as a row; None before is no data."""
    prior = None if before is None else total_of(before)
    compare = Comparison if is_recorded else Unrecorded
    return row_of(TotalRow(key, label, compare(total_of(lines), prior), len(lines)))


def total_of(lines: Iterable[Content]) -> Won:
    """Return what purchases add up to."""
    return sum(line["amount"] for line in lines)


def figures_by(
    name: str,
    labels: Mapping[str, str],
    lines: Sequence[Content],
    before: Sequence[Content] | None,
    *,
    is_recorded: bool = True,
) -> list[Content]:
    """Return a row for each label: the purchases whose value of that name is its key."""
    now, then = grouped(name, lines), grouped(name, before or ())
    return [
        figure(key, label, now[key], None if before is None else then[key], is_recorded=is_recorded)
        for key, label in labels.items()
    ]


def grouped(name: str, lines: Iterable[Content]) -> dict[str, list[Content]]:
    """Return the purchases by their value of that name."""
    groups: dict[str, list[Content]] = defaultdict(list)
    for line in lines:
        groups[line[name]].append(line)
    return groups


def find_common_faults(content: Content, tables: Iterable[str]) -> Iterable[str]:
    """Yield the name of every sum that does not hold: of each table's rows, the annex and the tax split."""
    total, annex = content["summary"]["total"], content["annex"]
    for name in tables:
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


def find_type_faults(content: Content) -> Iterable[str]:
    """Yield each type whose row is not the sum of the purchases that have it."""
    for row in content["by_type"]:
        behind = total_of(line for line in content["annex"] if row["key"] in line["types"])
        if behind != row["current"]:
            yield f"by_type.{row['key']}"
