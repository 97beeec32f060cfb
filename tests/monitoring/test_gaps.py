"""What a department has not recorded of the running month and quarter."""

from datetime import date

import pytest

from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.monitoring.gaps import Silence, find_silence
from tracker.purchases.services import reverse_purchase


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("bought_on", "is_month_empty", "is_quarter_empty"),
    [
        (date(2026, 11, 1), False, False),
        (date(2026, 10, 31), True, False),
        (date(2026, 10, 1), True, False),
        (date(2026, 9, 30), True, True),
        (date(2025, 11, 24), True, True),
    ],
)
def test_the_last_purchase_tells_which_periods_are_empty(
    bought_on: date, is_month_empty: bool, is_quarter_empty: bool
) -> None:
    department, other = make_department(), make_department("민원과")
    enterprise = make_enterprise()
    make_purchase(department, enterprise, 1_000, bought_on)
    make_purchase(other, enterprise, 1_000, date(2026, 11, 20))
    reverse_purchase(make_purchase(department, enterprise, 1_000, date(2026, 11, 20)), 1, "이중 입력", BY)

    found = find_silence([department], date(2026, 11, 24))

    assert found == Silence(bought_on, is_month_empty, is_quarter_empty)


@pytest.mark.usefixtures("app")
def test_a_department_without_purchases_has_no_last_day() -> None:
    assert find_silence([make_department()], date(2026, 11, 24)) == Silence(
        last_purchase_on=None, is_month_empty=True, is_quarter_empty=True
    )
