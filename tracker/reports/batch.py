"""All departments' sheets (부서별 확인서) at once: a report each, one PDF of all, a ZIP of a PDF each."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from tracker.audit.acting import Acting
from tracker.core.canonical import sha256_hex
from tracker.core.periods import year as whole_year
from tracker.departments.queries import DepartmentRow
from tracker.extensions import reading, transaction
from tracker.reports.catalogue import build_report
from tracker.reports.contents import ANNEX, file_name
from tracker.reports.markup import document_html
from tracker.reports.models import Snapshot
from tracker.reports.printing import print_pdf
from tracker.reports.queries import UnknownReport, get_intact_snapshot
from tracker.reports.renderers import Format, Rendering, compose
from tracker.reports.renderings import find_rendering, keep_rendering, render_once
from tracker.reports.requests import Content, ReportKind, ReportRequest
from tracker.reports.services import freeze_report
from tracker.rounds.queries import list_asked
from tracker.web.clock import SEOUL

MOST_SHEETS = 500

Tell = Callable[[int, int], None]
"""Told how many sheets of how many are done; what it raises ends the work."""


class NoDepartments(Exception):
    """No department was there in the year."""


class Batch(NamedTuple):
    """Sheets frozen together: their numbers follow each other."""

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


def departments_of(year: int) -> list[DepartmentRow]:
    """Return the departments that get a sheet: those that a collection of the year would ask."""
    return list_asked(whole_year(year), with_affiliated=True)


def freeze_sheets(year: int, by: Acting, tell: Tell = untold) -> range:
    """Freeze a sheet for every department, all of one moment and all or none; return their numbers.

    Raises NoDepartments, InconsistentReport.
    """
    contents = []
    with reading():
        departments = departments_of(year)
        if not departments:
            raise NoDepartments(year)
        for number, department in enumerate(departments):
            tell(number, len(departments))
            request = ReportRequest(year=year, kind=ReportKind.DEPARTMENT, department_id=department.id)
            contents.append(build_report(request, by.at))
    with transaction():
        numbers = [freeze_report(content, by).id for content in contents]
    return range(numbers[0], numbers[-1] + 1)


def get_batch(first: int, last: int) -> Batch:
    """Return the sheets with these numbers; UnknownReport where they are not all sheets, AlteredReport."""
    if not 0 < first <= last < first + MOST_SHEETS:
        raise UnknownReport(first)
    sheets = [get_intact_snapshot(number) for number in range(first, last + 1)]
    if any(each.kind != ReportKind.DEPARTMENT for each in sheets):
        raise UnknownReport(first)
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
