"""Rendering a frozen report; everything shown comes from its snapshot."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.config import ROOT
from tracker.core.money import Unit, spell_won
from tracker.reports.charts import column_chart
from tracker.reports.models import Snapshot
from tracker.reports.printing import Watch, print_pdf, unwatched
from tracker.reports.requests import Content
from tracker.reports.wording import say_amount, say_day, say_moment, say_month, say_note, say_percent

# Beyond this a PDF takes minutes; it then states the number and the sum, and refers to the JSON file.
ANNEX_ROWS_IN_PDF = 5_000
MOVERS = 3
TEMPLATE = "reports/annual.html"


class Format(StrEnum):
    """What a report can be rendered as."""

    PDF = "pdf"
    XLSX = "xlsx"
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


def _render_xlsx(snapshot: Snapshot, watch: Watch) -> Rendering:
    # Only who asks for a workbook waits for the package.
    from tracker.reports.workbook import write_workbook

    return Rendering(write_workbook(snapshot, lambda: watch(0)))


RENDERERS: dict[Format, Callable[[Snapshot, Watch], Rendering]] = {
    Format.PDF: _render_pdf,
    Format.XLSX: _render_xlsx,
    Format.HTML: _render_html,
    Format.JSON: _render_json,
}


def _html(snapshot: Snapshot, annex_limit: int | None) -> str:
    report = json.loads(snapshot.content)
    year = report["year"]
    chart = column_chart(
        [say_month(row["key"], year) for row in report["by_month"]],
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
        "thousand": lambda amount: say_amount(amount, Unit.THOUSAND),
        "won": say_amount,
        "spelled": spell_won,
        "percent": say_percent,
        "day": say_day,
        "moment": say_moment,
        "month": say_month,
        "note": say_note,
        "thousands": lambda number: f"{number:,}",
        "type_name": lambda code, rows: next(row["label"] for row in rows if row["key"] == code),
    }
    return environment
