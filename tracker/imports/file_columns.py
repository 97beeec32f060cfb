"""The columns of a file that was sent, as a person is asked what they mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tracker.core.names import normalise_heading
from tracker.imports.columns import COLUMNS
from tracker.imports.layouts import Layout, Recognised, recognise
from tracker.imports.models import ImportSubject
from tracker.imports.reading import Cell, Row, read_sheet
from tracker.imports.reading.headers import HEADER_WITHIN

SAMPLES, SAMPLED_ROWS = 3, 200
LONGEST_HEADING, LONGEST_SAMPLE = 80, 40
LEAST_ENDING = 2


class FileColumn(NamedTuple):
    """A heading of the file, some of what stands below it, and the field that it seems to be."""

    heading: str
    samples: tuple[str, ...]
    guess: str | None


class FileColumns(NamedTuple):
    """The headings of a file, and the rows that may hold them, each with the beginning of its cells."""

    header_row: int
    columns: list[FileColumn]
    rows: list[tuple[int, str]]


def recognised_in(
    path: Path, subject: ImportSubject, name: str | None, learnt: Sequence[Layout]
) -> Recognised | None:
    """Return the layout of a file, None where its headings are not known. Raises UnreadableFile."""
    with read_sheet(path) as sheet:
        return recognise(list(islice(sheet.rows, HEADER_WITHIN)), subject, name, learnt)


def read_columns(
    path: Path, subject: ImportSubject, recognised: Recognised | None, header_row: int | None
) -> FileColumns:
    """Return the columns below the row that is asked for, else below the likeliest. Raises UnreadableFile."""
    with read_sheet(path) as sheet:
        rows = list(islice(sheet.rows, HEADER_WITHIN + SAMPLED_ROWS))
    filled = [row for row in rows[:HEADER_WITHIN] if row.cells]
    numbers = {row.number for row in filled}
    if header_row not in numbers and recognised and recognised.header.row_number in numbers:
        header_row = recognised.header.row_number
    header = next((row for row in filled if row.number == header_row), None) or max(filled, key=_headings)
    guesses = _guesses(subject)
    if recognised and recognised.header.row_number == header.number:
        guesses |= {
            normalise_heading(recognised.heading(field)): field for field in recognised.header.columns
        }
    below = [row for row in rows if row.number > header.number]
    return FileColumns(
        header.number,
        list(_columns(header, below, guesses)),
        [(row.number, _beginning(row)) for row in filled],
    )


def _columns(header: Row, below: Sequence[Row], known: Mapping[str, str]) -> Iterator[FileColumn]:
    positions: dict[str, int] = {}
    for position, cell in enumerate(header.cells):
        if cell is not None and (key := normalise_heading(str(cell))):
            positions.setdefault(key, position)  # of columns headed alike the first one counts
    guesses = _guess(positions, known)
    for key, position in positions.items():
        samples = (_show(row.at(position)) for row in below if row.at(position) is not None)
        heading = str(header.at(position))[:LONGEST_HEADING]
        yield FileColumn(heading, tuple(islice(samples, SAMPLES)), guesses.get(key))


def _guess(keys: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the likely field of headings: known ones first, then those that end in a known one."""
    found: dict[str, str] = {}
    for key in keys:
        if key in known and known[key] not in found.values():
            found[key] = known[key]
    for key in keys:
        endings = [each for each in known if len(each) >= LEAST_ENDING and key.endswith(each)]
        field = known[max(endings, key=len)] if endings else None
        if field and key not in found and field not in found.values():
            found[key] = field
    return found


def _guesses(subject: ImportSubject) -> dict[str, str]:
    return {
        normalise_heading(heading): column.field
        for column in reversed(COLUMNS[subject])
        for heading in (column.heading, *column.synonyms)
    }


def _headings(row: Row) -> int:
    """Return how many different texts stand in the row that are no numbers."""
    return len({cell for cell in row.cells if isinstance(cell, str) and not any(map(str.isdigit, cell))})


def _beginning(row: Row) -> str:
    shown = " | ".join(_show(cell) for cell in row.cells[:6] if cell is not None)
    return shown[:LONGEST_HEADING]


def _show(cell: Cell) -> str:
    text = str(cell)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"
