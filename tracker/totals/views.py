"""Pages of totals: the table against last year, its files, and the purchases behind each of its figures."""

import io
from itertools import islice

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask_babel import gettext as _

from tracker.core.money import Unit
from tracker.enterprises.queries import list_types
from tracker.totals.charts import build_chart
from tracker.totals.exports import build_sheet, write_csv, write_xlsx
from tracker.totals.forms import QuestionForm, complete
from tracker.totals.ordering import heads, sort_rows
from tracker.totals.periods import list_presets, running_up_to
from tracker.totals.queries import answer, purchases_behind, sum_behind
from tracker.totals.questions import Question, Side
from tracker.totals.scope import branches_below, path_to
from tracker.totals.wording import say_basis, say_overlap, say_reorganisation, say_title
from tracker.web.clock import now, today
from tracker.web.requests import nearest_page, place_asked

bp = Blueprint("totals", __name__, url_prefix="/totals")
PAGE = 100
ROWS = 200


@bp.get("")
def index() -> str | tuple[str, int]:
    """Show purchases against the year before; without a question those of this year so far."""
    form, question = _asked()
    day, asked = today(), form.asked()
    if question is None:
        return render_template("totals/index.html", form=form, found=None, presets=list_presets(day, {})), 400
    found = answer(question)
    rows = sort_rows(found.rows, form.sort.data)
    page, page_count = nearest_page(len(rows), ROWS)
    unit = Unit(form.unit.data)
    return render_template(
        "totals/index.html",
        form=form,
        found=found,
        rows=rows[(page - 1) * ROWS : page * ROWS],
        page=page,
        page_count=page_count,
        unit=unit,
        asked=asked,
        title=say_title(question),
        heads=heads(form.sort.data),
        presets=list_presets(day, asked),
        running=running_up_to(day, asked),
        chart=build_chart(question, rows, unit, _("No data")) if rows else None,
        type_names={choice.value: choice.label for choice in form.type.choices},
        remarks=say_reorganisation,
        overlap=say_overlap(),
        branches=branches_below(form.departments, question.department_id),
        path=path_to(form.departments, question.department_id),
    )


@bp.get("/export")
def export() -> Response:
    """Give the table as a file for a spreadsheet program, all rows in the order of the page."""
    form, question = _asked()
    file_format = request.args.get("format")
    if question is None or file_format not in ("xlsx", "csv"):
        abort(404)
    found = answer(question)
    rows = sort_rows(found.rows, form.sort.data)
    basis = say_basis(found, form.departments, list_types(), today())
    sheet = build_sheet(found, rows, basis)
    content = write_xlsx(sheet, now()) if file_format == "xlsx" else write_csv(sheet).encode()
    name = f"{sheet.title.replace(' · ', '_').replace(' ', '')}_{question.year}.{file_format}"
    return send_file(io.BytesIO(content), _MIME_TYPES[file_format], as_attachment=True, download_name=name)


_MIME_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


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
    lines = list(islice(purchases_behind(question, key, side, place_asked()), PAGE + 1))
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
        heading=say_title(question),
    )


def _asked() -> tuple[QuestionForm, Question | None]:
    """Return the form and its question; None, with the fault in the form, where it makes none."""
    form = QuestionForm(complete(request.args, today()))
    form.fill_choices()
    if not form.validate():
        return form, None
    try:
        return form, form.question()
    except ValueError:
        form.form_errors.append(
            _("Give a first and a last day, the first not after the last, in the years 1900 to 2999.")
        )
        return form, None
