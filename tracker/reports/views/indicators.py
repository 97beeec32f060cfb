"""Pages of the institution's other indicators."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.once import do_once
from tracker.reports.forms import INDICATOR_FIELDS, IndicatorForm, IndicatorRemovalForm
from tracker.reports.indicators import (
    IndicatorRow,
    StaleIndicator,
    UnknownIndicator,
    add_indicator,
    change_indicator,
    find_indicator,
    list_indicator_years,
    list_indicators,
    remove_indicator,
)
from tracker.reports.views.shared import bp, year_of
from tracker.web.clock import today


@bp.get("/indicators")
def indicators() -> str:
    """List the institution's other indicators of an evaluation period."""
    years = list_indicator_years()
    year = year_of(request.args.get("year", "")) or (years or [today().year])[0]
    return render_template(
        "reports/indicators.html",
        rows=list_indicators(year),
        year=year,
        years=sorted({year, *years}, reverse=True),
        may_make=may(current_user, Act.MAKE_REPORTS),
    )


@bp.route("/indicators/new", methods=["GET", "POST"])
def create_indicator() -> ResponseReturnValue:
    """Enter an indicator."""
    form = IndicatorForm()
    if not form.is_submitted():
        form.year.data = year_of(request.args.get("year", "")) or today().year
    elif form.validate():
        draft, by = form.draft(), acting_person()
        do_once(form.key.data, by, lambda: add_indicator(draft, by))
        flash(_("The indicator is entered."), "success")
        return redirect(url_for("reports.indicators", year=draft.year))
    return _show_indicator(form, None, None)


@bp.route("/indicators/<int:indicator_id>", methods=["GET", "POST"])
def edit_indicator(indicator_id: int) -> ResponseReturnValue:
    """Change an indicator."""
    row, form = find_indicator(indicator_id) or abort(404), IndicatorForm()
    if not form.is_submitted():
        form.show(row)
        return _show_indicator(form, row, None)
    if not form.validate():
        return _show_indicator(form, row, None)
    draft, version, by = form.draft(), form.version.data or 0, acting_person()

    def change() -> int:
        change_indicator(indicator_id, draft, version, by)
        return indicator_id

    try:
        do_once(form.key.data, by, change)
    except StaleIndicator:
        row = find_indicator(indicator_id) or abort(404)
        form.version.data, form.version.raw_data = row.version, None
        return _show_indicator(form, row, _differing_indicator(row, form))
    flash(_("The indicator is changed. Reports frozen before keep what it said."), "success")
    return redirect(url_for("reports.indicators", year=draft.year))


@bp.post("/indicators/<int:indicator_id>/remove")
def strike_indicator(indicator_id: int) -> ResponseReturnValue:
    """Strike out an indicator."""
    row, form, by = find_indicator(indicator_id), IndicatorRemovalForm(), acting_person()
    if not form.validate():
        abort(400)

    def strike() -> int:
        remove_indicator(indicator_id, form.version.data or 0, by)
        return 0

    try:
        do_once(form.key.data, by, strike)
    except UnknownIndicator:
        abort(404)
    except StaleIndicator:
        row, shown = find_indicator(indicator_id) or abort(404), IndicatorForm(formdata=None)
        shown.show(row)
        return _show_indicator(shown, row, [])
    flash(_("The indicator is struck out. The audit trail keeps what it said."), "success")
    return redirect(url_for("reports.indicators", year=row.year if row else None))


def _show_indicator(
    form: IndicatorForm, row: IndicatorRow | None, conflict: list[dict[str, object]] | None
) -> ResponseReturnValue:
    page = render_template(
        "reports/indicator.html",
        form=form,
        row=row,
        conflict=conflict,
        removal=IndicatorRemovalForm(formdata=None, version=row.version) if row else None,
    )
    return page, 409 if conflict is not None else 422 if form.errors else 200


def _differing_indicator(row: IndicatorRow, form: IndicatorForm) -> list[dict[str, object]]:
    """Return each field in which what is stored is not what was typed."""
    typed = form.draft()
    return [
        {"label": form[name].label.text, "before": getattr(row, name), "after": getattr(typed, name)}
        for name in INDICATOR_FIELDS
        if getattr(row, name) != getattr(typed, name)
    ]
