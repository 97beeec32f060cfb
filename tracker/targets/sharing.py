"""Sharing a target out among departments, so that the parts add up to the won."""

from collections.abc import Mapping

from tracker.core.money import Won
from tracker.core.shares import split_by_largest_remainder
from tracker.core.vocabulary import Word


class ShareBy(Word):
    """배분 기준: what the parts of the departments go by."""

    RESULTS = "results", "작년 실적"
    SPENDING = "spending", "작년 총구매액"
    BUDGET = "budget", "구매가능예산"
    HAND = "hand", "직접 입력"


def share_out(whole: Won, weights: Mapping[int, Won]) -> dict[int, Won]:
    """Return each department's part in proportion to its weight; nobody has one where nothing is above 0.

    A weight below zero (returns outweighed purchases) counts as none.
    """
    counted = {department_id: weight for department_id, weight in weights.items() if weight > 0}
    if not counted:
        return {}
    parts = split_by_largest_remainder(whole, list(counted.values()))
    return dict(zip(counted, parts, strict=True))
