"""`tracker round` as a person or a program calls it."""

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.factories import make_department, make_enterprise, make_purchase
from tests.rounds.rounds import IN_PERIOD, answer_for, make_round
from tracker.rounds.commands import round_group

OPEN = ("open", "--from", "2026-07-01", "--to", "2026-09-30", "--due", "2026-10-08")


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department with a purchase in the period."""
    assert app
    office = make_department("총무과")
    make_purchase(office, make_enterprise("함께", ("social", date(2020, 1, 1), None)), 1_000, IN_PERIOD)
    return office


def run(*arguments: str) -> Result:
    return CliRunner().invoke(round_group, arguments)


def run_json(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_a_round_is_opened_listed_and_followed(office: int) -> None:
    opened = run_json(*OPEN)
    answer_for(opened["id"], office)
    [listed] = run_json("list")["rounds"]
    board = run_json("board", str(opened["id"]))

    assert opened["title"] == "2026년 3분기 사회적경제기업 제품 구매실적 제출 요청"
    assert opened["request"].endswith("끝.")
    assert (listed["from"], listed["to"], listed["due"]) == ("2026-07-01", "2026-09-30", "2026-10-08")
    assert (listed["asked"], listed["missing"], listed["submitted"]) == (1, 0, 1)
    assert (board["amount"], board["counted"]) == (1_000, 1_000)
    assert board["rows"] == [
        {
            "department": "총무과",
            "state": "submitted",
            "none": False,
            "by_file": False,
            "changed": False,
            "count": 1,
            "amount": 1_000,
            "counted": 1_000,
            "submitted_amount": 1_000,
            "submitted_on": "2026-11-24",
            "days_late": 47,
            "late_entries": 0,
        }
    ]


def test_a_person_reads_it_line_by_line(office: int) -> None:
    make_department("복지과")
    opened = run(*OPEN, "--title", "추가 제출 요청", "--with-affiliated")
    answer_for(1, office)

    assert opened.stdout.startswith("제목  추가 제출 요청")
    assert "추가 제출 요청  ~2026-10-08  미제출 1 제출 1" in run("list").stdout
    assert run("board", "1").stdout.splitlines() == ["총무과  제출  1,000", "복지과  미제출  0"]


def test_what_cannot_be_is_refused(app: Flask) -> None:
    assert app
    reversed_days = run("open", "--from", "2026-09-30", "--to", "2026-07-01", "--due", "2026-10-08")

    assert reversed_days.exit_code == 2
    assert run(*OPEN).exit_code == 1  # there is no department yet
    assert run("board", "99").exit_code == 1


def test_marks_stand_behind_the_amount(office: int) -> None:
    empty = make_department("복지과")
    round_id = make_round()
    answer_for(round_id, office, empty)
    make_purchase(office, 1, 5, IN_PERIOD)

    assert run("board", str(round_id)).stdout.splitlines() == [
        "총무과  제출  1,005  제출 뒤 변경",
        "복지과  제출  0  해당 없음",
    ]
