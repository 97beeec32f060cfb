"""Entering one purchase: the supplier is found, verdict and warnings are read, then it is saved once."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.client import Browser
from tests.factories import (
    BY,
    business_number,
    make_department,
    make_enterprise,
    make_institution,
    make_purchase,
)
from tests.purchases.pages import fields_of, send, texts_of
from tracker.audit.integrity import check_chain
from tracker.core.business_number import format_number
from tracker.core.periods import month
from tracker.core.vocabulary import (
    BudgetKind,
    ContractMethod,
    Directness,
    Kind,
    PaymentKind,
    Role,
    Tax,
)
from tracker.departments.services import close_department
from tracker.enterprises.services import ProductDraft, add_product
from tracker.extensions import db
from tracker.purchases.closings import close_period
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.history import Record, find_record
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import Purchase

TODAY = date(2026, 11, 24)
SOCIAL = ("social", date(2020, 1, 1), None)
ENDED = ("social", date(2020, 1, 1), date(2026, 6, 30))


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department."""
    assert app
    return make_department("총무과")


@pytest.fixture
def supplier(office: int) -> int:
    """Return a social enterprise."""
    assert office
    return make_enterprise("함께일하는사람들", SOCIAL)


@pytest.fixture
def clerk(office: int, as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the department's clerk."""
    return as_user(Role.CLERK, office)


def saved() -> list[Record]:
    """Return all purchases, the last one last."""
    db.session.rollback()
    db.session.expire_all()
    found = [find_record(purchase.id) for purchase in db.session.query(Purchase).order_by(Purchase.id)]
    return [record for record in found if record]


def enter(browser: Browser, enterprise: int | str, **fields: object) -> str:
    """Fill in the entry page for a supplier, named by its id or as typed; return the page that follows."""
    page = f"/purchases/new?enterprise={enterprise}" if isinstance(enterprise, int) else "/purchases/new"
    named = {} if isinstance(enterprise, int) else {"supplier": enterprise}
    filled = fields_of(browser.get(page).text) | {"amount": "10,000"} | named | fields
    return browser.post("/purchases/new", data=filled, follow_redirects=True).text


# Finding the supplier


def test_step_by_step_without_script(clerk: Browser, office: int, supplier: int) -> None:
    searched = send(clerk, "/purchases/new", supplier="함께", act="search", amount="1,234,000원")
    button = re.search(r'<button name="choose" value="(\d+)">(.*?)</button>', searched.text, re.S)
    assert button
    chosen = clerk.post("/purchases/new", data=fields_of(searched.text) | {"choose": button[1]})
    told = texts_of(chosen.text)
    finished = clerk.post("/purchases/new", data=fields_of(chosen.text) | {"act": "save"})

    assert "함께일하는사람들 (100-00-00014) 사회적기업" in texts_of(button[2])
    assert saved()[0].facts.amount == 1_234_000
    assert "사회적경제 실적으로 인정" in told
    assert "구매일 2026. 11. 24. 기준 판정" in told
    assert finished.location == f"/purchases/{saved()[0].id}"
    facts = saved()[0].facts
    assert (facts.department_id, facts.enterprise_id) == (office, supplier)
    assert (facts.contracted_on, facts.purchased_on, facts.fiscal_year) == (TODAY, TODAY, 2026)
    assert saved()[0].is_social
    assert not [*check_ledger(), *check_chain()]


@pytest.mark.parametrize(
    "text",
    ["함께일하는사람들", "㈜함께 일하는 사람들", "100-00-00014", "1000000014", "아무 이름 (100-00-00014)"],
)
def test_a_name_or_number_that_is_one_supplier_needs_no_choice(
    clerk: Browser, supplier: int, text: str
) -> None:
    page = enter(clerk, text)

    assert "저장했습니다" in page
    assert saved()[0].facts.enterprise_id == supplier


def test_a_supplier_is_found_by_what_it_sells(clerk: Browser, supplier: int) -> None:
    add_product(supplier, ProductDraft(name="복사용지 A4"), BY)
    make_enterprise("복사용지 도매")

    page = send(clerk, "/purchases/new", supplier="복사 용지", act="search").text

    found = [texts_of(each) for each in re.findall(r'<button name="choose".*?</button>', page, re.S)]
    assert found == [
        "함께일하는사람들 (100-00-00014) 사회적기업 복사용지 A4",
        "복사용지 도매 (100-00-00028) 유효한 인증 없음",
    ]


def test_namesakes_are_left_to_a_person(clerk: Browser) -> None:
    first, second = make_enterprise("온정", number=None), make_enterprise("온정", SOCIAL)

    page = enter(clerk, "온정")
    assert saved() == []
    assert f'value="{first}"' in page
    enter(clerk, second)

    assert [record.facts.enterprise_id for record in saved()] == [second]


def test_a_supplier_without_number_can_be_chosen_and_kept(clerk: Browser) -> None:
    first, _ = make_enterprise("온정", number=None), make_enterprise("온정", SOCIAL)

    page = enter(clerk, first)

    assert "경고를 확인했고 저장" not in page
    assert [record.facts.enterprise_id for record in saved()] == [first]


def test_a_supplier_that_is_not_there_is_said_and_nothing_is_saved(clerk: Browser, supplier: int) -> None:
    assert supplier
    page = enter(clerk, "없는 업체", item="복사용지")

    assert "찾는 업체가 없습니다" in page
    assert fields_of(page)["item"] == "복사용지"
    assert saved() == []


def test_clearing_the_supplier_forgets_it(clerk: Browser, supplier: int) -> None:
    page = send(clerk, f"/purchases/new?enterprise={supplier}", supplier="", amount="5").text

    assert fields_of(page)["enterprise_id"] == ""
    assert "이 항목을 입력해" in page
    assert saved() == []


def test_another_name_beside_a_chosen_supplier_means_the_other(clerk: Browser, supplier: int) -> None:
    other = make_enterprise("온빛기획", SOCIAL)

    send(clerk, f"/purchases/new?enterprise={supplier}", supplier="온빛기획", amount="5")

    assert saved()[0].facts.enterprise_id == other


@pytest.mark.parametrize("chosen", ["999999", "x"])
def test_an_invented_supplier_is_refused(clerk: Browser, supplier: int, chosen: str) -> None:
    answer = send(clerk, "/purchases/new", choose=chosen, enterprise_id=chosen, supplier="x")

    assert answer.status_code == 200
    assert supplier
    assert saved() == []


# What a form begins with


def test_a_form_begins_with_own_department_today_last_supplier_and_what_is_usual_there(
    clerk: Browser, office: int, supplier: int
) -> None:
    for _ in range(2):
        make_purchase(office, supplier, item="복사용지", kind=Kind.GOODS)
    make_purchase(office, supplier, item="명패", kind=Kind.GOODS)
    make_purchase(make_department("민원과"), supplier, item="남의 것")
    enter(clerk, supplier, item="복사용지")

    filled = fields_of(clerk.get("/purchases/new").text)

    assert (filled["department_id"], filled["contracted_on"]) == (str(office), "2026-11-24")
    assert filled["supplier"] == "함께일하는사람들 (100-00-00014)"
    assert (filled["item"], filled["kind"]) == ("복사용지", "goods")


def test_a_purchase_is_repeated_by_naming_its_amount(clerk: Browser, office: int, supplier: int) -> None:
    first = make_purchase(
        office,
        supplier,
        5,
        item="복사용지",
        kind=Kind.GOODS,
        tax=Tax.EXEMPT,
        method=ContractMethod.NEGOTIATED,
        contract_number="2026-1",
        note="첫 구매",
    )
    page = clerk.get(f"/purchases/{first}").text
    assert f"/purchases/new?repeat={first}" in page

    answer = send(clerk, f"/purchases/new?repeat={first}", amount="7")

    facts = saved()[-1].facts
    assert answer.location == f"/purchases/{saved()[-1].id}"
    assert (facts.amount, facts.item, facts.kind, facts.tax) == (7, "복사용지", Kind.GOODS, Tax.EXEMPT)
    assert (facts.method, facts.purchased_on) == (ContractMethod.NEGOTIATED, TODAY)
    assert (facts.contract_number, facts.note) == (None, None)


def test_a_repeated_payment_without_contract_has_none_again(clerk: Browser, supplier: int) -> None:
    other = make_department("민원과")
    first = make_purchase(other, supplier, 5, contracted_on=None)

    filled = fields_of(clerk.get(f"/purchases/new?repeat={first}").text)

    assert (filled["contracted_on"], filled["paid_on"]) == ("", "2026-11-24")
    assert filled["department_id"] != str(other)


def test_one_after_the_other_from_the_same_supplier(clerk: Browser, supplier: int) -> None:
    answer = send(clerk, f"/purchases/new?enterprise={supplier}", amount="5", item="복사용지", next="repeat")

    assert answer.location == f"/purchases/new?repeat={saved()[0].id}"
    assert "저장했습니다" in clerk.get(answer.location).text


def test_there_is_nothing_to_repeat_of_an_unknown_purchase(clerk: Browser) -> None:
    assert clerk.get("/purchases/new?repeat=999").status_code == 404


def test_staff_without_department_choose_one(
    supplier: int, office: int, as_user: Callable[..., Browser]
) -> None:
    staff = as_user()
    answer = send(staff, f"/purchases/new?enterprise={supplier}", amount="5")
    assert answer.status_code == 422
    assert saved() == []

    send(staff, f"/purchases/new?enterprise={supplier}", amount="5", department_id=office)

    assert saved()[0].facts.department_id == office


# What is typed


def test_everything_typed_is_kept(clerk: Browser, office: int, supplier: int) -> None:
    contracting = make_department("재무과")
    send(
        clerk,
        f"/purchases/new?enterprise={supplier}",
        item="  복사\x07용지 ",
        amount="△1,234,000원",
        tax="included",
        contracted_on="2026-03-02",
        paid_on="2026. 4. 1.",
        kind="goods",
        contract_name="사무용품 구매",
        contract_number="2026-17",
        contracting_department_id=contracting,
        method="negotiated",
        ground="제25조제1항제5호",
        quotations="2",
        estimated_price="1,100,000",
        law="local",
        procurement="own",
        channel="직접",
        quantity="1.50",
        unit="상자",
        unit_price="△820,000",
        fiscal_year="2026년",
        budget_item="201-01 사무관리비",
        budget_kind="express_carryover",
        means="카드",
        directness="indirect",
        nature="purchase",
        reference="품의 3",
        note="메모",
    )

    [record] = saved()
    facts = record.facts
    assert (facts.item, facts.amount, facts.unit_price) == ("복사용지", -1_234_000, -820_000)
    assert (facts.contracted_on, facts.purchased_on) == (date(2026, 3, 2), date(2026, 3, 2))
    assert (facts.contracting_department_id, facts.department_id) == (contracting, office)
    assert (str(facts.quantity), facts.unit, facts.quotations) == ("1.50", "상자", 2)
    assert (facts.estimated_price, facts.budget_kind) == (1_100_000, BudgetKind.EXPRESS_CARRYOVER)
    assert (facts.directness, facts.reference, facts.means) == (Directness.INDIRECT, "품의 3", "카드")
    assert record.payments == (
        PaymentDraft(paid_on=date(2026, 4, 1), amount=-1_234_000, fiscal_year=2026, kind=PaymentKind.WHOLE),
    )


def test_without_contract_the_payment_date_is_the_purchase_date(clerk: Browser, supplier: int) -> None:
    send(clerk, f"/purchases/new?enterprise={supplier}", amount="5", contracted_on="", paid_on="2026-11-20")

    [record] = saved()
    assert (record.facts.contracted_on, record.facts.purchased_on) == (None, date(2026, 11, 20))
    assert [payment.amount for payment in record.payments] == [5]


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        ("amount", "", "이 항목을 입력해"),
        ("amount", "-", "이 항목을 입력해"),
        ("amount", "많이", "금액"),
        ("amount", "1.5", "원"),
        ("amount", "9999999999999999", "1,000,000,000,000,000"),
        ("amount", "²", "금액"),
        ("contracted_on", "", "계약일을 입력하세요"),
        ("contracted_on", "2026-02-30", "날"),
        ("contracted_on", "1026-02-03", "날짜"),
        ("item", "홍길동 900101-1234567", "주민등록번호"),
        ("item", "가" * 301, "300"),
        ("note", "９００１０１－１２３４５６７", "주민등록번호"),
        ("quantity", "1" * 31, "30"),
        ("quantity", "하나", ""),
        ("fiscal_year", "1950", ""),
        ("quotations", "100", ""),
        ("kind", "none", ""),
        ("contracting_department_id", "999999", ""),
        ("key", "", ""),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_the_rest_stays(
    clerk: Browser, supplier: int, field: str, text: str, fault: str
) -> None:
    answer = send(
        clerk, f"/purchases/new?enterprise={supplier}", **{"amount": "5", "reference": "품의 7", field: text}
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert fault in answer.text
    if field != "key":
        assert f'aria-describedby="{field}-error"' in answer.text
    assert fields_of(answer.text)["reference"] == "품의 7"
    assert saved() == []


def test_a_fault_behind_the_fold_opens_it(clerk: Browser, supplier: int) -> None:
    page = f"/purchases/new?enterprise={supplier}"

    assert '<details class="entry-more">' in clerk.get(page).text
    assert '<details class="entry-more" open>' in send(clerk, page, amount="5", quantity="하나").text


# What a person should read first


LIMITED = {
    "kind": "goods",
    "method": "negotiated",
    "ground": "지방계약법 시행령 제25조제1항제5호나목",
    "amount": "33,000,000",
}


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        (LIMITED, "수의계약 한도 20,000,000원을 넘습니다"),
        ({"contracted_on": "2026-07-01"}, "2026. 7. 1.에 유효한 인증이 없는 업체입니다"),
        ({"fiscal_year": "2025"}, "회계연도 2025"),
        (
            {"amount": "777", "contracted_on": "2026-03-02"},
            "구매 1번(사무용품 구매)과 부서·업체·구매일·금액이",
        ),
    ],
)
def test_a_warning_is_shown_once_before_saving(
    clerk: Browser, office: int, fields: dict[str, str], warning: str
) -> None:
    supplier = make_enterprise("끝난 업체", ENDED)
    make_purchase(office, supplier, 777)
    start = f"/purchases/new?enterprise={supplier}"

    first = send(clerk, start, **{"amount": "5", "contracted_on": "2026-05-01"} | fields)
    assert len(saved()) == 1
    assert warning in texts_of(first.text)
    assert "경고를 확인했고 저장" in first.text
    second = clerk.post("/purchases/new", data=fields_of(first.text) | {"act": "save"})

    assert second.status_code == 302
    assert len(saved()) == 2


