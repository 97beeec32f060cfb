"""A list of departments from a file: its lines, what they would add, and what is wrong with them."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    DepartmentRow,
    Directory,
    list_departments,
)
from tracker.departments.services import DepartmentDraft
from tracker.imports.cells import CellError, parse_text, parse_word
from tracker.imports.problems import Problem, Severity
from tracker.imports.short_lists import ShortList

MAX_LINES = 2_000  # the whole list travels through the preview's form
NAME, CODE, PARENT, AFFILIATION = "부서명", "코드", "상위부서", "소속"
HEADINGS = {
    "name": (NAME, "부서", "기관명", "조직명", "명칭"),
    "code": (CODE, "부서코드", "기관코드", "조직코드"),
    "parent": (PARENT, "상위", "상위기관", "상위조직", "상위부서명", "상위기관명"),
    "affiliation": (AFFILIATION, "소속구분", "기관구분"),
}
AFFILIATIONS = {
    "출자": Affiliation.AFFILIATED,
    "출연": Affiliation.AFFILIATED,
    "공사": Affiliation.AFFILIATED,
    "공단": Affiliation.AFFILIATED,
    "본청": Affiliation.OWN,
    "소속": Affiliation.OWN,
}
LENGTHS = {"name": 100, "code": 40, "parent": 300, "affiliation": 40}


class ListLine(NamedTuple):
    """One line of the list, its cells as texts."""

    row: int
    name: str | None
    code: str | None
    parent: str | None
    affiliation: str | None


class PlannedLine(NamedTuple):
    """What a line comes to: a new department at this path, one that is there already, or neither."""

    line: ListLine
    path: str | None
    is_new: bool


class DepartmentPlan(NamedTuple):
    """What the list would add, in an order in which parents come first; `problems` in the file's order."""

    lines: list[PlannedLine]
    drafts: list[DepartmentDraft]
    problems: list[Problem]

    @property
    def is_refused(self) -> bool:
        """Return whether an error keeps the whole list out."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


DEPARTMENTS = ShortList(ListLine, HEADINGS, ("name",), MAX_LINES)


def plan_departments(lines: Sequence[ListLine]) -> DepartmentPlan:
    """Return what the lines would add to the departments there are; DepartmentNotFound without institution.

    A parent may stand anywhere in the list, or be registered already; none means the institution.
    """
    return _Planner(lines).plan()


class _Read(NamedTuple):
    line: ListLine
    name: str
    code: str | None
    parent: str | None
    affiliation: Affiliation


class _Planner:
    """Puts the lines into the tree, round by round: those whose parent is known by then."""

    def __init__(self, lines: Sequence[ListLine]) -> None:
        self._lines = lines
        self._rows = list_departments()
        if not self._rows:
            raise DepartmentNotFound("root")
        self._code_holders = {row.code: row.name for row in self._rows if row.code}
        self._places = {(row.parent_id, row.name): row for row in self._rows if row.valid_to is None}
        self._drafts: list[DepartmentDraft] = []
        self._planned: dict[int, PlannedLine] = {}
        self._first_rows: dict[int, int] = {}
        self._problems: list[Problem] = []

    def plan(self) -> DepartmentPlan:
        waiting = [read for line in self._lines if (read := self._read(line))]
        while waiting:
            directory = Directory(self._rows)
            left = [read for read in waiting if not self._place(read, directory)]
            if len(left) == len(waiting):
                for read in left:
                    closest = ", ".join(directory.closest_names(read.parent or "")) or "–"
                    self._report(read.line, PARENT, read.parent, "department_unknown", closest=closest)
                break
            waiting = left
        self._problems.sort(key=lambda problem: problem.row or 0)
        lines = [self._planned.get(line.row) or PlannedLine(line, None, is_new=False) for line in self._lines]
        return DepartmentPlan(lines, self._drafts, self._problems)

    def _read(self, line: ListLine) -> _Read | None:
        """Return the line's values, or note what is wrong with them."""
        values: dict[str, str | None] = {}
        affiliation = Affiliation.OWN
        is_readable = True
        for field, heading in (
            ("name", NAME),
            ("code", CODE),
            ("parent", PARENT),
            ("affiliation", AFFILIATION),
        ):
            text = getattr(line, field)
            try:
                values[field] = parse_text(text, LENGTHS[field])
                if field == "affiliation":
                    affiliation = parse_word(text, Affiliation, AFFILIATIONS) or Affiliation.OWN
            except CellError as error:
                shown = None if error.code == "resident_number" else text
                self._report(line, heading, shown, error.code, **error.parameters)
                is_readable = False
        name = values.get("name")
        if not is_readable or name is None:
            if is_readable:
                self._report(line, NAME, None, "cell_missing")
            return None
        return _Read(line, name, values["code"], values["parent"], affiliation)

    def _place(self, read: _Read, directory: Directory) -> bool:
        """Take up a line whose parent is known; return False where it is not yet."""
        try:
            parent = directory.find(read.parent) if read.parent else self._rows[0]
        except DepartmentNotFound:
            return False
        except AmbiguousDepartment as error:
            candidates = ", ".join(error.candidates)
            self._report(read.line, PARENT, read.parent, "department_ambiguous", candidates=candidates)
            return True
        if standing := self._places.get((parent.id, read.name)):
            if standing.id in self._first_rows:
                first_row = str(self._first_rows[standing.id])
                self._report(read.line, NAME, read.name, "department_repeated", row=first_row)
            else:
                self._report(read.line, NAME, read.name, "department_known")
                self._planned[read.line.row] = PlannedLine(read.line, standing.path, is_new=False)
        elif read.code in self._code_holders:
            self._report(read.line, CODE, read.code, "code_taken", name=self._code_holders[read.code])
        else:
            self._add(read, parent)
        return True

    def _add(self, read: _Read, parent: DepartmentRow) -> None:
        self._drafts.append(
            DepartmentDraft(name=read.name, parent_id=parent.id, code=read.code, affiliation=read.affiliation)
        )
        row = parent._replace(
            id=-len(self._drafts),
            parent_id=parent.id,
            name=read.name,
            path=read.name if parent.parent_id is None else f"{parent.path}/{read.name}",
            code=read.code,
            valid_to=None,
        )
        self._rows.append(row)
        self._places[parent.id, read.name] = row
        self._first_rows[row.id] = read.line.row
        if read.code:
            self._code_holders[read.code] = read.name
        self._planned[read.line.row] = PlannedLine(read.line, row.path, is_new=True)

    def _report(
        self, line: ListLine, column: str, value: str | None, code: str, **parameters: object
    ) -> None:
        self._problems.append(Problem(line.row, column, value, code, parameters))
