"""What sets two reports of one kind apart, line by line: figures by table and row, purchases one by one."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tracker.core.money import Unit, Won
from tracker.reports.catalogue import recipe_of
from tracker.reports.document import Cell, Document, Form, Medium, Table
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.requests import Content
from tracker.reports.verification import Change, compare_annexes
from tracker.reports.wording import say_cell

# What stands in a column counted, so that the two can be subtracted.
COUNTED = (Form.AMOUNT, Form.NUMBER)
_Columns = Mapping[tuple[str, str], Cell]


class IncomparableReports(ValueError):
    """Reports of different kinds have no tables in common."""


class FigureChange(NamedTuple):
    """A figure that is another one now, amounts in won; None where the row or column is not there."""

    table: str
    row: str
    column: str
    before: str | None
    after: str | None
    difference: int | None


class PurchaseChange(NamedTuple):
    """A purchase that came, went or changed, with its amounts in won; as the later report names it."""

    id: int
    day: str
    department: str
    enterprise: str
    subject: str | None
    change: Change
    before: Won | None
    after: Won | None
    difference: Won


class Differences(NamedTuple):
    """What is different in the later report, and the totals of both in won."""

    figures: list[FigureChange]
    purchases: list[PurchaseChange]
    before: Won
    after: Won

    @property
    def difference(self) -> Won:
        """Return the later total minus the earlier one."""
        return self.after - self.before


def compare_reports(report_id: int, other_id: int) -> Differences:
    """Return what the other report says differently.

    Raises UnknownReport, AlteredReport, and IncomparableReports for reports of two kinds.
    """
    then, now = (json.loads(get_intact_snapshot(each).content) for each in (report_id, other_id))
    return compare_contents(then, now)


def compare_contents(then: Content, now: Content) -> Differences:
    """Return what the second content says differently from the first; raises IncomparableReports."""
    if then["kind"] != now["kind"]:
        raise IncomparableReports(then["kind"], now["kind"])
    compose = recipe_of(now).compose
    return Differences(
        list(_compare_tables(compose(then, ""), compose(now, ""))),
        list(_compare_purchases(then["annex"], now["annex"])),
        then["summary"]["total"]["current"],
        now["summary"]["total"]["current"],
    )


def _compare_tables(then: Document, now: Document) -> Iterator[FigureChange]:
    before, after = ({table.key: table for table in _short_tables(each)} for each in (then, now))
    for key in dict.fromkeys((*after, *before)):
        table = after.get(key) or before[key]
        rows_before, rows_after = _rows(before.get(key)), _rows(after.get(key))
        for row in dict.fromkeys((*rows_after, *rows_before)):
            cells_before, cells_after = rows_before.get(row, {}), rows_after.get(row, {})
            for column in dict.fromkeys((*cells_after, *cells_before)):
                old, new = cells_before.get(column), cells_after.get(column)
                if old != new:
                    yield _changed(table, row[0], column, old, new)


def _changed(
    table: Table, row: str, column: tuple[str, str], old: Cell | None, new: Cell | None
) -> FigureChange:
    difference = None
    if old and new and old.form is new.form and new.form in COUNTED:
        difference = int(new.value) - int(old.value)
    said = [each and say_cell(each, Unit.WON) for each in (old, new)]
    return FigureChange(table.title, row, " ".join(filter(None, column)), said[0], said[1], difference)


def _short_tables(document: Document) -> Iterator[Table]:
    for table in document.tables:
        if not table.is_long and table.medium is not Medium.SHEET:
            yield table


def _rows(table: Table | None) -> dict[tuple[str, int], _Columns]:
    """Return the cells by row and column: a row goes by its head, like heads by their order."""
    found: dict[tuple[str, int], _Columns] = {}
    seen: Counter[str] = Counter()
    for line in table.lines if table else ():
        head = str(line.cells[0].value)
        names = ((column.group, column.label) for column in table.columns) if table else ()
        found[head, seen[head]] = dict(list(zip(names, line.cells, strict=False))[1:])
        seen[head] += 1
    return found


def _compare_purchases(then: list[Content], now: list[Content]) -> Iterator[PurchaseChange]:
    amounts: list[Counter[int]] = [Counter(), Counter()]
    for side, lines in zip(amounts, (then, now), strict=True):
        for line in lines:
            side[line["id"]] += line["amount"]
    named = {line["id"]: line for line in (*then, *now)}
    for each in compare_annexes(then, now):
        line, (before, after) = named[each.purchase], amounts
        yield PurchaseChange(
            each.purchase,
            line["day"],
            line["department"],
            line["enterprise"],
            line["contract_name"] or line["item"],
            each.change,
            before.get(each.purchase),
            after.get(each.purchase),
            each.amount,
        )
