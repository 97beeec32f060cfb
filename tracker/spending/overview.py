"""Total spending of a year in rows: department by kind with sums, and where purchases exceed it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.departments.queries import DepartmentRow

Amounts = Mapping[tuple[int, Kind], Won]
ByKind = Mapping[Kind, Won]


class Excess(NamedTuple):
    """More was bought than spent, which cannot be: of one kind, or of all where the kind is empty."""

    kind: Kind | None
    spent: Won
    bought: Won


class OverviewRow(NamedTuple):
    """A department's total spending by kind; None where nothing was entered, which is not zero."""

    department_id: int
    label: str
    by_kind: list[Won | None]
    total: Won | None
    bought: Won | None
    excesses: list[Excess]


class Overview(NamedTuple):
    """All rows with their sums; the kinds head the columns."""

    kinds: list[Kind]
    rows: list[OverviewRow]
    whole: OverviewRow


def build_overview(
    departments: Sequence[DepartmentRow],
    asked: Collection[int],
    fiscal_year: int,
    spent: Amounts,
    bought: Amounts,
) -> Overview:
    """Return the rows of the departments asked for that were there in the year, or have something entered.

    Those that only group others have a row where something stands for them.
    """
    spent_by, bought_by = _by_department(spent, asked), _by_department(bought, asked)
    spent_whole, bought_whole = _added_up(spent_by), _added_up(bought_by)
    kinds = [kind for kind in Kind if kind is not Kind.UNCLASSIFIED or kind in spent_whole]
    parents = {row.parent_id for row in departments}

    def build(department_id: int, label: str, spent: ByKind, bought: ByKind) -> OverviewRow:
        total, bought_total = sum(spent.values()), sum(bought.values())
        excesses = [Excess(None, total, bought_total)] if spent and bought_total > total else []
        excesses += [
            Excess(kind, spent[kind], bought[kind])
            for kind in (Kind.GOODS, Kind.SERVICES, Kind.WORKS)
            if kind in spent and bought.get(kind, 0) > spent[kind]
        ]
        return OverviewRow(
            department_id,
            label,
            [spent.get(kind) for kind in kinds],
            total if spent else None,
            bought_total if has_purchases else None,
            excesses,
        )

    has_purchases = bool(bought)
    rows = [
        build(row.id, row.path, spent_by.get(row.id, {}), bought_by.get(row.id, {}))
        for row in departments
        if row.id in asked
        and (
            row.id in spent_by
            or row.id in bought_by
            or (row.id not in parents and row.was_there_in(fiscal_year))
        )
    ]
    return Overview(kinds, rows, build(0, "", spent_whole, bought_whole))


def _by_department(amounts: Amounts, asked: Collection[int]) -> dict[int, dict[Kind, Won]]:
    found: dict[int, dict[Kind, Won]] = defaultdict(dict)
    for (department_id, kind), amount in amounts.items():
        if department_id in asked:
            found[department_id][kind] = amount
    return found


def _added_up(departments: Mapping[int, ByKind]) -> dict[Kind, Won]:
    sums: dict[Kind, Won] = {}
    for amounts in departments.values():
        for kind, amount in amounts.items():
            sums[kind] = sums.get(kind, 0) + amount
    return sums
