"""Reading the tree of departments."""

import difflib
from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from tracker.core.names import normalise_heading
from tracker.core.vocabulary import Affiliation
from tracker.departments.models import Department, Succession
from tracker.extensions import db

PATH_SEPARATOR = "/"


class DepartmentNotFound(LookupError):
    """No department has this name, code or path."""


class AmbiguousDepartment(LookupError):
    """Several departments have this name; `candidates` are their paths."""

    def __init__(self, name: str, candidates: list[str]) -> None:
        super().__init__(name)
        self.candidates = candidates


class DepartmentRow(NamedTuple):
    """A department in its tree; `body_id` is the institution it belongs to, or itself."""

    id: int
    parent_id: int | None
    name: str
    path: str
    code: str | None
    affiliation: Affiliation
    valid_from: date | None
    valid_to: date | None
    body_id: int
    sort_order: int
    depth: int
    version: int

    def is_open_on(self, day: date) -> bool:
        """Return whether the department is there on this day."""
        return (self.valid_from is None or self.valid_from <= day) and not self.is_closed_on(day)

    def is_closed_on(self, day: date) -> bool:
        """Return whether the department's last day lies before this one."""
        return self.valid_to is not None and self.valid_to < day

    def was_there_in(self, year: int) -> bool:
        """Return whether the department is there on any day of the year."""
        return not self.is_closed_on(date(year, 1, 1)) and (
            self.valid_from is None or self.valid_from <= date(year, 12, 31)
        )


class SuccessionRow(NamedTuple):
    """One line of a reorganisation."""

    predecessor_id: int
    successor_id: int
    happened_on: date


class Directory:
    """All departments, found by name, code or path."""

    def __init__(self, rows: list[DepartmentRow]) -> None:
        self.rows = rows
        self._by_key: dict[str, dict[int, DepartmentRow]] = defaultdict(dict)
        for row in rows:
            for key in (row.name, row.path, row.code):
                if key:
                    self._by_key[normalise_heading(key)][row.id] = row

    def find(self, name_or_code_or_path: str) -> DepartmentRow:
        """Return the one department of this name, code or path (`강남구/총무과`, with or without the root).

        Raises DepartmentNotFound or AmbiguousDepartment.
        """
        key = normalise_heading(name_or_code_or_path)
        found = list(self._by_key.get(key, {}).values())
        if not found and PATH_SEPARATOR in key:
            found = [row for row in self.rows if normalise_heading(row.path).endswith(PATH_SEPARATOR + key)]
        if not found:
            raise DepartmentNotFound(name_or_code_or_path)
        if len(found) > 1:
            raise AmbiguousDepartment(name_or_code_or_path, [row.path for row in found])
        return found[0]

    def closest_names(self, name: str, count: int = 3) -> list[str]:
        """Return the names most like this one, for a person to choose from."""
        return difflib.get_close_matches(name, [row.name for row in self.rows], n=count, cutoff=0.4)


def list_departments() -> list[DepartmentRow]:
    """Return every department, parents before their children, in the office's own order."""
    departments = list(db.session.scalars(select(Department).order_by(Department.sort_order, Department.id)))
    children: dict[int | None, list[Department]] = defaultdict(list)
    for department in departments:
        children[department.parent_id].append(department)
    rows: list[DepartmentRow] = []

    def visit(department: Department, path: str, body_id: int, depth: int) -> None:
        body_id = department.id if department.is_institution else body_id
        rows.append(
            DepartmentRow(
                department.id,
                department.parent_id,
                department.name,
                path,
                department.code,
                department.affiliation,
                department.valid_from,
                department.valid_to,
                body_id,
                department.sort_order,
                depth,
                department.version,
            )
        )
        for child in children[department.id]:
            # A path leads down from the institution: its own name goes without saying.
            path_of_child = child.name if department.parent_id is None else f"{path}/{child.name}"
            visit(child, path_of_child, body_id, depth + 1)

    for root in children[None]:
        visit(root, root.name, root.id, 0)
    return rows


def get_root() -> DepartmentRow:
    """Return the institution at the top of the tree; LookupError before it is set up."""
    for row in list_departments():
        return row
    raise DepartmentNotFound("root")


def name_institution(before_set_up: str) -> str:
    """Return the name of the institution at the top of the tree, or the given one before there is any."""
    name = db.session.scalar(select(Department.name).where(Department.parent_id.is_(None)).limit(1))
    return name or before_set_up


def find_department(name_or_code_or_path: str) -> DepartmentRow:
    """Return one department; see `Directory.find`."""
    return Directory(list_departments()).find(name_or_code_or_path)


def closest_names(name: str, count: int = 3) -> list[str]:
    """Return the department names most like this one."""
    return Directory(list_departments()).closest_names(name, count)


def subtree_ids(department_id: int, rows: list[DepartmentRow] | None = None) -> list[int]:
    """Return the department itself and everything below it."""
    found = {department_id}
    for row in rows if rows is not None else list_departments():
        if row.parent_id in found:
            found.add(row.id)
    return sorted(found)


def list_successions() -> list[SuccessionRow]:
    """Return all reorganisations, the earliest first."""
    rows = db.session.scalars(
        select(Succession).order_by(
            Succession.happened_on, Succession.predecessor_id, Succession.successor_id
        )
    )
    return [SuccessionRow(row.predecessor_id, row.successor_id, row.happened_on) for row in rows]
