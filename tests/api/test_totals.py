"""Totals through the API are those of the command, to the letter."""

import json
import random
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.api.programs import Program
from tests.factories import make_department, make_enterprise, make_purchase
from tests.totals.ledgers import make_ledger
from tracker.departments.queries import get_root
from tracker.totals.commands import totals

CHOICES: dict[str, list[str | None]] = {
    "against": [None, None, "2022"],
    "of": [None, "social", "certified", "all"],
    "basis": [None, "contract", "payment"],
    "by": [None, "department", "type", "kind", "month", "enterprise", "method"],
    "type": [None, None, "social", "마을기업"],
    "digits": [None, "0", "3"],
    "explain": [None, "true"],
}
DAYS: list[dict[str, str]] = [
    {},
    {"from": "2024-01-15", "to": "2024-06-30"},
    {"same_period": "2024-08-31"},
]


def from_command(asked: dict[str, str]) -> str:
    """Return what the command prints for the same question."""
    arguments = [
        part
        for name, value in asked.items()
        for part in ([f"--{name.replace('_', '-')}"] + ([] if name == "explain" else [value]))
    ]
    result = CliRunner().invoke(totals, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return result.stdout.rstrip("\n")


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_question_gets_the_same_json(program: Program, seed: int) -> None:
    make_ledger(seed, 60)
    chance = random.Random(seed)
    for _ in range(40):
        asked = {"year": "2024"} | chance.choice(DAYS)
        chosen = {name: chance.choice(values) for name, values in CHOICES.items()}
        asked |= {name: value for name, value in chosen.items() if value is not None}
        if chance.random() < 0.3:
            asked["department"] = chance.choice([get_root().name, "경제국", "공단"])
        answer = program.send("GET", "/totals", query_string=asked)

        assert answer.status_code == 200
        assert answer.text == from_command(asked), asked


def test_amounts_are_whole_numbers_and_growth_is_text(program: Program) -> None:
    department, enterprise = make_department(), make_enterprise("함께", ("social", date(2020, 1, 1), None))
    make_purchase(department, enterprise, 1_286, date(2025, 5, 1))
    make_purchase(department, enterprise, 1_888, date(2026, 5, 1))
    told = program.get(f"/totals?year=2026&department_id={department}&digits=2")

    assert told["total"]["current"] == 1_888
    assert told["total"]["growth"] == "46.81"
    assert told["department"] == department


def test_every_figure_is_the_sum_of_the_purchases_told_with_it(program: Program) -> None:
    make_ledger(3, 40)
    told = program.get("/totals?year=2024&by=type&explain=true")
    sums = {
        row["key"]: sum(
            line["amount"]
            for line in told["purchases"]
            if line["side"] == "current" and row["key"] in line["rows"]
        )
        for row in told["rows"]
    }

    assert sums == {row["key"]: row["current"] for row in told["rows"]}
    assert any(sums.values())


def test_a_question_that_makes_no_sense_is_refused(app: Flask, program: Program) -> None:
    faults: dict[str, list[str]] = {
        "": ["year"],
        "year=1899": ["year"],
        "year=2026&from=2026-01-01": ["from", "same_period", "to"],
        "year=2026&from=2026-02-01&to=2026-01-01": ["from", "same_period", "to"],
        "year=2026&same_period=2025-01-01": ["from", "same_period", "to"],
        "year=2026&by=colour": ["by"],
        "year=2026&digits=7": ["digits"],
        "year=2026&type=없는것": ["type"],
        "year=2026&department=없는과": ["department"],
    }
    found: dict[str, Any] = {
        question: sorted(program.get(f"/totals?{question}", 422)["fields"]) for question in faults
    }

    assert app
    assert found == faults


def test_the_json_is_read_as_it_is_sent(program: Program) -> None:
    make_department()
    answer = program.send("GET", "/totals?year=2026")

    assert answer.is_json
    assert json.loads(answer.text)["rows"][0]["label"] == "총무과"
