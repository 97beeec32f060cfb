"""What a person is asked before something about an enterprise is saved: likely twins, slips, consequences."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _

from tracker.core.business_number import has_valid_checksum
from tracker.core.certification import StatusEvent, exceeds_usual_term
from tracker.core.money import Won, format_won
from tracker.core.names import normalise_heading, normalise_name
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import CertificationRow, TypeRow, find_by_number, list_by_name
from tracker.enterprises.services import CertificationDraft, DuplicateEnterprise, EnterpriseDraft
from tracker.enterprises.wording import say_consequence
from tracker.web.filters import day as say_day


class Doubt(NamedTuple):
    """A sentence to read; `mark` tells whether the same was read before, `twins` are whom it speaks of."""

    mark: str
    text: str
    twins: Sequence[Enterprise] = ()


class Unsure(Exception):
    """Nothing is saved until a person has read these."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__(len(doubts))
        self.doubts = doubts


class RepeatedCertification(ValueError):
    """The enterprise has a certification of this type and number already."""


def doubts_about_enterprise(draft: EnterpriseDraft, stored: Enterprise | None = None) -> list[Doubt]:
    """Return who has the same name, and whether the number's check digit is wrong; only of what is new.

    DuplicateEnterprise where the number is another's.
    """
    doubts = []
    number = draft.business_number
    if number and (known := find_by_number(number)) and (stored is None or known.id != stored.id):
        raise DuplicateEnterprise(known.id)
    if stored is None or normalise_name(draft.name) != stored.normalised_name:
        twins = [each for each in list_by_name(draft.name) if stored is None or each.id != stored.id]
        if twins:
            doubts.append(
                Doubt(
                    f"name {[each.id for each in twins]}",
                    _("An enterprise of the same name is registered already. Is it another one?"),
                    twins,
                )
            )
    if number and not has_valid_checksum(number) and (stored is None or number != stored.business_number):
        doubts.append(
            Doubt(
                f"checksum {number}",
                _("The check digit of this business registration number is wrong. Compare it once more."),
            )
        )
    return doubts


def doubts_about_certification(
    draft: CertificationDraft, others: Sequence[CertificationRow], types: Sequence[TypeRow]
) -> list[Doubt]:
    """Return what is unusual of a certification beside the others of the enterprise.

    RepeatedCertification where one of them has its type and number.
    """
    for other in others:
        known = other.certificate
        is_same_number = draft.number and normalise_heading(draft.number) == normalise_heading(
            known.number or ""
        )
        if known.type == draft.type and is_same_number:
            raise RepeatedCertification
    years = next((row.usual_years for row in types if row.code == draft.type), None)
    doubts = []
    if draft.valid_from is None:
        doubts.append(
            Doubt(
                "undated", _("Without a first day no purchase will count by it. Is the day really unknown?")
            )
        )
    if exceeds_usual_term(draft.valid_from, draft.valid_to, years):
        doubts.append(
            Doubt(
                f"term {draft.type} {draft.valid_from} {draft.valid_to}",
                _(
                    "Certifications of this type usually hold for up to %(years)s years; this one is longer.",
                    years=years,
                ),
            )
        )
    return doubts


def consequences(row: CertificationRow, event: StatusEvent, number: int, amount: Won) -> list[Doubt]:
    """Return what recording the event means; so many purchases behind it count as yet."""
    said = say_consequence(row.certificate, event, row.type_name)
    if number:
        said.append(_say_judged(number, amount))
    return [Doubt(f"{event.kind} {event.happened_on}", text) for text in said]


def consequences_of_many(
    certifications: Sequence[int], event: StatusEvent, number: int, amount: Won
) -> list[Doubt]:
    """Return what recording the event with all these certifications means, in the same sense."""
    said = [
        _(
            "%(count)s certifications are recorded as %(kind)s on %(day)s. From %(since)s on nothing counts "
            "because of them.",
            count=f"{len(certifications):,}",
            kind=event.kind.korean,
            day=say_day(event.happened_on),
            since=say_day(event.ends_on or event.happened_on),
        )
    ]
    if number:
        said.append(_say_judged(number, amount))
    mark = f"{event.kind} {event.happened_on} {' '.join(map(str, certifications))}"
    return [Doubt(mark, text) for text in said]


def _say_judged(number: int, amount: Won) -> str:
    said: str = _(
        "%(number)s purchases (%(amount)s won) behind that day were judged before this was known. "
        "They keep counting until they are judged again.",
        number=f"{number:,}",
        amount=format_won(amount),
    )
    return said
