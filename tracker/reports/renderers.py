"""Rendering a frozen report; everything shown comes from its snapshot."""

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.config import ROOT
from tracker.core.growth import Note
from tracker.core.money import Unit, Won, in_unit, spell_won
from tracker.reports.builders import Content
from tracker.reports.charts import column_chart
from tracker.reports.models import Snapshot
from tracker.reports.printing import Watch, print_pdf, unwatched
from tracker.web.clock import SEOUL

# Beyond this a PDF takes minutes; it then states the number and the sum, and refers to the JSON file.
ANNEX_ROWS_IN_PDF = 5_000
NO_DATA = "자료 없음"
NOTES = {Note.NEW: "신규", Note.NONE: "–", Note.NO_DATA: NO_DATA}
MOVERS = 3
TEMPLATE = "reports/annual.html"


class Format(StrEnum):
    """What a report can be rendered as."""

    PDF = "pdf"
    HTML = "html"
    JSON = "json"


class Rendering(NamedTuple):
    """A rendered report; `missing_characters` are those that the report font cannot show."""

    data: bytes
    missing_characters: str = ""


def render_report(snapshot: Snapshot, form: Format, watch: Watch = unwatched) -> Rendering:
    """Return the report in that format, the same bytes every time.

    Raises FontMissing or PrintingFailed for a PDF that cannot be made, and what `watch` raises.
    """
    return RENDERERS[form](snapshot, watch)


def _render_json(snapshot: Snapshot, _watch: Watch) -> Rendering:
    return Rendering(snapshot.content.encode())


def _render_html(snapshot: Snapshot, _watch: Watch) -> Rendering:
    return Rendering(_html(snapshot, annex_limit=None).encode())


def _render_pdf(snapshot: Snapshot, watch: Watch) -> Rendering:
    return Rendering(*print_pdf(_html(snapshot, annex_limit=ANNEX_ROWS_IN_PDF), watch))


RENDERERS: dict[Format, Callable[[Snapshot, Watch], Rendering]] = {
    Format.PDF: _render_pdf,
    Format.HTML: _render_html,
    Format.JSON: _render_json,
}


def _html(snapshot: Snapshot, annex_limit: int | None) -> str:
    report = json.loads(snapshot.content)
    year = report["year"]
    chart = column_chart(
        [_month(row["key"], year) for row in report["by_month"]],
        [
            (f"{year}년", [row["current"] for row in report["by_month"]]),
            (f"{year - 1}년", [row["prior"] or 0 for row in report["by_month"]]),
        ],
    )
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            sha256=snapshot.sha256,
            chart=chart,
            type_movers=_movers([row for row in report["by_type"] if row["is_social_economy"]]),
            department_movers=_movers(report["by_department"]),
            is_annex_inside=annex_limit is None or len(report["annex"]) <= annex_limit,
        )
    )


def _movers(rows: list[Content]) -> dict[str, list[Content]]:
    """Return the rows that rose and fell most, the greatest change first."""
    known = sorted((row for row in rows if row["difference"]), key=lambda row: row["difference"])
    return {
        "up": [row for row in reversed(known) if row["difference"] > 0][:MOVERS],
        "down": [row for row in known if row["difference"] < 0][:MOVERS],
    }


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "thousand": _thousand,
        "won": _won,
        "spelled": spell_won,
        "percent": _percent,
        "day": _day,
        "moment": _moment,
        "month": _month,
        "note": lambda code: NOTES[Note(code)],
        "thousands": lambda number: f"{number:,}",
        "type_name": lambda code, rows: next(row["label"] for row in rows if row["key"] == code),
    }
    return environment


def _thousand(amount: Won | None) -> str:
    """Return the amount in 천원 as official tables write it, a negative one as △1,000."""
    return _in(Unit.THOUSAND, amount)


def _won(amount: Won | None) -> str:
    return _in(Unit.WON, amount)


def _in(unit: Unit, amount: Won | None) -> str:
    if amount is None:
        return NO_DATA
    shown = in_unit(amount, unit)
    return f"{'△' if shown < 0 else ''}{abs(shown):,}"


def _percent(number: str) -> str:
    """Return a plain decimal with △ for minus."""
    whole, _, decimals = number.removeprefix("-").partition(".")
    return f"{'△' if number.startswith('-') else ''}{int(whole):,}{'.' if decimals else ''}{decimals}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}. {day.month}. {day.day}."


def _moment(iso: str) -> str:
    moment = datetime.fromisoformat(iso).astimezone(SEOUL)
    return f"{_day(moment.date().isoformat())} {moment:%H:%M}"


def _month(key: str, year: int) -> str:
    """Return the month as its table says it; what lies outside the report's year says its year too."""
    number, month = map(int, key.split("-"))
    return f"{month}월" if number == year else f"{number}. {month}월"
