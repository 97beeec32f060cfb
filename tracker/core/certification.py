"""Whether a certification holds on a day: its stored dates and status events alone decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from tracker.core.periods import a_year_earlier
from tracker.core.vocabulary import CertificationEventKind


class Standing(StrEnum):
    """How a certification stands on a day."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    CONVERTED = "converted"
    UNDATED = "undated"


_ENDINGS = {
    CertificationEventKind.EXPIRED: Standing.EXPIRED,
    CertificationEventKind.RETURNED: Standing.RETURNED,
    CertificationEventKind.CANCELLED: Standing.CANCELLED,
    CertificationEventKind.CONVERTED: Standing.CONVERTED,
}


@dataclass(frozen=True)
class StatusEvent:
    """Something that happened to a certification, such as its renewal or cancellation."""

    kind: CertificationEventKind
    happened_on: date

    @property
    def ends_on(self) -> date | None:
        """Return the first day on which the certification no longer holds; None where it does not end it."""
        if self.kind not in _ENDINGS:
            return None
        return self.happened_on + timedelta(days=1) if _is_expiry(self) else self.happened_on


@dataclass(frozen=True)
class Certificate:
    """A certification (인증·지정·인가·인정·확인) as it is judged; without valid_to it is open-ended."""

    id: int | None
    type: str
    number: str | None
    valid_from: date | None
    valid_to: date | None
    events: tuple[StatusEvent, ...]
    is_social_economy: bool


class Term(NamedTuple):
    """A run of valid days; without an end it lasts."""

    start: date
    end: date | None


def deciding_event(certificate: Certificate, day: date) -> StatusEvent | None:
    """Return the event that decides on the day: the latest in effect, of one day the one listed last.

    The day of an expiry (만료) is the last valid day, so it takes effect the day after; a return, a
    cancellation or a conversion on its own day. What happened before the stored start concerns an earlier
    term.
    """
    in_effect = [
        event
        for event in certificate.events
        if (certificate.valid_from is None or event.happened_on >= certificate.valid_from)
        and (event.happened_on < day or (event.happened_on == day and not _is_expiry(event)))
    ]
    return max(reversed(in_effect), key=lambda event: event.happened_on, default=None)


def standing_on(certificate: Certificate, day: date) -> Standing:
    """Return how the certification stands on the day; both its first and its last stored day are valid.

    A return, cancellation or conversion ends it from that day on (valid through the day before), an expiry
    from the day after; a later grant or renewal revives it within the stored dates. Without a start it proves
    nothing and is not valid.
    """
    event = deciding_event(certificate, day)
    if event is not None and event.kind in _ENDINGS:
        return _ENDINGS[event.kind]
    if certificate.valid_from is None:
        return Standing.UNDATED
    if day < certificate.valid_from:
        return Standing.NOT_YET
    if certificate.valid_to is not None and day > certificate.valid_to:
        return Standing.EXPIRED
    return Standing.VALID


def turning_days(certificates: Iterable[Certificate]) -> list[date]:
    """Return the days, sorted, from which on something may be different: between two of them all stays."""
    days: set[date | None] = set()
    for certificate in certificates:
        happened = {event.happened_on for event in certificate.events}
        days |= happened | {certificate.valid_from}
        days |= {
            day + timedelta(days=1) for day in {*happened, certificate.valid_to} if day and day < date.max
        }
    return sorted(day for day in days if day)


def valid_terms(certificate: Certificate) -> list[Term]:
    """Return the runs of days on which the certification is valid, the earliest first."""
    terms: list[Term] = []
    is_open = False
    for day in turning_days([certificate]):
        is_valid = standing_on(certificate, day) is Standing.VALID
        if is_valid and not is_open:
            terms.append(Term(day, None))
        elif is_open and not is_valid:
            terms[-1] = Term(terms[-1].start, day - timedelta(days=1))
        is_open = is_valid
    return terms


def exceeds_usual_term(valid_from: date | None, valid_to: date | None, usual_years: int | None) -> bool:
    """Return whether a term is longer than is usual for its type; that warns, and decides nothing."""
    if not (valid_from and usual_years):
        return False
    return valid_to is None or a_year_earlier(valid_to, usual_years) > valid_from


def _is_expiry(event: StatusEvent) -> bool:
    return event.kind is CertificationEventKind.EXPIRED
