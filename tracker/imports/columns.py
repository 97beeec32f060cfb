"""What the files may say: each column with its heading, its synonyms, how its cells are read, and a hint."""

from collections.abc import Callable
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from tracker.core.names import normalise_heading
from tracker.core.vocabulary import (
    BudgetKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Nature,
    Procurement,
    Word,
)
from tracker.imports import cells
from tracker.imports.cells import CellError
from tracker.imports.models import ImportSubject
from tracker.imports.reading import Cell

Parser = Callable[[Cell], object]

LONGEST_TEXT = 4_000
LONGEST_NUMBER = 9
PROCUREMENTS = {"자체": Procurement.OWN, "중앙": Procurement.CENTRAL, "조달청": Procurement.CENTRAL}


class Column(NamedTuple):
    """One thing a file may say; without a parser it is text of up to `limit` characters, in one line or more.

    A cell that cannot be read keeps its row out where the column `is_essential`, else it is left out.
    """

    field: str
    heading: str
    parse: Parser | None = None
    synonyms: tuple[str, ...] = ()
    is_essential: bool = False
    in_entry_sheet: bool = True
    choices: tuple[str, ...] = ()
    limit: int = LONGEST_TEXT
    hint: LazyString | None = None
    is_line: bool = False


def parse_directness(cell: Cell) -> object:
    """Return 직접 or 간접."""
    return cells.parse_word(cell, Directness)


def parse_nature(cell: Cell) -> object:
    """Return 구매, 위탁, 보조 or 출연."""
    return cells.parse_word(cell, Nature)


def parse_budget_kind(cell: Cell) -> object:
    """Return 당해, 명시이월, 사고이월 or 계속비."""
    return cells.parse_word(cell, BudgetKind)


def parse_procurement(cell: Cell) -> object:
    """Return who procured it; the data hub writes 자체조달 and 중앙조달."""
    return cells.parse_word(cell, Procurement, PROCUREMENTS)


def parse_is_final(cell: Cell) -> bool | None:
    """Return whether the row is the final revision of its contract line."""
    text = cells.parse_text(cell, LONGEST_TEXT)
    if text is None:
        return None
    return text.upper() in ("Y", "예", "최종")


def parse_amendment(cell: Cell) -> int | None:
    """Return 변경차수 as a number: 00 is the first contract."""
    text = cells.parse_text(cell, LONGEST_TEXT)
    if text is None:
        return None
    digits = normalise_heading(text).removesuffix("차")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        raise CellError("amendment_unreadable")
    return int(digits)


def parse_purchase_number(cell: Cell) -> int | None:
    """Return the number under which a purchase is recorded; text that is none says nothing."""
    text = cells.parse_text(cell, LONGEST_TEXT) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def _words(words: type[Word]) -> tuple[str, ...]:
    return tuple(word.korean for word in words if word.value not in ("unknown", "unclassified"))


DATE_HINT = _("A date, such as 2026-03-15.")
WON_HINT = _("Whole won; a cancellation is negative.")

DEPARTMENT = Column(
    "department",
    "부서",
    synonyms=("수요기관", "사업부서", "부서명", "담당부서", "소관부서", "구매부서", "예산부서"),
    is_essential=True,
    limit=100,
    hint=_("The department whose budget it is: its name, its code, or its path such as 강남구/총무과."),
)
FISCAL_YEAR = Column(
    "fiscal_year",
    "회계연도",
    cells.parse_year,
    ("회계년도", "연도", "년도"),
    is_essential=True,
    hint=_("The year in whose books it stands; empty means the year of the date."),
)
KIND = Column(
    "kind",
    "구분",
    cells.parse_kind,
    ("업무구분", "계약유형", "물품용역공사", "구매구분", "종류", "계약종류"),
    choices=_words(Kind),
    hint=_("Goods, services or works."),
)
BUDGET_ITEM = Column(
    "budget_item", "통계목", synonyms=("예산과목", "세목", "통계목명", "편성목", "편성목명"), limit=60
)
BUSINESS_NUMBER = Column(
    "business_number",
    "사업자등록번호",
    synonyms=("사업자번호", "사업자번호(본점,지점)", "사업자등록번호(본점)", "등록번호"),
    hint=_("Ten digits, such as 123-45-67890; the column is text, so that zeros stay."),
)
ENTERPRISE = Column(
    "enterprise",
    "업체명",
    synonyms=(
        "기업명",
        "기관명",
        "상호",
        "상호명",
        "공급업체명",
        "공급업체",
        "거래처",
        "거래처명",
        "계약업체",
        "계약상대자",
        "계약업체명",
        "업체",
        "기업",
        "마을기업명",
        "마을기업",
        "자활기업",
        "자활기업명",
        "협동조합명",
        "사업장명",
    ),
    is_essential=True,
    limit=200,
    hint=_("Needed where there is no business registration number."),
    is_line=True,
)

