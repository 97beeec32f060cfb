"""What the rows of a plan file become: lines of the yearly plan, those that stand there already left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from typing import NamedTuple

from tracker.core.vocabulary import Kind
from tracker.imports.duplicates import Repeats
from tracker.imports.options import ImportOptions
from tracker.imports.parties import Departments
from tracker.imports.results import ImportResult
from tracker.imports.rows import ParsedRow
from tracker.targets.queries import code_of_scheme, list_plan, list_scheme_names
from tracker.targets.services import PlanDraft


class PlannedLine(NamedTuple):
    """A line that goes in, and the row that brings it."""

    row_number: int
    draft: PlanDraft


class YearlyPlan:
    """Decides row by row; each line that stands excuses one row that says the same. It writes nothing."""

    def __init__(self, options: ImportOptions, result: ImportResult) -> None:
        self.departments = Departments(options)
        self._options = options
        self._result = result
        self._repeats = Repeats()
        self._schemes = list_scheme_names()
        self._standing: dict[int, Counter[tuple[object, ...]]] = {}

    def plan(self, rows: Sequence[ParsedRow]) -> list[PlannedLine]:
        """Return the lines that go in, and account for all rows."""
        return [planned for row in rows if (planned := self._decide(row))]

    def finish(self) -> list[PlannedLine]:
        """Tell which departments are new."""
        self._result.make(self.departments.new_names, [])
        self._result.tell_names(self.departments)
        return []

    def _decide(self, row: ParsedRow) -> PlannedLine | None:
        draft = self._draft(row)
        if draft is None or row.is_refused:
            self._result.reject(row)
            return None
        said = astuple(draft)
        standing = self._lines_of(draft.fiscal_year)
        if standing[said]:
            standing[said] -= 1
            self._result.skip("duplicate")
            return None
        self._repeats.note(row, said, draft.amount)
        name = self.departments.name(draft.department_id)
        self._result.accept(row, draft.amount, year=str(draft.fiscal_year), department=name)
        return PlannedLine(row.number, draft)

    def _draft(self, row: ParsedRow) -> PlanDraft | None:
        amount, item = row.require("amount"), row.require("item")
        year = row.get("fiscal_year") or self._options.year or row.require("fiscal_year")
        kind = row.get("kind") or Kind.UNCLASSIFIED
        if kind is Kind.UNCLASSIFIED:
            row.report("kind", "kind_unknown")
        scheme = self._scheme(row)
        name = row.get("department") or self._options.department or row.require("department")
        department = self.departments.find_for(row, "department", name) if name else None
        if None in (department, year, scheme, amount, item):
            return None
        return PlanDraft(
            fiscal_year=year,
            department_id=department or 0,
            scheme=scheme or "",
            item=item,
            kind=kind,
            amount=amount,
            quantity=row.get("quantity"),
            unit=row.get("unit") or "",
            planned_month=row.get("planned_month"),
            note=row.get("note") or "",
        )

    def _scheme(self, row: ParsedRow) -> str | None:
        name = row.require("scheme")
        code = code_of_scheme(name, self._schemes) if name else None
        if name and code is None:
            row.report("scheme", "scheme_unknown", schemes=", ".join(self._schemes.values()))
        return code

    def _lines_of(self, year: int) -> Counter[tuple[object, ...]]:
        if year not in self._standing:
            self._standing[year] = Counter(
                astuple(
                    PlanDraft(
                        fiscal_year=line.fiscal_year,
                        department_id=line.department_id,
                        scheme=line.scheme,
                        item=line.item,
                        kind=line.kind,
                        amount=line.amount,
                        quantity=line.quantity,
                        unit=line.unit,
                        planned_month=line.planned_month,
                        note=line.note,
                    )
                )
                for line in list_plan(year)
            )
        return self._standing[year]
