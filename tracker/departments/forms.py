"""What a person types to set up departments and to reorganise them."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.audit.forms import ActForm
from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import DepartmentRow, subtree_ids
from tracker.departments.services import DepartmentDraft

NEW_SUCCESSORS, MOST_SUCCESSORS = 3, 20
FIRST_DAY, LAST_DAY = date(1948, 1, 1), date(2999, 12, 31)
NEEDED = InputRequired(_l("Please fill in this field."))


def clean(text: str | None) -> str | None:
    """Return the text as it is stored: one blank between words, no control characters; None when empty."""
    words = " ".join(unicodedata.normalize("NFC", text or "").split())
    return "".join(letter for letter in words if letter.isprintable()) or None


def check_day(_form: Form, field: DateField) -> None:
    """Refuse days that no office has seen."""
    if field.data and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(_("This date is too far from today to be right."))


class ListForm(FlaskForm):  # type: ignore[misc]
    """Which departments the tree shows."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    q = StringField(_l("Name or code"), filters=[clean])
    closed = BooleanField(_l("Closed departments too"))


class DepartmentForm(ActForm):
    """A department, new or as it shall be; its version tells whether someone was faster."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    name = StringField(_l("Name"), [NEEDED, Length(max=100)], filters=[clean])
    code = StringField(_l("Code"), [Optional(), Length(max=40)], filters=[clean])
    parent = SelectField(_l("Belongs to"), coerce=int)
    affiliation = SelectField(
        _l("Affiliation"), choices=[SelectChoice(each.value, each.korean) for each in Affiliation]
    )
    is_institution = BooleanField(_l("An institution with departments of its own"))
    valid_from = DateField(_l("First day"), [Optional(), check_day])
    sort_order = IntegerField(_l("Place among its neighbours"), [Optional(), NumberRange(0, 99_999)])

    def offer_parents(self, rows: Sequence[DepartmentRow], changed: DepartmentRow | None, day: date) -> None:
        """Offer the departments that it may belong to: not itself, nothing below it, nothing closed."""
        if not rows or (changed and changed.parent_id is None):
            del self.parent
            return
        barred = set(subtree_ids(changed.id, list(rows))) if changed else set()
        self.parent.choices = [
            SelectChoice(row.id, row.path)
            for row in rows
            if row.id not in barred
            and (not row.is_closed_on(day) or (changed and row.id == changed.parent_id))
        ]

    def show(self, row: DepartmentRow) -> None:
        """Fill in what is stored."""
        for name in ("version", "name", "code", "valid_from", "sort_order"):
            self[name].data = getattr(row, name)
        self.affiliation.data = row.affiliation.value
        self.is_institution.data = row.body_id == row.id
        if "parent" in self:
            self.parent.data = row.parent_id

    def draft(self) -> DepartmentDraft:
        """Return what was typed."""
        return DepartmentDraft(
            name=self.name.data,
            parent_id=self.parent.data if "parent" in self else None,
            code=self.code.data,
            affiliation=Affiliation(self.affiliation.data),
            valid_from=self.valid_from.data,
            is_institution=self.is_institution.data,
            sort_order=self.sort_order.data,
        )


class ClosingForm(ActForm):
    """The last day of a department and why; without a day it is open again."""

    version = IntegerField(widget=HiddenInput(), validators=[NEEDED])
    last_day = DateField(_l("Last day"), [Optional(), check_day])
    reason = StringField(_l("Reason"), [NEEDED, Length(max=300)], filters=[clean])


class WithdrawalForm(ActForm):
    """Why a succession is taken back."""

    reason = StringField(_l("Reason"), [NEEDED, Length(max=300)], filters=[clean])


class ChecklistField(SelectMultipleField):  # type: ignore[misc]
    """Departments to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewSuccessorForm(Form):  # type: ignore[misc]
    """A department that begins with the reorganisation."""

    name = StringField(_l("Name"), [Optional(), Length(max=100)], filters=[clean])
    code = StringField(_l("Code"), [Optional(), Length(max=40)], filters=[clean])

    def validate_code(self, field: StringField) -> None:
        """Refuse a code without a name."""
        if field.data and not self.name.data:
            raise ValidationError(_("Write the name of the new department."))


class ReorganisationForm(ActForm):
    """Who hands over to whom, from which day; `seen` holds the versions that the preview was made from."""

    seen = HiddenField()
    happened_on = DateField(_l("First day of the new order"), [NEEDED, check_day])
    predecessors = ChecklistField(_l("Departments that hand over"), [NEEDED], coerce=int)
    successors = ChecklistField(_l("Departments that take over"), coerce=int)
    parent = SelectField(_l("New departments belong to"), coerce=int)
    new = FieldList(FormField(NewSuccessorForm), min_entries=NEW_SUCCESSORS, max_entries=MOST_SUCCESSORS)

    def offer(self, rows: Sequence[DepartmentRow], day: date) -> None:
        """Offer the departments that are not closed."""
        open_rows = [row for row in rows if not row.is_closed_on(day)]
        self.successors.choices = self.predecessors.choices = [
            SelectChoice(row.id, row.path) for row in open_rows if row.parent_id is not None
        ]
        self.parent.choices = [
            SelectChoice(0, _l("Where the first of them stands")),
            *(SelectChoice(row.id, row.path) for row in open_rows),
        ]

    def validate_successors(self, field: ChecklistField) -> None:
        """Refuse a reorganisation that nobody takes over."""
        if not field.data and not any(each.form.name.data for each in self.new):
            raise ValidationError(_("Tick the departments that take over, or write the names of new ones."))

    def new_drafts(self, rows: Sequence[DepartmentRow]) -> list[DepartmentDraft]:
        """Return the new departments; they are affiliated as the first that hands over."""
        first = next(row for row in rows if row.id == self.predecessors.data[0])
        return [
            DepartmentDraft(
                name=each.form.name.data,
                code=each.form.code.data,
                parent_id=self.parent.data or first.parent_id,
                affiliation=first.affiliation,
                valid_from=self.happened_on.data,
                sort_order=first.sort_order,
            )
            for each in self.new
            if each.form.name.data
        ]

    def involved(self) -> list[int]:
        """Return the departments that were ticked."""
        return list(dict.fromkeys([*self.predecessors.data, *(self.successors.data or [])]))

    def remember(self, rows: Sequence[DepartmentRow]) -> None:
        """Note the versions of the departments that were ticked."""
        versions = {row.id: row.version for row in rows}
        self.seen.data = " ".join(f"{each}:{versions[each]}" for each in self.involved())

    def versions(self) -> dict[int, int]:
        """Return the versions that were noted."""
        pairs = re.findall("([0-9]{1,9}):([0-9]{1,9})", self.seen.data or "")
        return {int(number): int(version) for number, version in pairs}
