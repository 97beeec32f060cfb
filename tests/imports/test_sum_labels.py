"""Rows that state a sum under a name are told from purchases: none of these is ever left out as a sum."""

from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_department, make_enterprise
from tests.imports.files import (
    HEADINGS,
    adds_up,
    codes_of,
    preview_purchases,
    purchase_row,
    write_text,
)
from tracker.imports.layouts import recognise
from tracker.imports.models import ImportSubject
from tracker.imports.reading import Cell, Row
from tracker.imports.rows import RowReader
from tracker.imports.sum_labels import parse_sum_label

SUMS = ("소계", "합계", "누계", "총계", "총합계", "계", "월계")
SPENDING = ("부서", "회계연도", "구분", "통계목", "총구매액")


def reader(subject: ImportSubject = ImportSubject.PURCHASES, *headings: str) -> RowReader:
    """Return how rows below these headings are read."""
    head = [Row(1, headings or HEADINGS)]
    recognised = recognise(head, subject)
    assert recognised
    return RowReader(recognised, head)


def is_sum(*cells: Cell) -> bool:
    """Return whether a row under the usual headings is left out as a sum."""
    return reader().skip_reason(Row(2, cells)) == "subtotal"


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("소 계", "소계", ""),
        ("[합계]", "합계", ""),
        ("총무과 소계", "소계", "총무과"),
        ("총무과소계", "소계", "총무과"),
        ("총무과 계", "계", "총무과"),
        ("총무과(계)", "계", "총무과"),
        ("[총무과 소계]", "소계", "총무과"),
        ("총무과\n합 계", "합계", "총무과"),
        ("복지 정책과 소계", "소계", "복지정책과"),
        ("물품 소계", "소계", "물품"),
        ("3월 누계", "누계", "3월"),
        ("3월누계", "누계", "3월"),
        ("1/4분기 계", "계", "1/4분기"),
        ("2026년 상반기 총 합 계", "총합계", "2026년상반기"),
        ("㈜함께일하는사람들 소계", "소계", "㈜함께일하는사람들"),
        ("마을기업 계", "계", "마을기업"),
        ("보건소 소계", "소계", "보건소"),
        ("소계(총무과)", "소계", "총무과"),
        ("합계 (12건)", "합계", "12건"),
    ],
)
def test_a_sum_is_known_by_its_word_with_or_without_a_name(text: str, word: str, name: str) -> None:
    label = parse_sum_label(text)

    assert label
    assert (label.word, label.name, label.text) == (word, name, " ".join(text.split()))


NO_SUMS = (
    *(
        "한국회계",
        "회계과",
        "온도계",
        "체중계",
        "설계",
        "설 계",
        "온 도 계",
        "온도 계",
        "체중 계",
        "손목 시계",
    ),
    *("청소계", "도로청소계", "연구소계", "보건소계", "경리계", "경리 계", "서울 회계", "노원구 월계"),
    *("계약", "소계동", "합계 검산 용역", "계(契)모임", "설계(소방)", "900101-1234567 소계"),
    "가" * 200 + " 소계",
)


@pytest.mark.parametrize("text", NO_SUMS)
def test_words_that_end_alike_are_no_sums(text: str) -> None:
    assert parse_sum_label(text) is None


@pytest.mark.parametrize(
    "cells",
    [
        ("총무과 소계", None, None, None, None, None, None, 5),
        ("총무과", None, "함께일하는사람들 소계", None, None, None, None, 5),
        ("총무과", None, None, None, "물품 소계", None, None, 5),
        ("총무과", None, None, "물품 소계", None, None, None, 5),
        (None, None, None, None, None, None, "3월 누계", 5),
        ("총무과 소계", "-", "3개 업체", "12건", None, 12, "-", 5),
        ("소계", None, "3개사", None, None, "사무용품 외", None, 5),
    ],
)
def test_a_row_that_says_nothing_but_its_name_is_a_sum(cells: tuple[Cell, ...]) -> None:
    assert is_sum(*cells)


