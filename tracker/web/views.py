"""The start page, the switch of languages, and the sign of life."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from importlib.metadata import version

from flask import Blueprint, abort, current_app, redirect, render_template, request, session
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from tracker.accounts.permissions import Act, may
from tracker.core.vocabulary import Measure, Role
from tracker.departments.models import Department
from tracker.departments.queries import subtree_ids
from tracker.extensions import db
from tracker.monitoring.certifications import SOON, list_ended, list_ending
from tracker.monitoring.gaps import count_unpaid, find_silence
from tracker.monitoring.queries import list_standings, year_so_far
from tracker.purchases.listing import Filter, PurchaseRow, Sort, list_purchases
from tracker.rounds.queries import list_open_requests, list_rounds
from tracker.targets.queries import list_deadlines
from tracker.totals.periods import fields_of
from tracker.totals.queries import Answer, answer
from tracker.totals.questions import By, Question
from tracker.totals.wording import say_reorganisation
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
        "monitoring.index",
        _l("See what needs attention"),
        _l("Departments behind last year, certifications ending, what is missing."),
    ),
    (
        "targets.plan",
        _l("Purchase plan"),
        _l("What the departments are going to buy, by scheme and month."),
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
SHOWN = 8
# So many things that are due within so many days are shown.
DUES, DUE_WITHIN = 5, 100


@bp.get("/")
def index() -> str:
    """Show what the person who signed in is here for, and the way to the main jobs."""
    if current_user.role is Role.CLERK and current_user.department:
        return _show_clerk(current_user.department, today())
    return _show_team(today()) if current_user.role is Role.STAFF else _show_reader(today())


def _show_clerk(department: Department, day: date) -> str:
    """Show the own department: figures, what is missing, what was entered last."""
    ids = subtree_ids(department.id)
    return _show(
        "clerk",
        day,
        _figures(day, department.id),
        department=department,
        entries=_last_entries(ids),
        requests=list_open_requests(ids),
        silence=find_silence(ids, day),
        unpaid=count_unpaid(ids, day),
        ended_count=len(list_ended(ids, day)),
        ending_count=len(list_ending(_so_far(day, department.id, Measure.CERTIFIED), day, SOON)),
        soon=SOON,
    )


def _show_team(day: date) -> str:
    """Show the institution: figures, departments behind last year, certifications ending, last entries."""
    figures = _figures(day)
    social, certified, everything = figures
    lagging = [each for each in list_standings(social, everything, day) if each.is_lagging]
    ending = list_ending(certified.question, day, SOON)
    return _show(
        "team",
        day,
        figures,
        question=social.question,
        asked=fields_of(social.question),
        certified=fields_of(certified.question),
        lagging=lagging[:SHOWN],
        lagging_count=len(lagging),
        silent_count=sum(each.is_silent for each in lagging),
        remarks=say_reorganisation,
        entries=_last_entries(None),
        rounds=[row for row in list_rounds()[:SHOWN] if row.awaited],
        ending=ending[:SHOWN],
        ending_count=len(ending),
        soon=SOON,
        dues=[
            (due, (due.due_on - day).days) for due in list_deadlines(day, day + timedelta(DUE_WITHIN), DUES)
        ],
    )


def _show_reader(day: date) -> str:
    """Show the figures of the institution by type, to read only."""
    figures = _figures(day, by=By.TYPE)
    return _show("index", day, figures, social=figures[0], asked=fields_of(figures[0].question))


def _show(page: str, day: date, figures: Sequence[Answer], **found: object) -> str:
    return render_template(
        f"web/{page}.html",
        day=day,
        figures=[(each.question.of, each.total, fields_of(each.question)) for each in figures],
        jobs=[job for job in JOBS if job[0] in current_app.view_functions],
        may_enter=may(current_user, Act.WRITE_PURCHASES),
        **found,
    )


def _figures(day: date, department_id: int | None = None, by: By = By.DEPARTMENT) -> list[Answer]:
    """Return this year so far against last year: social economy, certified, and everything."""
    return [
        answer(replace(_so_far(day, department_id, of), by=by))
        for of in (Measure.SOCIAL, Measure.CERTIFIED, Measure.ALL)
    ]


def _so_far(day: date, department_id: int | None = None, of: Measure = Measure.SOCIAL) -> Question:
    return year_so_far(day.year, day, department_id, of)


def _last_entries(department_ids: Collection[int] | None) -> list[PurchaseRow]:
    return list_purchases(Filter(department_ids=department_ids), Sort.RECORDED)[0][:SHOWN]


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
