"""Totals against an independent reckoning of random ledgers, to the won."""

import random
from datetime import date
from itertools import product

import pytest
from flask import Flask

from tests.totals.ledgers import LEAP_DAY, Ledger, make_ledger, reckon
from tracker.core.periods import Period, evaluation_year, month, quarter
from tracker.core.vocabulary import Affiliation, Basis, Measure
from tracker.totals.queries import answer, purchases_behind
from tracker.totals.questions import By, Question, Side

ASKED = 200
PERIODS: tuple[dict[str, object], ...] = (
    {"year": 2024},
    {"year": 2023},
    {"year": 2024, "against": 2022},
    {"year": 2024, "same_period": LEAP_DAY},
    {"year": 2025, "same_period": date(2025, 2, 28)},
    {"year": 2024, "period": Period(date(2024, 1, 15), LEAP_DAY)},
    {"year": 2024, "period": Period(date(2023, 12, 31), date(2024, 6, 1))},
    {"year": 2025, "period": month(2025, 2)},
    {"year": 2024, "period": evaluation_year(2024)},
    {"year": 2024, "period": quarter(2024, 1), "against": 2022},
    {"year": 2024, "period": Period(LEAP_DAY, LEAP_DAY)},
)


def questions_about(ledger: Ledger, seed: int) -> list[Question]:
    """Return measures, bases, groupings and periods, with department, type and scope by chance."""
    chance = random.Random(seed)
    questions = [
        Question(
            **period,  # type: ignore[arg-type]
            of=of,
            basis=basis,
            by=by,
            department_id=chance.choice((None, None, *ledger.parents)),
            type=chance.choice((None, None, "social", "women_owned", "village")),
            affiliation=chance.choice((None, None, None, Affiliation.OWN)),
        )
        for period, of, basis, by in product(PERIODS, Measure, Basis, By)
    ]
    return chance.sample(questions, ASKED)


@pytest.mark.long
@pytest.mark.parametrize(
    ("any_app", "seed"),
    [("sqlite", 1), pytest.param("postgresql", 2, marks=pytest.mark.postgresql)],
    indirect=["any_app"],
)
def test_totals_equal_an_independent_reckoning(any_app: Flask, seed: int) -> None:
    assert any_app
    ledger = make_ledger(seed, 120)

    for question in questions_about(ledger, seed):
        found = answer(question)
        rows, whole = reckon(ledger, question)
        shown = {
            row.key: (row.comparison.current, row.comparison.prior, row.count)
            for row in found.rows
            if row.key in rows or row.count or row.comparison.prior
        }

        assert shown == rows, question
        assert (found.total.comparison.current, found.total.comparison.prior, found.total.count) == whole


@pytest.mark.long
@pytest.mark.usefixtures("any_app")
def test_the_purchases_behind_add_up_to_every_figure() -> None:
    seed = 3
    ledger = make_ledger(seed, 80)

    for question in random.Random(seed).sample(questions_about(ledger, seed), 40):
        found = answer(question)
        for side in Side:
            lines = list(purchases_behind(question, side=side))
            for row in found.rows:
                own = list(purchases_behind(question, row.key, side))
                figure = row.comparison.current if side is Side.CURRENT else row.comparison.prior or 0
                assert sum(line.amount for line in own) == figure, (question, row)
                assert own == [line for line in lines if row.key in line.keys]
            total = found.total.comparison
            assert sum(line.amount for line in lines) == (
                total.current if side is Side.CURRENT else total.prior or 0
            )
