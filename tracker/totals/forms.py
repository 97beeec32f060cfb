"""The question a person asks on the page of totals; its fields are those of the address."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, IntegerField, SelectChoice, SelectField
from wtforms.validators import NumberRange, Optional

from tracker.core.money import Unit
from tracker.core.periods import Period, a_year_earlier
from tracker.core.vocabulary import Affiliation, Basis, Measure, Word
from tracker.departments.queries import list_departments
from tracker.enterprises.queries import list_types
from tracker.totals.ordering import SORTS
from tracker.totals.periods import DAYS, PERIOD_NAMES, PERIODS, SO_FAR, YEAR
from tracker.totals.questions import By, Question

ALL = SelectChoice("", _l("All"))


def complete(given: MultiDict[str, str], day: date) -> MultiDict[str, str]:
    """Return the fields of an address with what goes without saying: nothing asked is this year so far."""
    fields = given.copy()
    if not fields.get("period"):
        has_days = fields.get("from") or fields.get("to")
        is_so_far = fields.get("same_period") or not fields.get("year")
        fields["period"] = DAYS if has_days else SO_FAR if is_so_far else YEAR
    fields.setdefault("year", str(day.year))
    if fields["period"] == SO_FAR and not fields.get("same_period"):
        fields["same_period"] = day.isoformat()
    return fields


def _words(words: type[Word]) -> list[SelectChoice]:
    return [SelectChoice(each.value, each.korean) for each in words]


class QuestionForm(FlaskForm):  # type: ignore[misc]
    """A table of totals; which days are read depends on the period."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    period = SelectField(_l("Period"), choices=[SelectChoice(*each) for each in PERIOD_NAMES.items()])
    year = IntegerField(_l("Year"), [NumberRange(1901, 2999)])
    same_period = DateField(_l("Both years up to"), [Optional()])
    start = DateField(_l("From"), [Optional()], name="from")
    end = DateField(_l("To"), [Optional()], name="to")
    against = IntegerField(_l("Compare with"), [Optional(), NumberRange(1900, 2999)])
    department = SelectField(_l("Department"), default="")
    affiliation = SelectField(
        _l("Bodies"),
        choices=[ALL, *_words(Affiliation)],
        default="",
    )
    of = SelectField(_l("What counts"), choices=_words(Measure), default="social")
    type = SelectField(_l("Type"), default="")
    basis = SelectField(_l("Basis"), choices=_words(Basis), default="contract")
    unit = SelectField(_l("Unit"), choices=_words(Unit), default="thousand")
    by = SelectField(_l("Rows"), choices=_words(By), default="department")
    sort = SelectField(_l("Order"), choices=[SelectChoice(each) for each in SORTS], default="")

    def fill_choices(self) -> None:
        """Offer the departments and types there are."""
        self.departments = list_departments()
        self.department.choices = [
            ALL,
            *(SelectChoice(str(row.id), row.path) for row in self.departments),
        ]
        self.type.choices = [ALL, *(SelectChoice(row.code, row.name) for row in list_types())]

    def question(self) -> Question:
        """Return the question of valid fields, which then show it as it is understood.

        A day up to which both years count is moved into the year asked for; a period from–to names its year
        by its last day. ValueError where days are missing or contradict each other.
        """
        year, period, until = self.year.data or 0, None, None
        if self.period.data == DAYS:
            if not (self.start.data and self.end.data):
                raise ValueError("A period needs its first and its last day.")
            period = Period(self.start.data, self.end.data)
            year = period.end.year
            _show(self.year, year)
        elif self.period.data == SO_FAR:
            until = a_year_earlier(self.same_period.data, self.same_period.data.year - year)
            _show(self.same_period, until)
        elif self.period.data != YEAR:
            period = PERIODS[self.period.data](year)
        return Question(
            year=year,
            against=self.against.data,
            period=period,
            same_period=until,
            of=Measure(self.of.data),
            basis=Basis(self.basis.data),
            by=By(self.by.data),
            department_id=int(self.department.data) if self.department.data else None,
            type=self.type.data or None,
            affiliation=Affiliation(self.affiliation.data) if self.affiliation.data else None,
        )

    def asked(self) -> dict[str, str]:
        """Return the fields as they stand in an address, those left out that are empty, usual or not read."""
        read = {SO_FAR: {"same_period"}, DAYS: {"from", "to"}}.get(self.period.data, set())
        idle = {"same_period", "from", "to"} - read
        return {
            field.name: str(field.data)
            for field in self
            if field.data not in (None, "", field.default) and field.name not in idle
        }


def _show(field: DateField | IntegerField, value: object) -> None:
    """Let the field show the value instead of what was typed."""
    field.data, field.raw_data = value, None
