"""What a person says about files to take in, about a preview, and about a batch to take back."""

import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tracker.accounts.models import User
from tracker.accounts.permissions import own_departments
from tracker.audit.forms import ActForm
from tracker.core.business_number import normalise
from tracker.core.vocabulary import Role
from tracker.departments.forms import clean
from tracker.departments.queries import AmbiguousDepartment, DepartmentRow, Directory, list_departments
from tracker.enterprises.queries import list_types
from tracker.extensions import db
from tracker.imports.aliases import Pointer
from tracker.imports.columns import COLUMNS, PURCHASE_NUMBER
from tracker.imports.layouts import layout_names
from tracker.imports.learnt_layouts import LONGEST_NAME, LayoutDraft, learnt_layouts
from tracker.imports.models import AmendmentRule, ImportSubject, Party
from tracker.imports.options import ImportOptions
from tracker.imports.parties import (
    EnterpriseAmbiguous,
    Enterprises,
    EnterpriseUnknown,
    describe_enterprise,
    likely_enterprises,
)
from tracker.imports.problems import explain_unreadable
from tracker.imports.reading import UnreadableFile
from tracker.imports.reading.limits import MAX_COLUMNS
from tracker.imports.rights import may_make_parties, subjects_of
from tracker.imports.short_lists import ShortList, UnusableList
from tracker.imports.units import UNITS
from tracker.imports.wording import AMENDMENTS, say_layout
from tracker.purchases.forms import number_field

MOST_FILES = 100
# So many names of each party are asked for at once; the rest comes when these are done.
NAMES_ASKED = 30
LIKELY_ENTERPRISES, LIKELY_DEPARTMENTS = 8, 5
LONGEST_REASON = 300

L = TypeVar("L", bound=tuple[object, ...])
REASON = [
    InputRequired(_l("Please fill in this field.")),
    Length(max=LONGEST_REASON, message=_l("Give a reason of up to 300 characters.")),
]


class UploadForm(FlaskForm):  # type: ignore[misc]
    """Files, or cells copied from a spreadsheet, and how they are meant."""

    subject = RadioField(_l("What does the file bring?"), [InputRequired(_l("Choose what the file brings."))])
    files = MultipleFileField(_l("Files"))
    text = TextAreaField(_l("Or paste cells"))
    department = SelectField(_l("Department where the file names none"), default="")
    year = IntegerField(_l("Fiscal year where the file names none"), [Optional(), NumberRange(1990, 2100)])
    layout = SelectField(_l("Layout"), default="")
    create_missing = BooleanField(_l("Make departments and enterprises that are not registered"))
    type = SelectField(_l("Type where the list names none"), default="")
    edition = DateField(_l("The file is the whole list of this type on"), [Optional()])

    def offer(self, user: User) -> None:
        """Offer what the account may choose; a clerk's own department stands ready."""
        subjects = subjects_of(user)
        self.subject.choices = [(each.value, each.korean) for each in subjects]
        if self.subject.data is None:
            self.subject.data = subjects[0].value
        own = own_departments(user) if user.role is Role.CLERK else None
        departments = _names_that_find(own)
        self.department.choices = [("", _l("None")), *((name, path) for _, name, path in departments)]
        if own and not self.is_submitted():
            self.department.data = next(
                (name for id_, name, _ in departments if id_ == user.department_id), ""
            )
        self.layouts = {
            each: [*layout_names(each), *(layout.name for layout in learnt_layouts(each))]
            for each in subjects
        }
        self.layout.choices = [
            SelectChoice("", _l("Recognise by the headings")),
            *(
                SelectChoice(name, say_layout(name), optgroup=each.korean)
                for each, names in self.layouts.items()
                for name in names
            ),
        ]
        self.type.choices = [("", _l("None")), *((each.code, each.name) for each in list_types())]
        if not may_make_parties(user):
            del self.create_missing
        if ImportSubject.ENTERPRISES not in subjects:
            del self.type, self.edition

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for something to take in, and for the type of a whole list."""
        if not super().validate(extra_validators):
            return False
        files = [file for file in self.files.data or () if file and file.filename]
        if not files and not (self.text.data or "").strip():
            self.files.errors = [_("Choose a file or paste cells.")]
        elif len(files) > MOST_FILES:
            self.files.errors = [_("Send at most %(number)s files at once.", number=MOST_FILES)]
        if self.layout.data and self.layout.data not in self.layouts[ImportSubject(self.subject.data)]:
            self.layout.errors = [_("This layout is for other files. Choose one for what the file brings.")]
        if self.edition and self.edition.data and not self.type.data:
            self.type.errors = [_("Choose the type of which this is the whole list.")]
        return not self.errors

    def sources(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield name and content of each file; what was pasted is a file, too."""
        for file in self.files.data or ():
            if file and file.filename:
                yield file.filename[-255:], file.stream
        if text := (self.text.data or "").strip("\r\n"):
            yield _("Pasted cells"), io.BytesIO(text.encode())

    def wanted(self) -> tuple[ImportSubject, ImportOptions]:
        """Return what the files bring, and how; what does not go with the subject is left aside."""
        subject = ImportSubject(self.subject.data)
        layout = self.layout.data or None
        if subject is ImportSubject.ENTERPRISES:
            return subject, ImportOptions(
                layout=layout, type=self.type.data or None, edition=self.edition.data
            )
        return subject, ImportOptions(
            layout=layout,
            department=self.department.data or None,
            year=self.year.data,
            create_missing=bool(self.create_missing and self.create_missing.data),
        )


