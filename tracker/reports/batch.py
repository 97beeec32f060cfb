"""All departments' sheets (부서별 확인서) at once: a report each, one PDF of all, a ZIP of a PDF each."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _

from tracker.audit.acting import Acting
from tracker.core.canonical import sha256_hex
from tracker.core.periods import SEOUL
from tracker.core.periods import year as whole_year
from tracker.extensions import reading, transaction
from tracker.reports.catalogue import build_report
from tracker.reports.contents import ANNEX, file_name
from tracker.reports.differences import compare_contents
from tracker.reports.life import ImpossibleStep, ReasonNeeded, find_standing, supersede_report
from tracker.reports.markup import document_html
from tracker.reports.models import Snapshot
from tracker.reports.printing import print_pdf
from tracker.reports.queries import AlteredReport, UnknownReport, get_intact_snapshot
from tracker.reports.renderers import Format, Rendering, compose
from tracker.reports.renderings import find_rendering, keep_rendering, render_once
from tracker.reports.requests import Content, ReportKind, ReportRequest, hash_request
from tracker.reports.services import as_frozen, freeze_report
from tracker.rounds.queries import list_asked

MOST_SHEETS = 500

Tell = Callable[[int, int], None]
"""Told how many sheets of how many are done; what it raises ends the work."""


class NoDepartments(Exception):
    """No department was there in the year."""


class Frozen(NamedTuple):
    """The numbers of all departments' sheets, and which of them are new, replace others, or stood before."""

    numbers: list[int]
    new: list[int]
    replaced: list[int]
    unchanged: list[int]


class Batch(NamedTuple):
    """Sheets of all departments together."""

    sheets: Sequence[Snapshot]

    @property
    def hash(self) -> str:
        """Return the hash under which files of all of them are kept."""
        return sha256_hex("\n".join(each.sha256 for each in self.sheets))

    @property
    def contents(self) -> list[Content]:
        """Return what was frozen."""
        return [json.loads(each.content) for each in self.sheets]


def untold(_done: int, _total: int) -> None:
    """Tell nobody."""


def count_standing(year: int) -> tuple[int, int]:
    """Return how many departments were there in the year, and how many have a sheet that stands."""
    standing = _standing(_requests(year)).values()
    return len(standing), sum(map(bool, standing))


def freeze_sheets(year: int, by: Acting, reason: str | None = None, tell: Tell = untold) -> Frozen:
    """Freeze a sheet for every department, all of one moment and all or none.

    One takes the place of those that stand for the same department and year; where no figure is another one,
    the last of these stays. Raises NoDepartments, InconsistentReport, ReasonNeeded where one would be
    replaced, ImpossibleStep where somebody else made or replaced sheets meanwhile.
    """
    with reading():
        requests = _requests(year)
        if not requests:
            raise NoDepartments(year)
        standing = _standing(requests)
        plans: list[_Plan] = []
        for request, numbers in zip(requests, standing.values(), strict=True):
            tell(len(plans), len(requests))
            plans.append(_plan(request, numbers, by.at))
    if not reason and any(plan.earlier and plan.kept is None for plan in plans):
        raise ReasonNeeded(year)
    found = Frozen([], [], [], [])
    with transaction():
        expected = {}
        for (asked, numbers), plan in zip(standing.items(), plans, strict=True):
            if plan.kept is not None:
                found.unchanged.append(plan.kept)
                found.numbers.append(plan.kept)
                expected[asked] = numbers
                continue
            made = freeze_report(plan.content, by).id
            for earlier in plan.earlier:
                supersede_report(earlier, made, reason, by)
            (found.replaced if plan.earlier else found.new).append(made)
            found.numbers.append(made)
            expected[asked] = [each for each in numbers if each not in plan.earlier] + [made]
        if found.numbers != found.unchanged and find_standing(expected) != expected:
            raise ImpossibleStep(year)
    return found


class _Plan(NamedTuple):
    """What is to be done for a department: the content built, the sheets that stand, the one to keep."""

    content: Content
    earlier: list[int]
    kept: int | None


def _plan(request: ReportRequest, standing: Sequence[int], at: datetime) -> _Plan:
    content = build_report(request, at)
    earlier = []
    kept = None
    for number in standing:
        try:
            then = json.loads(get_intact_snapshot(number).content)
        except AlteredReport:
            # It can take no step any more, and must not keep all departments from their sheets.
            continue
        earlier.append(number)
        now = as_frozen(content) | {name: then[name] for name in ("number", "title")}
        found = compare_contents(then, now)
        kept = None if found.figures or found.purchases else number
    return _Plan(content, earlier, kept)


