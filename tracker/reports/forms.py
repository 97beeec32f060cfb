"""Forms of reports: what one is about, as in the address of its preview; its steps, copies and wording."""

import re
from functools import partial
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField, Field, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError

from tracker.audit.forms import ActForm
from tracker.core.periods import Period
from tracker.departments.queries import list_departments
from tracker.imports.cells import parse_text
from tracker.purchases.forms import NEEDED, number_field, read_cell, text_field
from tracker.reports.figures import ask
from tracker.reports.requests import ReportKind, ReportRequest, ReportScope
from tracker.reports.text_blocks import APPROVAL_SHOWN, Block, Words
from tracker.reports.texts import ECONOMIES, NAMES
from tracker.web.clock import today

FIRST_YEAR, LAST_YEAR = 1901, 2999
LONGEST_TEXT, LONGEST_LINE = 300, 200
parse_line = partial(parse_text, max_length=LONGEST_LINE)
ABOUT = ("year", "kind", "scope", "department", "start", "end")


class AboutForm(FlaskForm):  # type: ignore[misc]
    """What a report is about; nothing is changed by asking for its preview."""

    class Meta:
        """The address of a preview needs no token."""

        csrf = False

    year = IntegerField(_l("Accounting year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])
    kind = SelectField(
        _l("Kind of report"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportKind if each is ReportKind.ANNUAL],
        default=ReportKind.ANNUAL.value,
    )
    scope = SelectField(
        _l("Scope"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportScope],
        default=ReportScope.STATUTORY.value,
    )
    department = SelectField(_l("Department"), default="")
    start = DateField(_l("From"), [Optional()], name="from")
    end = DateField(_l("To"), [Optional()], name="to")

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(*arguments, **options)
        self.department.choices = [
            SelectChoice("", _l("The whole body")),
            *(SelectChoice(str(row.id), row.path) for row in list_departments()),
        ]

    def validate(self, *arguments: Any, **options: Any) -> bool:  # noqa: ANN401
        """Check the fields, and that the days make a period."""
        if not super().validate(*arguments, **options):
            return False
        try:
            ask(self.request(), today())
        except ValueError:
            self.form_errors.append(
                _("Give both a first and a last day, the first one not after the last, or neither.")
            )
            return False
        return True

    def request(self) -> ReportRequest:
        """Return what is asked for; ValueError where the days make no period."""
        start, end = self.start.data, self.end.data
        if bool(start) != bool(end):
            raise ValueError("A period needs its first and its last day.")
        return ReportRequest(
            year=self.year.data,
            kind=ReportKind(self.kind.data),
            period=Period(start, end) if start and end else None,
            scope=ReportScope(self.scope.data),
            department_id=int(self.department.data) if self.department.data else None,
        )


class FreezeForm(ActForm, AboutForm):
    """The same, to be frozen; `seen` is the total that the person saw before."""

    class Meta:
        """Freezing changes something."""

        csrf = True

    seen = HiddenField(validators=[InputRequired(), Regexp("-?[0-9]{1,18}")])


class ConfirmForm(ActForm):
    """The decision that a report's figures are final; `seen` is the total that the person saw before."""

    seen = HiddenField(validators=[InputRequired(), Regexp("-?[0-9]{1,18}")])
    reason = text_field(_l("Reason"), LONGEST_TEXT)


class SupersedeForm(ActForm):
    """The decision that a later report stands in the place of an earlier one."""

    successor = number_field()
    reason = text_field(_l("Reason"), LONGEST_TEXT, NEEDED)


class SheetsForm(ActForm):
    """The year whose departments get a sheet each."""

    year = IntegerField(_l("Accounting year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])


class ScanForm(ActForm):
    """A signed copy to keep with a report."""

    file = FileField(_l("Signed copy"))
    note = text_field(_l("Note"), LONGEST_TEXT)

    def source(self) -> tuple[str, IO[bytes]] | None:
        """Return name and content of the file, if one was chosen."""
        given = self.file.data
        return (given.filename, given.stream) if isinstance(given, FileStorage) and given.filename else None


class LinesField(TextAreaField):  # type: ignore[misc]
    """Several texts, a line each; what cannot be kept stays as it was typed."""

    data: list[str] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read each line as one text."""
        self.data = []
        for line in (valuelist[0] if valuelist else "").splitlines():
            if text := read_cell(line, parse_line):
                self.data.append(text)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(self.data or ())


class TextsForm(ActForm):
    """문구: what reports of a year say in the institution's own words; empty fields say nothing."""

    version = number_field()
    title = text_field(_l("Subject of the report"), LONGEST_LINE)
    economy = SelectField(
        _l("Word for the social economy"),
        choices=[SelectChoice("", _l("As for all kinds")), *(SelectChoice(each, each) for each in ECONOMIES)],
        default="",
    )
    team = text_field(_l("Name of the team"), LONGEST_LINE)
    laws = LinesField(_l("Legal basis"))
    notes = LinesField(_l("Notes"))
    has_approval = SelectField(
        _l("Print the approval box"),
        choices=[
            SelectChoice("", _l("As for all kinds")),
            SelectChoice("yes", _l("Yes")),
            SelectChoice("no", _l("No")),
        ],
        default="",
    )
    approval = LinesField(_l("Posts that sign"))
    author_post = text_field(_l("Author's post"), LONGEST_LINE)
    author_name = text_field(_l("Author's name"), LONGEST_LINE)
    author_telephone = text_field(_l("Author's telephone"), LONGEST_LINE)
    contact = text_field(_l("Whom to ask"), LONGEST_LINE)
    department_order = LinesField(_l("Order of departments"))
    ocid_prefix = text_field(_l("Prefix of OCDS identifiers"), LONGEST_LINE)

    def show(self, block: Block) -> None:
        """Fill the fields with what was saved."""
        for name in (*NAMES, APPROVAL_SHOWN):
            self[name].data = block.words.get(name, self[name].data)
        self.version.data = block.version

    def validate_department_order(self, field: Field) -> None:
        """Refuse names that no department has."""
        known = {row.name for row in list_departments()}
        if unknown := [name for name in field.data or () if name not in known]:
            raise ValidationError(
                _(
                    "There is no department called %(names)s. Write the names as they stand in the list.",
                    names=", ".join(unknown),
                )
            )

    def validate_ocid_prefix(self, field: Field) -> None:
        """Refuse what is no prefix."""
        if field.data and not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", field.data):
            raise ValidationError(_("Write small letters, digits and hyphens, such as ocds-a1b2c3."))

    def words(self) -> Words:
        """Return what is filled in."""
        given = {name: self[name].data for name in (*NAMES, APPROVAL_SHOWN)}
        return {name: value for name, value in given.items() if value}
