"""Where the bars of a chart stand."""

from fractions import Fraction

import pytest

from tracker.reports.charts import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, column_chart


def scale_of(chart: Chart) -> Fraction:
    """Return how many won one unit of the drawing stands for."""
    low, high = chart.grid[0], chart.grid[-1]
    assert isinstance(low.text, int)
    assert isinstance(high.text, int)
    return Fraction(high.text - low.text, low.at - high.at)


@pytest.mark.parametrize(
    "values", [[1, 2, 3], [0, 0], [-5, 7], [-3, -1], [999_999_999, 1], [12_345, -12_345, 0], [5]]
)
def test_bars_are_as_high_as_their_amounts_and_stay_inside(values: list[int]) -> None:
    chart = column_chart([str(place) for place in range(len(values))], [("올해", values)])
    scale = scale_of(chart)

    for bar, value in zip(chart.bars, values, strict=True):
        assert abs(bar.height * scale - abs(value)) <= scale
        assert (bar.y + bar.height if value >= 0 else bar.y) == chart.zero
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH - RIGHT
        assert bar.y >= TOP
        assert bar.y + bar.height <= HEIGHT


def test_series_stand_side_by_side_in_the_order_of_the_legend() -> None:
    chart = column_chart(["1월", "2월"], [("2025년", [1, 2]), ("2024년", [3, 4])])

    assert chart.legend == ["2025년", "2024년"]
    assert [bar.series for bar in chart.bars] == [0, 0, 1, 1]
    first, second = chart.bars[0], chart.bars[2]
    assert first.x + first.width < second.x
    assert first.x < chart.groups[0].at < second.x + second.width


@pytest.mark.parametrize(
    ("highest", "steps"),
    [
        (3, [0, 1, 2, 3]),
        (10, [0, 2, 4, 6, 8, 10]),
        (233_000_000, [0, 100_000_000, 200_000_000, 300_000_000]),
    ],
)
def test_the_grid_has_round_amounts(highest: int, steps: list[int]) -> None:
    assert [line.text for line in column_chart(["1월"], [("", [highest])]).grid] == steps


def test_a_chart_of_nothing_is_an_empty_grid() -> None:
    chart = column_chart([], [("올해", [])])

    assert (chart.bars, chart.groups) == ([], [])
    assert [line.text for line in chart.grid] == [0, 1]
