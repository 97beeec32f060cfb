"""Setting up departments, changing them, and reorganising them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func as sql
from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import Affiliation
from tracker.departments.models import Department, Succession
from tracker.departments.queries import list_departments, subtree_ids
from tracker.extensions import db, get_locked, transaction

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class DepartmentDraft:
    """What is said of a department; without `sort_order` it comes last among its neighbours."""

    name: str
    parent_id: int | None
    code: str | None = None
    affiliation: Affiliation = Affiliation.OWN
    valid_from: date | None = None
    is_institution: bool = False
    sort_order: int | None = None


class UnknownDepartment(LookupError):
    """There is no department with this number."""


class StaleDepartment(Exception):
    """Someone else changed the department since it was opened."""


class DuplicateDepartment(ValueError):
    """The parent already has an open department of this name, or the code is taken: see `field`."""

    def __init__(self, field: str, name: str) -> None:
        super().__init__(name)
        self.field = field
        self.name = name


class MisplacedDepartment(ValueError):
    """A department cannot stand below itself, and only the institution stands below nothing."""


class ReversedPeriod(ValueError):
    """The department would end before it begins."""


class NotClosed(ValueError):
    """A department that is open cannot be opened again."""


class OpenBelow(ValueError):
    """A department cannot close while others below it are open; `name` is one of them."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ReorganisationRefused(ValueError):
    """These departments cannot be reorganised so: `reason` is a stable word, `name` whose fault it is."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason, name)
        self.reason = reason
        self.name = name


def add_department(
    name: str,
    *,
    parent_id: int | None,
    by: Acting,
    code: str | None = None,
    affiliation: Affiliation = Affiliation.OWN,
    valid_from: date | None = None,
    is_institution: bool = False,
    sort_order: int | None = None,
) -> int:
    """Add a department below its parent and return its number; without parent it is the institution.

    Raises DuplicateDepartment, and MisplacedDepartment where there is an institution already.
    """
    with transaction():
        _lock_tree()
        _check_names(name, parent_id, code)
        if parent_id is None and db.session.scalar(select(Department.id).limit(1)):
            raise MisplacedDepartment
        department = Department(
            parent_id=parent_id,
            name=name,
            code=code,
            affiliation=affiliation,
            valid_from=valid_from,
            is_institution=is_institution or parent_id is None,
            sort_order=_last_place(parent_id) if sort_order is None else sort_order,
            version=1,
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


def add_departments(drafts: Sequence[DepartmentDraft], by: Acting) -> list[int]:
    """Add a whole list and return the numbers; a parent of −1 is the first of the list, −2 the second."""
    with transaction():
        added: list[int] = []
        for draft in drafts:
            parent_id = draft.parent_id
            if parent_id is not None and parent_id < 0:
                parent_id = added[-parent_id - 1]
            added.append(add_department(**asdict(replace(draft, parent_id=parent_id)), by=by))
        return added


def update_department(department_id: int, draft: DepartmentDraft, version: int, by: Acting) -> bool:
    """Change a department and return whether anything differed; the trail keeps what it was before.

    Raises UnknownDepartment, StaleDepartment, DuplicateDepartment, MisplacedDepartment and ReversedPeriod.
    """
    with transaction():
        _lock_tree()
        department = _locked(department_id, version)
        if department.valid_to is None:
            _check_names(draft.name, draft.parent_id, draft.code, department_id)
        else:
            _check_code(draft.code, department_id)
        is_root = department.parent_id is None
        if is_root != (draft.parent_id is None) or (draft.parent_id in subtree_ids(department_id)):
            raise MisplacedDepartment
        if draft.valid_from and department.valid_to and draft.valid_from > department.valid_to:
            raise ReversedPeriod
        values = asdict(draft) | {"is_institution": draft.is_institution or is_root}
        if draft.sort_order is None:
            values["sort_order"] = department.sort_order
        changes = {
            name: [getattr(department, name), value]
            for name, value in values.items()
            if getattr(department, name) != value
        }
        if not changes:
            return False
        for name, (_, value) in changes.items():
            setattr(department, name, value)
        department.version += 1
        record_event(by, "department.update", "department", department_id, {"changes": changes})
        return True


def close_department(
    department_id: int, last_day: date | None, by: Acting, reason: str = "", version: int | None = None
) -> None:
    """Close a department, or without a last day open it again; its purchases stay where they are.

    Raises UnknownDepartment, StaleDepartment, NotClosed, ReversedPeriod, OpenBelow, and DuplicateDepartment
    where another has taken its name meanwhile.
    """
    with transaction():
        _lock_tree()
        department = _locked(department_id, version)
        if last_day is None and department.valid_to is None:
            raise NotClosed
        if last_day is None:
            _check_names(department.name, department.parent_id, None, department_id)
        elif department.valid_from and last_day < department.valid_from:
            raise ReversedPeriod
        elif below := db.session.scalar(
            select(Department.name)
            .where(
                Department.parent_id == department_id,
                Department.valid_to.is_(None) | (Department.valid_to > last_day),
            )
            .limit(1)
        ):
            raise OpenBelow(below)
        before, department.valid_to = department.valid_to, last_day
        department.version += 1
        record_event(
            by,
            "department.close" if last_day else "department.reopen",
            "department",
            department_id,
            {"valid_to": [before, last_day], "reason": reason},
        )


def reorganise(
    predecessor_ids: Sequence[int],
    successor_ids: Sequence[int],
    happened_on: date,
    by: Acting,
    new: Sequence[DepartmentDraft] = (),
    versions: Mapping[int, int] | None = None,
) -> list[int]:
    """Reorganise (조직개편): from `happened_on` the successors do what the predecessors did.

    A predecessor that is not among its own successors closes the day before. `new` are successors to be added
    that day; returns the numbers of all successors. Raises ReorganisationRefused, and StaleDepartment where
    one of `versions` is not the current one.
    """
    with transaction():
        _lock_tree()
        seen = versions or {}
        known = {each: _locked(each, seen.get(each)) for each in sorted({*predecessor_ids, *successor_ids})}
        _check_reorganisation(
            [known[each] for each in predecessor_ids],
            [known[each] for each in successor_ids],
            happened_on,
            new,
        )
        closing = set(predecessor_ids) - set(successor_ids)
        # From below, so that a bureau can close together with its departments.
        for row in reversed(list_departments()):
            if row.id in closing:
                close_department(row.id, happened_on - ONE_DAY, by)
        # Only now: a new department may take the name of one that has just closed.
        successors = [*successor_ids, *(add_department(**asdict(draft), by=by) for draft in new)]
        for predecessor_id in predecessor_ids:
            for successor_id in successors:
                if predecessor_id != successor_id:
                    db.session.add(
                        Succession(
                            predecessor_id=predecessor_id, successor_id=successor_id, happened_on=happened_on
                        )
                    )
        record_event(
            by,
            "department.reorganise",
            "department",
            None,
            {"from": list(predecessor_ids), "to": successors, "on": happened_on},
        )
        return successors


@contextmanager
def rehearsed_reorganisation(
    predecessor_ids: Sequence[int],
    successor_ids: Sequence[int],
    happened_on: date,
    by: Acting,
    new: Sequence[DepartmentDraft] = (),
    versions: Mapping[int, int] | None = None,
) -> Iterator[list[int]]:
    """Reorganise, let the block look at what would be, and take all of it back."""
    with suppress(_TakenBack), transaction():
        yield reorganise(predecessor_ids, successor_ids, happened_on, by, new, versions)
        raise _TakenBack


def withdraw_succession(predecessor_id: int, successor_id: int, reason: str, by: Acting) -> None:
    """Take back that one department succeeds another; a predecessor it had closed is open again.

    Raises UnknownDepartment where there is no such succession, and DuplicateDepartment where another
    department has taken the predecessor's name.
    """
    with transaction():
        _lock_tree()
        predecessor = _locked(predecessor_id, None)
        succession = db.session.get(Succession, (predecessor_id, successor_id))
        if succession is None:
            raise UnknownDepartment(predecessor_id, successor_id)
        happened_on = succession.happened_on
        db.session.delete(succession)
        db.session.flush()
        others = select(Succession.successor_id).where(
            Succession.predecessor_id == predecessor_id, Succession.happened_on == happened_on
        )
        if predecessor.valid_to == happened_on - ONE_DAY and db.session.scalar(others.limit(1)) is None:
            close_department(predecessor_id, None, by, reason)
        record_event(
            by,
            "department.withdraw_succession",
            "department",
            predecessor_id,
            {"successor": successor_id, "on": happened_on, "reason": reason},
        )


class _TakenBack(Exception):
    """A rehearsal is over."""


def _lock_tree() -> None:
    """Let one change of the tree wait for the other: names, codes and places are judged over many rows."""
    db.session.execute(
        select(Department.id).where(Department.parent_id.is_(None)).with_for_update(key_share=True)
    )


def _locked(department_id: int, version: int | None) -> Department:
    department = get_locked(Department, department_id)
    if department is None:
        raise UnknownDepartment(department_id)
    if version is not None and department.version != version:
        raise StaleDepartment(department_id)
    return department


def _check_names(name: str, parent_id: int | None, code: str | None, besides: int | None = None) -> None:
    same_place = select(Department.id).where(
        Department.name == name,
        Department.parent_id == parent_id,
        Department.valid_to.is_(None),
        Department.id != (besides or 0),
    )
    if db.session.scalar(same_place.limit(1)):
        raise DuplicateDepartment("name", name)
    _check_code(code, besides)


def _check_code(code: str | None, besides: int | None = None) -> None:
    if code is None:
        return
    holder = select(Department.name).where(Department.code == code, Department.id != (besides or 0))
    if (name := db.session.scalar(holder)) is not None:
        raise DuplicateDepartment("code", name)


def _last_place(parent_id: int | None) -> int:
    last = select(sql.max(Department.sort_order)).where(Department.parent_id == parent_id)
    return db.session.scalar(last) or 0


def _check_reorganisation(
    predecessors: Sequence[Department],
    successors: Sequence[Department],
    happened_on: date,
    new: Sequence[DepartmentDraft],
) -> None:
    """Raise ReorganisationRefused where nothing would happen, or did already, or something is closed."""
    if not predecessors or not (successors or new):
        raise ReorganisationRefused("incomplete")
    ids = {each.id for each in predecessors}, {each.id for each in successors}
    if len(ids[0]) == 1 and ids[0] == ids[1] and not new:
        raise ReorganisationRefused("nothing")
    parents = {draft.parent_id for draft in new}
    for department in predecessors:
        if department.parent_id is None:
            raise ReorganisationRefused("institution", department.name)
        is_parent = department.id in parents and department.id not in ids[1]
        if is_parent or (department.valid_to and department.valid_to < happened_on - ONE_DAY):
            raise ReorganisationRefused("closed", department.name)
    for department in successors:
        if department.valid_to and department.valid_to < happened_on:
            raise ReorganisationRefused("closed", department.name)
    repeated = select(Succession.predecessor_id).where(
        Succession.predecessor_id.in_(ids[0]), Succession.successor_id.in_(ids[1])
    )
    if (predecessor_id := db.session.scalar(repeated.limit(1))) is not None:
        raise ReorganisationRefused(
            "repeated", next(each.name for each in predecessors if each.id == predecessor_id)
        )