@pytest.mark.parametrize(
    "cells",
    [
        ("총무과 소계", None, "나눔푸드", None, None, None, None, 5),
        ("총무과 소계", None, None, "복사용지", None, None, None, 5),
        ("총무과 소계", None, None, None, None, "사무용품 구매", None, 5),
        ("총무과 소계", None, None, None, None, None, "2026-03-02", 5),
        ("총무과 소계", None, None, None, None, None, date(2026, 3, 2), 5),
        ("총무과 소계", None, None, None, None, None, 46_083, 5),
        ("총무과 소계", "1000000013", None, None, None, None, None, 5),
        ("총무과", None, "한국회계", "온도계", "물품", "설계", "2026-03-02", 5),
        ("회계과", None, None, "온도계", None, None, None, 5),
        ("총무과", None, "나눔푸드", "물품 소계", None, None, None, 5),
        ("소계", None, "나눔푸드", None, None, None, "2026-03-02", 5),
        ("소계", "1000000013", "합계", None, None, None, "2026-03-02", 5),
    ],
)
def test_a_row_that_says_what_was_bought_is_none(cells: tuple[Cell, ...]) -> None:
    assert not is_sum(*cells)


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.builds("{}{}{}".format, st.text(max_size=6), st.sampled_from(["", " "]), st.sampled_from(SUMS)),
)
SUPPLIERS = TEXTS.filter(
    lambda text: (
        bool(text and any(map(str.isalpha, text)))
        and "".join(filter(str.isalnum, normalize("NFKC", text or ""))) not in SUMS
    )
)


@given(st.tuples(TEXTS, TEXTS, SUPPLIERS, TEXTS, TEXTS, TEXTS), st.dates(), st.integers())
def test_no_row_with_a_supplier_and_a_date_is_taken_for_a_sum(
    texts: tuple[str | None, ...], day: date, amount: int
) -> None:
    assert not is_sum(*texts, day, amount)
    assert not is_sum(*texts, day.isoformat(), str(amount))


def test_sums_of_total_spending_are_known_by_the_department_that_names_them() -> None:
    rows = reader(ImportSubject.SPENDING, *SPENDING)

    def reason(*cells: Cell) -> str | None:
        return rows.skip_reason(Row(2, cells))

    assert reason("총무과 소계", 2026, "물품", None, 5) == "subtotal"
    assert reason("총무과", 2026, "물품 소계", None, 5) == "subtotal"
    assert reason("총무과", 2026, "계", None, 5) is None  # a department that gives its sum of all kinds
    assert reason("경리계", 2026, "물품", "201-01", 5) is None
    assert reason("총무과 소계", 2026, "물품", "201-01", 5) is None


def test_lists_of_enterprises_have_no_sums_under_a_name() -> None:
    rows = reader(ImportSubject.ENTERPRISES, "업체명", "사업자등록번호")

    assert rows.skip_reason(Row(2, ("한마음 합계", None))) is None
    assert rows.skip_reason(Row(2, ("합계", None))) == "subtotal"


@pytest.mark.usefixtures("app")
def test_every_row_of_a_file_with_named_sums_is_accounted_for(tmp_path: Path) -> None:
    make_department("총무과")
    make_enterprise("함께일하는사람들")
    bare = {"업체명": "", "품목": "", "구분": "", "계약명": "", "계약일": ""}
    rows = [
        purchase_row(금액=5),
        purchase_row(금액=7, 구분="용역"),
        purchase_row(**bare | {"부서": "총무과 소계"}, 금액=12),
        purchase_row(**bare | {"부서": "3월 누계"}, 금액=12),
        purchase_row(**bare | {"구분": "물품 소계"}, 금액=5),
        purchase_row(부서="회계과", 업체명="한국회계", 품목="온도계"),
    ]

    result = preview_purchases(write_text(tmp_path / "소계.csv", [HEADINGS, *rows]), accept_valid=True)

    assert (result.imported, result.rejected, result.skipped) == (2, 1, {"subtotal": 3})
    assert adds_up(result)
    assert "sum_differs" not in codes_of(result)
