"""Sums that a file states are held against the rows they cover: a warning where they differ, else nothing."""

from pathlib import Path

import pytest

from tests.factories import make_department
from tests.imports.files import HEADINGS, adds_up, preview_purchases, purchase_row, write_text

pytestmark = pytest.mark.usefixtures("office")

Stated = list[tuple[int | None, dict[str, object]]]


def differences(folder: Path, *rows: int | str | tuple[str, object]) -> Stated:
    """Return the warnings about a file of these amounts and (label, stated sum)."""
    lines = [
        purchase_row(부서=row[0], 업체명="", 품목="", 계약명="", 계약일="", 금액=row[1])
        if isinstance(row, tuple)
        else purchase_row(금액=row, 계약명=f"구매 {number}")
        for number, row in enumerate(rows)
    ]
    result = preview_purchases(write_text(folder / "합계.csv", [HEADINGS, *lines]))
    assert adds_up(result)
    assert result.skipped["subtotal"] == sum(isinstance(row, tuple) for row in rows)
    return [
        (problem.row, {name: value for name, value in problem.parameters.items() if name != "label"})
        for problem in result.problems
        if problem.code == "sum_differs"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        (1, 2, ("소계", 3), 4, ("[소계]", "4원"), ("합계", 7)),
        (1, ("월계", 1), ("누계", 1), 2, ("월계", 2), ("누계", 3), ("총계", "3")),
        (1, 2, ("합계", 3), 4, ("합계", 4), ("총계", 7)),  # each section has its own total
        (
            1,
            ("소계", 1),
            2,
            ("소계", 2),
            ("소계", 3),
            4,
            ("소계", 4),
            ("합계", 7),
        ),  # sections within sections
        (("합계", 6), ("소계", 3), 1, 2, ("소계", 3), 3),  # above the rows they cover
        (("합계", 3), 1, 2, ("합계", 3)),
        (("누계", 100), 1, ("누계", 101), 2, ("누계", 103)),  # carried over from before the file
        (5, "-2", ("소계", 3), ("누계", 3), ("소계", ""), ("합계", "-")),
        (5, "다섯", ("소계", 3), ("합계", 3)),  # what cannot be read is told already
        (("합계", 5), "다섯"),
    ],
)
def test_sums_that_their_rows_bear_out_are_not_mentioned(tmp_path: Path, rows: tuple[int, ...]) -> None:
    assert differences(tmp_path, *rows) == []


def test_each_sum_that_differs_is_named_with_both_figures(tmp_path: Path) -> None:
    below = differences(
        tmp_path, 1, 2, ("소계", 5), 4, ("소계", 4), ("누계", 8), 1, ("누계", 9), ("합계", 70)
    )
    above = differences(tmp_path, ("합계", 9), ("소계", 4), 1, 2, ("소계", 5), 5)

    assert below == [
        (4, {"stated": 5, "sum": 3}),
        (7, {"stated": 8, "sum": 7}),  # the next one differs by the same and is not told again
        (10, {"stated": 70, "sum": 8}),
    ]
    assert above == [(2, {"stated": 9, "sum": 8}), (3, {"stated": 4, "sum": 3})]


def test_a_file_whose_sums_differ_goes_in_all_the_same(tmp_path: Path) -> None:
    lines = [purchase_row(금액="1"), purchase_row(부서="소계", 업체명="", 계약일="", 금액="2")]
    path = write_text(tmp_path / "천원.csv", [["(단위: 천원)"], HEADINGS, *lines])

    result = preview_purchases(path)
    [problem] = [each for each in result.problems if each.code == "sum_differs"]

    assert (result.imported, result.amount, result.is_refused) == (1, 1_000, False)
    assert (problem.row, problem.column, problem.value) == (4, "금액", "2")
    assert "“소계”" in problem.message or "‘소계’" in problem.message
    assert "2,000" in problem.message
    assert "1,000" in problem.message


@pytest.mark.parametrize(
    "rows",
    [
        (1, 2, ("총무과 소계", 3), 4, ("복지과 소계", 4), ("합계", 7)),
        (1, ("물품 소계", 1), 2, ("용역 소계", 2), ("총무과 계", 3), 4, ("물품 소계", 4)),
        (1, ("3월 소계", 1), ("3월 누계", 1), 2, ("4월 소계", 2), ("4월 누계", 3)),
        (("3월 누계", 100), 1, ("4월 누계", 101)),
        (("총무과 소계", 3), 1, 2, ("복지과 소계", 4), 4, ("합계", 7)),  # above the rows they cover
        (("마을기업 계", 2), ("여성기업 계", 5), ("합계", 7), 2, 5),  # nothing tells which are theirs
        (2, 5, ("합계", 7), ("마을기업 계", 2), ("여성기업 계", 5)),
        (2, 5, ("합계", 7), ("물품 계", 7), ("총무과 계", 7)),
    ],
)
def test_sums_with_a_name_that_their_rows_bear_out_are_not_mentioned(
    tmp_path: Path, rows: tuple[int, ...]
) -> None:
    assert differences(tmp_path, *rows) == []


def test_each_sum_with_a_name_that_differs_is_named_with_its_label(tmp_path: Path) -> None:
    lines = [
        purchase_row(금액=1),
        purchase_row(부서="복지과", 금액=2, 구분="용역"),
        purchase_row(부서="복지과 소계", 업체명="", 품목="", 계약명="", 계약일="", 금액=9),
        purchase_row(부서="3월 누계", 업체명="", 품목="", 계약명="", 계약일="", 금액=8),
        purchase_row(부서="물품 계", 업체명="", 품목="", 계약명="", 계약일="", 금액=7),
        purchase_row(부서="총무과 계", 업체명="", 품목="", 계약명="", 계약일="", 금액=1),
    ]
    make_department("복지과")

    result = preview_purchases(write_text(tmp_path / "소계.csv", [HEADINGS, *lines]))

    assert [(each.row, dict(each.parameters)) for each in result.problems if each.code == "sum_differs"] == [
        (4, {"label": "복지과 소계", "stated": 9, "sum": 3}),
        (5, {"label": "3월 누계", "stated": 8, "sum": 3}),
        (6, {"label": "물품 계", "stated": 7, "sum": 1}),
    ]
