"""Cross tables against sums done by hand."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.reports.tables import Cell, cross_table

ROWS, COLUMNS = ["1", "2", "3"], ["social", "coop"]
cells = st.builds(Cell, st.sampled_from(ROWS), st.sampled_from(COLUMNS), st.integers(-(10**15), 10**15))


@given(st.lists(cells))
def test_each_cell_is_the_sum_of_its_amounts(entered: list[Cell]) -> None:
    assert cross_table(entered, ROWS, COLUMNS) == [
        [
            sum(cell.amount for cell in entered if (cell.row, cell.column) == (row, column))
            for column in COLUMNS
        ]
        for row in ROWS
    ]


def test_rows_and_columns_stand_in_the_order_asked_for() -> None:
    entered = [Cell("2", "coop", 7)]

    assert cross_table(entered, ["2", "1"], ["coop", "social"]) == [[7, 0], [0, 0]]
    assert cross_table([], [], []) == []
