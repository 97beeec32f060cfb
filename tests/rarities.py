"""What only a few pages show: editions of a list, an indicator, a signed copy, sheets, a second report."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from tests.evidence.papers import PDF
from tracker.audit.acting import Acting
from tracker.enterprises.models import Absence, Enterprise
from tracker.evidence.files import received
from tracker.extensions import db
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.services import take_in
from tracker.reports.indicators import IndicatorDraft, add_indicator
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.requests import ReportKind, ReportRequest, request_of
from tracker.reports.scans import add_scan
from tracker.reports.services import create_report

# A type that hardly anybody holds: everybody else who held it would be missed in the list, too.
RARE_TYPE = "startup"
DAYS = (date(2026, 1, 1), date(2026, 2, 1))


def add_rarities(
    folder: Path,
    enterprise_ids: tuple[int, int],
    department_id: int,
    report_id: int,
    by: Acting,
    text: str = "시험",
) -> dict[str, int | str]:
    """Add them and return what addresses name of them.

    The first of the enterprises is missed in a list; the report has a signed copy and a successor.
    """
    missed, listed = (db.session.get_one(Enterprise, each) for each in enterprise_ids)
    for day, members in zip(DAYS, ((missed, listed), (listed,)), strict=True):
        file = folder / f"{day}.csv"
        file.write_text(_list_of(members, text), encoding="utf-8")
        result = take_in(file, ImportSubject.ENTERPRISES, ImportOptions(type=RARE_TYPE, edition=day), by)
        assert result.edition, result
    year = by.at.year - 1
    indicator = IndicatorDraft(
        year=year,
        field=text[:40],
        name=text[:100],
        unit="명",
        value=Decimal(1_888),
        value_before=Decimal(1_286),
        evidence=text,
    )
    asked = request_of(json.loads(get_intact_snapshot(report_id).content))
    with received([(f"{text[:40]}.pdf", io.BytesIO(PDF))]) as (copy,):
        scan_id = add_scan(report_id, copy, text, by)
    request = ReportRequest(year=year, kind=ReportKind.DEPARTMENT, department_id=department_id)
    sheets = [create_report(request, by).id for _ in range(2)]
    absence = db.session.scalars(select(Absence)).one()
    return {
        "edition_id": absence.edition_id,
        "absence_id": absence.id,
        "indicator_id": add_indicator(indicator, by),
        "later_id": create_report(asked, by).id,
        "scan_id": scan_id,
        "first": sheets[0],
        "last": sheets[-1],
        "numbers": f"{sheets[0]}-{sheets[-1]}",
    }


def _list_of(enterprises: Sequence[Enterprise], text: str) -> str:
    content = io.StringIO()
    rows = [
        (each.business_number, "창업기업", f"제{each.id}호 {text[:60]}", "2024-01-01") for each in enterprises
    ]
    csv.writer(content).writerows([("사업자등록번호", "인증유형", "인증번호", "인증일"), *rows])
    return content.getvalue()
