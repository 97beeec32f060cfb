"""Which purchases of a year would be judged otherwise with the certifications as they are recorded now."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from tracker.core.canonical import canonical_json
from tracker.core.eligibility import Judgement, Reason, counts_in
from tracker.core.money import Won
from tracker.core.vocabulary import Measure
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import Records
from tracker.extensions import chunks, db
from tracker.purchases.models import Purchase, PurchaseRevision, Verdict
from tracker.purchases.queries import READ_CHUNK


class TypeOutcome(NamedTuple):
    """What makes one type's verdict another one: a corrected number alone does not."""

    type: str
    is_eligible: bool
    was_social_economy: bool
    reason: Reason


class Outcome(NamedTuple):
    """How a purchase was, or would be, judged."""

    types: tuple[TypeOutcome, ...]
    reason: Reason

    @property
    def counting(self) -> tuple[str, ...]:
        """Return the codes of the types in which it counts."""
        return tuple(each.type for each in self.types if each.is_eligible)

    @property
    def is_social(self) -> bool:
        """Return whether one of these was social economy."""
        return any(each.is_eligible and each.was_social_economy for each in self.types)


class Rejudged(NamedTuple):
    """A purchase that would be judged otherwise; `is_direct` tells whether it can count at all."""

    purchase_id: int
    version: int
    purchased_on: date
    amount: Won
    enterprise: str
    is_direct: bool
    then: Outcome
    now: Outcome

    @property
    def counted_then(self) -> Won:
        """Return what of it counts as social economy by its verdict."""
        return self.amount if self.is_direct and self.then.is_social else 0

    @property
    def counted_now(self) -> Won:
        """Return what of it would count."""
        return self.amount if self.is_direct and self.now.is_social else 0


def list_rejudged(fiscal_year: int) -> Iterator[Rejudged]:
    """Yield the purchases of the year whose verdict would change, in the order of recording."""
    for found in judge_again(fiscal_year):
        yield from (each for each, _ in found)


def judge_again(fiscal_year: int, *, is_locked: bool = False) -> Iterator[list[tuple[Rejudged, Judgement]]]:
    """Yield in runs the purchases whose verdict would change, with the new one; reversed ones stay."""
    records = Records()
    ids = db.session.scalars(
        select(Purchase.id).where(Purchase.fiscal_year == fiscal_year, Purchase.is_reversed.is_(False))
    ).all()
    for run in chunks(ids, READ_CHUNK):
        statement = (
            select(
                Purchase.id,
                Purchase.version,
                Purchase.enterprise_id,
                Purchase.purchased_on,
                Purchase.amount,
                Purchase.directness,
                Purchase.nature,
                Purchase.reason,
                Enterprise.name,
            )
            .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
            .where(Purchase.id.in_(run), Purchase.is_reversed.is_(False))
            .order_by(Purchase.id)
        )
        rows = db.session.execute(statement.with_for_update(of=Purchase) if is_locked else statement).all()
        records.read({row.enterprise_id for row in rows})
        then = _outcomes_of(run)
        found = [
            (_rejudged(row, before, now), judgement)
            for row in rows
            if (now := _outcome(judgement := records.judge(row.enterprise_id, row.purchased_on))).types
            != (before := Outcome(then[row.id], row.reason)).types
        ]
        if found:
            yield found


def rejudging_digest(judged: Iterable[tuple[int, int, Iterable[TypeOutcome]]]) -> str:
    """Return the SHA-256 over purchases judged again: number, revision and verdicts, line by line."""
    lines = hashlib.sha256()
    for line in judged:
        lines.update(canonical_json(list(line)).encode() + b"\n")
    return lines.hexdigest()


def stored_rejudging(at: object, actor_id: int, reason: str) -> Iterator[tuple[int, int, list[TypeOutcome]]]:
    """Yield what stands in the ledger of a rejudging: the revisions of its moment, person and reason."""
    found: dict[tuple[int, int], list[TypeOutcome]] = defaultdict(list)
    for row in db.session.execute(
        select(
            PurchaseRevision.purchase_id,
            PurchaseRevision.number,
            Verdict.type,
            Verdict.is_eligible,
            Verdict.was_social_economy,
            Verdict.reason,
        )
        .outerjoin(
            Verdict,
            (Verdict.purchase_id == PurchaseRevision.purchase_id)
            & (Verdict.judged_in == PurchaseRevision.number),
        )
        .where(
            PurchaseRevision.recorded_at == at,
            PurchaseRevision.actor_id == actor_id,
            PurchaseRevision.change == reason,
        )
        .order_by(PurchaseRevision.purchase_id, PurchaseRevision.number, Verdict.type)
    ):
        outcomes = found[row[0], row[1]]
        if row[2] is not None:
            outcomes.append(TypeOutcome(*row[2:]))
    for (purchase_id, number), outcomes in found.items():
        yield purchase_id, number, outcomes


def _outcomes_of(purchase_ids: Collection[int]) -> dict[int, tuple[TypeOutcome, ...]]:
    found: dict[int, list[TypeOutcome]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Verdict.purchase_id,
            Verdict.type,
            Verdict.is_eligible,
            Verdict.was_social_economy,
            Verdict.reason,
        )
        .where(Verdict.purchase_id.in_(purchase_ids), Verdict.replaced_in.is_(None))
        .order_by(Verdict.type)
    ):
        found[row[0]].append(TypeOutcome(*row[1:]))
    return {each: tuple(found[each]) for each in purchase_ids}


def _outcome(judgement: Judgement) -> Outcome:
    return Outcome(
        tuple(
            TypeOutcome(each.type, each.is_eligible, each.was_social_economy, each.reason)
            for each in judgement.verdicts
        ),
        judgement.reason,
    )


def _rejudged(row: Row[*tuple[Any, ...]], then: Outcome, now: Outcome) -> Rejudged:
    is_direct = counts_in(
        Measure.SOCIAL, is_social=True, is_certified=True, directness=row.directness, nature=row.nature
    )
    return Rejudged(row.id, row.version, row.purchased_on, row.amount, row.name, is_direct, then, now)
