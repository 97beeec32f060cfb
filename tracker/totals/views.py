"""Pages of totals: the table against last year, and the purchases behind each of its figures."""

import re
from datetime import date
from itertools import islice

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tracker.core.money import Unit
from tracker.enterprises.queries import list_types
from tracker.totals.charts import build_chart
from tracker.totals.forms import QuestionForm
from tracker.totals.queries import answer, purchases_behind, sum_behind
from tracker.totals.questions import Question, Side
from tracker.web.clock import today

bp = Blueprint("totals", __name__, url_prefix="/totals")
PAGE = 100


@bp.get("")
def index() -> str | tuple[str, int]:
    """Show purchases against the year before; without a question those of this year so far."""
    form, question = _asked()
    if question is None:
        return render_template("totals/index.html", form=form, found=None), 400
    found = answer(question)
    unit = Unit(form.unit.data)
    return render_template(
        "totals/index.html",
        form=form,
        found=found,
        unit=unit,
        asked=form.asked(),
        chart=build_chart(found.rows, unit, _("No data")) if found.rows else None,
    )


@bp.get("/purchases")
def purchases() -> str:
    """List the purchases behind one figure."""
    form, question = _asked()
    side_name, key = request.args.get("side", Side.CURRENT.value), request.args.get("key")
    if question is None or side_name not in list(Side):
        abort(404)
    side = Side(side_name)
    found = answer(question)
    row = next((each for each in (found.total, *found.rows) if each.key == (key or "")), None)
    if row is None:
        abort(404)
    lines = list(islice(purchases_behind(question, key, side, _after()), PAGE + 1))
    return render_template(
        "totals/purchases.html",
        found=found,
        row=row,
        side=side,
        figure=row.comparison.current if side is Side.CURRENT else row.comparison.prior,
        lines=lines[:PAGE],
        next_after=f"{lines[PAGE - 1].day}.{lines[PAGE - 1].line_id}" if len(lines) > PAGE else None,
        whole=sum_behind(question, key, side),
        asked=form.asked() | ({"key": key} if key else {}) | {"side": side_name},
        back=form.asked(),
        type_names={each.code: each.name for each in list_types()},
    )


def _asked() -> tuple[QuestionForm, Question | None]:
    """Return the form and its question; None, with the fault in the form, where it makes none."""
    day = today()
    given: MultiDict[str, str] = request.args.copy()
    if "year" not in given:
        given["year"] = str(day.year)
        if not {"same_period", "period", "from", "to"} & given.keys():
            given["same_period"] = day.isoformat()
    form = QuestionForm(given)
    form.fill_choices()
    if not form.validate():
        return form, None
    try:
        return form, form.question()
    except ValueError:
        form.form_errors.append(
            _("Give both a first and a last day, or only the day up to which both years count.")
        )
        return form, None


def _after() -> tuple[date, int] | None:
    """Return the line after which the list goes on; 404 for what is none."""
    text = request.args.get("after")
    if text is None:
        return None
    place = re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})[.]([0-9]{1,15})", text)
    try:
        return (date.fromisoformat(place[1]), int(place[2])) if place else abort(404)
    except ValueError:
        abort(404)
