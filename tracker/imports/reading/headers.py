"""Finding the row of headings below a preamble, and which column holds what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tracker.core.names import normalise_heading
from tracker.imports.reading.rows import Row

HEADER_WITHIN = 60  # the data hub's export has 45 rows before its headings
LEAST_FIELDS = 2


class HeaderMatch(NamedTuple):
    """The row of headings: columns count from 0."""

    row_number: int
    columns: dict[str, int]
    headings: tuple[str, ...]
    score: int  # how many fields were recognised


def find_header(
    rows: Iterable[Row],
    synonyms: Mapping[str, Sequence[str]],
    required: Collection[str] = (),
    limit: int = HEADER_WITHIN,
) -> HeaderMatch | None:
    """Return the row among the first that names most fields, None where no row names two.

    A tie goes to the row with more required fields, then to the earlier one. Headings match whole, whatever
    their blanks and case; a repeated one counts in its first column. Takes up to `limit` rows from an
    iterator: pass a list to keep them.
    """
    field_of: dict[str, str] = {}
    for field, headings in synonyms.items():
        for heading in headings:
            field_of.setdefault(normalise_heading(heading), field)
    best, best_rank = None, (LEAST_FIELDS, -1)
    for row in islice(rows, limit):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row.cells):
            if named := field_of.get(normalise_heading(str(cell))):
                columns.setdefault(named, column)
        rank = (len(columns), len(columns.keys() & set(required)))
        if rank > best_rank:
            texts = tuple("" if cell is None else str(cell) for cell in row.cells)
            best, best_rank = HeaderMatch(row.number, columns, texts, len(columns)), rank
    return best
