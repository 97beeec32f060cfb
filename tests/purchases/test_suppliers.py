"""Suppliers are found, named and remembered alike on both databases."""

from datetime import date

import pytest

from tests.client import make_user
from tests.factories import BY, NOW, make_department, make_draft, make_enterprise, make_purchase
from tracker.audit.acting import Acting
from tracker.core.vocabulary import Kind
from tracker.enterprises.services import ProductDraft, add_product
from tracker.purchases.services import add_purchases, record_purchase, reverse_purchase
from tracker.purchases.suppliers import (
    OFFERED,
    Called,
    called_by_id,
    find_suppliers,
    last_supplier,
    list_called,
    usual_purchase,
)

pytestmark = pytest.mark.usefixtures("any_app")

DAY = date(2026, 3, 2)
SOCIAL = ("social", date(2020, 1, 1), None)


def test_the_same_name_comes_first_then_those_that_count() -> None:
    plain = make_enterprise("햇살 도매")
    social = make_enterprise("햇살공방", SOCIAL)
    same = make_enterprise("햇살")
    seller = make_enterprise("온정", SOCIAL)
    add_product(seller, ProductDraft(name="햇살 비누"), BY)

    found = find_suppliers("㈜ 햇살", DAY)

    assert [each.id for each in found] == [same, social, seller, plain]
    assert [each.product for each in found] == [None, None, "햇살 비누", None]
    assert found[1].types == ("social",)


def test_only_so_many_are_offered_and_wildcards_mean_themselves() -> None:
    for number in range(OFFERED + 3):
        make_enterprise(f"햇살 {number}")
    percent = make_enterprise("100% 햇살")

    assert len(find_suppliers("햇살", DAY)) == OFFERED
    assert [each.id for each in find_suppliers("0%", DAY)] == [percent]
    assert find_suppliers("_", DAY) == []
    assert find_suppliers("  ", DAY) == []


def test_a_number_names_one_and_a_name_all_of_it() -> None:
    first, second = make_enterprise("온정"), make_enterprise("(주)온정", number=None)

    called = list_called(["온정", "온정 (100-00-00014)", "100 00 00014", "999-99-99999", "없음", ""])

    assert {text: [each.id for each in found] for text, found in called.items()} == {
        "온정": [first, second],
        "온정 (100-00-00014)": [first],
        "100 00 00014": [first],
        "999-99-99999": [],
        "없음": [],
        "": [],
    }
    assert called_by_id([first, 999]) == {first: Called(first, "온정", "1000000014")}
    assert [each.label for each in called["온정"]] == ["온정 (100-00-00014)", "(주)온정"]


def test_the_last_supplier_is_that_of_ones_own_last_entry() -> None:
    department, first, second = make_department(), make_enterprise("온정"), make_enterprise("함께")
    mine = Acting(make_user().id, NOW)
    assert last_supplier(mine.actor_id) is None

    record_purchase(make_draft(department, first), mine)
    make_purchase(department, second)
    add_purchases([make_draft(department, second)], mine, "batch 1")

    assert last_supplier(mine.actor_id) == first


def test_usual_is_what_the_department_buys_most_else_what_all_do() -> None:
    office, civil = make_department("총무과"), make_department("민원과")
    supplier = make_enterprise("온정")
    assert usual_purchase(supplier, office) is None
    for _ in range(3):
        make_purchase(civil, supplier, item="명패", kind=Kind.GOODS)
        reverse_purchase(make_purchase(office, supplier, item="취소한 것"), 1, "취소", BY)
    for item in ("복사용지", "복사용지", "현수막"):
        make_purchase(office, supplier, item=item, kind=Kind.SERVICES)

    assert usual_purchase(supplier, office) == ("복사용지", Kind.SERVICES)
    assert usual_purchase(supplier, make_department("세무과")) == ("명패", Kind.GOODS)
    assert usual_purchase(supplier, None) == ("명패", Kind.GOODS)
