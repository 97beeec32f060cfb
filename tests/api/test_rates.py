"""Rates through the API are those of the command, to the letter."""

import json
from datetime import date

from click.testing import CliRunner

from tests.api.programs import Program
from tests.factories import make_department, make_enterprise, make_purchase
from tests.targets.pages import aim, spend
from tracker.targets.commands import rates


def test_the_same_question_gets_the_same_json(program: Program) -> None:
    office, other = make_department("총무과"), make_department("민원과")
    enterprise = make_enterprise("일", ("social", date(2015, 1, 1), None))
    for department, amount in ((office, 700), (other, 50)):
        make_purchase(department, enterprise, amount, date(2026, 5, 1))
        spend(department, 10_000)
    aim("social_economy", amount=1_000)
    aim("social_economy", amount=600, department_id=office)
    for asked in (
        {"year": "2026"},
        {"year": "2026", "scheme": "social_economy", "by": "department"},
        {"year": "2026", "scheme": "women", "department": "민원과"},
        {"year": "2025", "scheme": "sme"},
    ):
        arguments = [part for name, value in asked.items() for part in (f"--{name}", value)]
        printed = CliRunner().invoke(rates, [*arguments, "--json"])
        answer = program.send("GET", "/rates", query_string=asked)

        assert answer.status_code == 200
        assert answer.json == json.loads(printed.stdout)
    rows = program.get("/rates?year=2026&scheme=social_economy&by=department")["rows"]
    assert {row.get("department"): row["attainment"] for row in rows if row["kind"] == "all"} == {
        None: "75.0",
        "총무과": "116.7",
        "민원과": None,
    }


def test_a_question_that_makes_no_sense_is_refused(program: Program) -> None:
    faults = {
        "": ["year"],
        "year=2026&scheme=none": ["scheme"],
        "year=2026&by=kind": ["by"],
        "year=2026&department=없는과": ["department"],
        "year=2026&anything=1": ["anything"],
    }
    found = {question: sorted(program.get(f"/rates?{question}", 422)["fields"]) for question in faults}

    assert found == faults
