"""Where the bars of this year against last year stand; a macro draws them as SVG."""

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from tracker.core.money import Unit, Won, divide_half_up, format_won
from tracker.totals.queries import TotalRow

MOST_ROWS = 15
WIDTH, TOP, ROW, BAR = 760, 30, 36, 13
LABELS, FIGURES = 190, 120
LABEL_WIDTH = 25  # in halves of a Korean character


class Bar(NamedTuple):
    """One bar, or the place of a missing one, with its amount as text behind it."""

    x: int
    y: int
    width: int
    text: str
    text_x: int
    is_current: bool


class Group(NamedTuple):
    """A row of the table: its label and its two bars."""

    label: str
    y: int
    bars: tuple[Bar, Bar]


class Chart(NamedTuple):
    """The rows with the largest amounts, in the order of the table; `left_out` counts the others."""

    width: int
    height: int
    label_x: int
    zero: int
    bar_height: int
    groups: list[Group]
    left_out: int


def build_chart(rows: Sequence[TotalRow], unit: Unit, no_data: str) -> Chart:
    """Return the bars to draw; `no_data` stands where a year has none."""
    largest = sorted(rows, key=lambda row: -max(map(abs, _amounts(row))))[:MOST_ROWS]
    shown = [row for row in rows if row in largest]
    amounts = [0, *(amount for row in shown for amount in _amounts(row))]
    lowest, span = min(amounts), max(1, max(amounts) - min(amounts))

    def x(amount: Won) -> int:
        return LABELS + divide_half_up((amount - lowest) * (WIDTH - LABELS - FIGURES), span)

    def bar(amount: Won | None, y: int, *, is_current: bool) -> Bar:
        start, end = sorted((x(0), x(amount or 0)))
        text = no_data if amount is None else format_won(amount, unit)
        return Bar(start, y, end - start, text, end + 5, is_current)

    groups = []
    for place, row in enumerate(shown):
        y = TOP + place * ROW
        current = row.comparison.current if row.is_recorded else None
        bars = bar(current, y, is_current=True), bar(row.comparison.prior, y + BAR, is_current=False)
        groups.append(Group(_shortened(row.label), y + BAR + 4, bars))
    height = TOP + len(shown) * ROW
    return Chart(WIDTH, height, LABELS - 8, x(0), BAR - 2, groups, len(rows) - len(shown))


def _amounts(row: TotalRow) -> tuple[Won, Won]:
    return row.comparison.current, row.comparison.prior or 0


def _shortened(label: str) -> str:
    width = 0
    for position, character in enumerate(label):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > LABEL_WIDTH:
            return label[:position] + "…"
    return label
