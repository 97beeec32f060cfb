"""What a file would do, kept beside the file until the person confirms it: nothing of it is in the ledger."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app

from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.problems import KINDS, Problem, Severity
from tracker.imports.queries import last_change
from tracker.imports.reading import UnreadableFile
from tracker.imports.results import ImportResult
from tracker.imports.rights import within_rights
from tracker.imports.services import preview as go_through
from tracker.imports.services import tell_nobody
from tracker.imports.uploads import upload_folder, uploaded

# Files of more rows are left to a job.
LONG_FILE = 2_000
# More files than these keep a person waiting, however short they are.
FILES_AT_ONCE = 10
_ID = re.compile("[0-9a-f]{32}")


class Told(NamedTuple):
    """What a preview told: the account of an ImportResult, and of which state of the ledger it was.

    `examples` holds the first problem of each code.
    """

    account: Mapping[str, Any]
    seal: str
    batch: int | None
    already_imported: bool
    examples: Mapping[str, Problem]
    at: datetime
    last_change: int

    @property
    def is_ready(self) -> bool:
        """Return whether something goes in and nothing is refused."""
        goes_in = self.account["imported"] or self.account.get("listed")
        return bool(goes_in and not self.account["rejected"] and self.batch is None)

    def count(self, severity: Severity | None = None, code: str | None = None) -> int:
        """Return how many problems there are, of one severity or code."""
        return sum(
            number
            for each, number in self.account["problems"].items()
            if code in (None, each) and severity in (None, KINDS[each].severity)
        )


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One file, how it is meant, and what was told of it; `options` says all but the person's rights."""

    id: str
    subject: ImportSubject
    sha256: str
    file: str
    options: ImportOptions
    actor_id: int
    is_long: bool
    job_id: int | None = None
    unreadable: UnreadableFile | None = None
    told: Told | None = None

    @property
    def is_outdated(self) -> bool:
        """Return whether something was recorded since, so that other things may happen now."""
        return self.told is not None and self.told.last_change != last_change()

    def options_for(self, user: User) -> ImportOptions:
        """Return how the file is taken in by this account: its valid rows, in its departments."""
        institution = current_app.config["INSTITUTION"]
        return within_rights(replace(self.options, accept_valid=True, institution=institution), user)


def begin_preview(
    sha256: str, file: str, subject: ImportSubject, options: ImportOptions, by: Acting, *, is_long: bool
) -> Preview:
    """Return the preview of a file that has been kept; nothing is told of it yet."""
    meant = [sha256, file, subject.value, options.meaning(), options.create_missing, by.actor_id]
    preview = Preview(
        id=sha256_hex(canonical_json(meant))[:32],
        subject=subject,
        sha256=sha256,
        file=file,
        options=options,
        actor_id=by.actor_id,
        is_long=is_long,
    )
    _store(preview)
    return preview


def find_preview(preview_id: str, actor_id: int) -> Preview | None:
    """Return this account's preview, as long as its file is kept."""
    if not _ID.fullmatch(preview_id):
        return None
    try:
        preview = _load(_path(preview_id).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return preview if preview.actor_id == actor_id and uploaded(preview.sha256).exists() else None


def give_reason(preview: Preview, reason: str) -> Preview:
    """Remember why purchases of closed periods come late; the file has to be looked at again."""
    return _store(replace(preview, options=replace(preview.options, late_reason=reason), told=None))


def recognise_anew(preview: Preview) -> Preview:
    """Let the file be recognised by its headings, as somebody has said what they mean."""
    return _store(replace(preview, options=replace(preview.options, layout=None), told=None))


def note_job(preview: Preview, job_id: int) -> Preview:
    """Remember which job tells what the file would do."""
    return _store(replace(preview, job_id=job_id, told=None))


def tell(preview: Preview, user: User, by: Acting, report: Callable[[int], None] = tell_nobody) -> Preview:
    """Go through the file and keep what it would do."""
    path, options = uploaded(preview.sha256), preview.options_for(user)
    try:
        result = go_through(path, preview.subject, options, by, preview.file, report)
    except UnreadableFile as error:
        return _store(replace(preview, unreadable=error, told=None))
    return keep_result(preview, result, by)


def keep_result(preview: Preview, result: ImportResult, by: Acting) -> Preview:
    """Keep what taking the file in would do now."""
    examples: dict[str, Problem] = {}
    with _path(preview.id, "problems").open("w", encoding="utf-8") as file:
        for problem in result.problems:
            examples.setdefault(problem.code, problem)
            file.write(f"{problem.severity} {problem.code} {canonical_json(problem)}\n")
    told = Told(
        account=result.account(),
        seal=result.seal(),
        batch=result.batch,
        already_imported=result.already_imported,
        examples=examples,
        at=by.at,
        last_change=last_change(),
    )
    return _store(replace(preview, unreadable=None, told=told))


def problems_of(
    preview: Preview, severity: Severity | None = None, code: str | None = None
) -> Iterator[Problem]:
    """Yield the problems, in the order of the rows, of one severity or code."""
    with _path(preview.id, "problems").open(encoding="utf-8") as file:
        for line in file:
            its_severity, its_code, problem = line.split(" ", 2)
            if severity in (None, its_severity) and code in (None, its_code):
                yield Problem(*json.loads(problem))


def page_of_problems(
    preview: Preview, severity: Severity | None, code: str | None, first: int, number: int
) -> list[Problem]:
    """Return so many problems from the first one on, counted from 0."""
    return list(islice(problems_of(preview, severity, code), first, first + number))


def _path(preview_id: str, suffix: str = "json") -> Path:
    return upload_folder() / "previews" / f"{preview_id}.{suffix}"


def _store(preview: Preview) -> Preview:
    unreadable, told, options = preview.unreadable, preview.told, preview.options
    text = canonical_json(
        {
            **{
                name: getattr(preview, name)
                for name in ("id", "sha256", "file", "actor_id", "is_long", "job_id")
            },
            "subject": preview.subject.value,
            "options": asdict(options) | {"only_departments": None},
            "unreadable": unreadable and [unreadable.code, unreadable.parameters],
            "told": told and told._asdict(),
        }
    )
    path = _path(preview.id)
    unfinished = path.with_suffix(".writing")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return preview


def _load(text: str) -> Preview:
    kept = json.loads(text)
    options = kept["options"]
    edition = options["edition"] and date.fromisoformat(options["edition"])
    return Preview(
        **kept
        | {
            "subject": ImportSubject(kept["subject"]),
            "options": ImportOptions(**options | {"edition": edition}),
            "unreadable": kept["unreadable"]
            and UnreadableFile(kept["unreadable"][0], **kept["unreadable"][1]),
            "told": kept["told"] and _load_told(kept["told"]),
        }
    )


def _load_told(kept: dict[str, Any]) -> Told:
    examples = {code: Problem(*problem) for code, problem in kept["examples"].items()}
    return Told(**kept | {"examples": examples, "at": datetime.fromisoformat(kept["at"])})
