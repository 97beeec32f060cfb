"""Cross tables against sums done by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.reports.tables import Cell, cross_table

ROWS, COLUMNS = ["1", "2", "3"], ["social", "coop"]
YEARS = [2025, 2024]
cells = st.builds(
    Cell,
    st.sampled_from(ROWS),
    st.sampled_from(COLUMNS),
    st.sampled_from(YEARS),
    st.integers(-(2**57), 2**57),
)


@pytest.mark.long
@settings(deadline=None)
@given(st.lists(cells))
def test_each_cell_is_the_sum_of_its_amounts(entered: list[Cell]) -> None:
    assert cross_table(entered, ROWS, COLUMNS, YEARS) == [
        [
            [sum(cell.amount for cell in entered if cell[:3] == (row, column, year)) for column in COLUMNS]
            for year in YEARS
        ]
        for row in ROWS
    ]


def test_rows_columns_and_years_stand_in_the_order_asked_for() -> None:
    entered = [Cell("2", "coop", 2024, 7)]

    assert cross_table(entered, ["2", "1"], ["coop", "social"], YEARS) == [
        [[0, 0], [7, 0]],
        [[0, 0], [0, 0]],
    ]
    assert cross_table([], [], [], YEARS) == []
