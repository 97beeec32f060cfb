"""The question a person asks on the page of totals; its fields are those of the address."""

from collections.abc import Callable, Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from tracker.core.money import Unit
from tracker.core.periods import Period, evaluation_year, half, quarter
from tracker.core.vocabulary import Basis, Measure
from tracker.departments.queries import list_departments
from tracker.enterprises.queries import list_types
from tracker.totals.questions import By, Question

YEAR = "year"
PERIODS: Mapping[str, Callable[[int], Period]] = {
    "h1": lambda year: half(year, 1),
    "h2": lambda year: half(year, 2),
    "q1": lambda year: quarter(year, 1),
    "q2": lambda year: quarter(year, 2),
    "q3": lambda year: quarter(year, 3),
    "q4": lambda year: quarter(year, 4),
    "evaluation": evaluation_year,
}


class QuestionForm(FlaskForm):  # type: ignore[misc]
    """A table of totals; days that are filled in go before the named period."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    year = IntegerField(_l("Year"), [NumberRange(1901, 2999)])
    against = IntegerField(_l("Compare with"), [Optional(), NumberRange(1900, 2999)])
    period = SelectField(
        _l("Period"),
        choices=[
            SelectChoice(YEAR, _l("Fiscal year")),
            SelectChoice("h1", _l("First half")),
            SelectChoice("h2", _l("Second half")),
            SelectChoice("q1", _l("1st quarter")),
            SelectChoice("q2", _l("2nd quarter")),
            SelectChoice("q3", _l("3rd quarter")),
            SelectChoice("q4", _l("4th quarter")),
            SelectChoice("evaluation", _l("September to August")),
        ],
        default=YEAR,
    )
    same_period = DateField(_l("Both years up to"), [Optional()])
    start = DateField(_l("From"), [Optional()], name="from")
    end = DateField(_l("To"), [Optional()], name="to")
    of = SelectField(
        _l("Purchases"), choices=[SelectChoice(each.value, each.korean) for each in Measure], default="social"
    )
    basis = SelectField(
        _l("Basis"), choices=[SelectChoice(each.value, each.korean) for each in Basis], default="contract"
    )
    by = SelectField(
        _l("Rows"), choices=[SelectChoice(each.value, each.korean) for each in By], default="department"
    )
    department = SelectField(_l("Department"), default="")
    type = SelectField(_l("Type"), default="")
    unit = SelectField(
        _l("Unit"), choices=[SelectChoice(each.value, each.korean) for each in Unit], default="thousand"
    )

    def fill_choices(self) -> None:
        """Offer the departments and types there are."""
        self.department.choices = [
            SelectChoice("", _l("All")),
            *(SelectChoice(str(row.id), row.path) for row in list_departments()),
        ]
        self.type.choices = [
            SelectChoice("", _l("All")),
            *(SelectChoice(row.code, row.name) for row in list_types()),
        ]

    def question(self) -> Question:
        """Return the question of valid fields; ValueError where they contradict each other."""
        year = self.year.data or 0
        days = self._days(year)
        return Question(
            year=year,
            against=self.against.data,
            period=days,
            same_period=self.same_period.data,
            of=Measure(self.of.data),
            basis=Basis(self.basis.data),
            by=By(self.by.data),
            department_id=int(self.department.data) if self.department.data else None,
            type=self.type.data or None,
        )

    def asked(self) -> dict[str, str]:
        """Return the fields as they stand in an address, those left empty or as usual left out."""
        return {field.name: str(field.data) for field in self if field.data not in (None, "", field.default)}

    def _days(self, year: int) -> Period | None:
        start, end = self.start.data, self.end.data
        if start and end:
            return Period(start, end)
        if start or end:
            raise ValueError("A period needs its first and its last day.")
        return PERIODS[self.period.data](year) if self.period.data in PERIODS else None
