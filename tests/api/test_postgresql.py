"""The same API on PostgreSQL: what is written, read, repeated and refused."""

import pytest
from flask import Flask

from tests.api.programs import make_program
from tests.factories import make_department


@pytest.mark.postgresql
def test_a_purchase_goes_its_way_on_postgresql(postgresql_app: Flask) -> None:
    program = make_program(postgresql_app)
    department = make_department("총무과")
    enterprise = program.post(
        "/enterprises",
        {"name": "함께", "certifications": [{"type": "social", "valid_from": "2020-01-01"}]},
        key="a",
    )
    body = {
        "department_id": department,
        "enterprise_id": enterprise["id"],
        "amount": 1_000,
        "paid_on": "2025-05-01",
    }
    purchase = program.post("/purchases", body, key="a")
    again = program.post("/purchases", body, 200, key="a")
    address = f"/purchases/{purchase['id']}"
    program.patch(address, {"version": 1, "reason": "정정", "amount": 2_000}, key="a")
    stale = program.patch(address, {"version": 1, "reason": "정정", "amount": 3_000}, 409)
    report = program.post("/reports", {"year": 2025})

    assert again == purchase
    assert stale["current"]["amount"] == 2_000
    assert program.get("/purchases?text=%00&enterprise=함께")["found"]["amount"] == 2_000
    assert program.get("/totals?year=2025&by=type&explain=true")["total"]["current"] == 2_000
    assert program.get(f"/reports/{report['id']}/verification")["intact"]
    assert program.get(f"/enterprises/{enterprise['id']}?personal=true")["name"] == "함께"
    assert program.get("/enterprises?sort=bought&region=서울&type=social")["items"] == []
