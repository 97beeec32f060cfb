"""What a person types as total spending: several lines of a department and year at once."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from tracker.audit.forms import ActForm
from tracker.core.money import Unit, Won
from tracker.core.vocabulary import Kind
from tracker.departments.forms import NEEDED, clean
from tracker.departments.queries import DepartmentRow
from tracker.imports.cells import FIRST_YEAR, LAST_YEAR, CellError, parse_won
from tracker.imports.problems import Problem
from tracker.spending.queries import Figure
from tracker.spending.services import Place

BLANK_LINES = 6
MAX_LINES = 500


class WonField(StringField):  # type: ignore[misc]
    """An amount in whole won as people write it: 1,234,000, △1,000, 1234원."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount; what cannot be read stays as it was typed."""
        try:
            self.data = parse_won(valuelist[0]) if valuelist else None
        except CellError as error:
            self.data = None
            raise ValueError(Problem(None, None, None, error.code, error.parameters).message) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,}"


class OverviewForm(FlaskForm):  # type: ignore[misc]
    """Which year and departments the table shows."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    year = SelectField(_l("Budget year"), coerce=int)
    department = SelectField(_l("Department"), default="")
    unit = SelectField(
        _l("Unit"), choices=[SelectChoice(each.value, each.korean) for each in Unit], default="thousand"
    )

    def offer(self, years: Sequence[int], rows: Sequence[DepartmentRow]) -> None:
        """Offer the years with figures, and all departments."""
        self.year.choices = [SelectChoice(year, str(year)) for year in years]
        self.department.choices = [
            SelectChoice("", _l("All")),
            *(SelectChoice(str(row.id), row.path) for row in rows),
        ]


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """For which department and year figures are entered."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    department = SelectField(_l("Department"), coerce=int)
    year = IntegerField(_l("Budget year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])


class LineForm(Form):  # type: ignore[misc]
    """One figure; `seen` is the number of the one that stands there."""

    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])
    kind = SelectField(
        _l("Kind"), choices=[SelectChoice("", "–"), *(SelectChoice(each.value, each.korean) for each in Kind)]
    )
    budget_item = StringField(_l("Budget item"), [Optional(), Length(max=60)], filters=[clean])
    amount = WonField(_l("Amount"))

    @property
    def is_blank(self) -> bool:
        """Return whether nothing was typed."""
        amount = self.amount.raw_data[0] if self.amount.raw_data else ""
        return not (self.kind.data or self.budget_item.data or amount.strip())

    @property
    def place(self) -> Place | None:
        """Return what the figure is of; 통계목 may be empty. None without a kind."""
        kind = next((each for each in Kind if each.value == self.kind.data), None)
        return (kind, self.budget_item.data or "") if kind else None


class EntryForm(ActForm):
    """The figures of one department and year: those that stand, and blank lines below."""

    lines = FieldList(FormField(LineForm), max_entries=MAX_LINES)

    def show(self, figures: Sequence[Figure]) -> None:
        """Fill in the figures that stand, and add blank lines."""
        for figure in figures:
            self.lines.append_entry(
                {
                    "seen": figure.id,
                    "kind": figure.kind.value,
                    "budget_item": figure.budget_item,
                    "amount": figure.amount,
                }
            )
        for _each in range(BLANK_LINES):
            self.lines.append_entry()

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse half-filled lines, and two lines for the same figure."""
        is_valid: bool = super().validate(extra_validators)
        taken: set[Place] = set()
        for line in (each.form for each in self.lines if not each.form.is_blank):
            if line.errors:
                continue
            if line.place is None:
                line.kind.errors = [_("Choose goods, services or works.")]
            elif line.amount.data is None:
                line.amount.errors = [_("Write the amount; 0 where nothing was spent.")]
            elif line.place in taken:
                line.budget_item.errors = [_("Another line has the same kind and budget item.")]
            else:
                taken.add(line.place)
                continue
            is_valid = False
        if is_valid and not taken:
            self.form_errors.append(_("Fill in at least one line."))
        return is_valid and bool(taken)

    def amounts(self) -> dict[Place, Won]:
        """Return what was typed."""
        lines = self._filled().items()
        return {place: amount for place, line in lines if (amount := line.amount.data) is not None}

    def seen(self) -> dict[Place, int]:
        """Return the numbers of the figures that the person saw."""
        lines = self._filled().items()
        return {place: int(line.seen.data) for place, line in lines if line.seen.data is not None}

    def take_notice(self, standing: Mapping[Place, Figure | None]) -> None:
        """Let lines go on from the figures that stand there now."""
        for place, line in self._filled().items():
            if place in standing:
                figure = standing[place]
                line.seen.data, line.seen.raw_data = figure.id if figure else None, None

    def _filled(self) -> dict[Place, LineForm]:
        return {each.form.place: each.form for each in self.lines if each.form.place}


class WithdrawalForm(ActForm):
    """Why a figure is taken back."""

    reason = StringField(_l("Reason"), [NEEDED, Length(max=300)], filters=[clean])
