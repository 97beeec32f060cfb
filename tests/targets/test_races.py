"""Of two who set the same at the same moment one is told of the other, on both databases."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.factories import BY, make_department
from tests.targets.pages import aim, write_plan
from tracker.core.vocabulary import DeadlineKind, Kind
from tracker.extensions import db
from tracker.targets.queries import list_targets, seal_of
from tracker.targets.services import (
    DeadlineDraft,
    PlanDraft,
    RuleDraft,
    Stale,
    StaleBudgets,
    TargetDraft,
    add_deadline,
    change_deadline,
    change_plan_line,
    record_budgets,
    save_rule,
    set_target,
    share_target,
)

YEARS = range(2030, 2036)
Act = Callable[[int, int], object]


def rules(_office: int) -> Act:
    """Set the rule of a year that has none."""

    def act(year: int, person: int) -> object:
        draft = RuleDraft(
            scheme="women", fiscal_year=year, types=(), kinds=(Kind.GOODS,), notice=f"제{person}호"
        )
        return save_rule(draft, None, BY)

    return act


def targets(_office: int) -> Act:
    """Set a target where none is."""
    return lambda year, person: set_target(
        TargetDraft(scheme="women", fiscal_year=year, amount=person), None, BY
    )


def shares(office: int) -> Act:
    """Share a target out that nobody has shared out yet."""
    for year in YEARS:
        aim("women", amount=100, year=year)
    seals = {year: seal_of(list_targets(year, "women")) for year in YEARS}
    return lambda year, person: share_target(
        "women", year, {office: 100}, f"{person}안", BY, seen=seals[year]
    )


def budgets(office: int) -> Act:
    """Record the first budget of a year."""
    return lambda year, person: record_budgets(year, {office: person}, {}, "본예산", BY)


def deadlines(_office: int) -> Act:
    """Change a deadline as it was first entered."""

    def draft(year: int, title: str) -> DeadlineDraft:
        return DeadlineDraft(
            fiscal_year=year, due_on=date(year, 1, 1), kind=DeadlineKind.INTERNAL, title=title
        )

    added = {year: add_deadline(draft(year, "마감"), BY) for year in YEARS}
    return lambda year, person: change_deadline(added[year], draft(year, f"{person}"), 1, BY)


def plan_lines(office: int) -> Act:
    """Change a line of the plan as it was first written."""
    written = {year: write_plan(office, fiscal_year=year) for year in YEARS}

    def act(year: int, person: int) -> object:
        draft = PlanDraft(
            fiscal_year=year,
            department_id=office,
            scheme="women",
            item="복사용지",
            kind=Kind.GOODS,
            amount=person,
        )
        change_plan_line(written[year], draft, 1, BY)
        return None

    return act


@pytest.mark.parametrize("make", [rules, targets, shares, budgets, deadlines, plan_lines])
def test_the_slower_of_two_is_told(any_app: Flask, make: Callable[[int], Act]) -> None:
    act = make(make_department())
    db.session.remove()
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def repeat(person: int) -> None:
        with any_app.app_context():
            for year in YEARS:
                together.wait(30)
                try:
                    act(year, person)
                    outcomes.append("done")
                except (Stale, StaleBudgets):
                    outcomes.append("told")
            db.session.remove()

    people = [threading.Thread(target=repeat, args=(person,)) for person in (1, 2)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(outcomes) == ["done"] * len(YEARS) + ["told"] * len(YEARS)
