"""Departments in words: how what is stored differs from what was typed, and why it cannot be stored."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.core.vocabulary import Affiliation
from tracker.departments import services
from tracker.departments.queries import DepartmentRow
from tracker.departments.services import DepartmentDraft
from tracker.web.filters import NOTHING
from tracker.web.filters import day as day_text

REFUSALS = (
    services.DuplicateDepartment,
    services.MisplacedDepartment,
    services.ReversedPeriod,
    services.OpenBelow,
    services.ReorganisationRefused,
)


def _text(value: object) -> str:
    return NOTHING if value is None else str(value)


def _day(value: object) -> str:
    return day_text(date.fromisoformat(str(value)) if value else None)


def _affiliation(value: object) -> str:
    return Affiliation(str(value)).korean


FIELDS: Mapping[str, tuple[object, Callable[[object], str]]] = {
    "name": (_l("Name"), _text),
    "code": (_l("Code"), _text),
    "affiliation": (_l("Affiliation"), _affiliation),
    "valid_from": (_l("First day"), _day),
    "sort_order": (_l("Place among its neighbours"), _text),
}


class Change(NamedTuple):
    """A field, before and after, in words."""

    label: str
    before: str
    after: str


def tell_differences(
    stored: DepartmentRow, typed: DepartmentDraft, rows: Mapping[int, DepartmentRow]
) -> list[Change]:
    """Return what is stored now beside what was typed, where they differ."""
    told = [_change(name, getattr(stored, name), getattr(typed, name)) for name in FIELDS]
    told.append(_moved(stored.parent_id, typed.parent_id, rows))
    return [change for change in told if change.before != change.after]


def explain(error: Exception) -> str:
    """Return what keeps a department from being so, and what to do."""
    match error:
        case services.DuplicateDepartment(field="code", name=name):
            said = _("“%(name)s” has this code. Give each department a code of its own.", name=name)
        case services.DuplicateDepartment(name=name):
            said = _("There is an open department “%(name)s” in this place already.", name=name)
        case services.OpenBelow(name=name):
            said = _("“%(name)s” below it is still open. Close it first, or move it elsewhere.", name=name)
        case services.ReversedPeriod():
            said = _("The last day lies before the first day.")
        case services.ReorganisationRefused(reason="closed", name=name):
            said = _("“%(name)s” is closed on that day. Choose another day or department.", name=name)
        case services.ReorganisationRefused(reason="repeated", name=name):
            said = _("“%(name)s” has handed over to this department before.", name=name)
        case services.ReorganisationRefused():
            said = _("Nothing would change. Tick another department or name a new one.")
        case _:
            said = _("The department cannot stand in this place. Choose another one for it to belong to.")
    return str(said)


def _change(name: str, before: object, after: object) -> Change:
    label, say = FIELDS[name]
    return Change(str(label), say(before), say(after))


def _moved(before: int | None, after: int | None, rows: Mapping[int, DepartmentRow]) -> Change:
    paths = [rows[each].path if each else NOTHING for each in (before, after)]
    return Change(str(_("Belongs to")), *paths)
