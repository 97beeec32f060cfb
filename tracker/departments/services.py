"""Setting up departments and reorganising them."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import Affiliation
from tracker.departments.models import Department, Succession
from tracker.extensions import db, get_locked, transaction


class UnknownDepartment(LookupError):
    """There is no department with this number."""


class DuplicateDepartment(ValueError):
    """The parent already has a department of this name, or the code is taken."""


def add_department(
    name: str,
    *,
    parent_id: int | None,
    by: Acting,
    code: str | None = None,
    affiliation: Affiliation = Affiliation.OWN,
    valid_from: date | None = None,
    is_institution: bool = False,
    sort_order: int = 0,
) -> int:
    """Add a department below its parent and return its number; without parent it is the institution."""
    with transaction():
        same_place = select(Department.id).where(
            Department.name == name, Department.parent_id == parent_id, Department.valid_to.is_(None)
        )
        same_code = select(Department.id).where(Department.code == code)
        if db.session.scalar(same_place.limit(1)) or (code and db.session.scalar(same_code)):
            raise DuplicateDepartment(name)
        department = Department(
            parent_id=parent_id,
            name=name,
            code=code,
            affiliation=affiliation,
            valid_from=valid_from,
            is_institution=is_institution or parent_id is None,
            sort_order=sort_order,
        )
        db.session.add(department)
        db.session.flush()
        record_event(
            by,
            "department.add",
            "department",
            department.id,
            {"name": name, "parent": parent_id, "code": code, "affiliation": affiliation, "from": valid_from},
        )
        return department.id


def close_department(department_id: int, last_day: date, by: Acting) -> None:
    """Close a department; its purchases stay where they are."""
    with transaction():
        department = get_locked(Department, department_id)
        if department is None:
            raise UnknownDepartment(department_id)
        before, department.valid_to = department.valid_to, last_day
        record_event(by, "department.close", "department", department_id, {"valid_to": [before, last_day]})


def reorganise(
    predecessor_ids: Sequence[int], successor_ids: Sequence[int], happened_on: date, by: Acting
) -> None:
    """Reorganise (조직개편): from `happened_on` the successors do what the predecessors did.

    A predecessor that is not among its own successors closes the day before.
    """
    with transaction():
        for predecessor_id in predecessor_ids:
            for successor_id in successor_ids:
                if predecessor_id != successor_id:
                    db.session.add(
                        Succession(
                            predecessor_id=predecessor_id, successor_id=successor_id, happened_on=happened_on
                        )
                    )
            if predecessor_id not in successor_ids:
                close_department(predecessor_id, happened_on - timedelta(days=1), by)
        record_event(
            by,
            "department.reorganise",
            "department",
            None,
            {"from": list(predecessor_ids), "to": list(successor_ids), "on": happened_on},
        )
