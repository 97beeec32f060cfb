"""How a table of totals says what it counts; page, spreadsheet and terminal say the same."""

from datetime import date

from flask_babel import gettext as _

from tracker.core.periods import Period
from tracker.departments.queries import DepartmentRow
from tracker.enterprises.queries import TypeRow
from tracker.totals.queries import Answer, TotalRow
from tracker.totals.questions import Question
from tracker.web.filters import day as say_day


def say_title(question: Question) -> str:
    """Return what is counted, and by what."""
    return f"{question.of.korean.removesuffix(' 구매')} 구매 · {question.by.korean}"


def say_period(year: int, period: Period) -> str:
    """Return a year of the comparison with its days."""
    days = f"{say_day(period.start)} ~ {say_day(period.end)}"
    return str(_("Year %(year)s (%(days)s)", year=year, days=days))


def say_basis(
    found: Answer, departments: list[DepartmentRow], types: list[TypeRow], made_on: date
) -> list[tuple[str, str]]:
    """Return everything that the figures rest on, as name and text."""
    question = found.question
    everything = str(_("All"))
    path = next((row.path for row in departments if row.id == question.department_id), everything)
    type_name = next((row.name for row in types if row.code == question.type), everything)
    by_year = _("by fiscal year") if question.period is None else _("by date")
    return [
        (str(_("Period")), say_period(question.year, found.period)),
        (str(_("Compared with")), say_period(question.prior_year, found.against)),
        (str(_("Basis")), f"{question.basis.korean} ({by_year})"),
        (str(_("What counts")), question.of.korean),
        (str(_("Type")), type_name),
        (str(_("Department")), path),
        (str(_("Bodies")), question.affiliation.korean if question.affiliation else everything),
        (str(_("VAT")), str(_("Amounts as recorded"))),
        (str(_("Made on")), say_day(made_on)),
    ]


def say_reorganisation(row: TotalRow) -> list[str]:
    """Return what a reorganisation did to the row's last year; nothing where there was none."""
    if row.succession is None:
        return []
    kind, before, after = row.succession
    old, new = ", ".join(before), ", ".join(after)
    said = []
    if before and kind == "split":
        said.append(_("Split from %(names)s, whose last year cannot be divided", names=old))
    elif before:
        said.append(_("Succeeds %(names)s and holds their last year", names=old))
    if after and kind == "split":
        said.append(_("Split into %(names)s; last year stays here", names=new))
    elif after:
        said.append(_("Now part of %(names)s, where its last year stands", names=new))
    return said


def say_overlap() -> str:
    """Return why the rows by type may add up to more than the total."""
    said = _(
        "A purchase from an enterprise of several types counts in each of their rows, and once in the total."
    )
    return str(said)
