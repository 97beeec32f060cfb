"""Pages that tell whether a report is what was frozen, by its number or the code on its pages."""

import json
import re

from flask import abort, render_template, request

from tracker.reports.life import find_by_code
from tracker.reports.queries import UnknownReport, get_snapshot, name_purchases
from tracker.reports.verification import verify_report
from tracker.reports.views.shared import PURCHASES_A_PAGE, REPORT, bp, page_asked, part_of

# The code on a report's pages has eight digits; who reads it from a worn page may type more.
SHORTEST_CODE = 8


@bp.get(f"{REPORT}/verify")
def verify(report_id: int) -> str:
    """Show whether the report is what was frozen, and what the ledger says differently today."""
    try:
        snapshot, found = get_snapshot(report_id), verify_report(report_id)
    except UnknownReport:
        abort(404)
    page, pages = page_asked(len(found.differences), PURCHASES_A_PAGE)
    shown = part_of(found.differences, page, PURCHASES_A_PAGE)
    return render_template(
        "reports/verify.html",
        snapshot=snapshot,
        found=found,
        total=json.loads(snapshot.content)["summary"]["total"]["current"] if found.is_intact else None,
        shown=shown,
        names=name_purchases({each.purchase for each in shown}),
        page=page,
        page_count=pages,
    )


@bp.get("/verify")
def look_up() -> str:
    """Find a report by the short code that stands on each of its pages."""
    typed = request.args.get("code", "")
    code = re.sub(r"[\s-]", "", typed).lower()
    is_code = re.fullmatch(f"[0-9a-f]{{{SHORTEST_CODE},64}}", code) is not None
    found = [(each, verify_report(each.id)) for each in (find_by_code(code) if is_code else ())]
    return render_template("reports/look_up.html", typed=typed, is_code=is_code, found=found)
