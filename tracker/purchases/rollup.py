"""The rollup: what one purchase adds to the monthly sums, and keeping them in step with the ledger."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import NamedTuple, cast

from sqlalchemy import Table

from tracker.core.eligibility import counts_in
from tracker.core.money import Won
from tracker.core.periods import yyyymm
from tracker.core.vocabulary import Basis, Directness, Kind, Measure, Nature
from tracker.extensions import CHUNK, insert_rows
from tracker.purchases.drafts import Facts, PaymentDraft
from tracker.purchases.models import WHOLE, Rollup

_Year = tuple[Basis, int]
_Place = tuple[int, int, Kind]
_Counting = tuple[tuple[str, ...], bool, bool, Directness, Nature]
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
    """Changes of amount (won) and count: by year, by how purchases count, and by place."""

    def __init__(self) -> None:
        self._years: dict[_Year, dict[_Counting, dict[_Place, list[int]]]] = {}

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Add what the purchase contributes, or with sign −1 take it away; a reversed one adds nothing.

        It counts once in each type's sum and once in each whole; each payment counts in its own month.
        """
        facts = entry.facts
        if facts.is_reversed:
            return
        counting = (entry.types, entry.is_social, entry.is_certified, facts.directness, facts.nature)
        self._add(Basis.CONTRACT, facts.fiscal_year, facts.purchased_on, facts, counting, facts.amount, sign)
        for paid in entry.payments:
            self._add(Basis.PAYMENT, paid.fiscal_year, paid.paid_on, facts, counting, paid.amount, sign)

    def _add(
        self,
        basis: Basis,
        fiscal_year: int,
        day: date,
        facts: Facts,
        counting: _Counting,
        amount: Won,
        sign: int,
    ) -> None:
        places = self._years.setdefault((basis, fiscal_year), {}).setdefault(counting, {})
        cell = places.setdefault((yyyymm(day), facts.department_id, facts.kind), [0, 0])
        cell[0] += sign * amount
        cell[1] += sign

    def changes(self) -> Iterator[tuple[RollupKey, Won, int]]:
        """Yield each sum that changes, with its amount and count, in the order of the keys."""
        for basis, fiscal_year in sorted(self._years):
            cells: dict[_Counted, dict[_Place, list[int]]] = {}
            for counting, places in self._years[basis, fiscal_year].items():
                for counted in _counted_in(*counting):
                    sums = cells.setdefault(counted, {})
                    for place, (amount, count) in places.items():
                        cell = sums.setdefault(place, [0, 0])
                        cell[0] += amount
                        cell[1] += count
            for measure, type_code in sorted(cells):
                sums = cells[measure, type_code]
                for place in sorted(sums):
                    amount, count = sums[place]
                    if amount or count:
                        yield RollupKey(basis, fiscal_year, measure, type_code, *place), amount, count


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
    rows = ((*key, amount, count) for key, amount, count in sums.changes())
    while run := list(islice(rows, CHUNK)):
        insert_rows(
            table,
            (*RollupKey._fields, "amount", "count"),
            run,
            on_conflict=f"ON CONFLICT ({', '.join(RollupKey._fields)}) DO UPDATE SET {added}",
        )
