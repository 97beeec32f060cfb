"""The periods a person chooses from, and those asked for most, ready to click."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.core.periods import Period, evaluation_year, half, quarter
from tracker.core.vocabulary import Basis, Measure
from tracker.totals.questions import By, Question

SO_FAR, YEAR, DAYS = "so_far", "year", "days"
PERIODS: Mapping[str, Callable[[int], Period]] = {
    "q1": lambda year: quarter(year, 1),
    "q2": lambda year: quarter(year, 2),
    "q3": lambda year: quarter(year, 3),
    "q4": lambda year: quarter(year, 4),
    "h1": lambda year: half(year, 1),
    "h2": lambda year: half(year, 2),
    "evaluation": evaluation_year,
}
PERIOD_NAMES = {
    SO_FAR: _l("Year so far"),
    YEAR: _l("Full fiscal year"),
    "q1": _l("1st quarter"),
    "q2": _l("2nd quarter"),
    "q3": _l("3rd quarter"),
    "q4": _l("4th quarter"),
    "h1": _l("First half"),
    "h2": _l("Second half"),
    "evaluation": _l("September to August"),
    DAYS: _l("From–to"),
}

PERIOD_FIELDS = frozenset({"period", "year", "same_period", "from", "to", "against"})


class Preset(NamedTuple):
    """A period's name and the fields of the address that ask for it."""

    label: str
    fields: Mapping[str, str]
    is_current: bool


def fields_of(question: Question) -> dict[str, str]:
    """Return the fields of an address that ask the question; those that are usual are left out."""
    if question.same_period:
        period = {"period": SO_FAR, "year": str(question.year), "same_period": str(question.same_period)}
    elif question.period:
        period = _days(question.period.start, question.period.end)
    else:
        period = {"period": YEAR, "year": str(question.year)}
    rest = {
        "against": question.against,
        "of": question.of if question.of is not Measure.SOCIAL else None,
        "basis": question.basis if question.basis is not Basis.CONTRACT else None,
        "by": question.by if question.by is not By.DEPARTMENT else None,
        "department": question.department_id,
        "type": question.type,
        "affiliation": question.affiliation,
    }
    return period | {name: str(value) for name, value in rest.items() if value is not None}


def list_presets(day: date, asked: Mapping[str, str]) -> list[Preset]:
    """Return the periods to choose from on that day: those over in full, those that run up to the day.

    The fields keep all that is asked besides the period.
    """
    offers = [
        (_("This year so far"), {"period": SO_FAR, "year": str(day.year), "same_period": day.isoformat()}),
        (_("Whole last year"), {"period": YEAR, "year": str(day.year - 1)}),
        *(
            offer
            for name in PERIODS
            if name != "evaluation" and (offer := _offer(name, day.year, day)) is not None
        ),
    ]
    last_evaluation = day.year if PERIODS["evaluation"](day.year).end <= day else day.year - 1
    offers.append((str(PERIOD_NAMES["evaluation"]), {"period": "evaluation", "year": str(last_evaluation)}))
    kept = {name: value for name, value in asked.items() if name not in PERIOD_FIELDS}
    here = {name: value for name, value in asked.items() if name in PERIOD_FIELDS}
    return [Preset(label, kept | fields, fields == here) for label, fields in offers]


def running_up_to(day: date, asked: Mapping[str, str]) -> dict[str, str] | None:
    """Return the fields that stop a running period at the day, so that both sides are as long; else None."""
    name, year = asked["period"], int(asked["year"])
    kept = {each: value for each, value in asked.items() if each not in {"period", "from", "to"}}
    if name == YEAR:
        is_running = year == day.year and day < date(year, 12, 31)
        return kept | {"period": SO_FAR, "same_period": day.isoformat()} if is_running else None
    if name == DAYS:
        start, end = date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"])
    elif name in PERIODS:
        start, end = PERIODS[name](year).start, PERIODS[name](year).end
    else:
        return None
    return kept | _days(start, day) if start <= day < end else None


def _offer(name: str, year: int, day: date) -> tuple[str, dict[str, str]] | None:
    period, label = PERIODS[name](year), str(PERIOD_NAMES[name])
    if period.start > day:
        return None
    if period.end <= day:
        return label, {"period": name, "year": str(year)}
    return _("%(period)s so far", period=label), _days(period.start, day)


def _days(start: date, end: date) -> dict[str, str]:
    return {"period": DAYS, "year": str(end.year), "from": start.isoformat(), "to": end.isoformat()}
