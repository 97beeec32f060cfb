"""Reports through the API: frozen, listed, shown byte for byte, verified."""

import hashlib
import json
from datetime import date

import pytest
from click.testing import CliRunner

from tests.api.programs import Program
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.extensions import db
from tracker.purchases.services import reverse_purchase
from tracker.reports.commands import report
from tracker.reports.life import confirm_report, supersede_report


@pytest.fixture
def purchase(program: Program) -> int:
    """Return a purchase of 2025 that counts."""
    assert program
    return make_purchase(
        make_department(),
        make_enterprise("함께", ("social", date(2020, 1, 1), None)),
        7_000,
        date(2025, 5, 1),
    )


def test_a_report_is_frozen_listed_and_shown_byte_for_byte(program: Program, purchase: int) -> None:
    answer = program.send("POST", "/reports", json={"year": 2025})
    assert answer.status_code == 201
    created = answer.json
    assert created
    shown = program.send("GET", f"/reports/{created['id']}")
    [listed] = program.get("/reports")["items"]

    assert answer.location == f"/api/v1/reports/{created['id']}"
    assert created == {name: listed[name] for name in ("id", "sha256")}
    assert hashlib.sha256(shown.data).hexdigest() == created["sha256"]
    assert shown.headers["ETag"] == f'"{created["sha256"]}"'
    assert shown.json
    assert shown.json["summary"]["total"]["current"] == 7_000
    assert [line["id"] for line in shown.json["annex"]] == [purchase]


def test_verification_tells_what_changed_since(program: Program, purchase: int) -> None:
    created = program.post("/reports", {"year": 2025})
    reverse_purchase(purchase, 1, "취소", BY)
    told = program.get(f"/reports/{created['id']}/verification")

    assert told == created | {
        "intact": True,
        "state": "unconfirmed",
        "steps": [],
        "faults": [],
        "differences": [{"purchase": purchase, "amount": -7_000, "change": "removed"}],
        "difference": -7_000,
        "prior_difference": None,
    }


def test_verification_tells_the_state_and_by_which_report_one_is_superseded(
    program: Program, purchase: int
) -> None:
    assert purchase
    first, second = (program.post("/reports", {"year": year})["id"] for year in (2025, 2025))
    confirm_report(first, None, None, BY)
    supersede_report(first, second, "오기 정정", BY)
    provisional = program.post("/reports", {"year": 2026})["id"]

    told = program.get(f"/reports/{first}/verification")
    assert told["state"] == "superseded"
    assert [(step["state"], step["superseded_by"]) for step in told["steps"]] == [
        ("confirmed", None),
        ("superseded", second),
    ]
    step = CliRunner().invoke(report, ["verify", str(first), "--json"])
    assert told == json.loads(step.stdout)
    assert program.get(f"/reports/{provisional}/verification")["state"] == "provisional"


def test_the_same_request_freezes_one_report(program: Program, purchase: int) -> None:
    assert purchase
    first = program.post("/reports", {"year": 2025}, key="a")
    again = program.post("/reports", {"year": 2025}, 200, key="a")

    assert first == again
    assert len(program.get("/reports")["items"]) == 1


def test_scope_period_and_department_can_be_asked_for(program: Program, purchase: int) -> None:
    assert purchase
    created = program.post(
        "/reports",
        {
            "year": 2025,
            "from": "2025-01-01",
            "to": "2025-06-30",
            "scope": "evaluation",
            "department": "총무과",
        },
    )
    told = program.get(f"/reports/{created['id']}")

    assert told["question"]["period"] == ["2025-01-01", "2025-06-30"]
    assert told["question"]["scope"] == "evaluation"
    assert told["department"] == "총무과"


def test_a_report_that_makes_no_sense_is_refused(program: Program, purchase: int) -> None:
    assert purchase
    for change, field in (
        ({"year": 1800}, "year"),
        ({"kind": "weekly"}, "kind"),
        ({"scope": "world"}, "scope"),
        ({"from": "2025-01-01"}, "from"),
        ({"from": "1900-01-01", "to": "1900-12-31"}, "from"),
        ({"department": "없는과"}, "department"),
        ({"department_id": 999}, "department_id"),
    ):
        assert field in program.post("/reports", {"year": 2025} | change, 422)["fields"], change
    assert program.get("/reports")["items"] == []


def test_there_is_nothing_to_show_of_a_report_that_was_never_made(program: Program) -> None:
    assert program.get("/reports/7", 404)["code"] == "not_found"
    assert program.get("/reports/7/verification", 404)["code"] == "not_found"
    assert program.get(f"/reports/{2**31}", 404)["code"] == "not_found"


def test_an_altered_report_is_not_shown_and_told_as_not_intact(program: Program, purchase: int) -> None:
    assert purchase
    created = program.post("/reports", {"year": 2025})
    db.session.rollback()
    db.session.execute(db.text("DROP TRIGGER report_snapshot_no_update"))
    db.session.execute(db.text("UPDATE report_snapshot SET content = replace(content, '7000', '8000')"))
    db.session.commit()

    assert program.get(f"/reports/{created['id']}", 409)["code"] == "altered"
    told = program.get(f"/reports/{created['id']}/verification")
    assert (told["intact"], told["state"]) == (False, None)


def test_figures_that_do_not_add_up_are_not_frozen(program: Program, purchase: int) -> None:
    assert purchase
    db.session.rollback()
    db.session.execute(db.text("UPDATE purchase_rollup SET amount = amount + 1 WHERE type = ''"))
    db.session.commit()

    assert program.post("/reports", {"year": 2025}, 409)["code"] == "inconsistent"
    assert program.get("/reports")["items"] == []
