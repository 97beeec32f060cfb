"""Sums that a file states itself, held against the rows they cover."""

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from tracker.core.money import Won
from tracker.core.names import normalise_heading
from tracker.imports.problems import Problem
from tracker.imports.rows import ParsedRow
from tracker.imports.sum_labels import SumLabel

CUMULATIVE = frozenset({"누계"})
TOTALS = frozenset({"합계", "총계", "총합계", "계"})
NAMES_REMEMBERED = 4_096


class _Above(NamedTuple):
    """A sum that stands above the rows it covers, and where."""

    row: ParsedRow
    label: SumLabel
    sum: Won
    rows: int


class StatedSums:
    """Adds up the amounts of a file's rows, whatever becomes of them, and checks 소계, 누계 and 합계.

    A subtotal covers the rows since the previous one. A total or cumulative sum covers all rows so far, or
    all since an earlier sum: sections may have their own. Sums may also stand above the rows they cover.
    A sum with a name covers those since an earlier sum, too, or all so far of the department or kind that it
    names (물품 소계). Where several follow each other, one that names something else cannot be checked.
    """

    def __init__(self) -> None:
        self._sum: Won = 0
        self._rows = 0
        self._is_known = True
        self._starts: dict[Won, None] = {0: None}  # what stood at each sum so far, in their order
        self._last: dict[str, tuple[Won, int]] = {}
        self._last_of_all: tuple[Won, int] = (0, 0)
        self._of_name: defaultdict[str, Won] = defaultdict(int)
        self._above: dict[tuple[str, bool], _Above | None] = {}

    def add(self, row: ParsedRow) -> None:
        """Add a row's amount; behind one that cannot be read no sum is held against the rows."""
        amount = row.get("amount")
        if amount is not None:
            self._sum += amount
            if department := row.get("department"):
                self._of_name[_name_of(department)] += amount
            if kind := row.get("kind"):
                self._of_name[kind.korean] += amount
        elif "amount" not in row.values and row.text("amount") is not None:
            self._is_known = False
        self._rows += 1

    def check(self, row: ParsedRow, label: SumLabel) -> list[Problem]:
        """Return what is wrong with a row that states a sum, or with one above that is complete now."""
        stated = row.get("amount")
        if stated is None:
            return []
        if not self._rows and label.word in CUMULATIVE:
            self._starts[-stated] = None  # carried over from before the file
            return []
        key = (label.word, bool(label.name))
        if not self._rows or key in self._above:
            found = self._complete(key)
            self._above[key] = self._place(row, label)
        elif label.name:
            found = self._check_named(row, label, stated)
        else:
            found = self._check_below(row, label, stated)
        self._starts.pop(self._sum, None)
        self._starts[self._sum] = None
        self._last_of_all = (self._sum, self._rows)
        if not label.name:
            self._last[label.word] = self._last_of_all
        return found

    def finish(self) -> list[Problem]:
        """Return what is wrong with sums that stand above the rows they cover."""
        return [problem for key in self._above for problem in self._complete(key)]

    def _place(self, row: ParsedRow, label: SumLabel) -> _Above | None:
        """Return a sum that waits for its rows; of several in one place none tells which are its own."""
        key = (label.word, bool(label.name))
        is_one_of_several = label.name and key in self._above and self._last_of_all[1] == self._rows
        return None if is_one_of_several else _Above(row, label, self._sum, self._rows)

    def _check_below(self, row: ParsedRow, label: SumLabel, stated: Won) -> list[Problem]:
        covered_from = self._sum - stated
        start, rows = self._last.get(label.word, (0, 0))
        if label.word in CUMULATIVE | TOTALS:
            is_right, start = covered_from in self._starts, 0
        else:
            # Right below one of the same name it sums up sections, of which nothing tells the first.
            is_right = rows == self._rows or covered_from in (start, next(reversed(self._starts)))
        if is_right:
            return []
        if label.word in CUMULATIVE:
            self._starts = {covered_from: None} | self._starts  # the same difference is told once
        return self._differ(row, label, self._sum - start)

    def _check_named(self, row: ParsedRow, label: SumLabel, stated: Won) -> list[Problem]:
        covered_from, of_name = self._sum - stated, self._of_name.get(label.name)
        start, rows = self._last_of_all
        if covered_from in self._starts or stated == of_name:
            return []
        if label.word in CUMULATIVE:
            self._starts = {covered_from: None} | self._starts
            return self._differ(row, label, self._sum if of_name is None else of_name)
        if rows < self._rows:
            return self._differ(row, label, self._sum - start)
        return [] if of_name is None else self._differ(row, label, of_name)

    def _complete(self, key: tuple[str, bool]) -> list[Problem]:
        waiting = self._above.get(key)
        if waiting is None or waiting.rows == self._rows:
            return []
        actual = self._sum - waiting.sum
        is_right = waiting.row.get("amount") in (actual, self._of_name.get(waiting.label.name))
        return [] if is_right else self._differ(waiting.row, waiting.label, actual)

    def _differ(self, row: ParsedRow, label: SumLabel, actual: Won) -> list[Problem]:
        if not self._is_known:
            return []
        row.report("amount", "sum_differs", label=label.text, stated=row.get("amount"), sum=actual)
        return row.problems[-1:]


@lru_cache(NAMES_REMEMBERED)
def _name_of(department: str) -> str:
    return normalise_heading(department)
