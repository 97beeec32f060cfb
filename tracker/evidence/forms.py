"""What a person says about files that are kept as evidence."""

from collections.abc import Iterable, Iterator
from typing import IO

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from tracker.audit.forms import ActForm
from tracker.config import MEGABYTE
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.files import MAX_FILE_BYTES, MOST_FILES, Fault, RefusedFile
from tracker.evidence.formats import LONGEST_NAME, Format
from tracker.evidence.queries import Version
from tracker.evidence.services import EvidenceDraft
from tracker.purchases.forms import NEEDED, number_field, text_field

LONGEST_TEXT = 300
# A help for choosing; what a file is, its content tells.
ENDINGS = ",".join(f".{ending}" for each in Format for ending in sorted({each.value, each.ending}))

FAULTS = {
    Fault.EMPTY: _l("“%(name)s” is empty. Choose the file again."),
    Fault.TOO_LARGE: _l("“%(name)s” is larger than %(most)s MB. Make it smaller or divide it."),
    Fault.UNKNOWN_FORMAT: _l(
        "The content of “%(name)s” is of no kind that is kept. Send PDF, JPEG, PNG, HEIC, XLSX, HWP or HWPX."
    ),
    Fault.TOO_MANY: _l("A purchase holds up to %(files)s files. Withdraw those that no longer hold first."),
    Fault.ALREADY_THERE: _l("The same file stands with this purchase already (“%(name)s”)."),
}


def say_fault(refused: RefusedFile) -> str:
    """Return why a file is not kept, and what to do."""
    name = refused.name[-LONGEST_NAME:]
    return str(FAULTS[refused.fault]) % {
        "name": name,
        "most": MAX_FILE_BYTES // MEGABYTE,
        "files": MOST_FILES,
    }


class EvidenceForm(ActForm):
    """What files are said to be."""

    kind = SelectField(
        _l("Kind of evidence"),
        [InputRequired(_l("Choose what the file is."))],
        choices=[SelectChoice("", "–"), *(SelectChoice(each.value, each.korean) for each in EvidenceKind)],
        default="",
    )
    note = text_field(_l("Note"), LONGEST_TEXT)

    def draft(self) -> EvidenceDraft:
        """Return what a valid form says."""
        return EvidenceDraft(EvidenceKind(self.kind.data), self.note.data)


class AddForm(EvidenceForm):
    """Files to keep with a purchase; several at once are of one kind."""

    files = MultipleFileField(_l("Files"))

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for at least one file."""
        is_valid = bool(super().validate(extra_validators))
        if not list(self.sources()):
            self.files.errors = [_("Choose a file.")]
            return False
        return is_valid

    def sources(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield name and content of each file."""
        yield from _sources(self.files.data or ())


class ReplacementForm(EvidenceForm):
    """A new version; without a file, only kind and note are mended."""

    version = number_field()
    file = FileField(_l("New file"))
    reason = text_field(_l("Reason"), LONGEST_TEXT, NEEDED)

    def sources(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield name and content of the file, if one was chosen."""
        yield from _sources([self.file.data])

    def changes(self, current: Version) -> bool:
        """Return whether a valid form says something else than what holds."""
        return any(True for _each in self.sources()) or self.draft() != (current.kind, current.note)


class WithdrawalForm(ActForm):
    """Why a file holds no more."""

    version = number_field()
    reason = text_field(_l("Reason"), LONGEST_TEXT, NEEDED)


def _sources(files: Iterable[object]) -> Iterator[tuple[str, IO[bytes]]]:
    for file in files:
        if isinstance(file, FileStorage) and file.filename:
            yield file.filename, file.stream
