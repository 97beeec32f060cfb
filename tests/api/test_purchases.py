"""Purchases through the API: found, shown, recorded, paid, corrected, reversed."""

from datetime import date
from typing import Any

import pytest

from tests.api.programs import Program
from tests.factories import make_department, make_enterprise, make_purchase
from tracker.audit.acting import Acting
from tracker.core.periods import quarter
from tracker.purchases.closings import close_period, late_marks_of

CERTIFIED = ("social", date(2020, 1, 1), None)


@pytest.fixture
def department(program: Program) -> int:
    """Return a department."""
    assert program
    return make_department("총무과")


@pytest.fixture
def enterprise(program: Program) -> int:
    """Return a certified social enterprise."""
    assert program
    return make_enterprise("함께", CERTIFIED)


@pytest.fixture
def body(department: int, enterprise: int) -> dict[str, Any]:
    """Return an ordinary purchase as it is sent."""
    return {
        "department_id": department,
        "enterprise_id": enterprise,
        "amount": 1_100_000,
        "contracted_on": "2026-03-02",
        "item": "복사용지",
        "kind": "goods",
        "quantity": "12.5",
        "tax": "included",
    }


def test_a_purchase_is_recorded_judged_and_found_again(program: Program, body: dict[str, Any]) -> None:
    answer = program.send("POST", "/purchases", json=body)
    assert answer.status_code == 201
    told = answer.json
    assert told
    shown = program.get(f"/purchases/{told['id']}")
    listed = program.get("/purchases")

    assert answer.location == f"/api/v1/purchases/{told['id']}"
    assert told == shown | {"warnings": []}
    assert body.items() <= shown.items()
    assert (shown["version"], shown["fiscal_year"], shown["purchased_on"]) == (1, 2026, "2026-03-02")
    assert (shown["department"], shown["enterprise"]) == ("총무과", "함께")
    assert (shown["is_counted"], shown["types"], shown["reason"]) == (True, ["social"], "certified")
    assert shown["verdicts"][0]["message"].startswith("구매일에 인증이 유효")
    assert [revision["number"] for revision in shown["revisions"]] == [1]
    assert listed["found"] == {"number": 1, "amount": 1_100_000, "reversed_number": 0}
    assert listed["next"] is None
    assert listed["items"][0] == {name: shown[name] for name in listed["items"][0]}


def test_one_payment_date_pays_the_whole(program: Program, body: dict[str, Any]) -> None:
    del body["contracted_on"]
    told = program.post("/purchases", body | {"paid_on": "2025-12-30", "fiscal_year": 2026})

    assert (told["purchased_on"], told["fiscal_year"]) == ("2025-12-30", 2026)
    assert told["payments"] == [
        {"paid_on": "2025-12-30", "amount": 1_100_000, "kind": "whole", "fiscal_year": 2026}
    ]
    assert len(told["warnings"]) == 1


def test_without_contract_the_first_payment_is_the_purchase_date(
    program: Program, body: dict[str, Any]
) -> None:
    del body["contracted_on"]
    payments = [{"paid_on": f"2026-0{month}-01", "amount": 1_000 * month} for month in (5, 4)]
    told = program.post("/purchases", body | {"payments": payments})

    assert told["purchased_on"] == "2026-04-01"
    assert [payment["kind"] for payment in told["payments"]] == ["completion", "completion"]


def test_a_payment_is_a_revision_of_its_own(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body)["id"]
    told = program.post(
        f"/purchases/{purchase}/payments",
        {"version": 1, "paid_on": "2026-04-01", "amount": 500_000, "kind": "advance"},
    )

    assert told["version"] == 2
    assert told["payments"] == [
        {"paid_on": "2026-04-01", "amount": 500_000, "kind": "advance", "fiscal_year": 2026}
    ]


def test_a_correction_changes_what_is_sent_and_keeps_the_rest(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body | {"paid_on": "2026-03-20"})["id"]
    told = program.patch(
        f"/purchases/{purchase}",
        {"version": 1, "reason": "금액 정정", "amount": 900_000, "quantity": None},
    )

    assert (told["amount"], told["quantity"], told["item"]) == (900_000, None, "복사용지")
    assert told["payments"][0]["amount"] == 900_000
    assert told["revisions"][1]["reason"] == "금액 정정"
    assert told["revisions"][1]["changes"] == {"amount": [1_100_000, 900_000], "quantity": ["12.5", None]}
    assert told["revisions"][0]["facts"]["amount"] == 1_100_000