def _requests(year: int) -> list[ReportRequest]:
    """Return a request for each department that a collection of the year would ask: these get a sheet."""
    return [
        ReportRequest(year=year, kind=ReportKind.DEPARTMENT, department_id=each.id)
        for each in list_asked(whole_year(year), with_affiliated=True)
    ]


def _standing(requests: Sequence[ReportRequest]) -> Mapping[str, Sequence[int]]:
    """Return the sheets that stand, by the hash of each request in its order."""
    return find_standing([hash_request(each) for each in requests])


def say_frozen(new: int, replaced: int, unchanged: int) -> str:
    """Return what became of the sheets in words."""
    return str(
        _(
            "%(new)s new, %(replaced)s in the place of earlier ones, %(unchanged)s kept without any change",
            new=new,
            replaced=replaced,
            unchanged=unchanged,
        )
    )


def say_numbers(numbers: Sequence[int]) -> str:
    """Return numbers as they stand in an address, those that follow each other together: 5-8,2."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def read_numbers(text: str) -> list[int]:
    """Return the numbers that `say_numbers` said; UnknownReport for anything else."""
    numbers: list[int] = []
    for run in text.split(","):
        if not re.fullmatch("[0-9]{1,9}(-[0-9]{1,9})?", run):
            raise UnknownReport(text)
        first, last = int(run.partition("-")[0]), int(run.rpartition("-")[2])
        if not 0 < first <= last < first + MOST_SHEETS - len(numbers):
            raise UnknownReport(text)
        numbers += range(first, last + 1)
    return numbers


def get_batch(numbers: Sequence[int]) -> Batch:
    """Return the sheets with these numbers; UnknownReport where they are not all sheets, AlteredReport."""
    sheets = [get_intact_snapshot(number) for number in numbers]
    if any(each.kind != ReportKind.DEPARTMENT for each in sheets):
        raise UnknownReport(*numbers)
    return Batch(sheets)


def batch_pdf(batch: Batch) -> Rendering:
    """Return one PDF of all sheets, each with its own number, code and pages; made once, then kept."""
    if kept := find_rendering(batch.hash, "pdf"):
        return kept
    htmls = [document_html(compose(each)) for each in batch.sheets]
    made = Rendering(*print_pdf(*htmls))
    keep_rendering(batch.hash, "pdf", made)
    return made


def batch_zip(batch: Batch, tell: Tell = untold) -> Rendering:
    """Return a ZIP with a PDF for each sheet, named as offices name it; made once, then kept."""
    if kept := find_rendering(batch.hash, "zip"):
        return kept
    packed, missing = io.BytesIO(), ""
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (sheet, content) in enumerate(zip(batch.sheets, batch.contents, strict=True)):
            tell(number, len(batch.sheets))
            sheet_pdf = render_once(sheet, Format.PDF)
            name = f"{content['number']}_{file_name(content, 'pdf')}"
            # The moment of freezing, so that the same sheets make the same bytes.
            entry = zipfile.ZipInfo(name, _moment(content))
            archive.writestr(entry, sheet_pdf.data, zipfile.ZIP_DEFLATED)
            if sheet_pdf.annex is not None:
                name = f"{content['number']}_{file_name(content, 'pdf', ANNEX)}"
                entry = zipfile.ZipInfo(name, _moment(content))
                archive.writestr(entry, sheet_pdf.annex, zipfile.ZIP_DEFLATED)
            missing += sheet_pdf.missing_characters
    made = Rendering(packed.getvalue(), "".join(sorted(set(missing))))
    keep_rendering(batch.hash, "zip", made)
    return made


def _moment(content: Content) -> tuple[int, int, int, int, int, int]:
    at = datetime.fromisoformat(content["basis"]["frozen_at"]).astimezone(SEOUL)
    return at.year, at.month, at.day, at.hour, at.minute, at.second


def batch_name(batch: Batch, ending: str) -> str:
    """Return the name of a file of all sheets, as offices name it."""
    content = batch.contents[0]
    return f"{content['year']}년도_{content['institution']}_부서별_확인서_모음.{ending}".replace(" ", "")
