"""What the rows of a spending file become: one figure for each department, year, kind and 통계목."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.vocabulary import Kind
from tracker.imports.duplicates import Repeats
from tracker.imports.options import ImportOptions
from tracker.imports.parties import Departments
from tracker.imports.queries import current_spending
from tracker.imports.results import ImportResult
from tracker.imports.rows import ParsedRow
from tracker.spending.services import SpendingDraft

Place = tuple[int, int, Kind, str]


class PlannedFigure(NamedTuple):
    """A figure that goes in, with the rows that add up to it."""

    row_numbers: tuple[int, ...]
    draft: SpendingDraft


class SpendingPlan:
    """Adds up the rows of one place; what they become is known at the end of the file. It writes nothing."""

    def __init__(self, options: ImportOptions, result: ImportResult) -> None:
        self.departments = Departments(options)
        self._options = options
        self._result = result
        self._repeats = Repeats()
        self._rows: dict[Place, list[ParsedRow]] = defaultdict(list)

    def plan(self, rows: Sequence[ParsedRow]) -> list[PlannedFigure]:
        """Take up these rows, and account for those that are refused."""
        for row in rows:
            place = self._place(row)
            if place is None or row.is_refused:
                self._result.reject(row)
                continue
            told = [row.get(field) for field in ("amount", "paid_on", "reference", "description")]
            self._repeats.note(row, (*place, *told), row.get("amount"))
            self._rows[place].append(row)
        return []

    def finish(self) -> list[PlannedFigure]:
        """Return the figures that differ from what stands, and account for their rows."""
        self._result.make(self.departments.new_names, [])
        self._result.tell_names(self.departments)
        standing = current_spending({year for _, year, _, _ in self._rows})
        planned = []
        for place, rows in self._rows.items():
            amount = sum(row.get("amount") for row in rows)
            before = standing.get(place)
            if before == amount:
                self._result.skip("duplicate", len(rows))
                continue
            if before is not None:
                rows[0].report("amount", "figure_replaced", amount=before)
            department, year, kind, item = place
            for row in rows:
                name = self.departments.name(department)
                self._result.accept(row, row.get("amount"), year=str(year), department=name)
            draft = SpendingDraft(
                department_id=department, fiscal_year=year, kind=kind, budget_item=item, amount=amount
            )
            planned.append(PlannedFigure(tuple(row.number for row in rows), draft))
        return planned

    def _place(self, row: ParsedRow) -> Place | None:
        row.require("amount")
        year = row.get("fiscal_year") or self._options.year
        if year is None:
            row.require("fiscal_year")
        kind = row.get("kind") or Kind.UNCLASSIFIED
        if kind is Kind.UNCLASSIFIED:
            row.report("kind", "kind_unknown")
        name = row.get("department") or self._options.department
        if name is None:
            row.require("department")
            return None
        department = self.departments.find_for(row, "department", name)
        if department is None or year is None:
            return None
        return department, year, kind, row.get("budget_item") or ""