class ConfirmForm(ActForm):
    """The person agrees to what the preview with this seal told."""

    seal = HiddenField(validators=[InputRequired(), Length(max=64)])
    accept_valid = BooleanField(_l("Take in only the rows without errors"))


class UndoForm(ActForm):
    """Why a batch is taken back."""

    reason = StringField(_l("Reason"), REASON)


class LateForm(FlaskForm):  # type: ignore[misc]
    """Why purchases of closed periods come late."""

    late_reason = StringField(_l("Reason for entering after closing"), REASON)


class ShortListFileForm(FlaskForm):  # type: ignore[misc]
    """The file with a list of departments or people."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])

    def read(self, kind: ShortList[L]) -> list[L] | None:
        """Return the lines of the file that was sent; None where the form says what is wrong with it."""
        # Reading may take long: nobody shall wait for the write lock meanwhile.
        db.session.rollback()
        try:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "list"
                self.file.data.save(path)
                return kind.read(path)
        except UnreadableFile as error:
            self.file.errors = [explain_unreadable(error)]
        except UnusableList as error:
            self.file.errors = [error.problem.message]
        return None


class ShortListForm(ActForm):
    """The lines of a list that was looked at."""

    lines = HiddenField(validators=[InputRequired()])

    @classmethod
    def carrying(cls, lines: Sequence[tuple[object, ...]]) -> Self:
        """Return the form of the next step, which takes the lines along."""
        form = cls(formdata=None)
        form.lines.data = json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
        return form

    def restore(self, kind: ShortList[L]) -> list[L]:
        """Return the lines; ValueError where they are none."""
        try:
            return kind.restore(json.loads(self.lines.data))
        except RecursionError:
            raise ValueError("no list") from None


class ColumnForm(Form):  # type: ignore[misc]
    """What one column of a file means."""

    field = SelectField(_l("Meaning"), default="")


class LayoutForm(ActForm):
    """What the columns of a file mean, and how its amounts and amendments are to be read."""

    row = HiddenField()
    version = number_field()
    name = StringField(
        _l("Name of the layout"),
        [
            InputRequired(_l("Please fill in this field.")),
            Length(max=LONGEST_NAME, message=_l("Give a name of up to 60 characters.")),
        ],
    )
    unit = SelectField(_l("Unit of the amounts"), default="1")
    amendments = SelectField(_l("How amendments count"), default=AmendmentRule.FINAL.value)
    columns = FieldList(FormField(ColumnForm), max_entries=MAX_COLUMNS)

    def offer(self, subject: ImportSubject, headings: Sequence[str], required: Collection[str]) -> None:
        """Ask for the meaning of each of these headings."""
        self.headings = tuple(headings)
        while len(self.columns) < len(headings):
            self.columns.append_entry()
        self.unit.choices = [(str(won), unit) for unit, won in UNITS.items()]
        self.amendments.choices = [(rule.value, AMENDMENTS[rule]) for rule in AmendmentRule]
        choices = [SelectChoice("", _l("Not used")), *_meanings(subject, required)]
        for entry in self.columns:
            entry.form.field.choices = choices

    def show(self, draft: LayoutDraft) -> None:
        """Fill in what is known."""
        self.name.data, self.unit.data = draft.name, str(draft.unit or 1)
        self.amendments.data = draft.amendments.value
        for entry, (_heading, field) in zip(self.columns, draft.columns, strict=False):
            entry.form.field.data = field or ""

    def lines(self) -> list[tuple[str, SelectField]]:
        """Return each heading with the field to choose its meaning."""
        return [
            (heading, entry.form.field) for heading, entry in zip(self.headings, self.columns, strict=False)
        ]

    def draft(self) -> LayoutDraft:
        """Return what was said."""
        return LayoutDraft(
            name=clean(self.name.data) or "",
            columns=tuple((heading, field.data or None) for heading, field in self.lines()),
            unit=int(self.unit.data),
            amendments=AmendmentRule(self.amendments.data),
        )

    def validate(self, extra_validators: object = None) -> bool:
        """Let each meaning be chosen once."""
        if not super().validate(extra_validators):
            return False
        chosen: dict[str, list[str]] = defaultdict(list)
        for heading, field in self.lines():
            if field.data:
                chosen[field.data].append(heading)
        for heading, field in self.lines():
            if len(chosen[field.data]) > 1:
                field.errors = [_("Another column means this already. Choose it once.")]
                self.form_errors.append(
                    _("“%(heading)s” means the same as another column. Choose it once.", heading=heading)
                )
        if not clean(self.name.data):
            self.name.errors = [_("Please fill in this field.")]
        return not self.errors

    def demand(self, subject: ImportSubject, missing: Sequence[tuple[str, ...]]) -> bool:
        """Say which columns are still needed; return whether none is."""
        for group in missing:
            named = " / ".join(
                column.heading for field in group for column in COLUMNS[subject] if column.field == field
            )
            self.form_errors.append(_("Say which column is “%(column)s”.", column=named))
        return not missing

    def go_on_from(self, version: int) -> None:
        """Note which version is seen."""
        self.version.data, self.version.raw_data = version, None


class RetireForm(ActForm):
    """To take a layout out of use as it was seen."""

    version = number_field()


class NameForm(Form):  # type: ignore[misc]
    """Whom a name in a file means."""

    party = HiddenField()
    key = HiddenField()
    number = SelectField(_l("Means"), default="")
    search = StringField(_l("Another enterprise"), [Length(max=200)])


class NamesForm(ActForm):
    """Whom the names mean that are not registered; those left open stay so."""

    lines = FieldList(FormField(NameForm), max_entries=4 * NAMES_ASKED)

    def offer(self, unresolved: Sequence[Sequence[Any]], user: User) -> None:
        """Ask for those names that most rows have; `unresolved` are (party, key, written, rows)."""
        asked = [
            each
            for party in Party
            for each in [each for each in unresolved if each[0] == party.value][:NAMES_ASKED]
        ]
        self.asked = {(party, key): (written, rows) for party, key, written, rows in asked}
        sent = {(line.form.party.data, line.form.key.data) for line in self.lines}
        for party, key in self.asked:
            if (party, key) not in sent:
                self.lines.append_entry({"party": party, "key": key})
        own = own_departments(user) if user.role is Role.CLERK else None
        rows = [row for row in list_departments() if own is None or row.id in own]
        names = {
            written: _bare_name(written)
            for (party, _key), (written, _rows) in self.asked.items()
            if party == Party.ENTERPRISE
        }
        likely = likely_enterprises(set(names.values()), LIKELY_ENTERPRISES)
        for line in (entry.form for entry in self.lines):
            written, _rows = self.asked.get((line.party.data, line.key.data), ("", 0))
            if line.party.data == Party.DEPARTMENT:
                line.number.choices = [LEAVE_OPEN, *_departments_like(written, rows)]
            else:
                line.number.choices = [
                    LEAVE_OPEN,
                    *(
                        SelectChoice(str(known.id), describe_enterprise(known))
                        for known in likely.get(names.get(written, ""), [])
                    ),
                ]

    def written(self, line: NameForm) -> tuple[str, int]:
        """Return a name as the file writes it, and in how many rows."""
        return self.asked.get((line.party.data, line.key.data), ("", 0))

    def pointers(self) -> list[Pointer] | None:
        """Return whom names were pointed at; None where one cannot be found, which is noted at its field."""
        found, is_found = [], True
        registered = Enterprises()
        for line in (entry.form for entry in self.lines):
            written, rows = self.written(line)
            if not rows:
                continue
            party, number = Party(line.party.data), int(line.number.data or 0)
            if search := clean(line.search.data):
                number = _search(registered, search)
                if not number:
                    is_found = False
                    line.search.errors = [
                        _(
                            "There is not exactly one such enterprise. Write its business registration "
                            "number, or its name as registered."
                        )
                    ]
            if number:
                found.append(Pointer(party, line.key.data, written, number))
        return found if is_found else None


LEAVE_OPEN = SelectChoice("", _l("Leave open"))
_NUMBER_BEHIND = re.compile(r" \([0-9]{3}-[0-9]{2}-[0-9]{5}\)$")


def _bare_name(written: str) -> str:
    return _NUMBER_BEHIND.sub("", written)


def _departments_like(name: str, rows: Sequence[DepartmentRow]) -> list[SelectChoice]:
    """Return the departments, those first whose names are most like this one."""
    closest = Directory(list(rows)).closest_names(name, LIKELY_DEPARTMENTS)
    ranked = sorted(rows, key=lambda row: closest.index(row.name) if row.name in closest else len(closest))
    return [SelectChoice(str(row.id), row.path) for row in ranked]


def _search(registered: Enterprises, text: str) -> int:
    """Return which enterprise has this business number or name, 0 where there is not exactly one."""
    try:
        known = registered.with_number(normalise(text))
    except ValueError:
        try:
            known = registered.by_name(text)
        except (EnterpriseUnknown, EnterpriseAmbiguous):
            known = None
    return known.id if known else 0


def _meanings(subject: ImportSubject, required: Collection[str]) -> list[SelectChoice]:
    return [
        SelectChoice(column.field, f"{column.heading} *" if column.field in required else column.heading)
        for column in COLUMNS[subject]
        if column is not PURCHASE_NUMBER
    ]


def _names_that_find(only: Sequence[int] | None) -> list[tuple[int, str, str]]:
    """Return number, name and path of departments, each by a name that means no other one."""
    directory = Directory(list_departments())
    found = []
    for row in directory.rows:
        if only is None or row.id in only:
            for name in filter(None, (row.path, row.code)):
                try:
                    directory.find(name)
                except AmbiguousDepartment:
                    continue
                found.append((row.id, name, row.path))
                break
    return found
