"""Where the bars of a chart stand; a macro draws them as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.money import Won, divide_half_up

WIDTH, HEIGHT = 660, 210
LEFT, RIGHT, TOP, BOTTOM = 64, 4, 14, 26
BAR_SHARE = 72  # per cent of a group's width
STEPS = 4


class Bar(NamedTuple):
    """One bar in whole units of the drawing; `series` is its place in the legend."""

    series: int
    x: int
    y: int
    width: int
    height: int


class Mark(NamedTuple):
    """A text at the edge: the name of a group, or the amount of a grid line in won."""

    text: str | Won
    at: int


class Chart(NamedTuple):
    """Groups of bars over a common zero."""

    width: int
    height: int
    left: int
    right: int
    zero: int
    bars: list[Bar]
    groups: list[Mark]
    grid: list[Mark]
    legend: list[str]


def column_chart(labels: Sequence[str], series: Sequence[tuple[str, Sequence[Won]]]) -> Chart:
    """Return the bars of each series side by side, on a scale of round amounts of won."""
    amounts = [amount for _, values in series for amount in values]
    step = _round_step(max(amounts, default=0), min(amounts, default=0))
    highest = step * max(1, -(-max(amounts, default=0) // step))
    lowest = -step * -(min([0, *amounts]) // step)
    span = HEIGHT - TOP - BOTTOM

    def y(amount: Won) -> int:
        return TOP + divide_half_up((highest - amount) * span, highest - lowest)

    group = (WIDTH - LEFT - RIGHT) // max(1, len(labels))
    width = group * BAR_SHARE // 100 // max(1, len(series))
    margin = (group - width * len(series)) // 2
    bars = [
        Bar(
            number,
            LEFT + place * group + margin + number * width,
            min(y(amount), y(0)),
            width - 1,
            abs(y(amount) - y(0)),
        )
        for number, (_, values) in enumerate(series)
        for place, amount in enumerate(values)
    ]
    return Chart(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        y(0),
        bars,
        [Mark(label, LEFT + place * group + group // 2) for place, label in enumerate(labels)],
        [Mark(amount, y(amount)) for amount in range(lowest, highest + 1, step)],
        [name for name, _ in series],
    )


def _round_step(highest: Won, lowest: Won) -> Won:
    """Return 1, 2 or 5 with noughts, so that about four steps span the amounts."""
    rough = max(1, (max(highest, 0) - min(lowest, 0)) // STEPS)
    power = int("1" + "0" * (len(str(rough)) - 1))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
