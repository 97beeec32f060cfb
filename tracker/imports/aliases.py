"""Names in files that people pointed at the department or enterprise they mean, and that are remembered."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func as sql
from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.business_number import format_number
from tracker.core.names import normalise_heading, normalise_name
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, get_locked, transaction
from tracker.imports.models import Alias, Party

LONGEST_KEY, LONGEST_WRITTEN = 200, 300


class UnknownAlias(LookupError):
    """There is no such alias in use."""


class Pointer(NamedTuple):
    """A name as it is written, and the number of the department or enterprise that it means."""

    party: Party
    key: str
    written: str
    number: int


class AliasRow(NamedTuple):
    """A name that is remembered, with the name of whom it means."""

    id: int
    party: Party
    written: str
    number: int
    name: str
    learnt_by: int
    learnt_at: datetime


def department_key(name: str) -> str:
    """Return a department's name as it is compared."""
    return normalise_heading(name)[:LONGEST_KEY]


def enterprise_key(name: str | None, number: str | None) -> str:
    """Return what an enterprise is known by in a file: its number, else its name."""
    return number or normalise_name(name or "")[:LONGEST_KEY]


def written_enterprise(name: str | None, number: str | None) -> str:
    """Return an enterprise as a file names it."""
    shown = format_number(number) if number else None
    told = f"{name} ({shown})" if name and shown else (name or shown or "")
    return told[:LONGEST_WRITTEN]


def known_aliases(party: Party) -> dict[str, int]:
    """Return the numbers of the departments or enterprises that remembered names mean, by key."""
    number = Alias.department_id if party is Party.DEPARTMENT else Alias.enterprise_id
    rows = db.session.execute(
        select(Alias.key, number).where(Alias.party == party, Alias.withdrawn_at.is_(None)).order_by(Alias.id)
    )
    return {key: found for key, found in rows if found is not None}


def count_aliases() -> int:
    """Return how many names are remembered."""
    standing = select(sql.count()).select_from(Alias).where(Alias.withdrawn_at.is_(None))
    return db.session.scalar(standing) or 0


def list_aliases(first: int, number: int) -> list[AliasRow]:
    """Return so many remembered names from the first one on, counted from 0: departments first, by name."""
    rows = db.session.execute(
        select(
            Alias.id,
            Alias.party,
            Alias.written,
            sql.coalesce(Alias.department_id, Alias.enterprise_id),
            sql.coalesce(Department.name, Enterprise.name),
            Alias.learnt_by,
            Alias.learnt_at,
        )
        .outerjoin(Department, Department.id == Alias.department_id)
        .outerjoin(Enterprise, Enterprise.id == Alias.enterprise_id)
        .where(Alias.withdrawn_at.is_(None))
        .order_by(Alias.party, Alias.written, Alias.id)
        .offset(first)
        .limit(number)
    )
    return [AliasRow(*row) for row in rows]


def learn_aliases(pointers: Sequence[Pointer], by: Acting) -> int:
    """Remember whom names mean, in place of what was remembered before; return how many they are."""
    with transaction():
        for each in pointers:
            for before in db.session.scalars(
                select(Alias).where(
                    Alias.party == each.party, Alias.key == each.key, Alias.withdrawn_at.is_(None)
                )
            ):
                before.withdrawn_at = by.at
            is_department = each.party is Party.DEPARTMENT
            alias = Alias(
                party=each.party,
                key=each.key,
                written=each.written,
                department_id=each.number if is_department else None,
                enterprise_id=None if is_department else each.number,
                learnt_by=by.actor_id,
                learnt_at=by.at,
            )
            db.session.add(alias)
            db.session.flush()
            told = {"written": each.written, f"{each.party.value}_id": each.number}
            record_event(by, "alias.learn", "alias", alias.id, told)
        return len(pointers)


def withdraw_alias(alias_id: int, by: Acting) -> None:
    """Do not remember a name any more; what came in by it stays. Raises UnknownAlias."""
    with transaction():
        alias = get_locked(Alias, alias_id)
        if alias is None or alias.withdrawn_at is not None:
            raise UnknownAlias(alias_id)
        alias.withdrawn_at = by.at
        record_event(by, "alias.withdraw", "alias", alias_id, {"written": alias.written})
