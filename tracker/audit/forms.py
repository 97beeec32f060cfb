"""What every form that changes something carries, besides its token; what is asked of the trail."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from tracker.audit.models import Access
from tracker.audit.once import new_key
from tracker.audit.queries import Filter, list_people
from tracker.audit.wording import ACTIONS, SUBJECTS
from tracker.web.requests import LARGEST_KEY

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)


class ActForm(FlaskForm):  # type: ignore[misc]
    """A form of one act: sent twice, the act is done once (`audit.once.do_once`)."""

    key = HiddenField(validators=[InputRequired(), Length(max=40)], default=new_key)


def _in_range(_form: Form, field: Field) -> None:
    if field.data and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(_l("Give a day between 1990 and 2100."))


def _offer(choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", _l("All")), *(SelectChoice(*choice) for choice in choices)]


class LookForm(FlaskForm):  # type: ignore[misc]
    """Who, to what, when; its fields are those of the address."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    actor = SelectField(_l("Person"), default="")
    subject = SelectField(_l("Subject"), default="")
    number = IntegerField(_l("Its number"), [Optional(), NumberRange(1, LARGEST_KEY)])
    start = DateField(_l("From"), [Optional(), _in_range], name="from")
    end = DateField(_l("To"), [Optional(), _in_range], name="to")

    def fill_choices(self) -> None:
        """Offer the people and kinds of subjects there are."""
        self.actor.choices = _offer((str(one.id), one.name) for one in list_people())
        self.subject.choices = _offer(SUBJECTS.items())

    def wanted(self) -> Filter:
        """Return what valid fields ask for."""
        return Filter(
            actor_id=int(self.actor.data) if self.actor.data else None,
            subject=self.subject.data or None,
            subject_id=self.number.data,
            start=self.start.data,
            end=self.end.data,
        )

    def asked(self) -> dict[str, str]:
        """Return the fields as they stand in an address, empty ones left out."""
        return {field.name: str(field.data) for field in self if field.data}


class TrailForm(LookForm):
    """What is asked of the trail."""

    action = SelectField(_l("Act"), default="")

    def fill_choices(self) -> None:
        """Offer the acts that the program records, in the order of their rooms."""
        super().fill_choices()
        self.action.choices = _offer(ACTIONS.items())

    def wanted(self) -> Filter:
        """Return what valid fields ask for."""
        return replace(super().wanted(), action=self.action.data or None)


class AccessForm(LookForm):
    """What is asked of the record of looks."""

    access = SelectField(_l("Access"), default="")

    def fill_choices(self) -> None:
        """Offer the kinds of looks."""
        super().fill_choices()
        self.access.choices = _offer((each.value, each.korean) for each in Access)

    def wanted(self) -> Filter:
        """Return what valid fields ask for."""
        return replace(super().wanted(), access=Access(self.access.data) if self.access.data else None)
