"""Enterprises through the API: found, shown, registered; personal data only for those who may see it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.programs import Program
from tests.factories import BY, business_number, make_department, make_enterprise, make_purchase
from tracker.audit.models import AccessRecord
from tracker.core.vocabulary import CertificationEventKind, Role
from tracker.enterprises.queries import list_certifications
from tracker.enterprises.services import ProductDraft, add_product, record_status
from tracker.extensions import db

CERTIFIED = ("social", date(2020, 1, 1), None)
CORPORATION = "1238100007"
BODY: dict[str, Any] = {
    "name": "㈜함께일하는사람들",
    "business_number": "123-81-00007",
    "address": "서울특별시 강남구",
    "representative": "김민지",
    "phone": "02-123-4567",
    "certifications": [
        {"type": "사회적기업", "number": "제2023-247호", "valid_from": "2023-01-01"},
        {"type": "women_owned", "valid_from": "2023-01-01", "valid_to": "2025-12-31"},
    ],
    "products": [{"name": "복사용지", "unit": "상자", "unit_price": 25_000}],
}


def test_an_enterprise_is_registered_with_what_it_holds_and_sells(program: Program) -> None:
    answer = program.send("POST", "/enterprises", json=BODY)
    assert answer.status_code == 201
    told = answer.json
    assert told
    shown = program.get(f"/enterprises/{told['id']}")

    assert answer.location == f"/api/v1/enterprises/{told['id']}"
    assert shown["business_number"] == CORPORATION
    assert shown["types"] == ["social"]
    assert [(held["type"], held["standing"]) for held in shown["certifications"]] == [
        ("social", "valid"),
        ("women_owned", "expired"),
    ]
    assert [(sold["name"], sold["unit_price"]) for sold in shown["products"]] == [("복사용지", 25_000)]
    assert (shown["representative"], shown["phone"]) == (None, None)


def test_a_doubtful_number_and_a_namesake_are_warned_of(program: Program) -> None:
    program.post("/enterprises", {"name": "함께"})
    told = program.post("/enterprises", {"name": "(주) 함께", "business_number": "1238100000"})

    assert len(told["warnings"]) == 2


def test_a_number_that_is_registered_already_names_the_enterprise(program: Program) -> None:
    first = program.post("/enterprises", BODY)
    told = program.post("/enterprises", BODY, 409)

    assert (told["code"], told["enterprise_id"]) == ("duplicate", first["id"])
    assert list(told["fields"]) == ["business_number"]
    assert program.get("/enterprises")["number"] == 1


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"business_number": "12345"}, "business_number"),
    ({"business_number": 1238100007}, "business_number"),
    ({"address": "900101-1234567"}, "address"),
    ({"certifications": [{"type": "없는것"}]}, "type"),
    ({"certifications": [{"number": "1"}]}, "certifications"),
    (
        {"certifications": [{"type": "coop", "valid_from": "2025-01-02", "valid_to": "2025-01-01"}]},
        "certifications",
    ),
    ({"certifications": [{"type": "coop"}] * 51}, "certifications"),
    ({"products": [{"name": "가", "unit_price": 1.5}]}, "products"),
]


def test_what_cannot_be_taken_is_told_by_field_and_stored_nowhere(program: Program) -> None:
    for change, field in FAULTS:
        told = program.post("/enterprises", BODY | change, 422)

        assert list(told["fields"]) == [field], change
    assert program.get("/enterprises")["number"] == 0


def test_enterprises_are_found_by_name_product_type_and_region(program: Program) -> None:
    first = make_enterprise("가나다", CERTIFIED, address="서울 강남구", number=CORPORATION)
    second = make_enterprise("라마바", ("coop", date(2020, 1, 1), date(2021, 1, 1)), address="부산 해운대구")
    add_product(second, ProductDraft(name="도시락"), BY)
    make_purchase(make_department(), second)

    for question, found in (
        ("", [first, second]),
        ("?text=나다", [first]),
        ("?text=123-81", [first]),
        ("?product=도시락", [second]),
        ("?type=협동조합", [second]),
        ("?type=coop&valid_on=2026-01-01", []),
        ("?valid_on=2020-06-01", [first, second]),
        ("?region=해운대", [second]),
        ("?sort=bought", [second, first]),
        (f"?after={first}", [second]),
    ):
        told = program.get(f"/enterprises{question}")

        assert [row["id"] for row in told["items"]] == found, question
    assert told["number"] == 2
    assert told["items"][0]["types"] == []
    assert "sort" in program.get("/enterprises?sort=colour", 422)["fields"]


def test_the_list_goes_on_behind_a_page(program: Program) -> None:
    for serial in range(55):
        make_enterprise(f"기업 {serial:02}", number=None)
    first = program.get("/enterprises")
    second = program.get(f"/enterprises?after={first['next']}")

    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 5, None)


def test_status_events_are_told(program: Program) -> None:
    enterprise = make_enterprise("함께", CERTIFIED)
    [held] = list_certifications(enterprise)
    assert held.certificate.id
    record_status(held.certificate.id, CertificationEventKind.CANCELLED, date(2026, 1, 1), "부정수급", BY)
    told = program.get(f"/enterprises/{enterprise}")["certifications"][0]

    assert told["standing"] == "cancelled"
    assert told["events"] == [{"kind": "cancelled", "happened_on": "2026-01-01", "note": "부정수급"}]


@pytest.mark.parametrize("role", Role)
def test_personal_data_is_shown_to_the_team_and_the_auditor_and_the_look_recorded(
    program_of: Callable[..., Program], role: Role
) -> None:
    person = business_number(5)
    enterprise = make_enterprise("함께", number=person, representative="김민지", phone="010-1234-5678")
    make_purchase(make_department(), enterprise)
    program = program_of(role)
    may_see = role in {Role.STAFF, Role.AUDITOR}
    answer = program.send("GET", f"/enterprises/{enterprise}?personal=true")
    told = [
        answer.text,
        *(
            program.send("GET", address).text
            for address in (
                f"/enterprises/{enterprise}",
                "/enterprises",
                "/purchases",
                "/purchases/1",
                "/totals?year=2026&of=all&explain=true",
            )
        ),
    ]

    assert answer.status_code == (200 if may_see else 403)
    assert ("김민지" in told[0] and "010-1234-5678" in told[0]) is may_see
    assert not any("김민지" in text or "010-1234-5678" in text for text in told[1:])
    assert [person in text for text in told] == [may_see] * 6
    records = db.session.scalars(select(AccessRecord.subject_id)).all()
    assert list(records) == ([enterprise] if may_see else [])


def test_the_number_of_a_corporation_is_shown_to_everybody(program_of: Callable[..., Program]) -> None:
    make_enterprise("함께", number=CORPORATION)

    assert program_of(Role.CLERK).get("/enterprises")["items"][0]["business_number"] == CORPORATION
