"""A row's cells, there or not."""

from tracker.imports.reading import Row


def test_cell_beyond_the_end_of_a_row_is_blank() -> None:
    row = Row(1, ("총무과", 1000))

    assert (row.at(1), row.at(2)) == (1000, None)
