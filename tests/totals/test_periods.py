"""Periods to choose from, and addresses that ask a question again."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.factories import make_department
from tracker.core.periods import Period
from tracker.core.vocabulary import Affiliation, Basis, Measure
from tracker.totals.forms import QuestionForm, complete
from tracker.totals.periods import fields_of, list_presets
from tracker.totals.questions import By, Question


@pytest.mark.parametrize(
    ("day", "labels"),
    [
        (
            date(2026, 1, 1),
            ["올해 지금까지", "작년 전체", "1분기 지금까지", "상반기 지금까지", "9월~8월 (평가 기간)"],
        ),
        (
            date(2026, 3, 31),
            ["올해 지금까지", "작년 전체", "1분기", "상반기 지금까지", "9월~8월 (평가 기간)"],
        ),
        (
            date(2026, 7, 1),
            [
                *("올해 지금까지", "작년 전체", "1분기", "2분기", "3분기 지금까지"),
                *("상반기", "하반기 지금까지", "9월~8월 (평가 기간)"),
            ],
        ),
    ],
)
@pytest.mark.usefixtures("app")
def test_only_periods_that_have_begun_are_offered(day: date, labels: list[str]) -> None:
    assert [preset.label for preset in list_presets(day, {})] == labels


@pytest.mark.parametrize(("day", "year"), [(date(2026, 8, 30), "2025"), (date(2026, 8, 31), "2026")])
@pytest.mark.usefixtures("app")
def test_the_last_evaluation_period_that_is_over_is_offered(day: date, year: str) -> None:
    assert list_presets(day, {})[-1].fields == {"period": "evaluation", "year": year}


@pytest.mark.parametrize(
    "fields",
    [
        {"year": 2026},
        {"year": 2026, "same_period": date(2026, 5, 1), "against": 2023},
        {"year": 2026, "period": Period(date(2025, 12, 1), date(2026, 5, 1)), "by": By.MONTH},
        {"year": 2026, "of": Measure.ALL, "basis": Basis.PAYMENT, "type": "social", "by": By.ENTERPRISE},
        {"year": 2026, "affiliation": Affiliation.OWN, "by": By.BRANCH},
    ],
)
def test_the_fields_of_a_question_ask_it_again(app: Flask, fields: dict[str, object]) -> None:
    question = Question(**fields, department_id=make_department())  # type: ignore[arg-type]

    with app.test_request_context():
        form = QuestionForm(complete(MultiDict(fields_of(question)), date(2026, 11, 24)))
        form.fill_choices()

        assert form.validate(), form.errors
        assert form.question() == question
        assert form.asked() == fields_of(question)
