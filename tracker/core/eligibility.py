"""The one place that decides whether a purchase counts, in which types, and why."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from tracker.core.canonical import canonical_json
from tracker.core.certification import Certificate, Standing, deciding_event, standing_on, turning_days
from tracker.core.vocabulary import Directness, Measure, Nature


class Reason(StrEnum):
    """Why a purchase counts or not; of several reasons against, the first in this order explains best."""

    CERTIFIED = "certified"
    EXPIRED = "expired"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    CONVERTED = "converted"
    NOT_YET = "not_yet"
    UNDATED = "undated"
    UNREGISTERED = "unregistered"


@dataclass(frozen=True)
class TypeVerdict:
    """Whether the enterprise counted in one type on the day, with the certification that decided it.

    Parameters explain the reason: number, valid_from and valid_to as stored, event_on of the deciding event.
    """

    type: str
    certificate_id: int | None
    is_eligible: bool
    was_social_economy: bool
    reason: Reason
    parameters: Mapping[str, str] = field(hash=False)

    @cached_property
    def canonical_parameters(self) -> str:
        """Return the parameters as the one text that is stored."""
        return canonical_json(self.parameters)


@dataclass(frozen=True)
class Judgement:
    """The verdicts on an enterprise on the purchase date, one for each type it has or had."""

    day: date
    verdicts: tuple[TypeVerdict, ...]

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Return the codes of the types in which the purchase counts, sorted."""
        return tuple(sorted(verdict.type for verdict in self.verdicts if verdict.is_eligible))

    @cached_property
    def is_social(self) -> bool:
        """Return whether at least one type in which it counts was social economy on that day."""
        return any(verdict.is_eligible and verdict.was_social_economy for verdict in self.verdicts)

    @cached_property
    def is_certified(self) -> bool:
        """Return whether it counts in any type."""
        return any(verdict.is_eligible for verdict in self.verdicts)

    @cached_property
    def reason(self) -> Reason:
        """Return the one reason for the whole purchase; unregistered without any certification."""
        reasons = {verdict.reason for verdict in self.verdicts}
        return next((reason for reason in Reason if reason in reasons), Reason.UNREGISTERED)


def judge(certificates: Iterable[Certificate], day: date) -> Judgement:
    """Return the verdicts on an enterprise with these certifications on the purchase date, by type.

    Of several certifications of one type a valid one decides, then the one that started last.
    """
    deciding: dict[str, Certificate] = {}
    for certificate in sorted(certificates, key=lambda each: _weight(each, day)):
        deciding[certificate.type] = certificate
    return Judgement(day, tuple(_verdict(deciding[type_], day) for type_ in sorted(deciding)))


class Record:
    """The certifications of one enterprise, judged once for each run of days in which no verdict changes."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        self._certificates = tuple(certificates)
        self._turns = turning_days(self._certificates)
        self._judgements: dict[int, Judgement] = {}

    def on(self, day: date) -> Judgement:
        """Return the verdicts on the purchase date; the judgement's day is one of the same run."""
        run = bisect_right(self._turns, day)
        if run not in self._judgements:
            self._judgements[run] = judge(self._certificates, day)
        return self._judgements[run]


def counts_in(
    measure: Measure, *, is_social: bool, is_certified: bool, directness: Directness, nature: Nature
) -> bool:
    """Return whether a purchase counts: all do in 전체, else only direct purchases (직접, 구매)."""
    if measure is Measure.ALL:
        return True
    if directness is not Directness.DIRECT or nature is not Nature.PURCHASE:
        return False
    return is_social if measure is Measure.SOCIAL else is_certified


def _weight(certificate: Certificate, day: date) -> tuple[bool, date, int]:
    is_valid = standing_on(certificate, day) is Standing.VALID
    return is_valid, certificate.valid_from or date.min, certificate.id or 0


def _verdict(certificate: Certificate, day: date) -> TypeVerdict:
    standing = standing_on(certificate, day)
    is_eligible = standing is Standing.VALID
    return TypeVerdict(
        type=certificate.type,
        certificate_id=certificate.id,
        is_eligible=is_eligible,
        was_social_economy=certificate.is_social_economy,
        reason=Reason.CERTIFIED if is_eligible else Reason(standing),
        parameters=_parameters(certificate, day),
    )


def _parameters(certificate: Certificate, day: date) -> dict[str, str]:
    event = deciding_event(certificate, day)
    known = {
        "number": certificate.number,
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "event_on": event and event.happened_on,
    }
    return {name: str(value) for name, value in known.items() if value}
