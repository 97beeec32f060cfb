"""`tracker report` as a person or a program calls it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, enter_ledger, reckon
from tracker.extensions import db, transaction
from tracker.operations.commands import verify as verify_all
from tracker.purchases.services import reverse_purchase
from tracker.reports.commands import report
from tracker.reports.life import confirm_report, supersede_report
from tracker.reports.queries import get_intact_snapshot


@pytest.fixture
def ledger(app: Flask) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(report, arguments)


def run_json(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def alter() -> None:
    """Change the frozen report by hand."""
    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = replace(content, '총무과', '정무과')"))
        db.session.expire_all()


@pytest.mark.usefixtures("ledger")
def test_creating_tells_number_and_hash() -> None:
    created = run_json("create", "--year", "2025")

    assert created == {"id": 1, "sha256": get_intact_snapshot(1).sha256}
    assert created["sha256"] in run("verify", "1", "--json").stdout
    assert "SHA-256" in run("create", "--year", "2025").stdout


@pytest.mark.usefixtures("ledger")
def test_scope_department_and_days_are_those_asked_for() -> None:
    run_json("create", "--year", "2025", "--scope", "evaluation", "--department", "시설공단")
    run_json("create", "--year", "2025", "--from", "2025-06-01", "--to", "2025-06-30")
    first, second = (json.loads(get_intact_snapshot(number).content) for number in (1, 2))

    assert first["summary"]["total"]["current"] == 7_000_000
    assert first["question"]["scope"] == "evaluation"
    assert second["summary"]["total"]["current"] == 2_000_500


@pytest.mark.parametrize(
    "arguments",
    [
        ("--year", "2025", "--kind", "none"),
        ("--year", "2025", "--kind", "scheme"),
        ("--year", "2025", "--kind", "scheme", "--scheme", "none"),
        ("--year", "2025", "--kind", "brief", "--scheme", "women"),
        ("--year", "2025", "--kind", "enterprise", "--enterprise", "12"),
        ("--year", "2025", "--kind", "enterprise", "--enterprise", "999-00-00000"),
        ("--year", "2025", "--without", "백신"),
        ("--year", "2025", "--without", "백신=#x"),
        ("--year", "2025", "--without", "백신=999-99"),
        ("--year", "2025", "--from", "2025-01-01"),
        ("--year", "2025", "--to", "2025-01-01"),
        ("--year", "2025", "--from", "2025-02-01", "--to", "2025-01-01"),
        ("--year", "2025", "--from", "0001-01-01", "--to", "2025-01-01"),
        ("--year", "1900"),
        ("--year", "2025", "--department", "없는과"),
        ("--year", "2025", "--department", "팀"),
        ("--year", "2025", "--scope", "all"),
        ("--year", "2025", "--as", "nobody"),
        (),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_wrong_usage_ends_with_exit_code_2_and_freezes_nothing(arguments: tuple[str, ...]) -> None:
    for bureau in ("경제국", "복지국"):
        make_department("팀", parent_id=make_department(bureau))

    result = run("create", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert run_json("list") == {"reports": []}


def test_figures_that_do_not_add_up_are_refused_with_their_names(ledger: Ledger) -> None:
    assert ledger
    with transaction():
        db.session.execute(text("UPDATE purchase_rollup SET amount = amount + 1"))

    result = run("create", "--year", "2025")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "annex.amount" in result.stderr


@pytest.mark.usefixtures("ledger")
def test_all_reports_are_listed() -> None:
    run("create", "--year", "2025")
    run("create", "--year", "2024")

    assert [row["fiscal_year"] for row in run_json("list")["reports"]] == [2025, 2024]
    assert (
        run("list").stdout.splitlines()[0].endswith("2025년도 행복구 사회적경제기업 제품 우선구매 실적보고서")
    )


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("form", "start"), [("html", b"<!DOCTYPE html>"), ("json", b"{"), ("xlsx", b"PK"), ("pdf", b"%PDF")]
)
def test_a_report_is_rendered_to_a_file(form: str, start: bytes, tmp_path: Path) -> None:
    run("create", "--year", "2025")

    result = run("render", "1", "--format", form, "--out", str(tmp_path / "report"))

    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "report").read_bytes().startswith(start)


@pytest.mark.long
def test_characters_that_the_document_cannot_show_are_named(app: Flask, tmp_path: Path) -> None:
    assert app
    make_institution()
    make_purchase(
        make_department(), make_enterprise("온정 😀", ("social", SINCE, None)), day=date(2025, 3, 1)
    )
    run("create", "--year", "2025")

    result = run("render", "1", "--out", str(tmp_path / "report.pdf"))

    assert result.exit_code == 0
    assert "😀 (U+1F600)" in result.stderr


@pytest.mark.usefixtures("ledger")
def test_a_report_that_is_not_there_or_a_place_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    run("create", "--year", "2025")

    for arguments in (
        ("render", "9", "--format", "json", "--out", str(tmp_path / "report")),
        ("render", "1", "--format", "json", "--out", str(tmp_path / "none" / "report")),
        ("render", "1", "--format", "doc", "--out", str(tmp_path / "report")),
        ("verify", "9"),
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr


@pytest.mark.parametrize(
    ("script", "said"), [("printf 'Other\\n/none'", "fonts-nanum"), ("exit 7", "exit status 7")]
)
@pytest.mark.usefixtures("ledger")
def test_a_pdf_that_cannot_be_made_is_refused_with_the_reason(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("create", "--year", "2025")
    program = tmp_path / "fc-match"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    result = run("render", "1", "--out", str(tmp_path / "report.pdf"))

    assert result.exit_code == 1
    assert said in result.stderr
    assert not (tmp_path / "report.pdf").exists()


def test_verifying_names_what_changed_in_the_ledger_since(ledger: Ledger) -> None:
    run("create", "--year", "2025")
    gone = next(number for row, number in ledger.purchases.items() if row.amount == 1_234_567)
    reverse_purchase(gone, 1, "중복", BY)

    found = run_json("verify", "1")

    assert found["intact"]
    assert found["differences"] == [{"purchase": gone, "amount": -1_234_567, "change": "removed"}]
    assert found["difference"] == -1_234_567
    assert run_json("create", "--year", "2025")["id"] == 2
    assert json.loads(get_intact_snapshot(2).content)["summary"]["total"]["current"] == (
        reckon(2025) + found["difference"]
    )
    told = run("verify", "1").stdout
    assert f"#{gone}" in told
    assert "-1,234,567" in told


@pytest.mark.usefixtures("ledger")
def test_an_altered_report_is_found_by_both_checks_and_rendered_no_more(tmp_path: Path) -> None:
    run("create", "--year", "2025")
    run("create", "--year", "2024")
    assert run_json("verify") == {"reports": [run_json("verify", "1"), run_json("verify", "2")]}
    alter()

    found = run_json("verify", "1", exit_code=1)
    everywhere = CliRunner().invoke(verify_all, ["--json"])

    assert (found["intact"], found["faults"]) == (False, ["content"])
    assert run("verify").exit_code == 1
    assert everywhere.exit_code == 1
    assert {
        (each["check"], each["subject"], each["subject_id"])
        for each in json.loads(everywhere.stdout)["findings"]
    } == {("snapshots", "report", 1), ("snapshots", "report", 2)}
    rendered = run("render", "1", "--format", "json", "--out", str(tmp_path / "report"))
    assert rendered.exit_code == 1
    assert not (tmp_path / "report").exists()


def test_verifying_tells_the_life_of_a_report(ledger: Ledger) -> None:
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 9_000, date(2024, 5, 1))
    for _again in range(2):
        run_json("create", "--year", "2025")
    assert run_json("verify", "1")["state"] == "unconfirmed"
    confirm_report(1, None, None, BY)
    supersede_report(1, 2, "정정", BY)

    found = run_json("verify", "1")

    assert (found["intact"], found["state"]) == (True, "superseded")
    assert [step["state"] for step in found["steps"]] == ["confirmed", "superseded"]
    assert found["steps"][1] | {"at": None} == {
        "state": "superseded",
        "by": "시스템",
        "at": None,
        "reason": "정정",
        "superseded_by": 2,
    }
    said = run("verify", "1").output
    assert "확정" in said
    assert "보고서 2" in said
    alter()
    assert run_json("verify", "1", exit_code=1)["state"] is None


def test_comparing_tells_line_by_line_what_is_different(ledger: Ledger) -> None:
    run_json("create", "--year", "2025")
    added = make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 70_000, date(2025, 5, 1))
    run_json("create", "--year", "2025")
    run_json("create", "--year", "2025", "--kind", "brief")

    found = run_json("compare", "1", "2")

    assert found["purchases"] == [
        {"purchase": added, "change": "added", "before": None, "after": 70_000, "difference": 70_000}
    ]
    assert (found["difference"], found["after"] - found["before"]) == (70_000, 70_000)
    assert ("민원과", 70_000) in {(each["row"], each["difference"]) for each in found["figures"]}
    assert f"#{added}  added  +70,000" in run("compare", "1", "2").output
    assert run("compare", "1", "9").exit_code == 2
    assert run("compare", "1", "3").exit_code == 2
    alter()
    assert run("compare", "1", "2").exit_code == 1


@pytest.mark.usefixtures("ledger")
def test_open_contracting_data_is_a_format(tmp_path: Path) -> None:
    run_json("create", "--year", "2025")

    assert run("render", "1", "--format", "ocds", "--out", str(tmp_path / "ocds.json")).exit_code == 0

    releases = json.loads((tmp_path / "ocds.json").read_text())["releases"]
    assert sum(each["contracts"][0]["value"]["amount"] for each in releases) == reckon(2025)
