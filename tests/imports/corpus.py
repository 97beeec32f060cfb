"""Makes the same six purchases into files of every kind that offices have."""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import xlsxwriter

from tests.factories import business_number
from tests.imports.reading.files import write_ods, write_xls

UNITS = {"원": 1, "천원": 1_000, "백만원": 1_000_000}
EXCEL_DAY_ZERO = date(1899, 12, 30)
FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")

FIELDS = (
    "department",
    "business_number",
    "enterprise",
    "item",
    "kind",
    "contract_name",
    "contracted_on",
    "amount",
)


class Purchase(NamedTuple):
    """What stands in a row, whatever it looks like."""

    department: str
    business_number: str
    enterprise: str
    item: str
    kind: str
    contract_name: str
    contracted_on: date
    amount: int


PURCHASES = (
    Purchase(
        "총무과",
        business_number(1),
        "㈜함께일하는사람들",
        "복사용지",
        "물품",
        "사무용품 구매",
        date(2026, 3, 2),
        3_000_000,
    ),
    Purchase(
        "복지정책과",
        business_number(2),
        "늘푸른 사회적협동조합",
        "청소",
        "용역",
        "청사 청소, 상반기",
        date(2026, 1, 30),
        125_000_000,
    ),
    Purchase(
        "총무과",
        business_number(1),
        "㈜함께일하는사람들",
        "복사용지",
        "물품",
        "사무용품 구매",
        date(2026, 3, 9),
        -1_000_000,
    ),
    Purchase(
        "도시재생과",
        business_number(3),
        '"온새미" 마을기업',
        "현수막",
        "물품",
        "행사\n현수막",
        date(2024, 2, 29),
        1_000_000,
    ),
    Purchase(
        "복지정책과",
        business_number(2),
        "늘푸른 사회적협동조합",
        "보수",
        "공사",
        "경로당 보수",
        date(2026, 12, 31),
        1_234_000_000,
    ),
    Purchase(
        "감사실",
        business_number(4),
        "나눔푸드",
        "도시락",
        "물품",
        "△△ 행사 도시락",
        date(2026, 10, 1),
        7_000_000,
    ),
)

# Every way to say it is tried with every other: encodings × formats first.
CARRIERS = (
    *product(("csv", "tsv"), ("utf-8", "utf-8-sig", "cp949", "utf-16-le-bom", "utf-16-be-bom")),
    ("xlsx", ""), ("xls", ""), ("ods", ""),
)  # fmt: skip
PREAMBLES = ((0, "원"), (3, "원"), (3, "천원"), (3, "백만원"), (45, "천원"))
HEADERS = ("plain", "spaced", "two rows", "repeated", "empty columns", "units below")
TRAPS = ("none", "subtotals", "named sums", "notes", "hidden rows", "blank rows", "all")


def _signed(write: Callable[[int], str], minus: str = "-{}") -> Callable[[int], object]:
    return lambda amount: write(amount) if amount >= 0 else minus.format(write(-amount))


AMOUNTS: dict[str, Callable[[int], object]] = {
    "number": lambda amount: amount,
    "float": float,
    "commas": _signed("{:,}".format),
    "won": _signed("{:,}원".format),
    "triangle": _signed("{:,}".format, "△{}"),
    "brackets": _signed("{:,}".format, "({})"),
    "full width": _signed(lambda amount: f"{amount:,}".translate(FULL_WIDTH), "－{}"),
    "won sign": _signed("￦{:,}".format),
}
DAYS: dict[str, Callable[[date], object]] = {
    "day": lambda day: day,
    "serial": lambda day: (day - EXCEL_DAY_ZERO).days,
    "hyphens": date.isoformat,
    "dots": lambda day: f"{day.year}.{day.month}.{day.day}",
    "spaced dots": lambda day: f"{day.year}. {day.month}. {day.day}.",
    "digits": "{:%Y%m%d}".format,
    "short": "{0:%y}.{0.month}.{0.day}".format,
    "korean": lambda day: f"{day.year}년 {day.month}월 {day.day}일",
}


