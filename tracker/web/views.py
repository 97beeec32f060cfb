"""The start page, the switch of languages, and the sign of life."""

from importlib.metadata import version

from flask import Blueprint, abort, current_app, redirect, render_template, request, session
from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from tracker.core.vocabulary import Measure
from tracker.extensions import db
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question
from tracker.web.clock import today
from tracker.web.destinations import own_page
from tracker.web.navigation import LANGUAGES

JOBS = (
    (
        "totals.index",
        _l("Compare with last year"),
        _l("Purchases by department, type, kind or month, down to the single purchase."),
    ),
    (
        "reports.index",
        _l("Make a compliance report"),
        _l("Freeze the figures of a year and download them as a document."),
    ),
    (
        "imports.index",
        _l("Take in a file"),
        _l("Purchases, enterprises or spending from a spreadsheet."),
    ),
    (
        "purchases.index",
        _l("Look up purchases"),
        _l("Every purchase with its history and why it counts."),
    ),
    (
        "enterprises.index",
        _l("Look up enterprises"),
        _l("Their certifications and what they sell."),
    ),
)

bp = Blueprint("web", __name__)


@bp.get("/")
def index() -> str:
    """Show this year so far against the same days of last year, and the way to the main jobs."""
    day = today()
    measures = (Measure.SOCIAL, Measure.CERTIFIED, Measure.ALL)
    by_type = {of: answer(Question(day.year, same_period=day, of=of, by=By.TYPE)) for of in measures}
    jobs = [job for job in JOBS if job[0] in current_app.view_functions]
    return render_template(
        "web/index.html",
        day=day,
        answers=by_type,
        social=by_type[Measure.SOCIAL],
        jobs=jobs,
        has_totals="totals.index" in current_app.view_functions,
    )


@bp.get("/lang/<code>")
def language(code: str) -> Response:
    """Switch the language and go back to the page."""
    if code not in LANGUAGES:
        abort(404)
    session["language"] = code
    return redirect(own_page(request.args.get("next")))


@bp.get("/health")
def health() -> tuple[dict[str, object], int]:
    """Say whether the program can reach its database."""
    try:
        db.session.execute(text("SELECT 1"))
        is_reachable = True
    except SQLAlchemyError:
        is_reachable = False
    found: dict[str, object] = {
        "status": "ok" if is_reachable else "unavailable",
        "database": is_reachable,
        "version": version("tracker"),
    }
    return found, 200 if is_reachable else 503
