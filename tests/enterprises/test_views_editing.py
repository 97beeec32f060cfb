"""What is entered about enterprises: once, after doubts are settled, and over nobody else's change."""

from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from sqlalchemy import func, select

from tests.client import Browser
from tests.enterprises.pages import fields_of, send
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import CertificationEventKind, Role
from tracker.enterprises.models import (
    Certification,
    CertificationEvent,
    Enterprise,
    Product,
    VulnerableShare,
)
from tracker.enterprises.services import (
    CertificationDraft,
    EnterpriseDraft,
    ProductDraft,
    add_product,
    change_certification,
    change_product,
    record_status,
    update_enterprise,
    values_of,
)
from tracker.extensions import db

NEW = "/enterprises/new"
GOOD, BAD = "1234567891", "1234567892"
OPEN = ("social", date(2020, 1, 1), None)
Browse = Callable[..., Browser]


@pytest.fixture
def browser(as_user: Browse) -> Browser:
    """Return the browser of somebody in the team."""
    return as_user(Role.STAFF)


def count(model: type) -> int:
    """Return how many rows there are, read afresh."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def only(model: type) -> object:
    """Return the one row there is, read afresh."""
    db.session.rollback()
    return db.session.scalars(select(model)).one()


def last_action() -> str | None:
    """Return the latest act in the trail."""
    db.session.rollback()
    return db.session.scalar(select(AuditEvent.action).order_by(AuditEvent.sequence.desc()).limit(1))


# Enterprises


def test_a_new_enterprise_is_registered_as_it_was_typed(browser: Browser) -> None:
    answer = send(
        browser, NEW, name=" (주) 함께 ", business_number="123-45-67891", phone="02-120", items="문구\r\n용지"
    )

    stored = only(Enterprise)
    assert isinstance(stored, Enterprise)
    assert answer.location == f"/enterprises/{stored.id}"
    assert values_of(stored) == {
        "name": "(주) 함께",
        "business_number": GOOD,
        "representative": None,
        "address": None,
        "phone": "02-120",
        "homepage": None,
        "items": "문구\n용지",
    }
    assert "이어서 인증을 추가하세요." in browser.get(answer.location).text


def test_a_form_that_is_sent_twice_registers_once(browser: Browser) -> None:
    opened = browser.get(NEW).text

    first = send(browser, NEW, opened=opened, name="함께", business_number=GOOD)
    again = send(browser, NEW, opened=opened, name="함께", business_number=GOOD)

    assert first.location == again.location
    assert count(Enterprise) == 1


def test_the_same_name_is_asked_about_and_then_registered(browser: Browser) -> None:
    twin = make_enterprise("주식회사 두레사무", address="관악구")

    asked = send(browser, NEW, name="(주)두레 사무")

    assert f'href="/enterprises/{twin}"' in asked.text
    assert "다른 기업이 맞는지 확인하세요." in asked.text
    assert count(Enterprise) == 1
    assert send(browser, NEW, opened=asked.text).status_code == 302
    assert count(Enterprise) == 2


def test_what_was_confirmed_of_one_name_says_nothing_of_another(browser: Browser) -> None:
    make_enterprise("두레사무")
    make_enterprise("온정")
    asked = send(browser, NEW, name="두레사무")

    asked_again = send(browser, NEW, opened=asked.text, name="온정")

    assert asked_again.status_code == 200
    assert count(Enterprise) == 2


def test_the_same_number_is_refused_with_the_way_to_its_enterprise(browser: Browser) -> None:
    twin = make_enterprise("함께", number=GOOD)

    refused = send(browser, NEW, name="함께", business_number=GOOD)
    again = send(browser, NEW, opened=refused.text)

    for answer in (refused, again):
        assert f'href="/enterprises/{twin}"' in answer.text
        assert "이미 등록된 사업자등록번호입니다." in answer.text
    assert count(Enterprise) == 1


def test_a_wrong_check_digit_is_asked_about_and_then_taken(browser: Browser) -> None:
    asked = send(browser, NEW, name="함께", business_number=BAD)

    assert "검증번호가 맞지 않습니다." in asked.text
    assert count(Enterprise) == 0
    assert send(browser, NEW, opened=asked.text).status_code == 302
    stored = only(Enterprise)
    assert isinstance(stored, Enterprise)
    assert stored.business_number == BAD


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"name": "  "}, "입력"),
        ({"name": "가" * 201}, "200"),
        ({"business_number": "12-345"}, "10자리"),
        ({"representative": "홍길동 900101-1234567"}, "주민등록번호"),
    ],
)
def test_what_cannot_be_right_is_told_at_its_field_and_kept_as_typed(
    browser: Browser, fault: dict[str, str], said: str
) -> None:
    answer = send(browser, NEW, **{"name": "함께", "address": "관악구 1"} | fault)

    assert 'aria-invalid="true"' in answer.text
    assert said in answer.text
    assert "관악구 1" in answer.text
    assert count(Enterprise) == 0


def test_facts_are_changed_and_unchanged_ones_ask_nothing_again(browser: Browser) -> None:
    make_enterprise("함께")
    enterprise = make_enterprise("함께", number=BAD, address="관악구")
    page = f"/enterprises/{enterprise}/edit"

    answer = send(browser, page, address="구로구")

    assert answer.location == f"/enterprises/{enterprise}"
    db.session.rollback()
    assert db.session.get_one(Enterprise, enterprise).address == "구로구"
    assert fields_of(browser.get(page).text)["business_number"] == "123-45-67892"


def test_a_name_changed_to_that_of_another_is_asked_about(browser: Browser) -> None:
    make_enterprise("두레")
    enterprise = make_enterprise("함께")

    asked = send(browser, f"/enterprises/{enterprise}/edit", name="두레")

    assert "다른 기업이 맞는지 확인하세요." in asked.text
    assert send(browser, f"/enterprises/{enterprise}/edit", opened=asked.text).status_code == 302


def test_a_change_over_somebody_elses_shows_both_and_loses_nothing(browser: Browser) -> None:
    enterprise = make_enterprise("함께", number=GOOD, address="관악구")
    page = f"/enterprises/{enterprise}/edit"
    opened = browser.get(page).text
    update_enterprise(
        enterprise, EnterpriseDraft(name="함께", business_number=GOOD, address="구로구", phone="02-120"), BY
    )

    conflict = send(browser, page, opened=opened, address="금천구")

    assert conflict.status_code == 409
    for said in ("그 사이에 다른 사람이 변경했습니다", "구로구", "금천구", "02-120"):
        assert said in conflict.text
    db.session.rollback()
    assert db.session.get_one(Enterprise, enterprise).address == "구로구"

    assert send(browser, page, opened=conflict.text, phone="02-120").status_code == 302
    db.session.rollback()
    stored = db.session.get_one(Enterprise, enterprise)
    assert (stored.address, stored.phone) == ("금천구", "02-120")


@pytest.mark.parametrize("kind", ["enterprise", "certification", "product"])
def test_a_form_without_its_version_changes_nothing(browser: Browser, kind: str) -> None:
    enterprise = make_enterprise("함께", OPEN)
    product = add_product(enterprise, ProductDraft(name="용지"), BY)
    certification = db.session.scalars(select(Certification.id)).one()
    page = {
        "enterprise": f"/enterprises/{enterprise}/edit",
        "certification": f"/enterprises/{enterprise}/certifications/{certification}/edit",
        "product": f"/enterprises/{enterprise}/products/{product}/edit",
    }[kind]
    sent = fields_of(browser.get(page).text)
    del sent["version"]

    assert browser.post(page, data=sent).status_code == 409


# Certifications


def test_a_certification_is_added(browser: Browser) -> None:
    enterprise = make_enterprise("함께")

    answer = send(
        browser,
        f"/enterprises/{enterprise}/certifications/new",
        type="social",
        number="제2023-247호",
        authority="고용노동부",
        valid_from="2023. 3. 1.",
    )

    stored = only(Certification)
    assert isinstance(stored, Certification)
    assert answer.location == f"/enterprises/{enterprise}#certifications"
    assert values_of(stored) == {
        "type": "social",
        "subtype": None,
        "number": "제2023-247호",
        "authority": "고용노동부",
        "valid_from": date(2023, 3, 1),
        "valid_to": None,
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"type": "women_owned", "valid_from": "2023-01-01", "valid_to": "2028-12-31"}, "보통 3년 이내"),
        ({"type": "social"}, "시작일이 없으면"),
    ],
)
def test_what_is_unusual_is_asked_about_and_then_taken(
    browser: Browser, typed: dict[str, str], said: str
) -> None:
    page = f"/enterprises/{make_enterprise('함께')}/certifications/new"

    asked = send(browser, page, **typed)

    assert said in asked.text
    assert count(Certification) == 0
    assert send(browser, page, opened=asked.text).status_code == 302
    assert count(Certification) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "제 2020-0011호"}, "같은 유형·같은 번호"),
        ({"valid_from": "2023-01-02", "valid_to": "2023-01-01"}, "종료"),
        ({"valid_from": "2023-02-30"}, "날짜"),
        ({"type": "none"}, "선택"),
    ],
)
def test_a_certification_that_cannot_be_is_refused(
    browser: Browser, typed: dict[str, str], said: str
) -> None:
    enterprise = make_enterprise("함께", OPEN)
    fields = {"type": "social", "number": "제1호", "valid_from": "2023-01-01"} | typed

    answer = send(browser, f"/enterprises/{enterprise}/certifications/new", **fields)

    assert 'aria-invalid="true"' in answer.text
    assert said in answer.text
    assert count(Certification) == 1


def test_a_certification_is_corrected_beside_its_own_number(browser: Browser) -> None:
    enterprise = make_enterprise("함께", OPEN, ("village", date(2021, 1, 1), None))
    certification = db.session.scalars(select(Certification.id).order_by(Certification.id)).first()
    page = f"/enterprises/{enterprise}/certifications/{certification}/edit"

    assert send(browser, page, authority="고용노동부").status_code == 302
    assert send(browser, page, type="village", number="제2020-0012호").status_code == 200

    db.session.rollback()
    stored = db.session.get_one(Certification, certification)
    assert (stored.type, stored.authority) == ("social", "고용노동부")


def test_a_certification_that_somebody_else_corrected_is_shown_in_both_versions(browser: Browser) -> None:
    enterprise = make_enterprise("함께", OPEN)
    certification = db.session.scalars(select(Certification.id)).one()
    page = f"/enterprises/{enterprise}/certifications/{certification}/edit"
    opened = browser.get(page).text
    draft = CertificationDraft(type="village", number="제2020-0011호", valid_from=date(2021, 2, 3))
    change_certification(certification, draft, BY)

    conflict = send(browser, page, opened=opened, authority="고용노동부")

    assert conflict.status_code == 409
    for said in ("마을기업", "사회적기업", "2021. 2. 3.", "2020. 1. 1.", "고용노동부"):
        assert said in conflict.text
    assert send(browser, page, opened=conflict.text).status_code == 302


# Status


@pytest.fixture
def status_page() -> str:
    """Return the page on which the status of a certification is recorded, in force since 2020."""
    enterprise = make_enterprise("함께", OPEN)
    certification = db.session.scalars(select(Certification.id)).one()
    return f"/enterprises/{enterprise}/certifications/{certification}/status"


@pytest.mark.parametrize(
    ("kind", "day", "said"),
    [
        ("cancelled", "2026-05-01", "2026. 5. 1. 전의 구매는 계속 사회적기업 실적으로 집계되고"),
        ("returned", "2026-05-01", "기록 후 유효한 기간: 2020. 1. 1. ~ 2026. 4. 30."),
        ("expired", "2026-05-01", "2026. 5. 1.이 마지막 유효일입니다."),
        ("renewed", "2026-05-01", "달라지는 것이 없습니다."),
        ("cancelled", "2019-05-01", "달라지는 것이 없습니다."),
        ("cancelled", "2020-01-01", "유효한 날이 하루도 없게 됩니다."),
    ],
)
def test_what_a_status_means_is_shown_before_it_is_recorded(
    browser: Browser, status_page: str, kind: str, day: str, said: str
) -> None:
    shown = send(browser, status_page, kind=kind, happened_on=day, note="공고")

    assert said in shown.text
    assert count(CertificationEvent) == 0
    assert "#certifications" in send(browser, status_page, opened=shown.text).location
    stored = only(CertificationEvent)
    assert isinstance(stored, CertificationEvent)
    assert (stored.kind, stored.happened_on.isoformat(), stored.note) == (kind, day, "공고")


def test_a_renewal_of_a_cancelled_certification_tells_from_when_it_holds_again(
    browser: Browser, status_page: str
) -> None:
    certification = db.session.scalars(select(Certification.id)).one()
    record_status(certification, CertificationEventKind.CANCELLED, date(2026, 5, 1), None, BY)

    renewed = send(browser, status_page, kind="renewed", happened_on="2026-06-01").text
    returned = send(browser, status_page, kind="returned", happened_on="2026-06-01").text

    assert "2026. 6. 1.부터 저장된 유효기간 안에서" in renewed
    assert "2020. 1. 1. ~ 2026. 4. 30., 2026. 6. 1. ~" in renewed
    assert "달라지는 것이 없습니다." in returned


def test_another_day_than_the_one_shown_is_shown_again(browser: Browser, status_page: str) -> None:
    shown = send(browser, status_page, kind="cancelled", happened_on="2026-05-01")

    again = send(browser, status_page, opened=shown.text, happened_on="2026-06-01")

    assert "2026. 6. 1. 전의 구매는" in again.text
    assert count(CertificationEvent) == 0


def test_purchases_that_were_judged_before_are_counted_in_the_preview(
    browser: Browser, status_page: str
) -> None:
    enterprise, department = db.session.scalars(select(Enterprise.id)).one(), make_department()
    for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)):
        make_purchase(department, enterprise, 1_000, day)

    cancelled = send(browser, status_page, kind="cancelled", happened_on="2026-05-01").text
    expired = send(browser, status_page, kind="expired", happened_on="2026-05-01").text
    renewed = send(browser, status_page, kind="renewed", happened_on="2026-05-01").text

    assert "그날 이후의 구매 2건(2,000원)" in cancelled
    assert "그날 이후의 구매 1건(1,000원)" in expired
    assert "그날 이후의 구매" not in renewed


def test_a_status_needs_its_kind_and_its_day(browser: Browser, status_page: str) -> None:
    answer = send(browser, status_page)

    assert answer.text.count('aria-invalid="true"') == 2


# Products, shares, and taking back


def test_a_product_is_added_changed_and_removed(browser: Browser) -> None:
    enterprise = make_enterprise("함께")
    send(
        browser,
        f"/enterprises/{enterprise}/products/new",
        name="복사 용지",
        category_code="44120000",
        unit="상자",
        unit_price="24,500",
    )
    stored = only(Product)
    assert isinstance(stored, Product)
    assert (stored.name, stored.unit_price, stored.unit) == ("복사 용지", 24_500, "상자")
    page = f"/enterprises/{enterprise}/products/{stored.id}"

    assert fields_of(browser.get(f"{page}/edit").text)["unit_price"] == "24,500"
    assert send(browser, f"{page}/edit", name="재생 용지").status_code == 302
    assert "재생 용지" in browser.get("/products?q=재생용지&state=all").text

    removing = browser.get(f"{page}/remove").text
    assert "재생 용지" in removing
    assert send(browser, f"{page}/remove", opened=removing).status_code == 302
    assert count(Product) == 0
    history = browser.get(f"/enterprises/{enterprise}").text
    assert "품목 삭제" in history
    assert "이름: 복사 용지 → 재생 용지" in unescape(history)

    again = send(browser, f"{page}/remove", opened=removing)
    assert "이미 삭제되었습니다." in browser.get(again.location).text


@pytest.mark.parametrize(
    ("price", "said"), [("-1", "0보다"), ("천원", "금액"), ("1.5", "원"), ("9" * 17, "1,000")]
)
def test_a_price_that_cannot_be_is_refused(browser: Browser, price: str, said: str) -> None:
    page = f"/enterprises/{make_enterprise('함께')}/products/new"

    answer = send(browser, page, name="용지", unit_price=price)

    assert 'aria-invalid="true"' in answer.text
    assert said in answer.text
    assert f'value="{price}"' in answer.text
    assert count(Product) == 0


def test_a_product_that_somebody_else_changed_is_shown_in_both_versions(browser: Browser) -> None:
    enterprise = make_enterprise("함께")
    product = add_product(enterprise, ProductDraft(name="용지", unit_price=1_000), BY)
    page = f"/enterprises/{enterprise}/products/{product}/edit"
    opened = browser.get(page).text
    change_product(product, ProductDraft(name="용지", unit_price=2_000), BY)

    conflict = send(browser, page, opened=opened, unit_price="3000")

    assert conflict.status_code == 409
    assert "2,000" in conflict.text
    assert "3,000" in conflict.text
    assert send(browser, page, opened=conflict.text).status_code == 302
    assert not change_product(product, ProductDraft(name="용지", unit_price=3_000), BY)


def test_a_share_of_vulnerable_workers_is_recorded_with_its_180_days_and_taken_back(browser: Browser) -> None:
    enterprise = make_enterprise("함께")
    send(
        browser,
        f"/enterprises/{enterprise}/shares/new",
        percent="31.25",
        issuer="진흥원",
        issued_on="2026-10-01",
    )

    stored = only(VulnerableShare)
    assert isinstance(stored, VulnerableShare)
    assert stored.basis_points == 3_125
    removing = f"/enterprises/{enterprise}/shares/{stored.id}/remove"
    page = browser.get(f"/enterprises/{enterprise}").text
    for said in ("2026. 10. 1.", "2027. 3. 30.", "31.25", "진흥원"):
        assert said in page

    removed = send(browser, removing)
    assert count(VulnerableShare) == 0
    assert last_action() == "enterprise.vulnerable_share_removed"
    assert "31.25 %, 발급일 2026. 10. 1." in browser.get(removed.location).text
    assert browser.get(removing).status_code == 302


@pytest.mark.parametrize("percent", ["", "-1", "100.01", "NaN", "삼십", "1e999999"])
def test_a_share_is_between_0_and_100_per_cent(browser: Browser, percent: str) -> None:
    page = f"/enterprises/{make_enterprise('함께')}/shares/new"

    answer = send(browser, page, percent=percent, issued_on="2026-10-01")

    assert 'aria-invalid="true"' in answer.text
    assert count(VulnerableShare) == 0


def test_a_status_recorded_by_mistake_is_taken_back(browser: Browser) -> None:
    enterprise = make_enterprise("함께", OPEN)
    certification = db.session.scalars(select(Certification.id)).one()
    event = record_status(certification, CertificationEventKind.CANCELLED, date(2026, 5, 1), None, BY)
    page = f"/enterprises/{enterprise}/events/{event}/remove"

    assert "취소 2026. 5. 1." in browser.get(page).text
    send(browser, page)

    assert count(CertificationEvent) == 0
    detail = browser.get(f"/enterprises/{enterprise}").text
    assert "인증 상태 변동 기록 삭제" in detail
    assert "이미 삭제되었습니다." in browser.get(browser.get(page).location).text


# Who may, and what is not there


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.ADMIN])
def test_only_the_team_changes_enterprises(as_user: Browse, role: Role) -> None:
    enterprise = make_enterprise("함께", OPEN)
    certification = db.session.scalars(select(Certification.id)).one()
    product = add_product(enterprise, ProductDraft(name="용지"), BY)
    here, browser = f"/enterprises/{enterprise}", as_user(role)
    token = browser.token("/account/password")

    for page in (
        NEW,
        f"{here}/edit",
        f"{here}/certifications/new",
        f"{here}/certifications/{certification}/edit",
        f"{here}/certifications/{certification}/status",
        f"{here}/events/1/remove",
        f"{here}/shares/new",
        f"{here}/shares/1/remove",
        f"{here}/products/new",
        f"{here}/products/{product}/edit",
        f"{here}/products/{product}/remove",
    ):
        assert browser.get(page).status_code == 403
        assert browser.post(page, data={"csrf_token": token}).status_code == 403
        assert page not in browser.get(here).text


def test_nothing_is_changed_through_another_enterprise(browser: Browser) -> None:
    owner, other = make_enterprise("함께", OPEN), make_enterprise("두레")
    certification = db.session.scalars(select(Certification.id)).one()
    product = add_product(owner, ProductDraft(name="용지"), BY)
    event = record_status(certification, CertificationEventKind.RENEWED, date(2026, 5, 1), None, BY)
    there = f"/enterprises/{other}"

    for page in (
        f"{there}/certifications/{certification}/edit",
        f"{there}/certifications/{certification}/status",
        f"{there}/products/{product}/edit",
    ):
        assert browser.get(page).status_code == 404
    for page in (f"{there}/products/{product}/remove", f"{there}/events/{event}/remove"):
        assert browser.get(page).status_code == 302
        assert browser.post(page, data={"csrf_token": browser.token(NEW)}).status_code == 302
    assert (count(Product), count(CertificationEvent)) == (1, 1)


@pytest.mark.parametrize(
    "page",
    ["edit", "certifications/new", "shares/new", "products/new", "products/1/remove", "shares/1/remove"],
)
def test_an_enterprise_that_is_not_there_cannot_be_changed(browser: Browser, page: str) -> None:
    assert browser.get(f"/enterprises/99/{page}").status_code == 404
