"""Reading enterprises and their certificates."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from tracker.core.certification import Certificate, Standing, StatusEvent, Term, standing_on, valid_terms
from tracker.core.eligibility import Judgement, Reason, Record, judge
from tracker.core.names import normalise_heading, normalise_name
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import (
    SHARE_VALID_FOR,
    Certification,
    CertificationEvent,
    CertificationType,
    Enterprise,
    Product,
    VulnerableShare,
)
from tracker.extensions import chunks, db

SHOWN_PRODUCTS = 100


class TypeRow(NamedTuple):
    """One certification type as people read it."""

    code: str
    name: str
    is_social_economy: bool
    usual_years: int | None


class TypeState(NamedTuple):
    """How an enterprise stands in one type on a day: CERTIFIED, or why it does not count."""

    name: str
    reason: Reason


class EventRow(NamedTuple):
    """One status event of a certification."""

    id: int
    kind: CertificationEventKind
    happened_on: date
    note: str | None


class CertificationRow(NamedTuple):
    """One certification with what became of it."""

    certificate: Certificate
    type_name: str
    subtype: str | None
    authority: str | None
    events: tuple[EventRow, ...]

    @property
    def label(self) -> str:
        """Return its type and number."""
        return " ".join(filter(None, (self.type_name, self.certificate.number)))

    def standing_on(self, day: date) -> Standing:
        """Return how it stands on the day."""
        return standing_on(self.certificate, day)

    @property
    def terms(self) -> list[Term]:
        """Return the runs of days on which it is valid."""
        return valid_terms(self.certificate)


class ShareRow(NamedTuple):
    """One 취약계층 고용비율, as a fraction, with its first and last valid day."""

    id: int
    share: Decimal
    issuer: str | None
    issued_on: date
    valid_until: date


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


class Records:
    """The certifications of the enterprises that a file names, each read once, however many its rows."""

    def __init__(self) -> None:
        self._known: dict[int, Record] = {}

    def read(self, enterprise_ids: Collection[int]) -> None:
        """Read what is not known yet."""
        unknown = set(enterprise_ids) - self._known.keys()
        found = certificates_of(unknown) if unknown else {}
        self._known |= {each: Record(found.get(each, ())) for each in unknown}

    def judge(self, enterprise_id: int, day: date) -> Judgement:
        """Return the verdicts on an enterprise whose certifications were read."""
        return self._known[enterprise_id].on(day)


def type_states_of(enterprise_ids: Collection[int], day: date) -> dict[int, list[TypeState]]:
    """Return how each enterprise stands on the day in every type it has or had, in the order of reports."""
    certificates, names = certificates_of(enterprise_ids), {row.code: row.name for row in list_types()}
    return {each: _states(certificates.get(each, ()), names, day) for each in enterprise_ids}


def list_certifications(enterprise_id: int) -> list[CertificationRow]:
    """Return the certifications of an enterprise, those of one type together, the earliest first."""
    events: dict[int, list[EventRow]] = defaultdict(list)
    for event in db.session.scalars(
        select(CertificationEvent)
        .join(Certification)
        .where(Certification.enterprise_id == enterprise_id)
        .order_by(CertificationEvent.happened_on, CertificationEvent.id)
    ):
        events[event.certification_id].append(EventRow(event.id, event.kind, event.happened_on, event.note))
    rows = db.session.execute(
        select(Certification, CertificationType)
        .join(CertificationType, CertificationType.code == Certification.type)
        .where(Certification.enterprise_id == enterprise_id)
        .order_by(CertificationType.sort_order, Certification.valid_from.nulls_first(), Certification.id)
    )
    return [
        CertificationRow(
            Certificate(
                id=row.id,
                type=row.type,
                number=row.number,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                events=tuple(StatusEvent(each.kind, each.happened_on) for each in events[row.id]),
                is_social_economy=kind.is_social_economy,
            ),
            kind.name,
            row.subtype,
            row.authority,
            tuple(events[row.id]),
        )
        for row, kind in rows
    ]


def states_of(certifications: Sequence[CertificationRow], day: date) -> list[TypeState]:
    """Return how the one enterprise that has these certifications stands on the day, by type."""
    names = {row.certificate.type: row.type_name for row in certifications}
    return _states([row.certificate for row in certifications], names, day)


def list_shares(enterprise_id: int) -> list[ShareRow]:
    """Return every recorded 취약계층 고용비율 of an enterprise, the newest first."""
    return [
        ShareRow(
            row.id,
            Decimal(row.basis_points) / 10_000,
            row.issuer,
            row.issued_on,
            row.issued_on + SHARE_VALID_FOR,
        )
        for row in db.session.scalars(
            select(VulnerableShare)
            .where(VulnerableShare.enterprise_id == enterprise_id)
            .order_by(VulnerableShare.issued_on.desc(), VulnerableShare.id.desc())
        )
    ]


def shares_of(enterprise_ids: Collection[int]) -> dict[int, list[tuple[date, Decimal]]]:
    """Return each enterprise's 취약계층 고용비율 by day of issue, the newest first; none for one without."""
    found: dict[int, list[tuple[date, Decimal]]] = {enterprise_id: [] for enterprise_id in enterprise_ids}
    for run in chunks(enterprise_ids):
        for row in db.session.scalars(
            select(VulnerableShare)
            .where(VulnerableShare.enterprise_id.in_(run))
            .order_by(VulnerableShare.issued_on.desc(), VulnerableShare.id.desc())
        ):
            found[row.enterprise_id].append((row.issued_on, Decimal(row.basis_points) / 10_000))
    return found


def share_on(shares: Sequence[tuple[date, Decimal]], day: date) -> Decimal | None:
    """Return the share valid on the day (180 days from its issue), None when none is shown."""
    return next((share for on, share in shares if on <= day <= on + SHARE_VALID_FOR), None)


def list_products(enterprise_id: int) -> list[Product]:
    """Return the first products of an enterprise by name, one more than are shown."""
    return list(
        db.session.scalars(
            select(Product)
            .where(Product.enterprise_id == enterprise_id)
            .order_by(Product.normalised_name, Product.id)
            .limit(SHOWN_PRODUCTS + 1)
        )
    )


def find_enterprise(enterprise_id: int) -> Enterprise | None:
    """Return the enterprise."""
    return db.session.get(Enterprise, enterprise_id)


def find_certification(enterprise_id: int, certification_id: int) -> Certification | None:
    """Return the certification if it is one of this enterprise."""
    row = db.session.get(Certification, certification_id)
    return row if row and row.enterprise_id == enterprise_id else None


def find_event(enterprise_id: int, event_id: int) -> CertificationEvent | None:
    """Return the status event if it is one of this enterprise."""
    row = db.session.get(CertificationEvent, event_id)
    return row if row and row.certification.enterprise_id == enterprise_id else None


def find_share(enterprise_id: int, record_id: int) -> VulnerableShare | None:
    """Return the recorded share if it is one of this enterprise."""
    row = db.session.get(VulnerableShare, record_id)
    return row if row and row.enterprise_id == enterprise_id else None


def find_product(enterprise_id: int, product_id: int) -> Product | None:
    """Return the product if it is one of this enterprise."""
    row = db.session.get(Product, product_id)
    return row if row and row.enterprise_id == enterprise_id else None


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


def _states(certificates: Sequence[Certificate], names: Mapping[str, str], day: date) -> list[TypeState]:
    reasons = {verdict.type: verdict.reason for verdict in judge(certificates, day).verdicts}
    return [TypeState(name, reasons[code]) for code, name in names.items() if code in reasons]
