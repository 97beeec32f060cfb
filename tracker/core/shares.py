"""Parts that add up: a whole split by weights, and percentages that make exactly 100."""

from collections.abc import Sequence
from decimal import Decimal

from tracker.core.money import Won


def split_by_largest_remainder(total: Won, weights: Sequence[int]) -> list[Won]:
    """Return the total split in proportion to the weights, to the won; of equal remainders the earlier gains.

    A negative total is split as its positive counterpart. ValueError when a weight is negative or all are 0.
    """
    if any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("Weights must not be negative, and at least one must be above zero.")
    sign = -1 if total < 0 else 1
    return [sign * part for part in _distribute(abs(total), weights)]


def share_percents(amounts: Sequence[Won], digits: int = 1) -> list[Decimal]:
    """Return each amount's share of their sum in percent, so rounded that the shares add up to exactly 100.

    An amount whose sign is not that of the sum has a negative share. All are 0 when the sum is 0.
    """
    whole = sum(amounts)
    if whole == 0:
        return [Decimal(f"0e-{digits}") for _ in amounts]
    sign = -1 if whole < 0 else 1
    parts = _distribute(100 * 10**digits, [sign * amount for amount in amounts])
    return [Decimal(f"{part}e-{digits}") for part in parts]


def _distribute(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    parts, remainders = zip(*(divmod(total * weight, whole) for weight in weights), strict=True)
    by_remainder = sorted(range(len(weights)), key=lambda place: -remainders[place])
    gaining = set(by_remainder[: total - sum(parts)])
    return [part + (place in gaining) for place, part in enumerate(parts)]
