"""Parts that add up to the whole."""

from decimal import Decimal

import pytest

from tracker.core.shares import share_percents, split_by_largest_remainder


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 3, 1], [0, 8, 2]),
        (1, [1, 2], [0, 1]),
        (0, [1, 2], [0, 0]),
        (100, [7], [100]),
    ],
)
def test_a_total_is_split_to_the_won(total: int, weights: list[int], parts: list[int]) -> None:
    assert split_by_largest_remainder(total, weights) == parts


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_a_total_cannot_be_split_without_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="Weights"):
        split_by_largest_remainder(100, weights)


@pytest.mark.parametrize(
    ("amounts", "percents"),
    [
        ([1, 1, 1], ["33.4", "33.3", "33.3"]),
        ([9_201, 8_970], ["50.6", "49.4"]),
        ([300, -100], ["150.0", "-50.0"]),
        ([-1, -3], ["25.0", "75.0"]),
        ([0, 0], ["0.0", "0.0"]),
        ([5, -5], ["0.0", "0.0"]),
        ([], []),
    ],
)
def test_shares_add_up_to_exactly_a_hundred(amounts: list[int], percents: list[str]) -> None:
    assert [str(share) for share in share_percents(amounts)] == percents


def test_shares_have_as_many_digits_as_asked() -> None:
    assert share_percents([1, 2], digits=2) == [Decimal("33.33"), Decimal("66.67")]
