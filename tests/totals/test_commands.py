"""`tracker totals` as a person or a program calls it."""

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.factories import make_department, make_enterprise, make_purchase
from tracker.totals.commands import totals

OPEN_ENDED = ("social", date(2020, 1, 1), None)


@pytest.fixture
def department(app: Flask) -> int:  # noqa: ARG001
    """Return a department that bought for 1,286 won in 2023 and for 1,888 won in 2024."""
    department = make_department("총무과")
    enterprise = make_enterprise("함께", OPEN_ENDED)
    make_purchase(department, enterprise, 1_286, date(2023, 5, 1))
    make_purchase(department, enterprise, 1_888, date(2024, 5, 1))
    return department


def run(*arguments: str) -> Result:
    return CliRunner().invoke(totals, arguments)


def run_json(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


@pytest.mark.usefixtures("department")
def test_growth_is_told_with_the_digits_asked_for() -> None:
    assert run_json("--year", "2024", "--digits", "2")["total"] == {
        "key": "",
        "label": "합계",
        "current": 1888,
        "prior": 1286,
        "difference": 602,
        "growth": "46.81",
        "note": None,
        "count": 1,
        "no_data": [],
    }
    assert run_json("--year", "2024")["total"]["growth"] == "46.8"


@pytest.mark.usefixtures("department")
def test_a_person_reads_an_aligned_table_in_korean() -> None:
    make_department("민원과")

    assert run("--year", "2024").stdout.splitlines() == [
        "사회적경제기업 구매 · 부서별 · 계약 기준",
        "2024년 2024. 1. 1. ~ 2024. 12. 31. / 2023년 2023. 1. 1. ~ 2023. 12. 31.",
        "(단위: 원, %)",
        "부서    2024년  2023년  증감  증감률  건수",
        "------------------------------------------",
        "총무과   1,888   1,286   602    46.8     1",
        "민원과       0       0     0       –     0",
        "------------------------------------------",
        "합계     1,888   1,286   602    46.8     1",
    ]


@pytest.mark.usefixtures("department")
def test_a_year_without_data_is_not_zero() -> None:
    before = run_json("--year", "2023")["total"]
    after = run_json("--year", "2025")["total"]

    assert (before["prior"], before["growth"], before["note"]) == (None, None, "no_data")
    assert (after["current"], after["prior"], after["growth"], after["note"]) == (0, 1888, None, "no_data")
    assert (before["no_data"], after["no_data"]) == (["prior"], ["current"])
    assert "자료 없음" in run("--year", "2025").stdout


def test_rows_by_type_overlap_and_the_table_says_so(department: int) -> None:
    both = make_enterprise("둘", OPEN_ENDED, ("village", date(2020, 1, 1), None))
    make_purchase(department, both, 1_000, date(2024, 6, 1))

    told = run_json("--year", "2024", "--by", "type")

    assert told["rows_overlap"]
    assert told["total"]["current"] == 2_888
    assert {row["label"]: row["current"] for row in told["rows"] if row["current"]} == {
        "사회적기업": 2_888,
        "마을기업": 1_000,
    }
    assert "합계보다 클 수 있습니다" in run("--year", "2024", "--by", "type").stdout


def test_the_explanation_lists_purchases_that_add_up(department: int) -> None:
    number = make_purchase(
        department, make_enterprise("새", OPEN_ENDED), 112, date(2024, 7, 1), contract_name="청소 용역"
    )

    told = run_json("--year", "2024", "--by", "kind", "--explain")
    text = run("--year", "2024", "--explain").stdout

    assert [(line["side"], line["amount"], line["rows"]) for line in told["purchases"]] == [
        ("current", 1888, ["goods"]),
        ("current", 112, ["goods"]),
        ("prior", 1286, ["goods"]),
    ]
    assert told["purchases"][1]["id"] == number
    assert told["purchases"][1]["types"] == ["social"]
    assert "청소 용역" in text
    assert told["total"]["current"] == 2_000


@pytest.mark.usefixtures("department")
def test_a_period_goes_by_days_and_the_year_is_a_label() -> None:
    told = run_json("--year", "2030", "--from", "2024-05-01", "--to", "2024-05-01")

    assert told["period"] == {"from": "2024-05-01", "to": "2024-05-01", "year": 2030}
    assert told["against"] == {"from": "2023-05-01", "to": "2023-05-01", "year": 2029}
    assert told["total"]["current"] == 1888


@pytest.mark.parametrize(
    "arguments",
    [
        ("--year", "2024", "--from", "2024-01-01"),
        ("--year", "2024", "--from", "2024-02-01", "--to", "2024-01-01"),
        ("--year", "2024", "--from", "2024-01-01", "--to", "2024-02-01", "--same-period", "2024-02-01"),
        ("--year", "2024", "--same-period", "2023-12-31"),
        ("--year", "2024", "--from", "0001-01-01", "--to", "2024-01-01"),
        ("--year", "1899"),
        ("--year", "1900"),
        ("--year", "2024", "--department", "없는과"),
        ("--year", "2024", "--type", "없는유형"),
        ("--year", "2024", "--of", "some"),
        (),
    ],
)
@pytest.mark.usefixtures("department")
def test_wrong_usage_ends_with_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.usefixtures("department")
def test_a_department_of_several_of_its_name_must_be_given_by_its_path() -> None:
    bureau = make_department("경제국")
    make_department("총무과", parent_id=bureau)

    assert "경제국/총무과" in run("--year", "2024", "--department", "총무과").stderr
    assert run_json("--year", "2024", "--department", "경제국/총무과")["total"]["current"] == 0