# Only a sheet that was filled in beforehand has it: rows with a number are recorded already.
PURCHASE_NUMBER = Column(
    "purchase_number",
    "구매번호",
    parse_purchase_number,
    in_entry_sheet=False,
    hint=_("Recorded already: correct such a purchase in the program. New rows have no number."),
)

PURCHASE_COLUMNS = (
    DEPARTMENT,
    Column("contracting_department", "계약부서", synonyms=("계약담당부서",), is_essential=True, limit=100),
    BUSINESS_NUMBER,
    ENTERPRISE,
    Column("item", "품목", synonyms=("품명", "품목명", "세부품명", "물품명", "구매품목"), limit=300),
    Column("quantity", "수량", cells.parse_quantity, ("구매수량", "계약수량")),
    Column("unit", "단위", limit=30),
    Column("unit_price", "단가", cells.parse_won, ("계약단가",)),
    KIND,
    Column(
        "contract_name",
        "계약명",
        synonyms=("계약건명", "계약내역", "건명", "사업명", "계약(납품요구)명", "용역명", "공사명", "적요"),
        limit=500,
    ),
    Column("contract_number", "계약번호", synonyms=("계약(납품요구)번호", "납품요구번호"), limit=60),
    Column(
        "contracted_on",
        "계약일",
        cells.parse_day,
        ("계약일자", "계약(납품요구)일자", "계약체결일", "계약체결일자", "연월", "구매일", "구매일자"),
        is_essential=True,
        hint=DATE_HINT,
    ),
    Column(
        "paid_on",
        "지급일",
        cells.parse_day,
        ("지급일자", "지출일", "지출일자", "대금지급일", "집행일", "집행일자"),
        is_essential=True,
        hint=_("A date; it enters one payment of the whole amount. Needed where there is no contract date."),
    ),
    Column(
        "amount",
        "금액",
        cells.parse_won,
        (
            "계약금액",
            "계약(납품요구)금액",
            "구매금액",
            "구매액",
            "집행금액",
            "집행액",
            "지출액",
            "지출금액",
            "지급액",
            "공급금액",
        ),
        is_essential=True,
        hint=WON_HINT,
    ),
    Column(
        "tax",
        "과세",
        cells.parse_tax,
        ("과세구분", "부가세", "과세여부", "과세유형"),
        choices=("포함", "별도", "면세"),
    ),
    Column("method", "계약방법", cells.parse_method, ("계약방식",), choices=_words(ContractMethod)),
    Column(
        "ground",
        "수의계약 사유",
        synonyms=("수의계약근거", "조항호내용", "수의사유", "수의계약사유"),
        limit=300,
    ),
    Column(
        "means", "결제수단", synonyms=("지급방법", "결제방법"), choices=("계좌", "카드", "일상경비"), limit=60
    ),
    BUDGET_ITEM,
    FISCAL_YEAR,
    Column("note", "비고", synonyms=("기타", "메모")),
    Column("department_code", "부서코드", synonyms=("수요기관코드",), in_entry_sheet=False, limit=40),
    Column("contract_item", "물품순번", in_entry_sheet=False, limit=20),
    Column("amendment", "변경차수", parse_amendment, is_essential=True, in_entry_sheet=False),
    Column(
        "is_final",
        "최종계약(납품요구)여부",
        parse_is_final,
        ("최종계약여부",),
        is_essential=True,
        in_entry_sheet=False,
    ),
    Column(
        "law",
        "적용계약법",
        cells.parse_law,
        ("계약법", "적용법"),
        choices=_words(GoverningLaw),
        in_entry_sheet=False,
    ),
    Column("procurement", "조달방식", parse_procurement, ("조달구분",), in_entry_sheet=False),
    Column("estimated_price", "추정가격", cells.parse_won, in_entry_sheet=False),
    Column("channel", "구매경로", in_entry_sheet=False, limit=60),
    Column(
        "directness",
        "직접/간접",
        parse_directness,
        ("직간접", "직접간접구분"),
        is_essential=True,
        in_entry_sheet=False,
    ),
    Column("nature", "거래성격", parse_nature, is_essential=True, in_entry_sheet=False),
    Column("budget_kind", "예산구분", parse_budget_kind, in_entry_sheet=False),
    Column(
        "reference", "품의번호", synonyms=("지출결의번호", "원인행위번호"), in_entry_sheet=False, limit=200
    ),
    PURCHASE_NUMBER,
)

