"""Finding the row of headings below a preamble, and which column holds what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from tracker.core.names import normalise_heading
from tracker.imports.reading.rows import Row

HEADER_WITHIN = 60  # the data hub's export has 45 rows before its headings
LEAST_FIELDS = 2


class HeaderMatch(NamedTuple):
    """The row of headings, the lower one where two are read together: columns count from 0."""

    row_number: int
    columns: dict[str, int]
    headings: tuple[str, ...]
    score: int  # how many fields were recognised
    rows: tuple[tuple[str, ...], ...] = ()  # as they stand in the file


def find_header(
    rows: Iterable[Row],
    synonyms: Mapping[str, Sequence[str]],
    required: Collection[str] = (),
    limit: int = HEADER_WITHIN,
) -> HeaderMatch | None:
    """Return the row among the first that names most fields, None where no row names two.

    A tie goes to the row with more required fields, then to the earlier one. Headings match whole, whatever
    their blanks and case; a repeated one counts in its first column. Two rows are headings together where
    that names more: merged cells, such as 부서 over both rows, or 계약 over 명 and 일자. Takes up to `limit`
    rows from an iterator: pass a list to keep them.
    """
    field_of: dict[str, str] = {}
    for field, headings in synonyms.items():
        for heading in headings:
            field_of.setdefault(normalise_heading(heading), field)
    best, best_rank = None, (LEAST_FIELDS, -1)
    above: tuple[str, ...] = ()
    for row in islice(rows, limit):
        texts = tuple("" if cell is None else str(cell) for cell in row.cells)
        readings: list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = [(texts, (texts,))]
        if together := _together(above, texts, field_of):
            readings.append((together, (above, texts)))
        for headings, stand in readings:
            columns: dict[str, int] = {}
            for column, heading in enumerate(headings):
                if named := field_of.get(normalise_heading(heading)):
                    columns.setdefault(named, column)
            rank = (len(columns), len(columns.keys() & set(required)))
            if rank > best_rank:
                best, best_rank = HeaderMatch(row.number, columns, headings, len(columns), stand), rank
        above = texts
    return best


def _together(above: tuple[str, ...], below: tuple[str, ...], field_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return the headings that two rows are together; a cell merged over several columns heads all.

    There are none where most of the lower row names nothing: it is one of data.
    """
    headings: list[str] = []
    group, named, others = "", 0, 0
    for upper, lower in zip_longest(above, below, fillvalue=""):
        group = upper or group
        both = f"{group} {lower}"
        heading = both if lower and normalise_heading(both) in field_of else lower or upper
        headings.append(heading)
        if lower:
            is_named = normalise_heading(heading) in field_of
            named, others = named + is_named, others + (not is_named)
    return tuple(headings) if named > others else ()