def test_the_payments_of_a_correction_replace_all(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body | {"paid_on": "2026-03-20"})["id"]
    told = program.patch(
        f"/purchases/{purchase}",
        {
            "version": 1,
            "reason": "계약 없음",
            "contracted_on": None,
            "payments": [{"paid_on": "2026-05-01", "amount": 10}],
        },
    )

    assert told["purchased_on"] == "2026-05-01"
    assert [payment["amount"] for payment in told["payments"]] == [10]


def test_a_reversal_takes_it_out_of_the_list(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body)["id"]
    told = program.post(f"/purchases/{purchase}/reversal", {"version": 1, "reason": "계약 해지"})
    again = program.post(f"/purchases/{purchase}/reversal", {"version": 2, "reason": "다시"}, 409)

    assert told["is_reversed"]
    assert not told["is_counted"]
    assert again["code"] == "reversed"
    assert program.get("/purchases")["items"] == []
    assert len(program.get("/purchases?with_reversed=true")["items"]) == 1


@pytest.mark.parametrize(
    ("method", "place", "change"),
    [
        ("PATCH", "", {"reason": "정정", "amount": 5}),
        ("POST", "/payments", {"paid_on": "2026-04-01", "amount": 5}),
        ("POST", "/reversal", {"reason": "취소"}),
    ],
)
def test_a_change_of_an_older_version_is_told_both(
    program: Program, body: dict[str, Any], method: str, place: str, change: dict[str, Any]
) -> None:
    purchase = program.post("/purchases", body)["id"]
    program.patch(f"/purchases/{purchase}", {"version": 1, "reason": "먼저", "amount": 7})
    answer = program.send(method, f"/purchases/{purchase}{place}", json=change | {"version": 1})
    told = answer.json

    assert answer.status_code == 409
    assert told
    assert told["code"] == "version_conflict"
    assert told["yours"] == change | {"version": 1}
    assert (told["current"]["version"], told["current"]["amount"]) == (2, 7)
    assert program.get(f"/purchases/{purchase}")["version"] == 2


def test_a_likely_repeat_and_an_expired_certification_are_warned_of(
    program: Program, body: dict[str, Any]
) -> None:
    expired = make_enterprise("끝", ("social", date(2020, 1, 1), date(2021, 1, 1)))
    program.post("/purchases", body)
    twin = program.post("/purchases", body)
    late = program.post("/purchases", body | {"enterprise_id": expired})

    assert len(twin["warnings"]) == 1
    assert len(late["warnings"]) == 1
    assert (late["reason"], late["is_counted"]) == ("expired", False)


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"amount": "1000"}, "amount"),
    ({"amount": 1000.0}, "amount"),
    ({"amount": True}, "amount"),
    ({"amount": None}, "amount"),
    ({"amount": 10**15 + 1}, "amount"),
    ({"department_id": 999}, "department_id"),
    ({"enterprise_id": 999}, "enterprise_id"),
    ({"contracting_department_id": 999}, "contracting_department_id"),
    ({"enterprise_id": 2**31}, "enterprise_id"),
    ({"contracted_on": "2026-02-30"}, "contracted_on"),
    ({"contracted_on": "20260302"}, "contracted_on"),
    ({"contracted_on": "1026-03-02"}, "contracted_on"),
    ({"contracted_on": None}, "contracted_on"),
    ({"fiscal_year": 1800}, "fiscal_year"),
    ({"kind": "food"}, "kind"),
    ({"kind": ["goods"]}, "kind"),
    ({"item": 5}, "item"),
    ({"item": "가" * 301}, "item"),
    ({"item": "홍길동 900101-1234567"}, "item"),
    ({"quantity": 1.5}, "quantity"),
    ({"quantity": "많이"}, "quantity"),
    ({"quantity": "1" * 31}, "quantity"),
    ({"payments": {"paid_on": "2026-03-02"}}, "payments"),
    ({"payments": [5]}, "payments"),
    ({"payments": [{"amount": 5}]}, "payments"),
    ({"payments": [{"paid_on": "2026-03-02", "amount": 5, "kind": "return"}]}, "payments"),
    ({"payments": [], "paid_on": "2026-03-02"}, "payments"),
    ({"colour": "red"}, "colour"),
    ({"is_reversed": True}, "is_reversed"),
]


def test_what_cannot_be_taken_is_told_by_field_and_stored_nowhere(
    program: Program, body: dict[str, Any]
) -> None:
    for change, field in FAULTS:
        told = program.post("/purchases", body | change, 422)

        assert told["code"] == "invalid"
        assert list(told["fields"]) == [field], change
    assert program.get("/purchases")["items"] == []


