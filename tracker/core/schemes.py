"""What a procurement scheme (제도) counts: one predicate for numerator and denominator alike."""

from collections.abc import Collection
from dataclasses import dataclass

from tracker.core.vocabulary import Affiliation, Basis, Kind


@dataclass(frozen=True, kw_only=True)
class Predicate:
    """Which money a scheme looks at, spent or purchased: by kind, by 통계목, by body, and by basis.

    excluded_items: beginnings of 통계목 that are left out on both sides. basis: by contract or by payment.
    with_affiliated: whether corporations and funded institutes count too (evaluation), or the own
    departments only (statutory).
    """

    kinds: frozenset[Kind]
    excluded_items: tuple[str, ...] = ()
    with_affiliated: bool = False
    basis: Basis = Basis.CONTRACT

    def counts(self, kind: Kind, budget_item: str | None, affiliation: Affiliation) -> bool:
        """Return whether the scheme looks at this money; an unknown 통계목 is left out by no exclusion."""
        return (
            kind in self.kinds
            and (self.with_affiliated or affiliation is Affiliation.OWN)
            and not (budget_item or "").startswith(self.excluded_items)
        )


def counted_kinds(kinds: Collection[Kind]) -> frozenset[Kind]:
    """Return the kinds that count; what is unclassified counts only where every kind does."""
    named = {Kind.GOODS, Kind.SERVICES, Kind.WORKS}
    chosen = named.intersection(kinds)
    return frozenset(chosen | {Kind.UNCLASSIFIED} if chosen == named else chosen)
