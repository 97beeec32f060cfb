"""Tables reshaped for people; the only place of reports that uses pandas."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from tracker.core.money import Won


class Cell(NamedTuple):
    """What one purchase adds to a cross table: an amount in a row, a column and a year."""

    row: str
    column: str
    year: int
    amount: Won


def cross_table(
    cells: Iterable[Cell], rows: Sequence[str], columns: Sequence[str], years: Sequence[int]
) -> list[list[list[Won]]]:
    """Return the sums of the cells: for each row a list by year, each by column; 0 where nothing stands."""
    frame = pd.DataFrame(list(cells), columns=list(Cell._fields)).astype({"amount": "int64"})
    table = frame.pivot_table(
        index="row", columns=["year", "column"], values="amount", aggfunc="sum", fill_value=0
    )
    whole = table.reindex(
        index=list(rows), columns=pd.MultiIndex.from_product([list(years), list(columns)]), fill_value=0
    )
    sums = whole.to_numpy().reshape(len(rows), len(years), len(columns))
    return [[[int(amount) for amount in line] for line in by_year] for by_year in sums]
