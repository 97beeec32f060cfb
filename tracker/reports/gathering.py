"""What reports on the whole ledger have in common: both years by type, kind, month and department."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from tracker.departments.queries import DepartmentRow, list_departments
from tracker.enterprises.queries import list_types
from tracker.reports.figures import (
    annex_of,
    basis_of,
    find_common_faults,
    find_type_faults,
    full_year,
    head_of,
    participation,
    row_of,
    rows_of,
)
from tracker.reports.requests import Content, ReportRequest
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question, Side

TABLES = ("by_kind", "by_month", "by_department")


class Gathered(NamedTuple):
    """The common part of a report, and the purchases of the year before; None where it has no data."""

    content: Content
    before: list[Content] | None
    departments: list[DepartmentRow]

    @property
    def lines(self) -> list[Content]:
        """Return the purchases that count this year."""
        found: list[Content] = self.content["annex"]
        return found


def gather(
    request: ReportRequest, question: Question, subject: str, frozen_at: datetime, laws: Sequence[str]
) -> Gathered:
    """Return the tables that add up to the total, and the purchases behind them."""
    departments = list_departments()
    by_department = answer(question)
    annex = annex_of(question)
    total = by_department.total
    types = {row.code: row for row in list_types()}
    type_rows = rows_of(answer(replace(question, by=By.TYPE)), with_shares=False)
    content = {
        **head_of(request, question, subject, departments),
        "basis": basis_of(request, question, annex, frozen_at, laws),
        "summary": {
            "total": row_of(total),
            "full_year": full_year(question),
            "participation": participation(question, departments),
        },
        "by_type": [row | {"is_social_economy": types[row["key"]].is_social_economy} for row in type_rows],
        "by_kind": rows_of(answer(replace(question, by=By.KIND))),
        "by_month": rows_of(answer(replace(question, by=By.MONTH))),
        "by_department": rows_of(by_department),
        "annex": annex,
    }
    before = None if total.comparison.prior is None else annex_of(question, Side.PRIOR)
    return Gathered(content, before, departments)


def find_gathered_faults(content: Content) -> Iterable[str]:
    """Yield the name of every sum of the common tables that does not hold."""
    yield from find_common_faults(content, TABLES)
    yield from find_type_faults(content)


def social_types(content: Content) -> set[str]:
    """Return the types that are social economy."""
    return {row["key"] for row in content["by_type"] if row["is_social_economy"]}
