"""What a person types to open a round, to answer it, and to decide on the answers."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from tracker.audit.forms import ActForm
from tracker.core.periods import Period, month, year
from tracker.departments.forms import NEEDED, check_day, clean
from tracker.rounds.services import Choice
from tracker.totals.periods import DAYS, PERIOD_NAMES, PERIODS, YEAR
from tracker.web.requests import is_number

LONGEST_REQUEST = 8_000
LONGEST_REMARK = 300
MONTHS = 12
# Counted from this week's Monday.
FRIDAY_NEXT = 11


class Span(NamedTuple):
    """A period to choose, by its name."""

    label: object
    of: Callable[[int], Period]


def _month(number: int) -> Span:
    return Span(_l("Month %(number)s", number=number), lambda y: month(y, number))


SPANS: Mapping[str, Span] = {
    YEAR: Span(_l("The whole year"), year),
    **{name: Span(PERIOD_NAMES[name], of) for name, of in PERIODS.items()},
    **{f"m{number}": _month(number) for number in range(1, MONTHS + 1)},
}


class PeriodForm(FlaskForm):  # type: ignore[misc]
    """Of which days purchases are asked, of whom, until when."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    period = SelectField(
        _l("Period"),
        choices=[
            *(SelectChoice(name, span.label) for name, span in SPANS.items()),
            SelectChoice(DAYS, PERIOD_NAMES[DAYS]),
        ],
    )
    year = IntegerField(_l("Year of the period"), [InputRequired(), NumberRange(1901, 2999)])
    start = DateField(_l("From"), [Optional(), check_day], name="from")
    end = DateField(_l("To"), [Optional(), check_day], name="to")
    due_on = DateField(_l("Internal deadline"), [NEEDED, check_day])
    with_affiliated = BooleanField(_l("With corporations and funded institutes"), false_values=("", "0"))

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse days that are no period."""
        is_valid: bool = super().validate(extra_validators)
        if not is_valid or self.period.data != DAYS:
            return is_valid
        start, end = self.start.data, self.end.data
        if start is None or end is None or end < start:
            self.end.errors = [_("Give a first and a last day, the first not after the last.")]
            return False
        return True

    def days(self) -> Period:
        """Return the period of a valid form."""
        if self.period.data == DAYS:
            return Period(self.start.data, self.end.data)
        return SPANS[self.period.data].of(self.year.data)


def propose(day: date) -> dict[str, str]:
    """Return what is asked for most: the quarter that is over, until the Friday of the week after this."""
    quarter_number = (day.month - 1) // 3 or 4
    due_on = day + timedelta(days=FRIDAY_NEXT - day.weekday())
    return {
        "period": f"q{quarter_number}",
        "year": str(day.year - (day.month <= 3)),
        "due_on": due_on.isoformat(),
    }


class RoundForm(ActForm):
    """The letter of a round: what it is called, what it says."""

    title = StringField(_l("Title"), [NEEDED, Length(max=200)], filters=[clean])
    request = TextAreaField(_l("Text of the request"), [NEEDED, Length(max=LONGEST_REQUEST)])


class VersionedForm(ActForm):
    """A change of what stands already: the version tells whether someone was faster."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def take_version(self, version: int) -> None:
        """Let the form go on from this version, whichever was sent."""
        self.version.data, self.version.raw_data = version, None


class ChangeForm(VersionedForm, RoundForm):
    """A round as it shall be."""

    due_on = DateField(_l("Internal deadline"), [NEEDED, check_day])


class WithdrawalForm(VersionedForm):
    """Why a round is taken back."""

    reason = StringField(_l("Reason"), [NEEDED, Length(max=LONGEST_REMARK)], filters=[clean])


class DecisionForm(ActForm):
    """What is decided on the answers that were chosen; `chosen` holds their numbers and versions."""

    act = HiddenField()
    remark = StringField(_l("Remark for sending back"), [Length(max=LONGEST_REMARK)], filters=[clean])


class AnswerForm(VersionedForm):
    """A department's answer: `seen` are the marks of the figures on the page."""

    seen = HiddenField(validators=[InputRequired(), Length(max=64)])
    is_by_file = BooleanField(_l("The department answered by file"))


class ReopeningForm(VersionedForm):
    """Why a closed period is opened again."""

    reason = StringField(_l("Reason"), [NEEDED, Length(max=LONGEST_REMARK)], filters=[clean])


def read_choices(values: list[str]) -> list[Choice]:
    """Return what was ticked, in a fixed order; what is no number and version is left out."""
    found = []
    for value in values:
        numbers = value.split(".")
        if len(numbers) == 2 and all(map(is_number, numbers)):
            found.append(Choice(int(numbers[0]), int(numbers[1])))
    return sorted(set(found))
