"""Pages of monitoring: an overview, and each of its lists in full."""

from dataclasses import replace
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request

from tracker.core.vocabulary import Measure
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.enterprises.queries import list_types
from tracker.monitoring.certifications import SOON, list_ended, list_ending
from tracker.monitoring.gaps import PAYMENT_AWAITED, count_unpaid, list_unpaid
from tracker.monitoring.queries import (
    Standing,
    count_unused,
    get_uptake,
    list_standings,
    list_suppliers,
    list_unused,
    types_on,
    year_so_far,
)
from tracker.totals.periods import fields_of
from tracker.totals.queries import answer
from tracker.totals.questions import Question
from tracker.totals.wording import say_reorganisation
from tracker.web.clock import today
from tracker.web.requests import nearest_page

bp = Blueprint("monitoring", __name__, url_prefix="/monitoring")
PAGE = 50
FIRST = 5
WITHIN = (30, SOON, 90, 180)


class Page(NamedTuple):
    """A page of a list, the last there is, and how many rows stand before it."""

    number: int
    last: int
    offset: int


@bp.get("")
def index() -> str:
    """Show the beginning of every list."""
    day = today()
    question, certified = year_so_far(day.year, day), year_so_far(day.year, day, of=Measure.CERTIFIED)
    uptake = get_uptake(question)
    lagging = [each for each in _standings(question) if each.is_lagging]
    ending = list_ending(certified, day, SOON)
    ended = list_ended(None, day)
    return _show(
        "index",
        question,
        uptake=uptake,
        suppliers=list_suppliers(question, uptake.amount, by_departments=False, limit=FIRST),
        lagging=lagging[:FIRST],
        lagging_count=len(lagging),
        silent_count=sum(each.is_silent for each in lagging),
        certified=fields_of(certified),
        ending=ending[:FIRST],
        ending_count=len(ending),
        soon=SOON,
        ended=ended[:FIRST],
        ended_count=len(ended),
        unused=list_unused(day, limit=FIRST),
        unused_count=count_unused(day),
        unpaid=count_unpaid(None, day),
    )


@bp.get("/suppliers")
def suppliers() -> str:
    """List the enterprises bought from: how many departments use them, and how much they have of all."""
    question = year_so_far(_year(), today())
    uptake = get_uptake(question)
    page = _page_of(uptake.suppliers)
    by_departments = request.args.get("order") == "departments"
    rows = list_suppliers(
        question, uptake.amount, by_departments=by_departments, limit=PAGE, offset=page.offset
    )
    return _show(
        "suppliers",
        question,
        uptake=uptake,
        rows=rows,
        types=types_on([row.id for row in rows], today()),
        by_departments=by_departments,
        page=page,
    )


@bp.get("/departments")
def departments() -> str:
    """List the departments that bought nothing or less than last year, or all of them."""
    question = year_so_far(_year(), today())
    standings = _standings(question)
    lagging = [each for each in standings if each.is_lagging]
    shows_all = request.args.get("show") == "all"
    rows = standings if shows_all else lagging
    page = _page_of(len(rows))
    return _show(
        "departments",
        question,
        rows=rows[page.offset : page.offset + PAGE],
        shows_all=shows_all,
        lagging_count=len(lagging),
        count=len(standings),
        page=page,
    )


@bp.get("/certifications")
def certifications() -> str:
    """List certifications that end soon, of enterprises that were bought from."""
    department = _department()
    within = request.args.get("within", SOON, int)
    if within not in WITHIN:
        abort(404)
    question = year_so_far(today().year, today(), department and department.id, Measure.CERTIFIED)
    ending = list_ending(question, today(), within)
    page = _page_of(len(ending))
    return _show(
        "certifications",
        question,
        rows=ending[page.offset : page.offset + PAGE],
        count=len(ending),
        within=within,
        choices=WITHIN,
        department=department,
        page=page,
    )


@bp.get("/ended")
def ended() -> str:
    """List enterprises bought from whose purchases would not count any more."""
    department = _department()
    found = list_ended(_ids(department), today())
    page = _page_of(len(found))
    return _show(
        "ended",
        year_so_far(today().year, today()),
        rows=found[page.offset : page.offset + PAGE],
        count=len(found),
        department=department,
        page=page,
    )


@bp.get("/unused")
def unused() -> str:
    """List certified enterprises that nobody ever bought from."""
    types = list_types()
    type_code = request.args.get("type") or None
    if type_code not in (None, *(row.code for row in types)):
        abort(404)
    count = count_unused(today(), type_code)
    page = _page_of(count)
    return _show(
        "unused",
        year_so_far(today().year, today()),
        rows=list_unused(today(), type_code, limit=PAGE, offset=page.offset),
        count=count,
        types=types,
        type_code=type_code,
        page=page,
    )


@bp.get("/unpaid")
def unpaid() -> str:
    """List this year's contracts that have no payment although they should."""
    department = _department()
    ids = _ids(department)
    whole = count_unpaid(ids, today())
    page = _page_of(whole.number)
    return _show(
        "unpaid",
        year_so_far(today().year, today()),
        rows=list_unpaid(ids, today(), limit=PAGE, offset=page.offset),
        whole=whole,
        awaited=PAYMENT_AWAITED.days,
        department=department,
        page=page,
    )


def _show(template: str, question: Question, **found: object) -> str:
    return render_template(
        f"monitoring/{template}.html",
        question=question,
        asked=fields_of(question),
        day=today(),
        years=(today().year, today().year - 1),
        remarks=say_reorganisation,
        **found,
    )


def _standings(question: Question) -> list[Standing]:
    return list_standings(answer(question), answer(replace(question, of=Measure.ALL)), today())


def _year() -> int:
    year = request.args.get("year", today().year, int)
    return year if 1900 < year < 3000 else abort(404)


def _page_of(count: int) -> Page:
    """Return the page asked for of so many rows, or the nearest there is."""
    number, last = nearest_page(count, PAGE)
    return Page(number, last, (number - 1) * PAGE)


def _department() -> DepartmentRow | None:
    """Return the department asked for; 404 when there is none of this number."""
    asked = request.args.get("department")
    if not asked:
        return None
    return next((row for row in list_departments() if str(row.id) == asked), None) or abort(404)


def _ids(department: DepartmentRow | None) -> list[int] | None:
    return subtree_ids(department.id) if department else None
