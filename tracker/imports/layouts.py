"""The layouts of files that are known, recognised by their headings."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracker.imports.columns import COLUMNS
from tracker.imports.models import ImportSubject
from tracker.imports.reading import HeaderMatch, Row, find_header


class Layout(NamedTuple):
    """Which headings mean which field. `marks` are the fields that tell this layout from others.

    `required` lists what a file must say; of the fields of one group any will do.
    """

    name: str
    subject: ImportSubject
    headings: Mapping[str, Sequence[str]]
    required: tuple[tuple[str, ...], ...]
    marks: frozenset[str] = frozenset()


class Recognised(NamedTuple):
    """The layout of a file and the row with its headings."""

    layout: Layout
    header: HeaderMatch

    def heading(self, field: str) -> str:
        """Return the file's own heading of a field, the entry sheet's where it has none."""
        if field in self.header.columns:
            return self.header.headings[self.header.columns[field]]
        return next(column.heading for column in COLUMNS[self.layout.subject] if column.field == field)

    def missing(self, given: frozenset[str]) -> list[tuple[str, ...]]:
        """Return the required groups of which the file has no column and no option stands in."""
        known = self.header.columns.keys() | given
        return [group for group in self.layout.required if known.isdisjoint(group)]


def _own(name: str, subject: ImportSubject, *required: tuple[str, ...]) -> Layout:
    headings = {column.field: (column.heading, *column.synonyms) for column in COLUMNS[subject]}
    return Layout(name, subject, headings, required)


_PURCHASE_REQUIRED = (
    ("department",),
    ("business_number", "enterprise"),
    ("contracted_on", "paid_on"),
    ("amount",),
)

# 조달데이터허브: one row for each revision of a contract line; 공급금액 is the value of the whole line.
PROCUREMENT_HUB = Layout(
    "procurement-hub",
    ImportSubject.PURCHASES,
    {
        "department": ("수요기관",),
        "department_code": ("수요기관코드",),
        "business_number": ("사업자등록번호",),
        "enterprise": ("업체명",),
        "item": ("세부품명",),
        "quantity": ("계약납품수량",),
        "unit": ("단위",),
        "unit_price": ("계약납품단가",),
        "kind": ("업무구분",),
        "contract_name": ("계약(납품요구)명",),
        "contract_number": ("계약(납품요구)번호",),
        "contract_item": ("물품순번",),
        "amendment": ("변경차수",),
        "is_final": ("최종계약(납품요구)여부",),
        "contracted_on": ("계약(납품요구)일자",),
        "amount": ("공급금액",),
        "method": ("계약방법",),
        "law": ("적용계약법",),
        "ground": ("조항호내용",),
        "procurement": ("조달방식",),
    },
    _PURCHASE_REQUIRED,
    frozenset({"department", "contract_number", "amendment", "contract_item", "is_final", "amount"}),
)

# In the order in which they are tried: the last of a subject takes whatever headings it knows.
LAYOUTS = (
    PROCUREMENT_HUB,
    _own("own-purchases", ImportSubject.PURCHASES, *_PURCHASE_REQUIRED),
    _own("own-enterprises", ImportSubject.ENTERPRISES, ("business_number", "enterprise")),
    _own("own-spending", ImportSubject.SPENDING, ("department",), ("fiscal_year",), ("amount",)),
    _own(
        "own-plan",
        ImportSubject.PLAN,
        ("department",),
        ("fiscal_year",),
        ("scheme",),
        ("item",),
        ("amount",),
    ),
)


def layout_names(subject: ImportSubject) -> list[str]:
    """Return the layouts in which such files come."""
    return [layout.name for layout in LAYOUTS if layout.subject is subject]


def recognise(rows: Sequence[Row], subject: ImportSubject, name: str | None = None) -> Recognised | None:
    """Return the first layout whose marks stand in one row of headings, or None; `name` asks for one."""
    for layout in LAYOUTS:
        if layout.subject is not subject or (name and layout.name != name):
            continue
        required = [field for group in layout.required for field in group]
        header = find_header(rows, layout.headings, required)
        if header and (name or layout.marks <= header.columns.keys()):
            return Recognised(layout, header)
    return None
