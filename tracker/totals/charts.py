"""Where the bars of this year against last year stand; a macro draws them as SVG.

Across, everything is a share of the drawing's width, so that its text is as large on a telephone as on paper.
"""

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from tracker.core.money import Unit, Won, divide_half_up, format_won
from tracker.totals.queries import TotalRow
from tracker.totals.questions import By, Question

MOST_ROWS = 15
LEGEND = 30
# Bars lie below the name of their row; behind the longest there is room for its amount.
NAME, BAR, GAP, ROW, LONGEST = 18, 12, 3, 56, 720
LABEL_WIDTH = 50  # in halves of a Korean character
# Columns stand between the amounts at the left and the right edge.
TOP, PLOT, FOOT, MARGIN, COLUMN_SHARE = 48, 230, 24, 140, 38
STEPS, MOST_LABELS = 5, 13


class Bar(NamedTuple):
    """A bar or column of one of the years; across in shares of the width, down in pixels."""

    x: str
    y: int
    width: str
    height: int
    is_current: bool


class Text(NamedTuple):
    """A name or an amount, so many pixels beside its place."""

    x: str
    y: int
    text: str
    anchor: str = "start"
    beside: int = 0


class Line(NamedTuple):
    """The line at zero, or a fainter one at a round amount."""

    x1: str
    y1: int
    x2: str
    y2: int
    is_zero: bool


class Chart(NamedTuple):
    """The rows with the largest amounts, in the order of the table; `left_out` counts the others."""

    height: int
    bars: list[Bar]
    texts: list[Text]
    lines: list[Line]
    left_out: int


def build_chart(question: Question, rows: Sequence[TotalRow], unit: Unit, no_data: str) -> Chart:
    """Return columns for months, else bars with names; `no_data` stands where a year has none."""
    if question.by is By.MONTH:
        return _columns(question.year, rows, unit)
    largest = {row.key for row in sorted(rows, key=lambda row: -max(map(abs, _amounts(row))))[:MOST_ROWS]}
    shown = [row for row in rows if row.key in largest]
    return _bars(shown, unit, no_data, left_out=len(rows) - len(shown))


def _bars(rows: Sequence[TotalRow], unit: Unit, no_data: str, left_out: int) -> Chart:
    lowest, highest = _span(rows)
    bars, texts, lines = [], [], []

    def x(amount: Won) -> int:
        return divide_half_up((amount - lowest) * LONGEST, max(1, highest - lowest))

    for place, row in enumerate(rows):
        top = LEGEND + place * ROW
        texts.append(Text("0", top + NAME - 4, _shortened(row.label)))
        for number, amount in enumerate(_known(row)):
            start, end = sorted((x(0), x(amount or 0)))
            y = top + NAME + number * (BAR + GAP)
            bars.append(Bar(_share(start), y, _share(end - start), BAR, is_current=number == 0))
            said = no_data if amount is None else format_won(amount, unit)
            texts.append(Text(_share(end), y + BAR - 1, said, beside=5))
        zero = _share(x(0))
        lines.append(Line(zero, top + NAME - 1, zero, top + NAME + 2 * BAR + GAP + 1, is_zero=True))
    return Chart(LEGEND + len(rows) * ROW, bars, texts, lines, left_out)


def _columns(year: int, rows: Sequence[TotalRow], unit: Unit) -> Chart:
    lowest, highest = _span(rows)
    step = round_step(highest - lowest)
    lowest, highest = -step * -(lowest // step), step * max(1, -(-highest // step))
    bars, texts, lines = [], [], []

    def y(amount: Won) -> int:
        return TOP + divide_half_up((highest - amount) * PLOT, highest - lowest)

    for amount in range(lowest, highest + 1, step):
        lines.append(Line("0", y(amount), "100%", y(amount), is_zero=amount == 0))
        texts.append(Text("0", y(amount) - 3, format_won(amount, unit)))
    group = (1000 - MARGIN) / max(1, len(rows))
    width = group * COLUMN_SHARE / 100
    for place, row in enumerate(rows):
        middle = MARGIN + (place + 0.5) * group
        for number, known in enumerate(_known(row)):
            top, bottom = sorted((y(known or 0), y(0)))
            start = middle - width + number * width
            bars.append(Bar(_share(start), top, _share(width), bottom - top, is_current=number == 0))
        if place % -(-len(rows) // MOST_LABELS) == 0:
            texts.append(Text(_share(middle), TOP + PLOT + FOOT - 6, _month(row.key, year), "middle"))
    return Chart(TOP + PLOT + FOOT, bars, texts, lines, 0)


def round_step(span: Won) -> Won:
    """Return 1, 2 or 5 with noughts, so that about five steps make the span."""
    rough = max(1, span // STEPS)
    power = int("1" + "0" * (len(str(rough)) - 1))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough)


def _known(row: TotalRow) -> tuple[Won | None, Won | None]:
    return row.comparison.current if row.is_recorded else None, row.comparison.prior


def _amounts(row: TotalRow) -> tuple[Won, Won]:
    return row.comparison.current, row.comparison.prior or 0


def _span(rows: Sequence[TotalRow]) -> tuple[Won, Won]:
    amounts = [0, *(amount for row in rows for amount in _amounts(row))]
    return min(amounts), max(amounts)


def _share(thousandths: float) -> str:
    return f"{thousandths / 10:.1f}%"


def _month(key: str, year: int) -> str:
    name = f"{int(key[5:])}월"
    return name if int(key[:4]) == year else f"{key[2:4]}.{int(key[5:])}"


def _shortened(label: str) -> str:
    width = 0
    for position, character in enumerate(label):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > LABEL_WIDTH:
            return label[:position] + "…"
    return label
