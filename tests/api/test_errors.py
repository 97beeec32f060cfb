"""Refusals as programs read them: code, message, fields; Korean, or English where it is asked for."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.api.programs import Program
from tests.factories import make_department, make_enterprise
from tracker.config import DATABASE_FILE
from tracker.extensions import db
from tracker.web.headers import SECURITY_HEADERS


@pytest.fixture
def body(program: Program) -> dict[str, Any]:
    """Return an ordinary purchase as it is sent."""
    assert program
    return {
        "department_id": make_department(),
        "enterprise_id": make_enterprise(),
        "amount": 5,
        "contracted_on": "2026-03-02",
    }


def sent(text: str | bytes) -> dict[str, Any]:
    """Return the options by which this is sent as JSON."""
    return {"data": text, "content_type": "application/json"}


@pytest.mark.parametrize(
    ("method", "address", "options", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("GET", "/purchases/99", {}, 404, "not_found"),
        ("PATCH", "/purchases/99", {"json": {"version": 1, "reason": "정정"}}, 404, "not_found"),
        ("GET", f"/purchases/{10**20}", {}, 404, "not_found"),
        ("GET", "/enterprises/99", {}, 404, "not_found"),
        ("GET", f"/enterprises/{10**20}", {}, 404, "not_found"),
        ("DELETE", "/purchases", {}, 405, "method_not_allowed"),
        ("POST", "/purchases", sent("{"), 400, "bad_request"),
        ("POST", "/purchases", sent(b"\xff\xfe"), 400, "bad_request"),
        ("POST", "/purchases", sent("[" * 9_999), 400, "bad_request"),
        ("POST", "/purchases", sent("1" * 9_999), 400, "bad_request"),
        ("POST", "/purchases", sent('{"item": "\\ud800"}'), 400, "bad_request"),
        ("POST", "/purchases", sent('{"\\ud800": 1}'), 400, "bad_request"),
        ("POST", "/purchases", sent('{"amount": Infinity}'), 400, "bad_request"),
        ("POST", "/purchases", {"json": []}, 422, "invalid"),
        ("POST", "/purchases", {"json": None}, 422, "invalid"),
        ("POST", "/purchases", {"data": "amount=5"}, 422, "invalid"),
        ("POST", "/purchases", {"json": {"note": "가" * 600_000}}, 413, "too_large"),
    ],
)
def test_a_refusal_has_a_code_a_sentence_and_fields(
    program: Program, method: str, address: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = program.send(method, address, **options)
    told = answer.json

    assert answer.status_code == status
    assert told
    assert told["code"] == code
    assert told["message"].endswith(("요.", "다."))
    assert isinstance(told["fields"], dict)
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("asked", "language"),
    [("en", "en"), ("en-US,en;q=0.9", "en"), ("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("fr", "ko"), ("*", "ko")],
)
def test_messages_are_korean_unless_english_is_preferred(program: Program, asked: str, language: str) -> None:
    told = program.post("/purchases", {"amount": "5"}, 422, language=asked)
    message, fault = told["message"], told["fields"]["department_id"][0]

    assert message.startswith({"en": "Some values", "ko": "받을 수 없는 값"}[language])
    assert fault.isascii() is (language == "en")


def test_what_is_wrong_in_a_list_is_told_by_its_place(program: Program, body: dict[str, Any]) -> None:
    payments = [{"paid_on": "2026-03-02", "amount": 5}, {"paid_on": "2026-03-02", "amount": "5"}]
    told = program.post("/purchases", body | {"payments": payments}, 422)

    assert list(told["fields"]["payments"]) == ["1"]
    assert list(told["fields"]["payments"]["1"]) == ["amount"]


def test_a_repeated_request_is_done_once(program: Program, body: dict[str, Any]) -> None:
    first = program.post("/purchases", body, key="주문 1")
    again = program.post("/purchases", body, 200, key="주문 1")
    other = program.post("/purchases", body, key="주문 2")

    assert again == first
    assert other["id"] != first["id"]
    assert program.get("/purchases")["found"]["number"] == 2


def test_a_repeated_change_is_not_a_conflict_with_itself(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body)["id"]
    for method, place, change in (
        ("PATCH", "", {"version": 1, "reason": "정정", "amount": 6}),
        ("POST", "/payments", {"version": 2, "paid_on": "2026-04-01", "amount": 5}),
        ("POST", "/reversal", {"version": 3, "reason": "취소"}),
    ):
        first = program.send(method, f"/purchases/{purchase}{place}", json=change, key="a")
        again = program.send(method, f"/purchases/{purchase}{place}", json=change, key="a")

        assert first.status_code in {200, 201}
        assert (again.status_code, again.json) == (200, first.json)


def test_a_key_is_not_taken_for_another_content(program: Program, body: dict[str, Any]) -> None:
    program.post("/purchases", body, key="a")
    told = program.post("/purchases", body | {"amount": 6}, 422, key="a")

    assert told["code"] == "key_reused"
    assert program.get("/purchases")["found"]["amount"] == 5


def test_a_key_of_a_refused_request_can_be_used_again(program: Program, body: dict[str, Any]) -> None:
    program.post("/purchases", body | {"amount": "5"}, 422, key="a")

    assert program.post("/purchases", body, key="a")["amount"] == 5
    assert program.post("/purchases", body, 400, key="")["code"] == "bad_request"
    assert program.post("/purchases", body, 400, key="x" * 256)["code"] == "bad_request"


def test_while_another_holds_the_database_a_program_is_asked_to_come_back(
    program: Program, body: dict[str, Any], instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.extensions.BUSY_TIMEOUT_MS", 10)
    db.session.remove()
    db.engine.dispose()
    holder = sqlite3.connect(instance / DATABASE_FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    told = program.post("/purchases", body, 503)
    holder.close()

    assert told["code"] == "unavailable"
    assert program.post("/purchases", body)


def test_a_rule_of_the_database_that_is_broken_at_the_same_moment_is_a_conflict(
    program: Program, body: dict[str, Any]
) -> None:
    db.session.rollback()
    db.session.execute(
        db.text("CREATE TRIGGER racing BEFORE INSERT ON purchase BEGIN SELECT RAISE(ABORT, 'too late'); END")
    )
    db.session.commit()

    assert program.post("/purchases", body, 409)["code"] == "conflict"


def test_a_fault_of_the_program_tells_nothing_about_it(app: Flask, program: Program) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    db.session.rollback()
    db.session.execute(db.text("DROP TABLE payment"))
    db.session.commit()
    told = program.get("/purchases/1", 404)
    fault = program.get("/totals?year=2026&basis=payment&from=2026-01-02&to=2026-01-03", 500)

    assert told["code"] == "not_found"
    assert fault["code"] == "fault"
    assert "payment" not in fault["message"]