def test_after_another_change_the_new_warnings_are_shown_too(clerk: Browser, office: int) -> None:
    supplier = make_enterprise("끝난 업체", ENDED)
    make_purchase(office, supplier, 777)
    start = f"/purchases/new?enterprise={supplier}"
    first = send(clerk, start, amount="777", contracted_on="2026-03-02")

    second = clerk.post(
        "/purchases/new", data=fields_of(first.text) | {"contracted_on": "2026-07-01", "act": "save"}
    )

    assert "유효한 인증이 없는 업체입니다" in second.text
    assert len(saved()) == 1


def test_an_enterprise_without_any_certification_is_shown_before_it_is_saved(clerk: Browser) -> None:
    make_enterprise("일반상사")

    page = enter(clerk, "일반상사")
    assert saved() == []
    assert "인증 기록이 없는 업체입니다" in page
    clerk.post("/purchases/new", data=fields_of(page) | {"act": "save"})

    assert not saved()[0].is_certified


def test_a_verdict_that_was_on_the_page_is_not_asked_about(clerk: Browser) -> None:
    plain = make_enterprise("일반상사")

    answer = send(clerk, f"/purchases/new?enterprise={plain}", amount="5")

    assert answer.status_code == 302
    assert len(saved()) == 1


# Once, and by whom


