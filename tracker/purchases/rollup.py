"""The rollup: what one purchase adds to the monthly sums, and keeping them in step with the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, cast

from sqlalchemy import Table

from tracker.core.eligibility import counts_in
from tracker.core.money import Won
from tracker.core.periods import yyyymm
from tracker.core.vocabulary import Basis, Directness, Kind, Measure, Nature
from tracker.extensions import insert_rows
from tracker.purchases.drafts import Facts, PaymentDraft
from tracker.purchases.models import WHOLE, Rollup

_Place = tuple[Basis, int, int, int, Kind]
_Counted = tuple[Measure, str]


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
    """Changes of amount (won) and count: by place, and at each place by measure and type."""

    def __init__(self) -> None:
        self._by_place: dict[_Place, dict[_Counted, list[int]]] = defaultdict(dict)

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Add what the purchase contributes, or with sign −1 take it away; a reversed one adds nothing.

        It counts once in each type's sum and once in each whole; each payment counts in its own month.
        """
        facts = entry.facts
        if facts.is_reversed:
            return
        department_id, kind = facts.department_id, facts.kind
        counted = _counted_in(
            entry.types, entry.is_social, entry.is_certified, facts.directness, facts.nature
        )
        lines = [(Basis.CONTRACT, facts.fiscal_year, facts.purchased_on, facts.amount)]
        lines += [(Basis.PAYMENT, paid.fiscal_year, paid.paid_on, paid.amount) for paid in entry.payments]
        for basis, fiscal_year, day, amount in lines:
            cells = self._by_place[basis, fiscal_year, yyyymm(day), department_id, kind]
            for each in counted:
                cell = cells.get(each)
                if cell is None:
                    cell = cells[each] = [0, 0]
                cell[0] += sign * amount
                cell[1] += sign

    def changes(self) -> Iterator[tuple[RollupKey, Won, int]]:
        """Yield each sum that changes, with its amount and count."""
        for (basis, fiscal_year, month, department_id, kind), cells in self._by_place.items():
            for (measure, type_code), (amount, count) in cells.items():
                if amount or count:
                    key = RollupKey(basis, fiscal_year, measure, type_code, month, department_id, kind)
                    yield key, amount, count


@cache
def _counted_in(
    types: tuple[str, ...], is_social: bool, is_certified: bool, directness: Directness, nature: Nature
) -> list[_Counted]:
    """Return the measures and types in whose sums a purchase counts."""
    return [
        (measure, type_code)
        for measure in Measure
        if counts_in(
            measure, is_social=is_social, is_certified=is_certified, directness=directness, nature=nature
        )
        for type_code in (WHOLE, *types)
    ]


def apply_sums(sums: Sums) -> None:
    """Add the changes to the stored rollup, in the transaction that writes the ledger."""
    table = cast("Table", Rollup.__table__)
    added = ", ".join(f'"{name}" = {table.name}."{name}" + excluded."{name}"' for name in ("amount", "count"))
    rows = [(*key, amount, count) for key, amount, count in sorted(sums.changes())]
    insert_rows(
        table,
        (*RollupKey._fields, "amount", "count"),
        rows,
        on_conflict=f"ON CONFLICT ({', '.join(RollupKey._fields)}) DO UPDATE SET {added}",
    )
