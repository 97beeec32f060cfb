"""Reading enterprises and their certificates."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select

from tracker.core.certification import Certificate, StatusEvent
from tracker.core.names import normalise_heading, normalise_name
from tracker.enterprises.models import Certification, CertificationEvent, CertificationType, Enterprise
from tracker.extensions import chunks, db


class TypeRow(NamedTuple):
    """One certification type as people read it."""

    code: str
    name: str
    is_social_economy: bool
    usual_years: int | None


def list_types() -> list[TypeRow]:
    """Return all certification types in the order of reports."""
    rows = db.session.scalars(select(CertificationType).order_by(CertificationType.sort_order))
    return [TypeRow(row.code, row.name, row.is_social_economy, row.usual_years) for row in rows]


def type_codes_by_name() -> dict[str, str]:
    """Return each type's code by its code, name and synonyms, normalised as headings are."""
    names: dict[str, str] = {}
    for row in db.session.scalars(select(CertificationType)):
        for name in (row.code, row.name, *row.synonyms.split("|")):
            if name:
                names[normalise_heading(name)] = row.code
    return names


def certificates_of(enterprise_ids: Collection[int]) -> dict[int, list[Certificate]]:
    """Return each enterprise's certificates with their status events; one without has none."""
    social = {row.code: row.is_social_economy for row in list_types()}
    found: dict[int, list[Certificate]] = defaultdict(list)
    for run in chunks(enterprise_ids):
        events: dict[int, list[StatusEvent]] = defaultdict(list)
        for certification_id, kind, happened_on in db.session.execute(
            select(
                CertificationEvent.certification_id, CertificationEvent.kind, CertificationEvent.happened_on
            )
            .join(Certification)
            .where(Certification.enterprise_id.in_(run))
            .order_by(CertificationEvent.happened_on, CertificationEvent.id)
        ):
            events[certification_id].append(StatusEvent(kind, happened_on))
        for row in db.session.scalars(
            select(Certification).where(Certification.enterprise_id.in_(run)).order_by(Certification.id)
        ):
            found[row.enterprise_id].append(
                Certificate(
                    id=row.id,
                    type=row.type,
                    number=row.number,
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                    events=tuple(events[row.id]),
                    is_social_economy=social[row.type],
                )
            )
    return found


def find_by_number(business_number: str) -> Enterprise | None:
    """Return the enterprise with this 10-digit business registration number."""
    return db.session.scalar(select(Enterprise).where(Enterprise.business_number == business_number))


def list_by_name(name: str) -> list[Enterprise]:
    """Return the enterprises whose normalised name is this one's; a name alone may fit several."""
    return list(
        db.session.scalars(
            select(Enterprise)
            .where(Enterprise.normalised_name == normalise_name(name))
            .order_by(Enterprise.id)
        )
    )
