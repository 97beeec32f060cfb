"""A report as a workbook: one sheet for each table, whole won as numbers, ready to be printed."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from tracker.reports.models import Snapshot
from tracker.reports.requests import Content
from tracker.reports.wording import NOTES, say_day, say_month, say_note, say_prior_year
from tracker.web.spreadsheets import new_workbook

if TYPE_CHECKING:
    import xlsxwriter

# A sheet ends at 1,048,576 rows, and what lies beyond would be lost in silence.
ANNEX_ROWS = 1_000_000

Cell = str | int | Decimal | date | None


class Sheet(NamedTuple):
    """One table; a blank head belongs to the one before it, the last of `rows` may be the total."""

    name: str
    title: str
    unit: str
    heads: list[list[str]]
    rows: Iterable[Sequence[Cell]]
    widths: list[int]
    has_total: bool = True
    is_wide: bool = False
    notes: tuple[str, ...] = ()


def write_workbook(snapshot: Snapshot, tell: Callable[[], None], annex_rows: int = ANNEX_ROWS) -> bytes:
    """Return the workbook, the same bytes every time; `tell` is called before each sheet."""
    report = json.loads(snapshot.content)
    file = BytesIO()
    about = {"title": report["title"], "author": report["institution"]}
    with new_workbook(file, datetime.fromisoformat(report["basis"]["frozen_at"]), **about) as workbook:
        formats = _Formats(workbook)
        for sheet in _sheets(report, snapshot.sha256, annex_rows):
            tell()
            _write(workbook, formats, sheet, report)
    return file.getvalue()


def _sheets(report: Content, sha256: str, annex_rows: int) -> Iterable[Sheet]:
    total = report["summary"]["total"]
    overlap = "여러 인증을 가진 기업의 구매는 각 유형에 모두 넣고 합계에는 한 번만 넣음."
    yield _summary(report, sha256)
    statutory = report["statutory"]
    yield _comparison(
        report, "법정통보", "사회적기업(인증) 제품 구매실적", "구분", statutory["by_kind"], statutory["total"]
    )
    yield _comparison(report, "유형별", "유형별 구매실적", "유형", report["by_type"], total, notes=(overlap,))
    yield _comparison(report, "구분별", "구분별 구매실적", "구분", report["by_kind"], total)
    months = [row | {"label": say_month(row["key"], report["year"])} for row in report["by_month"]]
    yield _comparison(report, "월별", "월별 구매실적", "월", months, total)
    yield _comparison(report, "부서별", "부서별 구매실적", "부서", report["by_department"], total)
    yield _cross(report, overlap)
    yield _annex(report, annex_rows)


def _summary(report: Content, sha256: str) -> Sheet:
    basis, total, taking_part = (
        report["basis"],
        report["summary"]["total"],
        report["summary"]["participation"],
    )
    whole = taking_part["of_departments"]
    rate = report["statutory"]["rate"]
    rows: list[Sequence[Cell]] = [
        ("관리번호", report["number"]),
        ("집계 기간", f"{say_day(basis['from'])} ~ {say_day(basis['to'])}"),
        ("비교 기간", f"{say_day(basis['against_from'])} ~ {say_day(basis['against_to'])}"),
        ("집계 기준", f"{basis['basis']} 기준, 직접 구매만 집계"),
        ("보고 범위", basis["scope"]),
        ("상태", "잠정" if basis["is_provisional"] else "확정"),
        ("구매액", *_figures(total)),
        ("구매 건수", *_figures(taking_part["purchases"])),
        ("거래 기업 수", *_figures(taking_part["enterprises"])),
        ("구매 부서 수", *_figures(taking_part["departments"])),
        ("전체 부서 수", *_figures(whole)),
        ("사회적기업(인증) 구매액", *_figures(report["statutory"]["total"])),
    ]
    late_entries = [late for late in [basis.get("late")] if late and late["count"]]
    if rate:
        rows += [
            ("총구매액(회계연도)", *_figures(rate["spending"])),
            ("구매비율(%, 증감은 %p)", *(_decimal(rate[name]) for name in ("current", "prior", "change"))),
        ]
    rows += [
        *((f"부가가치세: {row['label']}", row["amount"]) for row in basis["tax"]),
        *(
            (f"집계 제외: {row['directness']} {row['nature']} {row['count']:,}건", row["amount"])
            for row in basis["excluded"]
        ),
        *((f"마감 후 입력 포함: {late['count']:,}건", late["amount"]) for late in late_entries),
        ("근거 법령", ", ".join(basis["laws"])),
        ("자료 고정", f"{say_day(basis['frozen_on'])}, 감사기록 제{basis['audit']['sequence']:,}호"),
        ("SHA-256", sha256),
    ]
    return Sheet(
        "총괄",
        report["title"],
        "(단위: 원, %, 건, 개)",
        [["구분", *_years(report), "증감", "증감률"]],
        rows,
        [26, 24, 18, 18, 12],
        has_total=False,
    )


def _comparison(
    report: Content,
    name: str,
    title: str,
    first: str,
    rows: list[Content],
    total: Content,
    notes: tuple[str, ...] = (),
) -> Sheet:
    has_shares = all("share" in row for row in rows)
    heads = [first, *_years(report), "증감액", "증감률", *(["구성비"] if has_shares else []), "건수"]
    whole = total | {"share": "100.0" if total["current"] else "0.0"}
    lines = [
        (
            "합계" if row is whole else row["label"],
            *_figures(row),
            *([_decimal(row["share"])] if has_shares else []),
            row["count"],
        )
        for row in (*rows, whole)
    ]
    widths = [26, 18, 18, 18, 10, *([10] if has_shares else []), 10]
    return Sheet(name, title, "(단위: 원, %, 건)", [heads], lines, widths, notes=notes)


def _cross(report: Content, overlap: str) -> Sheet:
    cross, total = report["cross"], report["summary"]["total"]
    years = _years(report)
    columns = [*cross["columns"], "합계(중복 제외)"]

    def line(label: str, current: list[int], prior: list[int | None] | None) -> Sequence[Cell]:
        before: Sequence[int | None] = prior if prior is not None else [None] * len(current)
        return (label, *(each for pair in zip(current, before, strict=True) for each in map(_known, pair)))

    rows = [
        line(
            row["label"],
            [*row["amounts"], row["total"]],
            None if row["prior_amounts"] is None else [*row["prior_amounts"], row["prior_total"]],
        )
        for row in cross["rows"]
    ]
    rows.append(line("합계", [*cross["totals"], total["current"]], [*cross["prior_totals"], total["prior"]]))
    return Sheet(
        "부서×유형×연도",
        "부서별·유형별·연도별 구매실적(구매가 있는 부서)",
        "(단위: 원)",
        [
            ["부서", *(text for column in columns for text in (column, ""))],
            ["", *(year for _ in columns for year in years)],
        ],
        rows,
        [20, *([15] * 2 * len(columns))],
        is_wide=True,
        notes=(overlap,),
    )


def _annex(report: Content, annex_rows: int) -> Sheet:
    names = {row["key"]: row["label"] for row in report["by_type"]}
    taxes = {row["key"]: row["label"] for row in report["basis"]["tax"]}
    annex = report["annex"]
    is_inside = len(annex) <= annex_rows

    def lines() -> Iterable[Sequence[Cell]]:
        for line in annex if is_inside else ():
            yield (
                line["id"],
                line["department"],
                date.fromisoformat(line["day"]),
                line["enterprise"],
                line["item"],
                line["contract_name"],
                line["kind"],
                ", ".join(names[code] for code in line["types"]),
                taxes[line["tax"]],
                line["amount"],
            )
        yield ("합계", "", "", "", "", "", "", "", "", report["summary"]["total"]["current"])

    return Sheet(
        "구매내역",
        f"{report['basis']['measure']} 제품 구매 {len(annex):,}건",
        "(단위: 원)",
        [["번호", "부서", "계약일", "업체", "품목", "계약명", "구분", "유형", "과세", "금액"]],
        lines(),
        [9, 18, 13, 26, 24, 34, 8, 26, 10, 16],
        is_wide=True,
        notes=() if is_inside else ("내역이 많아 JSON 파일로 붙임.",),
    )


def _years(report: Content) -> list[str]:
    return [f"{report['year']}년", say_prior_year(report)]


def _figures(row: Content) -> tuple[Cell, Cell, Cell, Cell]:
    """Return this year, last year, difference and growth; a word where there is no figure."""
    is_recorded = row.get("is_recorded", True)
    growth = _decimal(row["growth"]) if row["growth"] is not None else say_note(row["note"])
    difference = row["difference"] if row["difference"] is not None else "–"
    return (_known(row["current"] if is_recorded else None), _known(row["prior"]), difference, growth)


def _known(amount: int | None) -> Cell:
    return say_note("no_data") if amount is None else amount


def _decimal(text: str | None) -> Cell:
    return say_note("no_data") if text is None else Decimal(text)


class _Formats:
    """The looks of cells."""

    def __init__(self, workbook: "xlsxwriter.Workbook") -> None:
        font = {"font_name": "맑은 고딕", "font_size": 10, "valign": "vcenter"}
        lines = font | {"bottom": 1, "bottom_color": "#C3CAD3"}
        total = font | {"bold": True, "bg_color": "#F1F4F8", "top": 1, "bottom": 2}
        number, share, day = '#,##0;"△"#,##0', '#,##0.0#;"△"#,##0.0#', "yyyy. m. d."
        add = workbook.add_format
        self.title = add(font | {"bold": True, "font_size": 14})
        self.unit = add(font | {"align": "right", "font_color": "#45505C"})
        self.note = add(font | {"font_size": 9, "font_color": "#45505C"})
        self.head = add(
            font
            | {
                "bold": True,
                "bg_color": "#E9EEF5",
                "top": 2,
                "bottom": 1,
                "align": "center",
                "text_wrap": True,
            }
        )
        self.body = {
            int: add(lines | {"num_format": number}),
            Decimal: add(lines | {"num_format": share}),
            date: add(lines | {"num_format": day, "align": "center"}),
            str: add(lines),
        }
        self.word = add(lines | {"align": "right"})
        self.total = {
            int: add(total | {"num_format": number}),
            Decimal: add(total | {"num_format": share}),
            str: add(total),
        }
        self.total_word = add(total | {"align": "right"})


def _write(workbook: "xlsxwriter.Workbook", formats: _Formats, sheet: Sheet, report: Content) -> None:
    page = workbook.add_worksheet(sheet.name)
    last = len(sheet.widths) - 1
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    page.write_string(0, 0, sheet.title, formats.title)
    page.write_string(1, last, sheet.unit, formats.unit)
    for number, heads in enumerate(sheet.heads, start=2):
        for column, text in enumerate(heads):
            if heads[column + 1 : column + 2] == [""]:
                page.merge_range(number, column, number, column + 1, text, formats.head)
            elif text or not column:
                page.write_string(number, column, text, formats.head)
    first = 2 + len(sheet.heads)
    row = first
    rows = iter(sheet.rows)
    line = next(rows, None)
    while line is not None:
        following = next(rows, None)
        is_total = sheet.has_total and following is None
        for column, value in enumerate(line):
            _put(page, row, column, value, formats, is_total=is_total)
        line, row = following, row + 1
    for note in sheet.notes:
        page.write_string(row, 0, f"※ {note}", formats.note)
        row += 1
    page.freeze_panes(first, 1)
    page.repeat_rows(2, first - 1)
    page.set_paper(9)
    if sheet.is_wide:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.6, right=0.6, top=0.75, bottom=0.75)
    page.set_footer(f"&L{report['institution'].replace('&', '&&')}&C- &P -&R관리번호 {report['number']}")


def _put(
    page: "xlsxwriter.worksheet.Worksheet",
    row: int,
    column: int,
    value: Cell,
    formats: _Formats,
    *,
    is_total: bool,
) -> None:
    looks = formats.total if is_total else formats.body
    if isinstance(value, int | Decimal):
        page.write_number(row, column, value, looks[type(value)])
    elif isinstance(value, date):
        page.write_datetime(row, column, value, looks[date])
    elif column and value in NOTES.values():
        page.write_string(row, column, value, formats.total_word if is_total else formats.word)
    else:
        page.write_string(row, column, value or "", looks[str])
