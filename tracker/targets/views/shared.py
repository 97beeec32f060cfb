"""What the pages of this room share: their blueprint, how they ask for a year, save once, and strike out."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flask import Blueprint, abort, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.acting import Acting
from tracker.audit.forms import ActForm
from tracker.audit.once import do_once
from tracker.core.vocabulary import Role
from tracker.departments.wording import Change
from tracker.imports.cells import FIRST_YEAR, LAST_YEAR
from tracker.targets import services, wording
from tracker.targets.forms import AskedForm, RemovalForm
from tracker.web.clock import today
from tracker.web.messages import tell_done

bp = Blueprint("targets", __name__, url_prefix="/admin/targets")
YEAR = f"<int(min={FIRST_YEAR}, max={LAST_YEAR}):fiscal_year>"
PAGE = 100

Asked = TypeVar("Asked", bound=AskedForm)


@bp.context_processor
def _common() -> dict[str, object]:
    """Give the pages of this room what all of them ask for."""
    return {"say": wording, "can_write": may(current_user, Act.WRITE_TARGETS)}


def asked_form(form: type[Asked], years: Iterable[int]) -> Asked:
    """Return what the address asks for: this year, and a clerk's own department, where it does not say."""
    given: MultiDict[str, str] = request.args.copy()
    given.setdefault("year", str(today().year))
    if current_user.role is Role.CLERK and current_user.department_id:
        given.setdefault("department", str(current_user.department_id))
    asked = form(given)
    asked.offer_years(years)
    return asked


def pressed() -> str:
    """Return which button was pressed; that of saving where none says so."""
    return request.form.get("act", "save")


def status_of(form: ActForm, conflict: Sequence[Change] | None) -> int:
    """Return the status of a form shown again: with faults, or because somebody was faster."""
    if form.errors:
        return 422
    return 200 if conflict is None else 409


def strike_out(act: Callable[[int, Acting], None]) -> bool:
    """Strike something out as the form showed it; False where somebody changed it meanwhile."""
    form, by = RemovalForm(), acting_person()
    if not form.validate():
        abort(400)

    def strike() -> int:
        act(form.version.data or 0, by)
        return 0

    try:
        made = do_once(form.key.data, by, strike)
    except services.UnknownRow:
        abort(404)
    except services.Stale:
        return False
    tell_done(_("It has been struck out."), is_repeat=made.is_repeat)
    return True
