"""Figures are entered as a person saw them: whoever is slower is told, and nothing is lost."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import BY, NOW, make_department
from tracker.audit.acting import Acting
from tracker.audit.queries import Filter, list_events
from tracker.core.vocabulary import Kind
from tracker.extensions import db
from tracker.spending.queries import Figure, count_history, list_figures, list_history, list_years
from tracker.spending.services import Place, Recorded, StaleSpending, enter_spending, withdraw_figure

pytestmark = pytest.mark.usefixtures("any_app")

GOODS: Place = (Kind.GOODS, "201-01")
WORKS: Place = (Kind.WORKS, "")
LATER = Acting(BY.actor_id, NOW + timedelta(hours=1))


def numbers(department_id: int) -> dict[Place, int]:
    """Return the numbers of the figures of 2026 that stand now."""
    return {(figure.kind, figure.budget_item): figure.id for figure in list_figures(department_id, 2026)}


def amounts(department_id: int) -> dict[Place, int]:
    """Return the figures of 2026 that stand now."""
    return {(figure.kind, figure.budget_item): figure.amount for figure in list_figures(department_id, 2026)}


def test_several_figures_are_entered_at_once_and_one_of_them_replaced() -> None:
    office = make_department()
    enter_spending(office, 2026, {GOODS: 100, WORKS: -5}, {}, BY)

    same, replaced = enter_spending(office, 2026, {WORKS: -5, GOODS: 120}, numbers(office), LATER)

    assert same == Recorded(None, None)
    assert replaced.replaced_amount == 100
    assert amounts(office) == {GOODS: 120, WORKS: -5}
    assert list_years() == [2026]
    [latest, earlier] = list_events(Filter(action="spending.record"))[0]
    assert [len(each.body["figures"]) for each in (latest, earlier)] == [1, 2]


def test_the_history_shows_each_figure_with_the_one_before() -> None:
    office = make_department()
    enter_spending(office, 2026, {GOODS: 100, WORKS: 7}, {}, BY)
    enter_spending(office, 2026, {GOODS: 120}, numbers(office), LATER)

    latest, *others = list_history(office, 2026, 10, 0)

    assert (latest.amount, latest.amount_before, latest.replaced_at) == (120, 100, None)
    assert sorted((each.amount, each.amount_before, each.replaced_at) for each in others) == [
        (7, None, None),
        (100, None, LATER.at),
    ]
    assert count_history(office, 2026) == 3
    assert list_history(office, 2026, 1, 2)[0].id == min(each.id for each in others)
    assert list_history(office, 2025, 10, 0) == []


def test_whoever_saw_another_figure_is_told_what_stands_and_stores_nothing() -> None:
    office = make_department()
    enter_spending(office, 2026, {GOODS: 100}, {}, BY)
    seen = numbers(office)
    enter_spending(office, 2026, {GOODS: 110}, seen, BY)

    with pytest.raises(StaleSpending) as raised:
        enter_spending(office, 2026, {GOODS: 120, WORKS: 5}, seen, BY)

    assert raised.value.standing == {GOODS: Figure(numbers(office)[GOODS], Kind.GOODS, "201-01", 110)}
    assert amounts(office) == {GOODS: 110}


def test_a_figure_that_somebody_entered_meanwhile_is_not_replaced_unseen() -> None:
    office = make_department()
    enter_spending(office, 2026, {GOODS: 100}, {}, BY)

    with pytest.raises(StaleSpending):
        enter_spending(office, 2026, {GOODS: 120}, {}, BY)


def test_a_figure_is_taken_back_once() -> None:
    office = make_department()
    enter_spending(office, 2026, {GOODS: 100}, {}, BY)
    first = numbers(office)[GOODS]
    enter_spending(office, 2026, {GOODS: 120}, numbers(office), LATER)
    second = numbers(office)[GOODS]

    withdraw_figure(second, "통계목 착오", LATER)

    assert amounts(office) == {GOODS: 100}
    for gone in (first, second, 999):
        with pytest.raises(StaleSpending):
            withdraw_figure(gone, "또", BY)
    assert list_events(Filter(action="spending.withdraw"))[0][0].body["reason"] == "통계목 착오"


def test_of_two_who_enter_at_the_same_moment_one_is_told(any_app: Flask) -> None:
    office = make_department()
    db.session.remove()
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def enter(amount: int) -> None:
        with any_app.app_context():
            for year in range(2000, 2010):
                together.wait(30)
                try:
                    enter_spending(office, year, {GOODS: amount}, {}, BY)
                    outcomes.append("entered")
                except StaleSpending:
                    outcomes.append("told")
            db.session.remove()

    writers = [threading.Thread(target=enter, args=(amount,)) for amount in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(outcomes) == ["entered"] * 10 + ["told"] * 10
    assert [len(list_figures(office, year)) for year in range(2000, 2010)] == [1] * 10