def test_the_same_form_twice_is_one_purchase(clerk: Browser, supplier: int) -> None:
    filled = fields_of(clerk.get(f"/purchases/new?enterprise={supplier}").text) | {"amount": "5"}

    first = clerk.post("/purchases/new", data=filled)
    second = clerk.post("/purchases/new", data=filled | {"amount": "6"})

    assert first.location == second.location
    assert [record.facts.amount for record in saved()] == [5]
    assert "두 번 저장되지 않았습니다" in clerk.get(second.location).text


def test_a_clerk_enters_for_the_own_department_and_those_below_only(
    clerk: Browser, office: int, supplier: int
) -> None:
    below, other = make_department("서무팀", parent_id=office), make_department("민원과")
    page = f"/purchases/new?enterprise={supplier}"
    offered = clerk.get(page).text.partition('name="department_id"')[2].partition("</select>")[0]

    assert re.findall(r'value="(\d+)"', offered) == [str(office), str(below)]
    assert send(clerk, page, amount="5", department_id=other).status_code == 403
    assert send(clerk, page, amount="5", department_id=make_institution()).status_code == 403
    assert send(clerk, page, amount="5", department_id=below).status_code == 302
    assert [record.facts.department_id for record in saved()] == [below]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_may_not_write_gets_no_form(as_user: Callable[..., Browser], office: int, role: Role) -> None:
    browser = as_user(role, office)

    for page in ("/purchases/new", "/purchases/new/lines", "/purchases/suppliers", "/purchases/check"):
        assert browser.get(page).status_code == 403


