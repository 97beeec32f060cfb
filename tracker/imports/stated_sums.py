"""Sums that a file states itself, held against the rows they cover."""

from tracker.core.money import Won
from tracker.imports.problems import Problem
from tracker.imports.rows import ParsedRow

CUMULATIVE = frozenset({"누계"})
TOTALS = frozenset({"합계", "총계", "총합계", "계"})


class StatedSums:
    """Adds up the amounts of a file's rows, whatever becomes of them, and checks 소계, 누계 and 합계.

    A subtotal covers the rows since the previous one. A total or cumulative sum covers all rows so far, or
    all since an earlier sum: sections may have their own. Sums may also stand above the rows they cover.
    """

    def __init__(self) -> None:
        self._sum: Won = 0
        self._rows = 0
        self._is_known = True
        self._starts: dict[Won, None] = {0: None}  # what stood at each sum so far, in their order
        self._last: dict[str, tuple[Won, int]] = {}
        self._above: dict[str, tuple[ParsedRow, Won, int] | None] = {}

    def add(self, row: ParsedRow) -> None:
        """Add a row's amount; behind one that cannot be read no sum is held against the rows."""
        amount = row.get("amount")
        if amount is not None:
            self._sum += amount
        elif "amount" not in row.values and row.text("amount") is not None:
            self._is_known = False
        self._rows += 1

    def check(self, row: ParsedRow, label: str) -> list[Problem]:
        """Return what is wrong with a row that states a sum, or with one above that is complete now."""
        stated = row.get("amount")
        if stated is None:
            return []
        if not self._rows and label in CUMULATIVE:
            self._starts[-stated] = None  # carried over from before the file
            return []
        if not self._rows or label in self._above:
            found = self._complete(label)
            self._above[label] = (row, self._sum, self._rows)
        else:
            found = self._check_below(row, label, stated)
        self._starts.pop(self._sum, None)
        self._starts[self._sum] = None
        self._last[label] = (self._sum, self._rows)
        return found

    def finish(self) -> list[Problem]:
        """Return what is wrong with sums that stand above the rows they cover."""
        return [problem for label in self._above for problem in self._complete(label)]

    def _check_below(self, row: ParsedRow, label: str, stated: Won) -> list[Problem]:
        covered_from = self._sum - stated
        start, rows = self._last.get(label, (0, 0))
        if label in CUMULATIVE | TOTALS:
            is_right, start = covered_from in self._starts, 0
        else:
            # Right below one of the same name it sums up sections, of which nothing tells the first.
            is_right = rows == self._rows or covered_from in (start, next(reversed(self._starts)))
        if is_right:
            return []
        if label in CUMULATIVE:
            self._starts = {covered_from: None} | self._starts  # the same difference is told once
        return self._differ(row, self._sum - start)

    def _complete(self, label: str) -> list[Problem]:
        waiting = self._above.get(label)
        if waiting is None or waiting[2] == self._rows:
            return []
        row, start, _ = waiting
        return [] if row.get("amount") == self._sum - start else self._differ(row, self._sum - start)

    def _differ(self, row: ParsedRow, actual: Won) -> list[Problem]:
        if not self._is_known:
            return []
        row.report("amount", "sum_differs", stated=row.get("amount"), sum=actual)
        return row.problems[-1:]
