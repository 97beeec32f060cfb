"""The rollup: what one purchase adds to the monthly sums, and keeping them in step with the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tracker.core.eligibility import counts_in
from tracker.core.money import Won
from tracker.core.periods import yyyymm
from tracker.core.vocabulary import Basis, Kind, Measure
from tracker.extensions import db
from tracker.purchases.drafts import Facts, PaymentDraft
from tracker.purchases.models import WHOLE, Rollup

CHUNK = 500


class RollupKey(NamedTuple):
    """Where a sum stands; `type` is empty for each purchase once."""

    basis: Basis
    fiscal_year: int
    measure: Measure
    type: str
    month: int
    department_id: int
    kind: Kind


class Entry(NamedTuple):
    """What the rollup needs to know of one purchase: its facts, its payments, and its frozen verdicts."""

    facts: Facts
    payments: tuple[PaymentDraft, ...]
    types: tuple[str, ...]
    is_social: bool
    is_certified: bool


class Sums:
    """Changes of amount (won) and count by key."""

    def __init__(self) -> None:
        self.by_key: dict[RollupKey, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Add what the purchase contributes, or with sign −1 take it away."""
        for key, amount in contributions(entry):
            cell = self.by_key[key]
            cell[0] += sign * amount
            cell[1] += sign


def contributions(entry: Entry) -> Iterator[tuple[RollupKey, Won]]:
    """Yield every sum that a purchase takes part in; a reversed one takes part in none.

    It counts once in each type's sum and once in each whole; each payment counts in its own month.
    """
    facts = entry.facts
    if facts.is_reversed:
        return
    measures = [
        measure
        for measure in Measure
        if counts_in(
            measure,
            is_social=entry.is_social,
            is_certified=entry.is_certified,
            directness=facts.directness,
            nature=facts.nature,
        )
    ]
    lines = [(Basis.CONTRACT, facts.fiscal_year, facts.purchased_on, facts.amount)]
    lines += [(Basis.PAYMENT, paid.fiscal_year, paid.paid_on, paid.amount) for paid in entry.payments]
    for basis, fiscal_year, day, amount in lines:
        for measure in measures:
            for type_code in (WHOLE, *entry.types):
                yield (
                    RollupKey(
                        basis, fiscal_year, measure, type_code, yyyymm(day), facts.department_id, facts.kind
                    ),
                    amount,
                )


def apply_sums(sums: Sums) -> None:
    """Add the changes to the stored rollup, in the transaction that writes the ledger."""
    insert = postgresql_insert if db.session.get_bind().dialect.name == "postgresql" else sqlite_insert
    # On the table, not the class: the statement is compiled once, and this runs with every purchase.
    table = cast("Table", Rollup.__table__)
    statement = insert(table)
    upsert = statement.on_conflict_do_update(
        index_elements=RollupKey._fields,
        set_={
            "amount": table.c.amount + statement.excluded.amount,
            "count": table.c.count + statement.excluded.count,
        },
    )
    changes = sorted((key, cell) for key, cell in sums.by_key.items() if cell != [0, 0])
    for start in range(0, len(changes), CHUNK):
        rows = [
            key._asdict() | {"amount": amount, "count": count}
            for key, (amount, count) in changes[start : start + CHUNK]
        ]
        db.session.execute(upsert, rows)


def sum_up(entries: Iterable[Entry]) -> Sums:
    """Return the sums of these purchases from nothing, as the check of the stored rollup needs them."""
    sums = Sums()
    for entry in entries:
        sums.add(entry)
    return sums
