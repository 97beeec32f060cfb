"""One year against the year before: difference, growth, and why there is no percentage."""

from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from tracker.core.money import Won, fixed_text

_EXACT_ENOUGH = Context(prec=100)
"""So many digits of a quotient of two amounts round as the quotient itself does."""


class Note(StrEnum):
    """Why two amounts have no growth percentage."""

    NEW = "new"
    NONE = "none"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class Comparison:
    """An amount and the like amount of the year before; prior None means that year has no data."""

    current: Won
    prior: Won | None

    @property
    def difference(self) -> Won | None:
        """Return current − prior in won; None without data of the prior year."""
        return None if self.prior is None else self.current - self.prior

    @property
    def note(self) -> Note | None:
        """Return why there is no growth (신규, nothing in either year, 자료 없음), or None."""
        if self.prior is None:
            return Note.NO_DATA
        if self.prior == 0:
            return Note.NEW if self.current else Note.NONE
        return None

    @property
    def growth(self) -> Decimal | None:
        """Return (current − prior) ÷ |prior| × 100, in percent, unrounded; None where there is a note."""
        ratio = self._ratio
        return None if ratio is None else _decimal(ratio * 100)

    def growth_text(self, digits: int = 1) -> str | None:
        """Return the growth in percent, half-up by absolute value ("46.8", "-12.0"), or None."""
        ratio = self._ratio
        return None if ratio is None else fixed_text(ratio * 100, digits)

    @property
    def _ratio(self) -> Fraction | None:
        return Fraction(self.current - self.prior, abs(self.prior)) if self.prior else None


def percentage_points(current: Fraction | Decimal | None, prior: Fraction | Decimal | None) -> Decimal | None:
    """Return the change between two rates in percentage points (%p), unrounded; None when either is unknown.

    Unit: the rates are fractions (0.125 is 12.5 %), 0.125 − 0.115 gives 1.
    """
    if current is None or prior is None:
        return None
    return _decimal((Fraction(current) - Fraction(prior)) * 100)


def _decimal(value: Fraction) -> Decimal:
    return _EXACT_ENOUGH.divide(Decimal(value.numerator), Decimal(value.denominator))
