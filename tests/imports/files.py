"""Files as offices save them, for tests."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from tests.factories import BY
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import ImportResult
from tracker.imports.services import preview, take_in

Cells = Sequence[object]

HEADINGS = ("부서", "사업자등록번호", "업체명", "품목", "구분", "계약명", "계약일", "금액")


def write_text(path: Path, rows: Sequence[Cells], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write rows as delimited text."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(
        [["" if cell is None else str(cell) for cell in row] for row in rows]
    )
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_workbook(path: Path, rows: Sequence[Cells]) -> Path:
    """Write rows as the first sheet of a workbook."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def purchase_row(**cells: object) -> list[object]:
    """Return an ordinary row under HEADINGS; cells are named by heading."""
    usual: Mapping[str, object] = {
        "부서": "총무과",
        "업체명": "함께일하는사람들",
        "품목": "복사용지",
        "구분": "물품",
        "계약명": "사무용품 구매",
        "계약일": "2026-03-02",
        "금액": "1,000,000",
    } | cells
    return [usual.get(heading, "") for heading in HEADINGS]


def import_purchases(path: Path, **options: object) -> ImportResult:
    """Take a file of purchases in, as the system account."""
    return take_in(path, ImportSubject.PURCHASES, ImportOptions(**options), BY)  # type: ignore[arg-type]


def preview_purchases(path: Path, **options: object) -> ImportResult:
    """Return what taking the file in would do."""
    return preview(path, ImportSubject.PURCHASES, ImportOptions(**options), BY)  # type: ignore[arg-type]


def codes_of(result: ImportResult) -> list[str]:
    """Return the codes of all problems in the order of the rows."""
    return [problem.code for problem in result.problems]


def adds_up(result: ImportResult) -> bool:
    """Return whether every row read is accounted for once."""
    return result.rows_read == result.imported + result.skipped.total() + result.rejected
