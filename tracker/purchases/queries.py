"""Reading the ledger."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from tracker.extensions import chunks, db
from tracker.purchases.drafts import PaymentDraft, facts_of
from tracker.purchases.models import Payment, Purchase, Verdict
from tracker.purchases.rollup import Entry

READ_CHUNK = 1_000


def payments_of(purchase_ids: Collection[int]) -> dict[int, tuple[PaymentDraft, ...]]:
    """Return the current payments of each purchase; one without has none."""
    found: dict[int, list[PaymentDraft]] = defaultdict(list)
    for run in chunks(purchase_ids):
        for row in db.session.execute(
            select(Payment.purchase_id, Payment.paid_on, Payment.amount, Payment.fiscal_year, Payment.kind)
            .where(Payment.purchase_id.in_(run), Payment.removed_in.is_(None))
            .order_by(Payment.id)
        ):
            found[row.purchase_id].append(
                PaymentDraft(
                    paid_on=row.paid_on, amount=row.amount, fiscal_year=row.fiscal_year, kind=row.kind
                )
            )
    return {identifier: tuple(found[identifier]) for identifier in purchase_ids}


def types_of(purchase_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the types in which each purchase counts, by its frozen verdicts."""
    found: dict[int, list[str]] = defaultdict(list)
    for run in chunks(purchase_ids):
        for purchase_id, type_code in db.session.execute(
            select(Verdict.purchase_id, Verdict.type)
            .where(Verdict.purchase_id.in_(run), Verdict.replaced_in.is_(None), Verdict.is_eligible)
            .order_by(Verdict.type)
        ):
            found[purchase_id].append(type_code)
    return {identifier: tuple(found[identifier]) for identifier in purchase_ids}


def entries_of(purchases: Sequence[Purchase]) -> list[Entry]:
    """Return what the rollup needs to know of these purchases, in their order."""
    ids = [purchase.id for purchase in purchases]
    payments, types = payments_of(ids), types_of(ids)
    return [
        Entry(facts_of(row), payments[row.id], types[row.id], row.is_social, row.is_certified)
        for row in purchases
    ]


def iterate_purchases() -> Iterator[Sequence[Purchase]]:
    """Yield the whole ledger in constant memory, in runs in the order of recording."""
    last = 0
    while rows := list(
        db.session.scalars(select(Purchase).where(Purchase.id > last).order_by(Purchase.id).limit(READ_CHUNK))
    ):
        last = rows[-1].id
        yield rows
