"""What a person or a file says about a purchase before it is recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import repeat
from operator import attrgetter, is_
from typing import Any, Self

from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.money import MAX_WON, Won
from tracker.core.vocabulary import (
    BudgetKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Nature,
    PaymentKind,
    Procurement,
    Tax,
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of a purchase; the columns of `PurchaseFacts` under the same names.

    `purchased_on` is the contract date, or the first payment date where there is no contract.
    """

    department_id: int
    enterprise_id: int
    amount: Won
    fiscal_year: int
    purchased_on: date
    contracted_on: date | None = None
    contracting_department_id: int | None = None
    item: str | None = None
    kind: Kind = Kind.UNCLASSIFIED
    contract_name: str | None = None
    contract_number: str | None = None
    contract_item: str | None = None
    amendment: int | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Won | None = None
    estimated_price: Won | None = None
    tax: Tax = Tax.UNKNOWN
    law: GoverningLaw = GoverningLaw.UNKNOWN
    method: ContractMethod = ContractMethod.UNKNOWN
    ground: str | None = None
    quotations: int | None = None
    procurement: Procurement = Procurement.UNKNOWN
    channel: str | None = None
    means: str | None = None
    budget_item: str | None = None
    budget_kind: BudgetKind = BudgetKind.CURRENT
    directness: Directness = Directness.DIRECT
    nature: Nature = Nature.PURCHASE
    reference: str | None = None
    note: str | None = None
    is_reversed: bool = False

    def __post_init__(self) -> None:
        """Refuse amounts that no budget has: they are typing errors and would overflow sums."""
        if not -MAX_WON <= self.amount <= MAX_WON:
            raise ValueError("the amount is out of range")

    @classmethod
    def saying(cls, said: Mapping[str, object]) -> Self:
        """Return the facts with these values, the others as they are where nothing is said.

        It is what the class itself does with keywords, in an eighth of the time: files have 100,000 rows.
        """
        facts = object.__new__(cls)
        vars(facts).update(_UNSAID)
        vars(facts).update(said)
        facts.__post_init__()
        return facts

    def naming(self, **parties: int | None) -> Self:
        """Return the same facts with other departments or another enterprise; fast, as `saying` is."""
        facts = object.__new__(type(self))
        vars(facts).update(vars(self))
        vars(facts).update(parties)
        return facts


FACT_NAMES = tuple(field.name for field in fields(Facts))
_UNSAID = {field.name: field.default for field in fields(Facts) if field.default is not MISSING}
_SORTED_NAMES = sorted(FACT_NAMES)
row_of = attrgetter(*FACT_NAMES)
"""Return the values of facts in the order of FACT_NAMES."""


@dataclass(frozen=True, kw_only=True)
class PaymentDraft:
    """One payment in won; a return (반납) is negative."""

    paid_on: date
    amount: Won
    fiscal_year: int
    kind: PaymentKind


@dataclass(frozen=True, kw_only=True)
class PurchaseDraft:
    """A purchase to record, with the payments known so far."""

    facts: Facts
    payments: tuple[PaymentDraft, ...] = ()


def facts_of(row: object) -> Facts:
    """Return the facts of a stored purchase or revision."""
    return Facts(**{name: getattr(row, name) for name in FACT_NAMES})


def values_of(facts: Facts) -> dict[str, object]:
    """Return the facts by column name."""
    return {name: getattr(facts, name) for name in FACT_NAMES}


def columns_of(many: Sequence[Facts]) -> dict[str, Sequence[Any]]:
    """Return the values of facts by their names."""
    return dict(zip(FACT_NAMES, zip(*map(row_of, many), strict=True), strict=True))


def digest_of(facts: Facts) -> str:
    """Return the SHA-256 over the canonical JSON of the facts, by which an edit behind our back is found."""
    [digest] = digests_of(columns_of([facts]))
    return digest


def digests_of(columns: Mapping[str, Sequence[object]]) -> list[str]:
    """Return the digests of facts that stand column by column."""
    # Files say nothing of most facts: these are the same object throughout. Equal ones may read otherwise.
    same, texts = {}, []
    for name in _SORTED_NAMES:
        values = columns[name]
        if all(map(is_, values, repeat(values[0]))):
            same[name] = canonical_json(values[0]).replace("%", "%%")
        else:
            texts.append(map(canonical_json, values))
    form = "{" + ",".join(f'"{name}":{same.get(name, "%s")}' for name in _SORTED_NAMES) + "}"
    count = len(columns["amount"])
    rows: Iterable[tuple[str, ...]] = zip(*texts, strict=True) if texts else repeat((), count)
    return [sha256_hex(form % row) for row in rows]


def changes_between(before: Facts, after: Facts) -> dict[str, list[object]]:
    """Return the changed facts as {name: [before, after]}."""
    return {
        name: [getattr(before, name), getattr(after, name)]
        for name in FACT_NAMES
        if getattr(before, name) != getattr(after, name)
    }
