"""Forms of reports: what one is about, as in the address of its preview; its steps, copies and wording."""

import re
from dataclasses import fields
from functools import partial
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from tracker.audit.forms import ActForm
from tracker.core.business_number import normalise
from tracker.core.periods import Period
from tracker.departments.queries import list_departments
from tracker.enterprises.queries import find_by_number, list_by_name
from tracker.evidence.formats import LONGEST_NAME
from tracker.imports.cells import parse_text
from tracker.purchases.forms import (
    NEEDED,
    CellField,
    number_field,
    parse_short_quantity,
    read_cell,
    text_field,
)
from tracker.reports.catalogue import RECIPES
from tracker.reports.figures import ask
from tracker.reports.indicators import IndicatorDraft, IndicatorRow
from tracker.reports.pictures import (
    LONGEST_SIDE,
    MOST_BYTES,
    Picture,
    PictureFault,
    RefusedPicture,
    read_picture,
)
from tracker.reports.requests import OneOff, ReportKind, ReportRequest, ReportScope, parse_one_off
from tracker.reports.text_blocks import APPROVAL_SHOWN, Block, Words
from tracker.reports.texts import ECONOMIES, NAMES
from tracker.targets.queries import list_scheme_names
from tracker.web.clock import today

FIRST_YEAR, LAST_YEAR = 1901, 2999
LONGEST_TEXT, LONGEST_LINE, LONGEST_ITEMS = 300, 200, 2_000
parse_line = partial(parse_text, max_length=LONGEST_LINE)
ABOUT = ("year", "kind", "scope", "department", "scheme", "enterprise", "start", "end", "without")
TYPED = (*(name for name in NAMES if name != "logo"), APPROVAL_SHOWN)
PICTURE_FAULTS = {
    PictureFault.TOO_LARGE: _l("“%(name)s” is larger than %(kilobytes)s KB. Make it smaller."),
    PictureFault.NO_PICTURE: _l(
        "“%(name)s” is no PNG or JPEG by its content. Send a picture of these kinds."
    ),
    PictureFault.TOO_MANY_PIXELS: _l(
        "“%(name)s” has %(width)s × %(height)s pixels. A side may have up to %(side)s: make it smaller."
    ),
}
INDICATOR_FIELDS = tuple(each.name for each in fields(IndicatorDraft))
# What of a request each field of the form says.
FIELDS = {
    "period": ("start", "end"),
    "scope": ("scope",),
    "department_id": ("department",),
    "scheme": ("scheme",),
    "enterprise_id": ("enterprise",),
    "one_offs": ("without",),
}


