"""How figures, days and numbers stand on a page."""

from datetime import date

import pytest
from flask import Flask

from tracker.core.growth import Comparison
from tracker.core.money import Unit
from tracker.web import filters
from tracker.web.destinations import own_page


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (1_234_500, "won", "1,234,500"),
        (1_234_500, "thousand", "1,235"),
        (-1_234_500, Unit.THOUSAND, "-1,235"),
        (1_499_999, "million", "1"),
        (0, "won", "0"),
        (None, "won", "–"),
    ],
)
def test_amounts_are_rounded_half_up_and_the_unknown_is_a_dash(
    amount: int | None, unit: str, shown: str
) -> None:
    assert filters.won(amount, unit) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("46.8", "+46.8%"), ("-12.0", "-12.0%"), ("0.0", "0.0%"), ("0", "0%"), (None, "–")],
)
def test_a_growth_shows_its_sign(text: str | None, shown: str) -> None:
    assert filters.percent(text) == shown


@pytest.mark.parametrize(
    ("comparison", "shown"),
    [
        (Comparison(1_888, 1_286), "+46.8%"),
        (Comparison(1, 0), "신규"),
        (Comparison(0, 0), "–"),
        (Comparison(1, None), "자료 없음"),
    ],
)
@pytest.mark.usefixtures("app")
def test_without_growth_the_reason_is_said(comparison: Comparison, shown: str) -> None:
    assert filters.growth(comparison) == shown


def test_days_and_numbers_stand_as_in_official_documents(app: Flask) -> None:
    page = app.jinja_env.from_string(
        "{{ day | day }}|{{ none | day }}|{{ number | business_number }}|{{ none | business_number }}"
    )

    assert page.render(day=date(2026, 1, 3), number="1234567890") == "2026. 1. 3.|–|123-45-67890|–"


@pytest.mark.parametrize("address", ["/", "/totals?year=2026&by=kind", "/a//b", "/기업"])
def test_own_pages_are_kept(address: str) -> None:
    assert own_page(address) == address
