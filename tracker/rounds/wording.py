"""Saying in words how departments stand in a round, and what was done."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.rounds.models import State
from tracker.rounds.queries import Standing

STATES: Mapping[State, LazyString] = {
    State.MISSING: _l("Not submitted"),
    State.SUBMITTED: _l("Submitted"),
    State.RETURNED: _l("Sent back"),
    State.CONFIRMED: _l("Confirmed"),
}
TONES: Mapping[State, str] = {
    State.MISSING: "neutral",
    State.SUBMITTED: "primary",
    State.RETURNED: "warning",
    State.CONFIRMED: "success",
}
STANDINGS: Mapping[Standing, LazyString] = {
    Standing.MISSING: STATES[State.MISSING],
    Standing.SUBMITTED: STATES[State.SUBMITTED],
    Standing.RETURNED: STATES[State.RETURNED],
    Standing.CONFIRMED: STATES[State.CONFIRMED],
    Standing.NONE: _l("Nothing to report"),
    Standing.CHANGED: _l("Changed after submitting"),
    Standing.OVERDUE: _l("Late"),
    Standing.LATE_ENTRIES: _l("Entered after closing"),
}
DONE: Mapping[str, LazyString] = {
    "confirm": _l("Confirmed and closed: %(count)s departments."),
    "return": _l("Sent back: %(count)s departments."),
    "file": _l("Submitted by file: %(count)s departments."),
}
