"""A report as open contracting data: valid, complete, adding up, and naming no person."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource

from tests.factories import BY, make_purchase
from tests.reports.ledger import Ledger, counted, enter_ledger, reckon
from tracker.config import ROOT
from tracker.core.vocabulary import ContractMethod
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, transaction
from tracker.reports.ocds import build_package
from tracker.reports.queries import get_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import Content, ReportRequest
from tracker.reports.services import create_report

SCHEMAS = ROOT.parent / "shared" / "data" / "ocds"
CORPORATION, PERSON = "1028112345", "1021212345"


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger with numbers of suppliers, and one purchase with all its facts."""
    ledger = enter_ledger()
    with transaction():
        for name, number in (("함께", CORPORATION), ("사랑", PERSON)):
            db.session.get_one(Enterprise, ledger.suppliers[name]).business_number = number
    make_purchase(
        ledger.departments["민원과"],
        ledger.suppliers["사랑"],
        110_000,
        date(2025, 5, 4),
        contracted_on=date(2025, 5, 2),
        contract_name="사랑 도시락 납품",
        contract_number="R25-001",
        item="도시락",
        quantity=Decimal("12.5"),
        unit="식",
        method=ContractMethod.NEGOTIATED,
    )
    return ledger


def freeze() -> tuple[Content, Content]:
    """Return a report's package of releases, and its content."""
    snapshot = get_snapshot(create_report(ReportRequest(year=2025), BY).id)
    rendered = render_report(snapshot, Format.OCDS)
    assert rendered == render_report(snapshot, Format.OCDS)
    return json.loads(rendered.data), json.loads(snapshot.content)


def release_of(package: Content, amount: int) -> Any:
    """Return the release of the purchase of this amount."""
    (found,) = (each for each in package["releases"] if each["contracts"][0]["value"]["amount"] == amount)
    return found


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official schemas are not beside the project")
@pytest.mark.usefixtures("ledger")
def test_releases_are_valid_by_the_official_schema() -> None:
    package, content = freeze()
    schemas = [json.loads(path.read_text()) for path in SCHEMAS.glob("release*-schema.json")]
    named = [(each["id"], Resource.from_contents(each)) for each in schemas]
    registry: Registry[Any] = Registry().with_resources(named)
    schema = next(each for each in schemas if "package" in each["id"])
    validator = Draft4Validator(schema, registry=registry, format_checker=FormatChecker())

    assert list(validator.iter_errors(package)) == []
    assert list(validator.iter_errors(build_package(without_terms(content), "0" * 64))) == []
    del package["releases"][0]["ocid"]
    assert [error.message for error in validator.iter_errors(package)] == ["'ocid' is a required property"]


@pytest.mark.usefixtures("ledger")
def test_each_purchase_that_counts_is_one_contract_and_they_add_up() -> None:
    package, content = freeze()
    contracts = [contract for each in package["releases"] for contract in each["contracts"]]

    assert len(contracts) == len({each["id"] for each in contracts}) == len(counted(2025)) + 1
    assert sum(each["value"]["amount"] for each in contracts) == reckon(2025) + 110_000
    assert sum(each["value"]["amount"] for each in contracts) == content["summary"]["total"]["current"]
    assert {each["value"]["currency"] for each in contracts} == {"KRW"}
    assert release_of(package, -500)["awards"][0]["value"]["amount"] == -500
    assert all(each["ocid"].startswith("ocds-unregistered-") for each in package["releases"])
    assert "임의로 정한" in "".join(package["notes"])


@pytest.mark.usefixtures("ledger")
def test_a_contract_tells_method_day_item_and_certification() -> None:
    package, _content = freeze()
    release = release_of(package, 110_000)

    assert release["buyer"]["name"] == "행복구"
    assert release["tender"]["procuringEntity"]["name"] == "민원과"
    assert release["tender"]["procurementMethod"] == "direct"
    assert release["tender"]["procurementMethodDetails"] == "수의계약"
    assert release["tender"]["mainProcurementCategory"] == "goods"
    (contract,) = release["contracts"]
    assert contract["dateSigned"] == "2025-05-02T00:00:00+09:00"
    assert contract["description"] == "계약번호 R25-001"
    (item,) = contract["items"]
    assert (item["description"], item["quantity"], item["unit"]) == ("도시락", 12.5, {"name": "식"})
    assert item["classification"]["description"] == "물품"
    details = release_of(package, 2_000_500)["parties"][2]["details"]
    assert [each["description"] for each in details["classifications"]] == ["사회적기업", "마을기업"]


@pytest.mark.usefixtures("ledger")
def test_a_corporation_is_known_by_its_number_and_a_sole_trader_by_nothing_that_tells_the_person() -> None:
    package, _content = freeze()
    again, _content = freeze()
    text = json.dumps(package, ensure_ascii=False)

    corporation = release_of(package, 1_234_567)["parties"][2]
    assert corporation["identifier"] == {"scheme": "KR-BRN", "id": CORPORATION}
    assert corporation["name"] == "함께"
    person = release_of(package, 999)["parties"][2]
    assert re.fullmatch("X-OPAQUE-[0-9a-f]{20}", person["id"])
    assert person["id"] == release_of(package, 110_000)["awards"][0]["suppliers"][0]["id"]
    assert person["id"] == release_of(again, 999)["parties"][2]["id"]
    assert PERSON not in text
    assert "사랑" not in text
    # One without a number may be a person too.
    assert release_of(package, 2_000_500)["parties"][2]["name"] == person["name"]


@pytest.mark.usefixtures("ledger")
def test_a_report_frozen_without_these_facts_says_what_it_lacks() -> None:
    _package, content = freeze()
    package = build_package(without_terms(content), "0" * 64)

    assert "계약방법" in package["notes"][0]
    assert {each["parties"][2]["name"] for each in package["releases"]} == {"개인사업자 등(상호 비공개)"}
    assert "procurementMethod" not in json.dumps(package)
    assert (
        sum(each["contracts"][0]["value"]["amount"] for each in package["releases"])
        == (content["summary"]["total"]["current"])
    )


def without_terms(content: Content) -> Content:
    """Return the content as reports held it before they were given as open data."""
    later = ("enterprise_key", "supplier", "method", "contract_number", "contracted_on", "quantity", "unit")
    lines = [{name: value for name, value in line.items() if name not in later} for line in content["annex"]]
    return content | {"annex": lines}


def test_payments_of_a_purchase_are_one_contract() -> None:
    line = {
        "id": 7,
        "department_key": "1",
        "department": "총무과",
        "day": "2025-01-31",
        "enterprise_key": "2",
        "enterprise": "함께",
        "item": None,
        "contract_name": None,
        "kind": "미분류",
        "types": [],
        "supplier": f"KR-BRN-{CORPORATION}",
        "method": "other",
        "amount": 10,
    }
    content = {
        "institution": "행복구",
        "basis": {"frozen_at": "2026-01-21T00:00:00+00:00"},
        "texts": {"ocid_prefix": "ocds-abc123"},
        "annex": [line, line | {"day": "2025-02-28", "amount": 32}],
    }

    (release,) = build_package(content, "0" * 64)["releases"]

    assert release["ocid"] == "ocds-abc123-7"
    assert release["contracts"][0]["value"]["amount"] == 42
    assert release["tender"] == {
        "id": "ocds-abc123-7-tender",
        "procuringEntity": {"id": "department-1", "name": "총무과"},
        "procurementMethodDetails": "기타",
    }
    assert "details" not in release["parties"][2]
