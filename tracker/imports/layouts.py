"""The layouts of files that are known, recognised by their headings."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.core.names import normalise_heading
from tracker.imports.columns import COLUMNS
from tracker.imports.models import AmendmentRule, ImportSubject
from tracker.imports.reading import HeaderMatch, Row, find_header
from tracker.imports.units import find_unit_row


def as_it_stands(row: Row) -> Row:
    """Return the row itself."""
    return row


class Layout(NamedTuple):
    """Which headings mean which field. `marks` are the fields that tell this layout from others.

    `required` lists what a file must say; of the fields of one group any will do. `lacks` is the code of a
    problem that says why such a file has no use. All in a list of one `type` hold it; `type_marks` are the
    list's own marks for types, None for those it does not tell. `unpack` parts rows that come in one piece.
    `amendments` tells how revisions of one contract line count, where the file has them. A layout that was
    learnt knows all headings of the file it was learnt from (`signature`), and the unit of its amounts.
    """

    name: str
    subject: ImportSubject
    headings: Mapping[str, Sequence[str]]
    required: tuple[tuple[str, ...], ...]
    marks: frozenset[str] = frozenset()
    lacks: str | None = None
    type: str | None = None
    type_marks: Mapping[str, str | None] | None = None
    unpack: Callable[[Row], Row] = as_it_stands
    amendments: AmendmentRule = AmendmentRule.FINAL
    signature: frozenset[str] = frozenset()
    unit: int | None = None


class Recognised(NamedTuple):
    """The layout of a file and the row with its headings."""

    layout: Layout
    header: HeaderMatch

    def heading(self, field: str) -> str:
        """Return the file's own heading of a field, the entry sheet's where it has none."""
        if field in self.header.columns:
            return self.header.headings[self.header.columns[field]]
        return next(column.heading for column in COLUMNS[self.layout.subject] if column.field == field)

    @property
    def amendments(self) -> AmendmentRule | None:
        """Return how revisions count, None in a file that has none."""
        return self.layout.amendments if "amendment" in self.header.columns else None

    def missing(self, given: frozenset[str]) -> list[tuple[str, ...]]:
        """Return the required groups of which the file has no column and no option stands in."""
        return missing_fields(self.layout.required, self.header.columns, given)

    def unit_row(self, head: Sequence[Row]) -> Row | None:
        """Return the row of units right below the headings, where the file's first rows have one."""
        return find_unit_row(head, self.header.row_number, self.header.columns.get("amount"))

    def rows_below(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Return the rows that follow the headings."""
        return (self.layout.unpack(row) for row in rows if row.number > self.header.row_number)


def _own(name: str, subject: ImportSubject, *required: tuple[str, ...]) -> Layout:
    return Layout(name, subject, _with_own(subject, {}), required)


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


def _with_own(subject: ImportSubject, headings: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return our own headings but for the fields that a layout heads otherwise."""
    own: dict[str, Sequence[str]] = {
        column.field: (column.heading, *column.synonyms) for column in COLUMNS[subject]
    }
    return {**own, **headings}


# 나라장터: lists of contracts as its screens and its open data head them. Of a contract over several years
# the part of this year (금차) counts; where only 총계약금액 stands, a person has to say that it is meant.
E_PROCUREMENT = Layout(
    "e-procurement",
    ImportSubject.PURCHASES,
    _with_own(
        ImportSubject.PURCHASES,
        {
            "department": ("수요기관", "수요기관명", "수요부서", "사업부서", "부서명", "부서"),
            "contracting_department": ("계약기관", "계약기관명", "계약부서"),
            "business_number": (
                "사업자등록번호",
                "업체사업자등록번호",
                "대표업체사업자등록번호",
                "사업자번호",
            ),
            "enterprise": ("업체명", "계약업체", "계약업체명", "대표업체명", "계약상대자", "계약상대자명"),
            "item": ("품명", "세부품명", "대표품명", "품목"),
            "kind": ("업무구분", "업무구분명", "구분"),
            "contract_name": ("계약명", "계약건명"),
            "contract_number": ("통합계약번호", "확정계약번호", "계약번호"),
            "amendment": ("계약변경차수", "변경차수"),
            "contracted_on": ("계약체결일자", "계약체결일", "계약일자", "계약일"),
            "amount": ("금차계약금액", "계약금액"),
            "method": ("계약체결방법", "계약체결방법명", "계약방법", "계약방법명"),
            "law": ("근거법률", "근거법률명", "적용계약법"),
        },
    ),
    _PURCHASE_REQUIRED,
    frozenset({"department", "contract_number", "contract_name", "contracted_on", "method", "amount"}),
)

# 세출·지출 원장: one line for each payment. What e-호조 writes was not verified: these are the headings that
# accounting uses.
SPENDING_LEDGER = Layout(
    "spending-ledger",
    ImportSubject.SPENDING,
    _with_own(
        ImportSubject.SPENDING,
        {
            "budget_item": ("통계목", "통계목명", "편성목", "편성목명", "세목", "예산과목"),
            "amount": ("지출액", "지출금액", "지급액", "지급금액", "집행액", "집행금액"),
        },
    ),
    (("department",), ("fiscal_year",), ("amount",)),
    frozenset({"department", "budget_item", "amount"}),
)


def _listing(
    name: str, headings: Mapping[str, Sequence[str]], *marks: str, type_: str | None = None
) -> Layout:
    """Return the layout of an official list: our own headings but for those it uses otherwise."""
    required = (("business_number", "enterprise"),)
    known = _with_own(ImportSubject.ENTERPRISES, headings)
    return Layout(name, ImportSubject.ENTERPRISES, known, required, frozenset(marks), type=type_)


# What these lists call 유형 is a trade or a purpose, not a type of certification.
SOCIAL_ENTERPRISES = _listing(
    "social-enterprise-list",
    {"purpose": ("사회적목적실현유형",), "items": ("사업내용",), "type": ()},
    "purpose",
    "enterprise",
    type_="social",
)
VILLAGE_ENTERPRISES = _listing(
    "village-list",
    {
        "enterprise": ("마을기업명", "마을기업"),
        "items": ("주 생산품 또는 서비스명", "주 업종 / 주 생산품", "주 생산품"),
        "type": (),
    },
    "enterprise",
    type_="village",
)
SELF_SUPPORT_ENTERPRISES = _listing(
    "self-support-list",
    {"enterprise": ("자활기업", "자활기업명"), "items": ("업종", "주요사업"), "type": ()},
    "enterprise",
    type_="self_support",
)
STATE_LIST = _listing(
    "state-list",
    {"valid_from": ("실적시작일(인증일자)",), "valid_to": ("실적종료일(실적인정)",)},
    "status",
    "valid_from",
    "valid_to",
)
CANCELLATION_NOTICES = _listing(
    "cancellation-notices",
    {"notice": ("공고번호",), "title": ("제목",), "attachment": ("첨부파일명", "첨부파일")},
    "notice",
    "title",
    "attachment",
)._replace(lacks="names_in_titles")

NAME_WITH_DIGIT = re.compile(r"(.*\D.*)(\d)")


def _part_name_and_digit(row: Row) -> Row:
    text = str(row.at(0))
    parts = NAME_WITH_DIGIT.fullmatch(text) if len(row.cells) == 1 else None
    return Row(row.number, (parts[1], parts[2])) if parts else row


# Names without headings or delimiter, each followed by a digit.
NAMES_WITH_DIGITS = Layout(
    "name-digit-list",
    ImportSubject.ENTERPRISES,
    {"enterprise": (), "type": ()},
    (("enterprise",),),
    type_marks={"0": "social", "1": None, "2": "disabled_owned"},
    unpack=_part_name_and_digit,
)
_WITHOUT_HEADINGS = HeaderMatch(0, {"enterprise": 0, "type": 1}, ("업체명", "인증유형"), 2)

# In the order in which they are tried: the last of a subject takes whatever headings it knows.
LAYOUTS = (
    PROCUREMENT_HUB,
    E_PROCUREMENT,
    _own("own-purchases", ImportSubject.PURCHASES, *_PURCHASE_REQUIRED),
    SOCIAL_ENTERPRISES,
    VILLAGE_ENTERPRISES,
    SELF_SUPPORT_ENTERPRISES,
    STATE_LIST,
    CANCELLATION_NOTICES,
    _own("own-enterprises", ImportSubject.ENTERPRISES, ("business_number", "enterprise")),
    SPENDING_LEDGER,
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
    """Return the shipped layouts in which such files come."""
    return [layout.name for layout in LAYOUTS if layout.subject is subject]


def required_of(subject: ImportSubject) -> tuple[tuple[str, ...], ...]:
    """Return what any file of the subject must say: of the fields of one group any will do."""
    return next(layout.required for layout in reversed(LAYOUTS) if layout.subject is subject)


def missing_fields(
    required: Sequence[tuple[str, ...]], fields: Collection[str], given: frozenset[str]
) -> list[tuple[str, ...]]:
    """Return the required groups of which no field is there and no option stands in."""
    return [group for group in required if given.union(fields).isdisjoint(group)]


def recognise(
    rows: Sequence[Row], subject: ImportSubject, name: str | None = None, learnt: Sequence[Layout] = ()
) -> Recognised | None:
    """Return the layout whose headings stand in one row, or None; `name` asks for one.

    A layout learnt from exactly these headings comes first, then those with marks of their own, then a learnt
    one all of whose headings are there, then the one of the subject that takes whatever headings it knows.
    """
    if exact := next((found for layout in learnt if (found := _by_signature(rows, layout, name))), None):
        return exact
    for layout in LAYOUTS:
        if layout.subject is not subject or (name and layout.name != name):
            continue
        if not layout.marks and (found := _learnt(rows, learnt, name)):
            return found
        header = find_header(rows, layout.headings, [field for group in layout.required for field in group])
        if header and (name or layout.marks <= header.columns.keys()):
            return Recognised(layout, header)
    if name:
        return _learnt(rows, learnt, name)
    if subject is ImportSubject.ENTERPRISES and _are_names_with_digits(rows):
        return Recognised(NAMES_WITH_DIGITS, _WITHOUT_HEADINGS)
    return None


def _by_signature(rows: Sequence[Row], layout: Layout, name: str | None) -> Recognised | None:
    """Return the layout where a row has its headings and no others."""
    if name and layout.name != name:
        return None
    for row in rows:
        if len(row.cells) >= len(layout.signature) and headings_of(row) == layout.signature:
            header = find_header([row], layout.headings)
            return Recognised(layout, header) if header else None
    return None


def _learnt(rows: Sequence[Row], learnt: Sequence[Layout], name: str | None) -> Recognised | None:
    """Return the learnt layout most of whose headings stand in a row: all, unless it is asked for by name."""
    found = [
        Recognised(layout, header)
        for layout in learnt
        if name in (None, layout.name)
        and (header := find_header(rows, layout.headings))
        and (name or header.columns.keys() == layout.headings.keys())
    ]
    return max(found, key=lambda each: each.header.score, default=None)


def headings_of(row: Row) -> frozenset[str]:
    """Return the headings of a row as they are compared."""
    return frozenset(normalise_heading(str(cell)) for cell in row.cells if cell is not None) - {""}


def _are_names_with_digits(rows: Sequence[Row]) -> bool:
    """Return whether all rows are one cell, a name that ends in one of the digits known."""
    marks = NAMES_WITH_DIGITS.type_marks or {}
    parted = [_part_name_and_digit(row) for row in rows if row.cells]
    return len(parted) > 1 and all(len(row.cells) == 2 and row.at(1) in marks for row in parted)
