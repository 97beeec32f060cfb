"""Pages of deadlines: what is due in the coming months."""

import re
from collections.abc import Sequence
from datetime import date

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts.access import acting_person
from tracker.audit.once import do_once
from tracker.departments.wording import Change
from tracker.targets import services, wording
from tracker.targets.forms import DeadlineForm, RemovalForm
from tracker.targets.queries import DeadlineRow, find_deadline, list_deadlines, list_scheme_names
from tracker.targets.views.shared import bp, status_of, strike_out
from tracker.web.clock import today
from tracker.web.messages import tell_done

DEADLINE = "/deadlines/<int:deadline_id>"
MONTHS_AHEAD = 14


@bp.get("/deadlines")
def deadlines() -> str:
    """Show what is due in the coming months, month by month."""
    asked = re.fullmatch("((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])", request.args.get("month", ""))
    day = today()
    first = date(int(asked[1]), int(asked[2]), 1) if asked else day.replace(day=1)
    months = [_months_on(first, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    rows = list_deadlines(first, date.fromordinal(months.pop().toordinal() - 1))
    return render_template(
        "targets/deadlines.html",
        months=[
            (month, [(row, (row.due_on - day).days) for row in rows if row.due_on.replace(day=1) == month])
            for month in months
        ],
        count=len(rows),
        earlier=f"{_months_on(first, -MONTHS_AHEAD):%Y-%m}",
        later=f"{_months_on(first, MONTHS_AHEAD):%Y-%m}",
        is_now=first == day.replace(day=1),
    )


@bp.route("/deadlines/new", methods=["GET", "POST"])
def create_deadline() -> ResponseReturnValue:
    """Enter something that is due."""
    form = DeadlineForm()
    form.offer(list_scheme_names())
    if not form.is_submitted():
        form.fiscal_year.data = today().year
    elif form.validate():
        draft, by = form.draft(), acting_person()
        made = do_once(form.key.data, by, lambda: services.add_deadline(draft, by))
        tell_done(_("The deadline has been entered."), is_repeat=made.is_repeat)
        return redirect(url_for("targets.deadlines"))
    return _show_deadline(form, None, None)


@bp.route(DEADLINE, methods=["GET", "POST"])
def edit_deadline(deadline_id: int) -> ResponseReturnValue:
    """Change what is due, or when."""
    row, names = find_deadline(deadline_id) or abort(404), list_scheme_names()
    form, conflict = DeadlineForm(), None
    form.offer(names)
    if not form.is_submitted():
        form.show(row)
    elif form.validate():
        draft, version, by = form.draft(), form.version.data or 0, acting_person()

        def change() -> int:
            services.change_deadline(deadline_id, draft, version, by)
            return deadline_id

        try:
            made = do_once(form.key.data, by, change)
        except services.Stale:
            row = find_deadline(deadline_id) or abort(404)
            conflict = wording.differences(
                wording.tell_deadline(row, names), wording.tell_deadline(draft, names)
            )
            form.go_on_from(row.version)
        else:
            tell_done(_("The deadline has been changed."), is_repeat=made.is_repeat)
            return redirect(url_for("targets.deadlines"))
    return _show_deadline(form, row, conflict)


@bp.post(f"{DEADLINE}/remove")
def remove_deadline(deadline_id: int) -> ResponseReturnValue:
    """Strike out something that is not due any more."""
    if strike_out(lambda version, by: services.remove_deadline(deadline_id, version, by)):
        return redirect(url_for("targets.deadlines"))
    row, form = find_deadline(deadline_id) or abort(404), DeadlineForm(formdata=None)
    form.offer(list_scheme_names())
    form.show(row)
    return _show_deadline(form, row, [])


def _months_on(first: date, number: int) -> date:
    """Return the first day of the month so many months on."""
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)


def _show_deadline(
    form: DeadlineForm, row: DeadlineRow | None, conflict: Sequence[Change] | None
) -> ResponseReturnValue:
    removal = RemovalForm(formdata=None, version=row.version) if row else None
    page = render_template("targets/deadline.html", form=form, row=row, conflict=conflict, removal=removal)
    return page, status_of(form, conflict)
