"""Checking the ledger: each purchase against its revisions, verdicts and audit events, and the rollup."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.extensions import db
from tracker.purchases.drafts import FACT_NAMES, digest_of, facts_of
from tracker.purchases.models import Purchase, PurchaseRevision, Rollup, Verdict
from tracker.purchases.queries import READ_CHUNK, entries_of, iterate_purchases
from tracker.purchases.rejudging import rejudging_digest, stored_rejudging
from tracker.purchases.rollup import RollupKey, Sums


def check_ledger() -> Iterator[Finding]:
    """Yield every purchase that its own history contradicts, then every monthly sum that is off."""
    sums = Sums()
    for purchases in iterate_purchases():
        for entry in entries_of(purchases):
            sums.add(entry)
        yield from _check_revisions(purchases)
        yield from _check_verdicts(purchases)
        yield from _check_events(purchases)
        db.session.expunge_all()
    yield from _check_rejudgings()
    yield from _check_rollup(sums)


def _check_revisions(purchases: Sequence[Purchase]) -> Iterator[Finding]:
    revisions: dict[int, list[PurchaseRevision]] = defaultdict(list)
    for revision in db.session.scalars(
        select(PurchaseRevision)
        .where(PurchaseRevision.purchase_id.in_([purchase.id for purchase in purchases]))
        .order_by(PurchaseRevision.purchase_id, PurchaseRevision.number)
    ):
        revisions[revision.purchase_id].append(revision)
    for purchase in purchases:
        history = revisions[purchase.id]
        if [revision.number for revision in history] != list(range(1, purchase.version + 1)):
            yield Finding("revisions", "purchase", purchase.id, "its revisions are not complete")
            continue
        for revision in history:
            if revision.digest != digest_of(facts_of(revision)):
                yield Finding("revisions", "purchase", purchase.id, f"revision {revision.number} was changed")
        for name in FACT_NAMES:
            stands, recorded = getattr(purchase, name), getattr(history[-1], name)
            if stands != recorded:
                yield Finding(
                    "revisions", "purchase", purchase.id, f"{name} is {stands}, recorded was {recorded}"
                )


def _check_verdicts(purchases: Sequence[Purchase]) -> Iterator[Finding]:
    eligible: dict[int, list[bool]] = defaultdict(list)
    for purchase_id, was_social_economy in db.session.execute(
        select(Verdict.purchase_id, Verdict.was_social_economy).where(
            Verdict.purchase_id.in_([purchase.id for purchase in purchases]),
            Verdict.replaced_in.is_(None),
            Verdict.is_eligible,
        )
    ):
        eligible[purchase_id].append(was_social_economy)
    for purchase in purchases:
        found = eligible[purchase.id]
        if (purchase.is_certified, purchase.is_social) != (bool(found), any(found)):
            yield Finding("verdicts", "purchase", purchase.id, "does not agree with its verdict rows")


def _check_events(purchases: Sequence[Purchase]) -> Iterator[Finding]:
    ids = [purchase.id for purchase in purchases]
    recorded: dict[tuple[int, int], str] = {}
    for subject_id, body in db.session.execute(
        select(AuditEvent.subject_id, AuditEvent.body).where(
            AuditEvent.subject == "purchase", AuditEvent.subject_id.in_(ids)
        )
    ):
        content = json.loads(body)
        if subject_id is not None and "digest" in content:
            recorded[subject_id, content["revision"]] = content["digest"]
    stored = {
        (purchase_id, number): digest
        for purchase_id, number, digest in db.session.execute(
            select(PurchaseRevision.purchase_id, PurchaseRevision.number, PurchaseRevision.digest).where(
                PurchaseRevision.purchase_id.in_(ids)
            )
        )
    }
    for (purchase_id, number), digest in recorded.items():
        if stored.get((purchase_id, number)) != digest:
            detail = f"revision {number} is not what was recorded"
            yield Finding("audit_event", "purchase", purchase_id, detail)


def _check_rejudgings() -> Iterator[Finding]:
    events = db.session.execute(
        select(AuditEvent.sequence, AuditEvent.at, AuditEvent.actor_id, AuditEvent.body).where(
            AuditEvent.action == "purchase.rejudge"
        )
    ).all()
    for sequence, at, actor_id, body in events:
        content = json.loads(body)
        if rejudging_digest(stored_rejudging(at, actor_id, content["reason"])) != content["digest"]:
            yield Finding("verdicts", "audit_event", sequence, "what was judged again is not what is stored")


def _check_rollup(sums: Sums) -> Iterator[Finding]:
    expected = {key: (amount, count) for key, amount, count in sums.changes()}
    for row in db.session.scalars(select(Rollup).execution_options(yield_per=READ_CHUNK)):
        key = RollupKey(*(getattr(row, name) for name in RollupKey._fields))
        stands = (row.amount, row.count)
        db.session.expunge(row)
        if stands != expected.pop(key, (0, 0)):
            yield _rollup_finding(key, f"holds {stands[0]:,} won of {stands[1]}")
    for key in expected:
        yield _rollup_finding(key, "is missing")


def _rollup_finding(key: RollupKey, detail: str) -> Finding:
    place = " ".join(str(value) for value in key if value != "")
    return Finding(
        "rollup", "purchase_rollup", None, f"{place} {detail}, which is not the sum of its purchases"
    )
