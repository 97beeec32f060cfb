"""Saying why a report that was asked for cannot be made."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.reports.batch import NoDepartments
from tracker.reports.life import ImpossibleStep, ReasonNeeded
from tracker.reports.requests import IncompleteRequest, RefusedRequest, SuperfluousRequest

NAMES = {
    "period": _l("Period"),
    "scope": _l("Scope"),
    "department_id": _l("Department"),
    "scheme": _l("Scheme"),
    "enterprise_id": _l("Enterprise"),
    "one_offs": _l("One-off items"),
}
UNKNOWN = {
    "scheme": _l("There is no such scheme. Choose one of those set up for the year."),
    "enterprise_id": _l("There is no such enterprise. Register it first, or check its business number."),
    "department_id": _l("There is no such department."),
    "one_offs": _l(
        "A one-off item holds nothing in this year. Check the purchases or budget items it names."
    ),
    "districts": _l("There are no institutions below this one to compare."),
}


def say_refused(error: RefusedRequest) -> str:
    """Return what is missing, too much, or not there, and what to do."""
    named = str(error)
    if isinstance(error, IncompleteRequest):
        return str(_("A report of this kind needs: %(name)s.", name=NAMES[named]))
    if isinstance(error, SuperfluousRequest):
        return str(_("A report of this kind is not about: %(name)s. Leave it out.", name=NAMES[named]))
    return str(UNKNOWN[named])


def say_no_sheets(error: NoDepartments | ReasonNeeded | ImpossibleStep) -> str:
    """Return why the sheets of all departments are not made, and what to do."""
    if isinstance(error, NoDepartments):
        return str(_("No department was there in %(year)s.", year=error.args[0]))
    if isinstance(error, ReasonNeeded):
        return str(_("Figures of sheets that stand have changed. Say why new ones take their place."))
    return str(_("Sheets were made or replaced meanwhile. Start again."))