def test_a_clerk_without_department_enters_nothing(as_user: Callable[..., Browser]) -> None:
    browser = as_user(Role.CLERK)

    assert browser.get("/purchases/new").status_code == 403
    assert browser.get("/purchases").status_code == 200


def test_a_department_that_is_no_more_has_its_last_day_beside_it(as_user: Callable[..., Browser]) -> None:
    close_department(make_department("일자리정책과"), date(2025, 12, 31), BY)

    assert "일자리정책과 (~ 2025-12-31)" in as_user().get("/purchases/new").text


# What the script asks


def test_suppliers_are_given_while_one_types(clerk: Browser) -> None:
    ended = make_enterprise("햇살공방", ENDED)
    plain = make_enterprise("햇살공방 도매")

    def found(question: str) -> object:
        return clerk.get(f"/purchases/suppliers?{question}").json

    label = f"햇살공방 ({format_number(business_number(1))})"
    assert found("q=햇살&day=2026-06-30") == {
        "suppliers": [
            {"id": ended, "label": label, "product": None, "types": ["사회적기업"]},
            {"id": plain, "label": "햇살공방 도매 (100-00-00028)", "product": None, "types": []},
        ]
    }
    assert found("q=햇살공방") == {
        "suppliers": [
            {"id": ended, "label": label, "product": None, "types": []},
            {"id": plain, "label": "햇살공방 도매 (100-00-00028)", "product": None, "types": []},
        ]
    }
    for question in ("", "q=", "q=%00", "q=900101-1234567", "q=%25", "day=x"):
        assert found(question) == {"suppliers": []}


