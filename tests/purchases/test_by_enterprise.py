"""What is bought from an enterprise adds up by year and department, and by the certification it counts by."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.core.vocabulary import Nature
from tracker.departments.services import add_department
from tracker.enterprises.models import Certification
from tracker.extensions import db
from tracker.purchases.by_enterprise import (
    SHOWN_YEARS,
    Buyer,
    Judged,
    YearSum,
    amounts_by_enterprise,
    amounts_of,
    bought_from,
    judged_valid,
)
from tracker.purchases.services import reverse_purchase

OPEN = ("social", date(2020, 1, 1), None)

pytestmark = pytest.mark.usefixtures("any_app")


def test_the_amounts_of_a_year_leave_out_reversed_purchases_and_other_years() -> None:
    office, enterprise, plain = make_department(), make_enterprise("함께", OPEN), make_enterprise("나눔")
    make_purchase(office, enterprise, 3_000)
    make_purchase(office, enterprise, -500, nature=Nature.SUBSIDY)
    make_purchase(office, enterprise, 40, date(2025, 3, 2))
    reverse_purchase(make_purchase(office, plain, 7_000), 1, "이중 입력", BY)

    assert amounts_of([enterprise, plain], 2026) == {enterprise: 2_500, plain: 0}
    assert [tuple(row) for row in db.session.execute(select(amounts_by_enterprise(2026)))] == [
        (enterprise, 2_500)
    ]


def test_sums_by_year_and_department_say_what_counts_and_who_groups_others() -> None:
    enterprise, office, town = (
        make_enterprise("함께", OPEN),
        make_department("총무과"),
        make_department("복지과"),
    )
    add_department("복지1팀", parent_id=town, by=BY)
    make_purchase(office, enterprise, 3_000)
    make_purchase(office, enterprise, 500, nature=Nature.SUBSIDY)
    make_purchase(town, enterprise, 70_000, date(2025, 3, 2))

    found = bought_from(enterprise)

    assert found.years == {2025: YearSum(70_000, 70_000, 1), 2026: YearSum(3_500, 3_000, 2)}
    assert found.departments == {
        town: Buyer("복지과", is_group=True),
        office: Buyer("총무과", is_group=False),
    }
    assert found.amounts == {(town, 2025): 70_000, (office, 2026): 3_500}


def test_only_the_latest_years_are_shown() -> None:
    enterprise, office, town = (
        make_enterprise("함께", OPEN),
        make_department("총무과"),
        make_department("복지과"),
    )
    for year in range(2020, 2027):
        make_purchase(town if year == 2020 else office, enterprise, 1_000, date(year, 3, 2))

    found = bought_from(enterprise)

    assert list(found.years) == list(range(2027 - SHOWN_YEARS, 2027))
    assert list(found.departments) == [office]


def test_purchases_that_count_by_a_certification_are_told_from_a_day_on() -> None:
    office, enterprise = make_department(), make_enterprise("함께", OPEN, ("village", date(2026, 5, 2), None))
    social, village = db.session.scalars(select(Certification.id).order_by(Certification.id))
    for day in (date(2026, 5, 1), date(2026, 5, 2)):
        make_purchase(office, enterprise, 1_000, day)
    reverse_purchase(make_purchase(office, enterprise, 9_000, date(2026, 6, 1)), 1, "이중 입력", BY)

    assert judged_valid([enterprise], [social], date(2026, 5, 1)) == Judged(2, 2_000)
    assert judged_valid([enterprise], [village], date(2026, 5, 1)) == Judged(1, 1_000)
    assert judged_valid([enterprise], [social], date(2026, 5, 3)) == Judged(0, 0)
