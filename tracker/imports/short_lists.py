"""Short lists from a file, of departments or people: read whole, looked at, and carried on to be taken in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from tracker.imports.problems import Problem
from tracker.imports.reading import Row, UnreadableFile, find_header, read_sheet
from tracker.imports.reading.headers import HEADER_WITHIN
from tracker.imports.reading.rows import to_cell

LAST_ROW = 10_000_000

L = TypeVar("L", bound=tuple[object, ...])


class UnusableList(ValueError):
    """The file holds no such list; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True)
class ShortList(Generic[L]):
    """A kind of list: a line is its row and the text of each field, None for an empty cell.

    `headings` holds by field how its column may be headed, the usual heading first; `required` are those that
    must be there, and of lines there may be `limit`.
    """

    line: Callable[..., L]
    headings: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    limit: int

    def usual_headings(self) -> list[str]:
        """Return how the columns are headed on our own sheet."""
        return [names[0] for names in self.headings.values()]

    def read(self, path: Path) -> list[L]:
        """Return the lines of a file. Raises UnreadableFile, UnusableList and OSError."""
        with read_sheet(path) as sheet:
            rows = list(islice(sheet.rows, HEADER_WITHIN + self.limit + 1))
        header = find_header(rows, self.headings, self.required)
        if header is None:
            raise UnusableList(Problem(None, None, None, "header_not_found"))
        for field in self.required:
            if field not in header.columns:
                column = {"column": self.headings[field][0]}
                raise UnusableList(Problem(header.row_number, None, None, "column_missing", column))
        lines = [
            self._line_of(row, header.columns) for row in rows if row.number > header.row_number and row.cells
        ]
        if not lines:
            raise UnusableList(Problem(header.row_number, None, None, "no_rows"))
        if len(lines) > self.limit:
            raise UnreadableFile("too_many_rows", limit=self.limit)
        return lines

    def restore(self, carried: object) -> list[L]:
        """Return the lines that a form carried, as JSON knows them; ValueError where they are none."""
        if not isinstance(carried, list) or not 0 < len(carried) <= self.limit:
            raise ValueError("no list")
        return [self._restored(each) for each in carried]

    def _line_of(self, row: Row, columns: Mapping[str, int]) -> L:
        cells = (row.at(columns[field]) if field in columns else None for field in self.headings)
        return self.line(row.number, *(None if cell is None else _in_one_line(str(cell)) for cell in cells))

    def _restored(self, values: object) -> L:
        if not isinstance(values, list) or len(values) != 1 + len(self.headings):
            raise ValueError("no line")
        row, *texts = values
        if type(row) is not int or not 0 < row < LAST_ROW:
            raise ValueError("no line")
        if not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError("no line")
        return self.line(row, *(text and _in_one_line(text) for text in texts))


def _in_one_line(text: str) -> str | None:
    """Return the text without control characters, one blank between words; None where nothing is left."""
    return " ".join(str(to_cell(text) or "").split()) or None