class Look(NamedTuple):
    """One way to write the purchases down."""

    carrier: tuple[str, str]
    preamble: tuple[int, str]
    header: str
    amount: str
    day: str
    trap: str

    @property
    def name(self) -> str:
        """Return it as a test is called."""
        return "-".join(str(part) for part in (*self.carrier, *self.preamble, *self[2:]) if part != "")


@dataclass
class Grid:
    """The rows of a sheet, and at which of them the purchases stand, counted as Excel does."""

    rows: list[list[object]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row."""
        self.rows.append(list(cells))


def looks(number: int, seed: int = 6) -> list[Look]:
    """Return so many looks of all there could be: about 120,000."""
    every = list(product(CARRIERS, PREAMBLES, HEADERS, AMOUNTS, DAYS, TRAPS))
    return [Look(*each) for each in random.Random(seed).sample(every, number)]


def lay_out(look: Look) -> Grid:
    """Return the sheet of this look."""
    grid = Grid()
    lines, unit = look.preamble
    for line in range(lines):
        grid.add(
            *(
                ["", "", f"(단위: {unit})"]
                if line == lines - 1
                else [f"2026년 구매실적 안내 {line + 1}"]
                if line % 3 != 1
                else []
            )
        )
    wide = _spread if look.header == "empty columns" else list
    headings = _headings(look.header, unit if lines else "원")
    first = len(grid.rows)
    for heading in headings:
        grid.add(*wide(heading))
    if look.header == "two rows":
        grid.merged += [
            (first, 0, first + 1, 0),
            (first, 1, first, 2),
            (first, 3, first + 1, 3),
            (first, 5, first, 7),
        ]
    total = subtotal = 0
    for place, purchase in enumerate(PURCHASES):
        if place == 2 and look.header in ("repeated", "two rows", "units below"):
            for heading in headings:
                grid.add(*wide(heading))
        if place == 4 and look.trap in ("blank rows", "all"):
            grid.add()
            grid.add()
        grid.add(*wide(_cells(purchase, look)))
        grid.numbers.append(len(grid.rows))
        subtotal += purchase.amount
        total += purchase.amount
        if place == 3 and look.trap in ("hidden rows", "all"):
            grid.hidden.append(len(grid.rows) - 1)
        if place % 3 == 2 and look.trap in ("named sums", "all"):
            for name, cell in _named_sums(place, subtotal, total):
                grid.add(*wide([*name, AMOUNTS[look.amount](cell // _factor(look))]))
        if place % 3 == 2 and look.trap in ("subtotals", "all"):
            grid.add(*wide(["[소계]", *[""] * 6, AMOUNTS[look.amount](subtotal // _factor(look))]))
            grid.add(*wide(["누 계", *[""] * 6, AMOUNTS[look.amount](total // _factor(look))]))
            subtotal = 0
    if look.trap in ("subtotals", "all"):
        grid.add(*wide(["합계", *[""] * 6, AMOUNTS[look.amount](total // _factor(look))]))
    if look.trap in ("notes", "all"):
        grid.add()
        grid.add("※ 부가가치세를 포함한 금액임")
        grid.add("", "", "주1) 취소분은 음수로 적음")
    return grid


def write(look: Look, folder: Path) -> tuple[Path, Grid]:
    """Write the file of this look and return where it is, and what stands in it."""
    grid = lay_out(look)
    kind, encoding = look.carrier
    path = folder / f"purchases.{kind}"
    _WRITERS[kind](path, grid, encoding)
    return path, grid


def _factor(look: Look) -> int:
    return UNITS[look.preamble[1]]


def _cells(purchase: Purchase, look: Look) -> list[object]:
    cells: list[object] = list(purchase)
    cells[6] = DAYS[look.day](purchase.contracted_on)
    cells[7] = AMOUNTS[look.amount](purchase.amount // _factor(look))
    return cells


def _named_sums(place: int, subtotal: int, total: int) -> Iterator[tuple[list[str], int]]:
    """Yield rows up to their amount that state sums under a name, as offices write them, and the sums."""
    goods = sum(each.amount for each in PURCHASES[: place + 1] if each.kind == "물품")
    half = "상반기" if place < 3 else "하반기"
    yield [f"{half} 소 계", "", "", "", "", "", ""], subtotal
    yield ["", "", "", "", "물품 소계", "", ""], goods
    yield ["", "", "3개 업체", f"[{place + 1}월 누계]", "", f"{place + 1}건", "-"], total


def _headings(style: str, unit: str) -> list[list[object]]:
    if style == "two rows":
        return [
            ["부서", "업체", "", "품목", "구분", "계약", "", ""],
            ["", "사업자등록번호", "업체명", "", "", "명", "일자", f"금액({unit})"],
        ]
    if style == "spaced":
        return [
            [
                "[부 서]",
                "사업자 등록번호",
                "업 체 명",
                "품 목",
                "구 분",
                "계약명",
                "계 약 일",
                f"금 액\n(단위: {unit})",
            ]
        ]
    headings: list[object] = ["부서", "사업자등록번호", "업체명", "품목", "구분", "계약명", "계약일", "금액"]
    if style == "units below":
        return [headings, ["-", "", "", "", "", "(건)", "", f"({unit})"]]
    return [headings]


def _spread(cells: Sequence[object]) -> list[object]:
    """Return the cells with an empty column before the first, the third and the last."""
    return ["", *cells[:2], "", *cells[2:7], "", *cells[7:]]


def _write_text(path: Path, grid: Grid, encoding: str) -> None:
    codec, mark = {"utf-16-le-bom": ("utf-16-le", "\ufeff"), "utf-16-be-bom": ("utf-16-be", "\ufeff")}.get(
        encoding, (encoding, "")
    )
    text = io.StringIO(mark, newline="")
    text.seek(0, io.SEEK_END)
    csv.writer(text, delimiter="\t" if path.suffix == ".tsv" else ",").writerows(grid.rows)
    path.write_bytes(text.getvalue().encode(codec))


def _write_xlsx(path: Path, grid: Grid, _: str) -> None:
    options = {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        sheet = workbook.add_worksheet("구매")
        for number, row in _filled(grid):
            for column, cell in row:
                sheet.write(number, column, cell)
        for top, left, bottom, right in grid.merged:
            sheet.merge_range(top, left, bottom, right, grid.rows[top][left])
        for number in grid.hidden:
            sheet.set_row(number, None, None, {"hidden": True})


def _write_xls(path: Path, grid: Grid, _: str) -> None:
    cells: dict[tuple[int, int], str | float] = {}
    for number, row in _filled(grid):
        for column, cell in row:
            cells[number, column] = cell if isinstance(cell, str) else float(_plain(cell))
    write_xls(path, "구매", cells)


def _write_ods(path: Path, grid: Grid, _: str) -> None:
    write_ods(
        path,
        "".join(
            f"<table:table-row{_visibility(grid, n)}>{''.join(map(_ods_cell, row))}</table:table-row>"
            for n, row in enumerate(grid.rows)
        ),
    )


def _visibility(grid: Grid, number: int) -> str:
    return ' table:visibility="collapse"' if number in grid.hidden else ""


def _ods_cell(cell: object) -> str:
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    if not cell:
        return "<table:table-cell/>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def _filled(grid: Grid) -> Iterator[tuple[int, list[tuple[int, Any]]]]:
    for number, row in enumerate(grid.rows):
        yield number, [(column, cell) for column, cell in enumerate(row) if cell != ""]


def _plain(cell: Any) -> float:
    return (cell - EXCEL_DAY_ZERO).days if isinstance(cell, date) else cell


_WRITERS: dict[str, Callable[[Path, Grid, str], None]] = {
    "csv": _write_text,
    "tsv": _write_text,
    "xlsx": _write_xlsx,
    "xls": _write_xls,
    "ods": _write_ods,
}