ENTERPRISE_COLUMNS = (
    ENTERPRISE,
    BUSINESS_NUMBER,
    Column("representative", "대표자", synonyms=("대표자명", "대표"), limit=100),
    Column("address", "소재지", synonyms=("주소", "사업장소재지", "사업장주소"), limit=300, is_line=True),
    Column("phone", "전화", synonyms=("전화번호", "연락처"), limit=60),
    Column("homepage", "홈페이지", synonyms=("누리집", "홈페이지주소"), limit=300),
    Column(
        "type",
        "인증유형",
        synonyms=("유형", "기업유형", "기업구분", "인증구분"),
        is_essential=True,
        hint=_("Empty registers the enterprise without certification. One row for each certification."),
    ),
    Column("number", "인증번호", synonyms=("지정번호", "인가번호", "확인번호"), limit=100),
    Column("authority", "인증기관", synonyms=("지정기관", "인가기관", "발급기관"), limit=100),
    Column(
        "valid_from",
        "인증일",
        cells.parse_day,
        (
            "인증일자",
            "지정일",
            "지정일자",
            "인가일",
            "인증(유효시작)일자",
            "실적시작일(인증일자)",
            "유효시작일",
            "유효시작일자",
        ),
        is_essential=True,
        hint=DATE_HINT,
    ),
    Column(
        "valid_to",
        "만료일",
        cells.parse_day,
        ("만료일자", "유효종료일자", "유효종료일", "실적종료일(실적인정)", "유효기간만료일"),
        is_essential=True,
        hint=_("The last valid day; empty means open-ended."),
    ),
    Column("status", "상태", synonyms=("인증상태", "인증현황"), choices=("유효", "반납", "취소", "만료")),
    Column(
        "status_on",
        "상태일",
        cells.parse_day,
        ("상태일자", "취소일", "반납일", "인증취소일", "인증취소일(실적불인정)"),
        is_essential=True,
        in_entry_sheet=False,
    ),
    Column(
        "items",
        "취급품목",
        synonyms=("생산품목", "주생산품", "주요생산품", "주생산품또는서비스명", "주요사업"),
    ),
)

SPENDING_COLUMNS = (
    DEPARTMENT,
    FISCAL_YEAR,
    KIND,
    BUDGET_ITEM,
    Column(
        "amount",
        "총구매액",
        cells.parse_won,
        ("총구매금액", "금액", "총지출액", "지출액", "집행액", "집행금액"),
        is_essential=True,
        hint=WON_HINT,
    ),
    # What tells the lines of a ledger apart: two that say the same in all of it may be one.
    Column("paid_on", "지출일", synonyms=("지출일자", "지급일", "지급일자"), in_entry_sheet=False, limit=40),
    Column("reference", "지출번호", synonyms=("지출결의번호",), in_entry_sheet=False, limit=200),
    Column("description", "적요", synonyms=("지출건명",), in_entry_sheet=False),
)

PLAN_COLUMNS = (
    DEPARTMENT,
    FISCAL_YEAR,
    Column(
        "scheme",
        "제도",
        synonyms=("우선구매제도", "제도명", "구매제도"),
        is_essential=True,
        limit=60,
        hint=_("The scheme in which it is to count: its name, or the beginning of it."),
    ),
    Column("item", "품목", synonyms=("품명", "구매품목", "계획품목", "사업명"), is_essential=True, limit=300),
    KIND,
    Column("quantity", "수량", cells.parse_quantity, ("계획수량", "구매수량")),
    Column("unit", "단위", limit=30),
    Column(
        "planned_month",
        "구매시기",
        cells.parse_month,
        ("시기", "구매예정월", "예정월", "구매월", "구매예정시기", "월"),
        hint=_("The month in which it is to be bought, 1 to 12."),
    ),
    Column(
        "amount",
        "금액",
        cells.parse_won,
        ("계획금액", "구매계획액", "구매예정금액", "예정금액", "구매금액", "예산액"),
        is_essential=True,
        hint=WON_HINT,
    ),
    Column("note", "비고", synonyms=("기타", "메모")),
)

COLUMNS: dict[ImportSubject, tuple[Column, ...]] = {
    ImportSubject.PURCHASES: PURCHASE_COLUMNS,
    ImportSubject.ENTERPRISES: ENTERPRISE_COLUMNS,
    ImportSubject.SPENDING: SPENDING_COLUMNS,
    ImportSubject.PLAN: PLAN_COLUMNS,
}
