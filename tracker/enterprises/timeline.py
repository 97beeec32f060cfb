"""Where the bars of an enterprise's certifications stand in time; a macro draws them as SVG."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from tracker.enterprises.queries import CertificationRow, EventRow
from tracker.web.filters import day as say_day

MOST_ROWS = 20
TOP, ROW = 44, 58
SPAN = 96  # per cent; behind it an open end goes on
WORDS = 27  # per cent that the words of an event take on a narrow screen
PAST_YEARS, COMING_YEARS = 40, 10
MOST_TICKS = 10


class Box(NamedTuple):
    """A stretch of time as a bar; across, everything is a share of the width."""

    x: str
    width: str


class Mark(NamedTuple):
    """A status event; its words are left out where those of another stand."""

    x: str
    text: str
    anchor: str


class Lane(NamedTuple):
    """One certification: the stored term, what of it is valid, and the events."""

    label: str
    y: int
    stored: Box | None
    valid: list[Box]
    marks: list[Mark]
    is_open: bool


class Tick(NamedTuple):
    """The first of January of a year."""

    x: str
    year: int


class Timeline(NamedTuple):
    """The certifications in the order of the table; `left_out` counts those that are not drawn."""

    height: int
    today_x: str
    ticks: list[Tick]
    lanes: list[Lane]
    left_out: int


def build_timeline(certifications: Sequence[CertificationRow], today: date) -> Timeline:
    """Return the picture of these certifications around today; what lies far off is drawn at its edge."""
    shown = certifications[:MOST_ROWS]
    days = [today, *(day for row in shown for day in _days(row))]
    first = max(min(days), date(today.year - PAST_YEARS, 1, 1)).year
    last = min(max(days), date(today.year + COMING_YEARS, 1, 1)).year + 1
    start, end = date(first, 1, 1), date(last, 1, 1)

    def x(day: date) -> float:
        return (min(max(day, start), end) - start).days * SPAN / (end - start).days

    def box(begin: date, until: date | None) -> Box:
        left = x(begin)
        return Box(_percent(left), _percent(max(0.4, x(until or end) - left)))

    def lane(row: CertificationRow, y: int) -> Lane:
        begin, until = row.certificate.valid_from, row.certificate.valid_to
        return Lane(
            row.label,
            y,
            box(begin, until) if begin else None,
            [box(*term) for term in row.terms],
            _marks([(x(event.happened_on), event) for event in row.events]),
            bool(row.terms) and row.terms[-1].end is None,
        )

    step = next(each for each in (1, 2, 5, 10) if (last - first) // each <= MOST_TICKS)
    return Timeline(
        TOP + len(shown) * ROW,
        _percent(x(today)),
        [Tick(_percent(x(date(year, 1, 1))), year) for year in range(first, last + 1, step)],
        [lane(row, TOP + position * ROW) for position, row in enumerate(shown)],
        len(certifications) - len(shown),
    )


def _days(row: CertificationRow) -> list[date]:
    days = (
        row.certificate.valid_from,
        row.certificate.valid_to,
        *(event.happened_on for event in row.events),
    )
    return [day for day in days if day]


def _marks(events: Sequence[tuple[float, EventRow]]) -> list[Mark]:
    marks: list[Mark] = []
    taken: list[tuple[float, float]] = []
    for x, event in events:
        is_left = x < SPAN / 2
        words = (x, x + WORDS) if is_left else (x - WORDS, x)
        is_free = all(words[1] <= other[0] or other[1] <= words[0] for other in taken)
        text = f"{event.kind.korean} {say_day(event.happened_on)}" if is_free else ""
        marks.append(Mark(_percent(x), text, "start" if is_left else "end"))
        if is_free:
            taken.append(words)
    return marks


def _percent(share: float) -> str:
    return f"{share:.2f}%"