def test_what_is_usual_with_a_supplier_is_given(clerk: Browser, office: int, supplier: int) -> None:
    make_purchase(office, supplier, item="명패", kind=Kind.GOODS)
    address = f"/purchases/suppliers/{supplier}/usual"

    assert clerk.get(f"{address}?department={office}").json == {"item": "명패", "kind": "goods"}
    assert clerk.get("/purchases/suppliers/999/usual").json == {}


def test_the_verdict_follows_the_date(clerk: Browser, office: int) -> None:
    ended = make_enterprise("햇살공방", ENDED)

    def told(day: str, **rest: str) -> str:
        asked = {"enterprise_id": ended, "department_id": office, "contracted_on": day, "amount": "5"} | rest
        return clerk.get("/purchases/check", query_string=asked).text

    assert "사회적경제 실적으로 인정" in told("2026-06-30")
    assert "인증이 만료되었습니다. (제2020-0011호, 2020. 1. 1. ~ 2026. 6. 30.)" in texts_of(
        told("2026-07-01")
    )
    assert "업체·부서·날짜를 정하면" in told("")
    assert "업체·부서·날짜를 정하면" in told("2026-06-30", enterprise_id="x")


def test_a_form_with_the_verdict_of_the_script_is_saved_at_once(clerk: Browser, office: int) -> None:
    plain = make_enterprise("일반상사")
    filled = fields_of(clerk.get("/purchases/new").text) | {
        "enterprise_id": str(plain),
        "supplier": "일반상사 (100-00-00014)",
        "amount": "5",
    }
    seen = re.search(r'data-seen="(\w+)"', clerk.get("/purchases/check", query_string=filled).text)
    assert seen

    answer = clerk.post("/purchases/new", data=filled | {"seen": seen[1]})

    assert answer.status_code == 302
    assert office


def test_after_the_closing_an_entry_needs_a_reason(clerk: Browser, office: int, supplier: int) -> None:
    close_period(office, month(2026, 10), BY)
    page = f"/purchases/new?enterprise={supplier}"

    asked = send(clerk, page, amount="5", contracted_on="2026-10-31")
    assert asked.status_code == 422
    assert "마감된 기간입니다(총무과 2026. 10. 1. ~ 2026. 10. 31.)" in asked.text
    assert saved() == []
    answer = clerk.post("/purchases/new", data=fields_of(asked.text) | {"late_reason": "영수증을 늦게 받음"})

    assert "마감 뒤에 입력했습니다. 사유: 영수증을 늦게 받음" in clerk.get(answer.location).text
    assert "late_reason" not in clerk.get(page).text
