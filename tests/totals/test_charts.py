"""The chart shows what the table shows, in proportion."""

from datetime import date

import pytest
from flask import Flask

from tests.factories import make_department, make_enterprise, make_purchase
from tracker.core.money import Unit
from tracker.core.periods import Period
from tracker.totals.charts import MOST_ROWS, Chart, build_chart, round_step
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question

CERTIFIED = ("social", date(2020, 1, 1), None)


def chart_of(question: Question) -> Chart:
    """Return the chart of the question in won."""
    return build_chart(question, answer(question).rows, Unit.WON, "자료 없음")


@pytest.fixture
def enterprise(app: Flask) -> int:  # noqa: ARG001
    """Return a certified enterprise."""
    return make_enterprise("함께", CERTIFIED)


def test_bars_are_as_long_as_their_amounts(enterprise: int) -> None:
    department = make_department("총무과")
    make_purchase(department, enterprise, 500, date(2025, 5, 1))
    make_purchase(department, enterprise, 1_000, date(2026, 5, 1))

    chart = chart_of(Question(2026))

    assert [(bar.x, bar.width, bar.is_current) for bar in chart.bars] == [
        ("0.0%", "72.0%", True),
        ("0.0%", "36.0%", False),
    ]
    assert [text.text for text in chart.texts] == ["총무과", "1,000", "500"]


def test_a_negative_amount_goes_the_other_way(enterprise: int) -> None:
    department = make_department("총무과")
    make_purchase(department, enterprise, -1_000, date(2025, 5, 1))
    make_purchase(department, enterprise, 1_000, date(2026, 5, 1))

    chart = chart_of(Question(2026))

    assert [(bar.x, bar.width) for bar in chart.bars] == [("36.0%", "36.0%"), ("0.0%", "36.0%")]
    assert [line.x1 for line in chart.lines] == ["36.0%"]


def test_a_year_without_data_is_named_not_drawn(enterprise: int) -> None:
    make_purchase(make_department("총무과"), enterprise, 1_000, date(2026, 5, 1))

    chart = chart_of(Question(2026))

    assert [bar.width for bar in chart.bars] == ["72.0%", "0.0%"]
    assert chart.texts[-1].text == "자료 없음"


def test_only_the_largest_rows_are_drawn_in_the_order_of_the_table(enterprise: int) -> None:
    for number in range(MOST_ROWS + 3):
        make_purchase(make_department(f"{number:02}과"), enterprise, 1_000 + number, date(2026, 5, 1))

    chart = chart_of(Question(2026))

    names = [text.text for text in chart.texts if text.text.endswith("과")]
    assert names == [f"{number:02}과" for number in range(3, MOST_ROWS + 3)]
    assert chart.left_out == 3


def test_a_name_longer_than_a_telephone_is_shortened(enterprise: int) -> None:
    make_purchase(make_department("가" * 60), enterprise, 1_000, date(2026, 5, 1))

    assert chart_of(Question(2026)).texts[0].text == "가" * 25 + "…"


def test_months_stand_as_columns_on_round_amounts(enterprise: int) -> None:
    department = make_department("총무과")
    make_purchase(department, enterprise, -150, date(2025, 2, 1))
    make_purchase(department, enterprise, 1_000, date(2026, 1, 1))

    chart = chart_of(Question(2026, by=By.MONTH))

    zero = next(line.y1 for line in chart.lines if line.is_zero)
    first, february = chart.bars[0], chart.bars[3]
    assert first.y + first.height == zero
    assert february.y == zero
    assert first.height > 5 * february.height > 0
    texts = [text.text for text in chart.texts]
    assert texts[: len(chart.lines)] == ["-500", "0", "500", "1,000"]
    assert texts[len(chart.lines) :] == [f"{month}월" for month in range(1, 13)]


def test_many_months_are_named_now_and_then_with_the_year_they_are_in(enterprise: int) -> None:
    make_purchase(make_department(), enterprise, 1_000, date(2026, 1, 1))
    three_years = Period(date(2024, 1, 1), date(2026, 12, 31))

    chart = chart_of(Question(2026, period=three_years, by=By.MONTH))

    months = [text.text for text in chart.texts][len(chart.lines) :]
    assert months == [
        "24.1",
        "24.4",
        "24.7",
        "24.10",
        "25.1",
        "25.4",
        "25.7",
        "25.10",
        "1월",
        "4월",
        "7월",
        "10월",
    ]


@pytest.mark.parametrize(
    ("span", "step"), [(0, 1), (5, 1), (6, 1), (11, 2), (1_000, 200), (1_250, 500), (4_999, 1_000)]
)
def test_grid_lines_stand_at_round_amounts(span: int, step: int) -> None:
    assert round_step(span) == step
