"""In which order the rows of a table stand: that of the office, or by one of its columns."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tracker.totals.queries import TotalRow

# What a row is sorted by, None where that is unknown.
COLUMNS: Mapping[str, Callable[[TotalRow], Any]] = {
    "label": lambda row: row.label,
    "current": lambda row: row.comparison.current if row.is_recorded else None,
    "prior": lambda row: row.comparison.prior,
    "difference": lambda row: row.comparison.difference,
    "growth": lambda row: row.comparison.growth,
    "count": lambda row: row.count,
}
SORTS = ("", *COLUMNS, *(f"-{name}" for name in COLUMNS))
"""The orders as they stand in an address: a column, downwards with a minus; empty is the office's own."""


class Head(NamedTuple):
    """How a column's head sorts: its present direction, and the order that a click asks for."""

    direction: str | None
    onward: str


def sort_rows(rows: Iterable[TotalRow], sort: str) -> list[TotalRow]:
    """Return the rows in that order, those without the figure last; equal ones stay as they were."""
    if not sort:
        return list(rows)
    value_of = COLUMNS[sort.removeprefix("-")]
    rows = list(rows)
    known = [row for row in rows if value_of(row) is not None]
    unknown = [row for row in rows if value_of(row) is None]
    return sorted(known, key=value_of, reverse=sort.startswith("-")) + unknown


def heads(sort: str) -> dict[str, Head]:
    """Return the heads by column: names go up first, figures down; a third click gives the own order."""
    found = {}
    for name in COLUMNS:
        first, second = (name, f"-{name}") if name == "label" else (f"-{name}", name)
        onward = {first: second, second: ""}.get(sort, first)
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
        found[name] = Head(direction, onward)
    return found
