"""What the pages of reports share: their blueprint, a report that is intact, the page of a list asked for."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from tracker.core.growth import Comparison
from tracker.reports.contents import name_characters
from tracker.reports.models import Snapshot
from tracker.reports.queries import AlteredReport, UnknownReport, get_intact_snapshot
from tracker.reports.requests import Content
from tracker.reports.verification import Change
from tracker.reports.wording import say_code
from tracker.totals.queries import Unrecorded

bp = Blueprint("reports", __name__, url_prefix="/reports")
REPORT = "/<int:report_id>"
PURCHASES_A_PAGE = 100

CHANGES = {
    Change.ADDED: _l("Counts now, did not then"),
    Change.REMOVED: _l("Counted then, does not now"),
    Change.AMOUNT: _l("The amount was corrected"),
    Change.MOVED: _l("The same amount in another department, month, kind or type"),
}
CHANGES_BETWEEN = {
    Change.ADDED: _l("Stands in the later report only"),
    Change.REMOVED: _l("Stands in the earlier report only"),
    Change.AMOUNT: _l("Another amount"),
    Change.MOVED: _l("The same amount in another department, month, kind or type"),
}
FAULTS = {
    "content": _l("Its content is not what its SHA-256 was taken of."),
    "audit": _l("Its SHA-256 is not the one in the audit trail."),
    "logo": _l("Its logo is missing or was altered outside the program. A backup may hold it."),
}

TABLES = (
    ("by_district", _l("By institution"), _l("Institution")),
    ("by_year", _l("By year"), _l("Year")),
    ("by_type", _l("By type"), _l("Type")),
    ("by_kind", _l("By kind of purchase"), _l("Kind")),
    ("by_month", _l("By month"), _l("Month")),
    ("by_department", _l("By department"), _l("Department")),
)

Row = TypeVar("Row")


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room what reads a report's plain values."""
    return {
        "comparison": _comparison,
        "iso": date.fromisoformat,
        "characters": name_characters,
        "frozen_tables": _frozen_tables,
        "CHANGES": CHANGES,
        "CHANGES_BETWEEN": CHANGES_BETWEEN,
        "say_code": say_code,
        "FAULTS": FAULTS,
    }


@bp.errorhandler(AlteredReport)
def _show_alteration(error: AlteredReport) -> Response:
    """Show of an altered report nothing but that it was altered."""
    return redirect(url_for("reports.verify", report_id=error.args[0]))


def get_intact(report_id: int) -> Snapshot:
    """Return the report; 404 where there is none. Raises AlteredReport."""
    try:
        return get_intact_snapshot(report_id)
    except UnknownReport:
        abort(404)


def page_asked(count: int, size: int) -> tuple[int, int]:
    """Return the page asked for and how many there are; 404 for one that is not there."""
    pages = max(1, -(-count // size))
    asked = request.args.get("page", "1")
    if not re.fullmatch("[0-9]{1,6}", asked) or not 1 <= int(asked) <= pages:
        abort(404)
    return int(asked), pages


def year_of(text: str) -> int | None:
    """Return the year that a text of an address says; None where it says none."""
    return int(text) if re.fullmatch("(19|2[0-9])[0-9]{2}", text) else None


def part_of(rows: Sequence[Row], page: int, size: int) -> Sequence[Row]:
    """Return the rows of one page."""
    return rows[(page - 1) * size : page * size]


def as_document(html: bytes) -> Response:
    """Return a report's own page, under a policy of its own."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _only_own_style(html)
    return response


def _comparison(row: Content) -> Comparison:
    """Return a frozen figure as the pages compare it; figures that never had no data say nothing of it."""
    is_recorded = row.get("is_recorded", True)
    return (Comparison if is_recorded else Unrecorded)(row["current"], row["prior"])


def _frozen_tables(content: Content) -> list[tuple[str, str, str]]:
    """Return the tables that a report of its kind has: name, title, and the head of its rows."""
    return [(name, str(title), str(first)) for name, title, first in TABLES if content.get(name)]


def _only_own_style(html: bytes) -> str:
    """Return the policy under which nothing but the document's own style sheet and logo takes effect."""
    style = re.search(rb"<style>(.*?)</style>", html, re.S)
    digest = b64encode(hashlib.sha256(style[1] if style else b"").digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
