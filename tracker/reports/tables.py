"""Tables reshaped for people; the only place of reports that uses pandas."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from tracker.core.money import Won


class Cell(NamedTuple):
    """What one purchase adds to a cross table: an amount in a row and a column."""

    row: str
    column: str
    amount: Won


def cross_table(cells: Iterable[Cell], rows: list[str], columns: list[str]) -> list[list[Won]]:
    """Return the sums of the cells, laid out in these rows and columns; 0 where nothing stands."""
    frame = pd.DataFrame(list(cells), columns=list(Cell._fields)).astype({"amount": "int64"})
    table = frame.pivot_table(index="row", columns="column", values="amount", aggfunc="sum", fill_value=0)
    return [
        [int(amount) for amount in line]
        for line in table.reindex(index=rows, columns=columns, fill_value=0).to_numpy()
    ]
