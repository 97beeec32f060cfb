"""The yearly plan in a table: departments by scheme, with their sums."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracker.core.money import Won
from tracker.departments.queries import DepartmentRow


class PlanTableRow(NamedTuple):
    """What a department plans in each scheme; None where it plans nothing in it."""

    department: DepartmentRow
    amounts: list[Won | None]
    total: Won
    lines: int


class PlanTable(NamedTuple):
    """The rows of departments that plan something, under the schemes in which anything is planned."""

    schemes: list[str]
    rows: list[PlanTableRow]
    sums: list[Won]
    total: Won
    lines: int


def build_plan_table(
    departments: Sequence[DepartmentRow],
    schemes: Mapping[str, str],
    sums: Mapping[tuple[int, str], tuple[int, Won]],
) -> PlanTable:
    """Return the table of these sums (lines and won) by department and scheme."""
    held = {code for _department, code in sums}
    codes = [code for code in schemes if code in held]
    planning = {department for department, _code in sums}
    rows = []
    for department in departments:
        if department.id in planning:
            cells = [sums.get((department.id, code)) for code in codes]
            rows.append(
                PlanTableRow(
                    department,
                    [cell[1] if cell else None for cell in cells],
                    sum(cell[1] for cell in cells if cell),
                    sum(cell[0] for cell in cells if cell),
                )
            )
    return PlanTable(
        codes,
        rows,
        [sum(amount for (_, code), (_, amount) in sums.items() if code == each) for each in codes],
        sum(amount for _, amount in sums.values()),
        sum(lines for lines, _ in sums.values()),
    )