def test_text_is_kept_without_what_no_database_takes(program: Program, body: dict[str, Any]) -> None:
    told = program.post("/purchases", body | {"item": " 복사\u0000용지\u200b ", "note": "  "})

    assert (told["item"], told["note"]) == ("복사용지", None)


def test_a_correction_needs_a_reason_and_a_date(program: Program, body: dict[str, Any]) -> None:
    purchase = program.post("/purchases", body)["id"]
    unreasoned = program.patch(f"/purchases/{purchase}", {"version": 1, "reason": " ", "amount": 5}, 422)
    undated = program.patch(
        f"/purchases/{purchase}", {"version": 1, "reason": "정정", "contracted_on": None}, 422
    )

    assert list(unreasoned["fields"]) == ["reason"]
    assert list(undated["fields"]) == ["contracted_on"]


FILTERS = [
    ("", [1, 2, 3]),
    ("?fiscal_year=2025", [1]),
    ("?from=2026-01-01&to=2026-04-30", [2]),
    ("?department=민원과", [3]),
    ("?department_id=2", [1, 2]),
    ("?department=행복구", [1, 2, 3]),
    ("?enterprise=둘", [3]),
    ("?enterprise_id=1", [1, 2]),
    ("?kind=works", [3]),
    ("?type=사회적기업", [1, 2]),
    ("?type=social", [1, 2]),
    ("?method=unknown", [1, 2, 3]),
    ("?counted=false", [3]),
    ("?counted=true", [1, 2]),
    ("?text=사무%20용품&text=다른", [1, 2, 3]),
    ("?text=", [1, 2, 3]),
    ("?sort=amount", [1, 2, 3]),
    ("?after=1&sort=oldest", [2, 3]),
]


def test_filters_are_those_of_the_page(program: Program) -> None:
    first, second = make_department("총무과"), make_department("민원과")
    certified, plain = make_enterprise("하나", CERTIFIED), make_enterprise("둘")
    make_purchase(first, certified, 1_000, date(2025, 5, 1))
    make_purchase(first, certified, 2_000, date(2026, 4, 1))
    make_purchase(second, plain, 4_000, date(2026, 5, 1), kind="works")

    for question, found in FILTERS:
        told = program.get(f"/purchases{question}")

        assert sorted(row["id"] for row in told["items"]) == found, question


def test_the_list_goes_on_behind_a_page(program: Program, department: int, enterprise: int) -> None:
    for _ in range(60):
        make_purchase(department, enterprise)
    first = program.get("/purchases")
    second = program.get(f"/purchases?after={first['next']}")

    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 10, None)
    assert not {row["id"] for row in first["items"]} & {row["id"] for row in second["items"]}


UNREADABLE = [
    ("fiscal_year=이천", "fiscal_year"),
    ("fiscal_year=2_026", "fiscal_year"),
    ("from=2026-13-01", "from"),
    ("kind=food", "kind"),
    ("counted=perhaps", "counted"),
    ("after=0", "after"),
    (f"after={10**30}", "after"),
    ("department=없는과", "department"),
    ("department=총무과", "department"),
    ("department_id=999", "department_id"),
    ("type=없는것", "type"),
    ("deparment=총무과", "deparment"),
]


def test_a_question_that_cannot_be_read_is_refused_not_ignored(program: Program, department: int) -> None:
    make_department("총무과", parent_id=department)

    for question, field in UNREADABLE:
        told = program.get(f"/purchases?{question}", 422)

        assert list(told["fields"]) == [field], question


def test_a_closed_period_asks_for_a_reason(
    program: Program, body: dict[str, Any], department: int, by: Acting
) -> None:
    close_period(department, quarter(2026, 1), by)
    refused = program.send("POST", "/purchases", json=body)
    told = program.send("POST", "/purchases", json=body | {"late_reason": "세금계산서가 늦게 왔음"}).json
    assert told
    payment = {"version": 1, "paid_on": "2026-05-02", "amount": 1_000, "kind": "completion"}
    unpaid = program.send("POST", f"/purchases/{told['id']}/payments", json=payment)
    paid = program.send(
        "POST", f"/purchases/{told['id']}/payments", json=payment | {"late_reason": "지급 지연"}
    )

    assert (refused.status_code, unpaid.status_code, paid.status_code) == (409, 409, 201)
    assert refused.json
    assert refused.json["code"] == "period_closed"
    assert refused.json["closed"] == [{"department": "총무과", "from": "2026-01-01", "to": "2026-03-31"}]
    assert [(mark.revision, mark.reason) for mark in late_marks_of(told["id"])] == [
        (1, "세금계산서가 늦게 왔음"),
        (2, "지급 지연"),
    ]
