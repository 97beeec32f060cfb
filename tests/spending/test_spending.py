"""A figure of total spending is replaced, not edited, and comes back when its replacement is withdrawn."""

import pytest
from sqlalchemy import select

from tests.factories import BY, make_department
from tracker.core.vocabulary import Kind
from tracker.extensions import db
from tracker.spending.models import Spending
from tracker.spending.queries import spending_by_kind
from tracker.spending.services import Recorded, SpendingDraft, record_spending, withdraw_spending

pytestmark = pytest.mark.usefixtures("any_app")


def figure(department_id: int, amount: int, kind: Kind = Kind.GOODS) -> SpendingDraft:
    """Return a figure for 2026."""
    return SpendingDraft(
        department_id=department_id, fiscal_year=2026, kind=kind, budget_item="201-01", amount=amount
    )


def test_figures_add_up_by_kind_within_the_departments_asked_for() -> None:
    office, other = make_department("총무과"), make_department("민원과")

    record_spending([figure(office, 100), figure(office, 50, Kind.WORKS), figure(other, 7)], BY)

    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 100, Kind.WORKS: 50}
    assert spending_by_kind(2026, [office, other]) == {Kind.GOODS: 107, Kind.WORKS: 50}
    assert spending_by_kind(2025, [office]) == {}


def test_same_figure_again_changes_nothing_and_another_replaces_it() -> None:
    office = make_department()
    record_spending([figure(office, 100)], BY)

    same, replaced = record_spending([figure(office, 100), figure(office, 120)], BY)

    assert same == Recorded(None, None)
    assert replaced.replaced_amount == 100
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 120}
    assert len(db.session.scalars(select(Spending)).all()) == 2


def test_withdrawn_figure_gives_way_to_the_one_before() -> None:
    office = make_department()
    record_spending([figure(office, 100)], BY)
    [recorded] = record_spending([figure(office, 120)], BY)
    assert recorded.spending_id is not None

    withdraw_spending([recorded.spending_id], "잘못 올림", BY)

    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 100}


def test_withdrawing_a_first_figure_leaves_none() -> None:
    office = make_department()
    [recorded] = record_spending([figure(office, 100)], BY)
    assert recorded.spending_id is not None

    withdraw_spending([recorded.spending_id], "잘못 올림", BY)
    withdraw_spending([recorded.spending_id], "다시", BY)

    assert spending_by_kind(2026, [office]) == {}