class AboutForm(FlaskForm):  # type: ignore[misc]
    """What a report is about; nothing is changed by asking for its preview."""

    class Meta:
        """The address of a preview needs no token."""

        csrf = False

    year = IntegerField(_l("Accounting year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])
    kind = SelectField(
        _l("Kind of report"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportKind],
        default=ReportKind.ANNUAL.value,
    )
    scope = SelectField(
        _l("Scope"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportScope],
        default=ReportScope.STATUTORY.value,
    )
    department = SelectField(_l("Department"), default="")
    scheme = SelectField(_l("Scheme"), default="")
    enterprise = StringField(_l("Enterprise"), [Optional(), Length(max=LONGEST_LINE)])
    start = DateField(_l("From"), [Optional()], name="from")
    end = DateField(_l("To"), [Optional()], name="to")
    without = TextAreaField(_l("One-off items"), [Optional(), Length(max=LONGEST_ITEMS)])

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(*arguments, **options)
        self.department.choices = [
            SelectChoice("", _l("The whole body")),
            *(SelectChoice(str(row.id), row.path) for row in list_departments()),
        ]
        self.scheme.choices = [
            SelectChoice("", _l("Choose")),
            *(SelectChoice(code, name) for code, name in list_scheme_names().items()),
        ]

    @property
    def takes(self) -> frozenset[str]:
        """Return what a report of the kind asked for is about."""
        known = self.kind.data in list(ReportKind)
        recipe = RECIPES[ReportKind(self.kind.data) if known else ReportKind.ANNUAL]
        return recipe.asks | recipe.takes

    def kinds_with(self, field: str) -> list[str]:
        """Return the kinds of reports that a field is there for."""
        [about] = [name for name, held in FIELDS.items() if field in held]
        return [str(kind) for kind, recipe in RECIPES.items() if about in recipe.asks | recipe.takes]

    def validate(self, *arguments: Any, **options: Any) -> bool:  # noqa: ANN401
        """Check the fields, and that the days make a period."""
        if not super().validate(*arguments, **options):
            return False
        try:
            wanted = self.request()
            ask(wanted, today())
        except ValueError:
            self.form_errors.append(
                _("Give both a first and a last day, the first one not after the last, or neither.")
            )
            return False
        missing = [name for name in RECIPES[wanted.kind].asks if getattr(wanted, name) is None]
        for name in missing:
            self._refuse(FIELDS[name][0], _("A report of this kind needs this."))
        return not missing

    def _refuse(self, field: str, message: str) -> None:
        self[field].errors = [*self[field].errors, message]

    def validate_enterprise(self, field: Field) -> None:
        """Refuse what is no enterprise, or several."""
        if field.data and "enterprise_id" in self.takes and self._enterprise_id() is None:
            raise ValidationError(
                _("No one enterprise is meant by this. Write its business registration number.")
            )

    def validate_without(self, field: Field) -> None:
        """Refuse lines that name no one-off item."""
        try:
            self._one_offs()
        except ValueError as error:
            raise ValidationError(
                _(
                    "A one-off item is written as NAME=#PURCHASE or NAME=BUDGET ITEM, not “%(text)s”.",
                    text=str(error),
                )
            ) from error
        assert field

    def _enterprise_id(self) -> int | None:
        text = (self.enterprise.data or "").strip()
        try:
            found = find_by_number(normalise(text))
        except ValueError:
            named = list_by_name(text) if text else []
            found = named[0] if len(named) == 1 else None
        return found.id if found else None

    def _one_offs(self) -> tuple[OneOff, ...]:
        lines = (self.without.data or "").splitlines()
        return tuple(parse_one_off(line) for line in lines if line.strip())

    def request(self) -> ReportRequest:
        """Return what is asked for, without what the kind is not about; ValueError for days of no period."""
        start, end, takes = self.start.data, self.end.data, self.takes
        if "period" in takes and bool(start) != bool(end):
            raise ValueError("A period needs its first and its last day.")
        named: dict[str, Any] = {
            "period": Period(start, end) if "period" in takes and start and end else None,
            "scope": ReportScope(self.scope.data),
            "department_id": int(self.department.data) if self.department.data else None,
            "scheme": self.scheme.data or None,
            "enterprise_id": self._enterprise_id(),
            "one_offs": self._one_offs(),
        }
        return ReportRequest(
            year=self.year.data,
            kind=ReportKind(self.kind.data),
            **{name: value for name, value in named.items() if name in takes},
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
    """The year whose departments get a sheet each, and why new ones take the place of those that stand."""

    year = IntegerField(_l("Accounting year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])
    reason = text_field(_l("Reason"), LONGEST_TEXT)


class ScanForm(ActForm):
    """A signed copy to keep with a report."""

    file = FileField(_l("Signed copy"))
    note = text_field(_l("Note"), LONGEST_TEXT)

    def source(self) -> tuple[str, IO[bytes]] | None:
        """Return name and content of the file, if one was chosen."""
        return _source(self.file)


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
    logo = FileField(_l("Logo"))
    logo_text = text_field(_l("What the logo shows"), LONGEST_LINE)
    without_logo = BooleanField(_l("Take the logo away"))
    picture: Picture | None = None

    def show(self, block: Block) -> None:
        """Fill the fields with what was saved."""
        for name in TYPED:
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

    def validate_logo(self, field: Field) -> None:
        """Refuse what is no small PNG or JPEG."""
        if source := _source(field):
            name, stream = source
            content = stream.read(MOST_BYTES + 1)
            # The preview may have to show the form again, which reads the file once more.
            stream.seek(0)
            try:
                self.picture = read_picture(content)
            except RefusedPicture as refused:
                raise ValidationError(
                    PICTURE_FAULTS[refused.fault]
                    % {
                        "name": name[-LONGEST_NAME:],
                        "kilobytes": MOST_BYTES // 1024,
                        "width": f"{refused.width:,}",
                        "height": f"{refused.height:,}",
                        "side": f"{LONGEST_SIDE:,}",
                    }
                ) from refused

    def ask_for_picture_again(self) -> None:
        """Tell that a picture that was chosen has to be chosen again: a page that comes back lacks it."""
        if self.picture:
            self.logo.errors = [_("Choose the logo again: it was not kept yet.")]

    def words(self, stored: Words) -> Words:
        """Return what is filled in; the logo is the one stored, unless another or none was chosen."""
        given = {name: self[name].data for name in TYPED}
        if self.picture:
            given["logo"] = self.picture.sha256
        elif not self.without_logo.data:
            given["logo"] = stored.get("logo")
        return {name: value for name, value in given.items() if value}


def _source(field: Field) -> tuple[str, IO[bytes]] | None:
    given = field.data
    return (given.filename, given.stream) if isinstance(given, FileStorage) and given.filename else None


class IndicatorForm(ActForm):
    """지표: one other figure of the institution for an evaluation period, with its evidence."""

    version = number_field()
    year = IntegerField(
        _l("Year in which the period ends"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)]
    )
    field = text_field(_l("Field of work"), 60, NEEDED)
    name = text_field(_l("Name of the indicator"), 100, NEEDED)
    unit = text_field(_l("Unit"), 20, NEEDED)
    value = CellField(_l("Value of this period"), parse_short_quantity, [NEEDED])
    value_before = CellField(_l("Value of the period before"), parse_short_quantity)
    evidence = text_field(_l("Proved by"), 500)

    def show(self, row: IndicatorRow) -> None:
        """Fill in what stands."""
        for each in INDICATOR_FIELDS:
            self[each].data = getattr(row, each)
        self.version.data = row.version

    def draft(self) -> IndicatorDraft:
        """Return what was typed."""
        typed = {each: self[each].data for each in INDICATOR_FIELDS}
        return IndicatorDraft(**typed | {"evidence": self.evidence.data or ""})


class IndicatorRemovalForm(ActForm):
    """To strike out an indicator as it was seen."""

    version = number_field()
