"""What a person says about files to take in, about a preview, and about a batch to take back."""

import io
from collections.abc import Iterator, Sequence
from typing import IO

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tracker.accounts.models import User
from tracker.accounts.permissions import own_departments
from tracker.audit.forms import ActForm
from tracker.core.vocabulary import Role
from tracker.departments.queries import AmbiguousDepartment, Directory, list_departments
from tracker.enterprises.queries import list_types
from tracker.imports.layouts import layout_names
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.rights import may_make_parties, subjects_of
from tracker.imports.wording import LAYOUTS

MOST_FILES = 100
LONGEST_REASON = 300
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
        names = layout_names(ImportSubject.PURCHASES)
        self.layout.choices = [
            ("", _l("Recognise by the headings")),
            *((name, LAYOUTS[name]) for name in names),
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
        if subject is ImportSubject.ENTERPRISES:
            return subject, ImportOptions(type=self.type.data or None, edition=self.edition.data)
        is_purchases = subject is ImportSubject.PURCHASES
        return subject, ImportOptions(
            layout=(self.layout.data or None) if is_purchases else None,
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
