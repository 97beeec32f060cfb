"""Enterprises are registered once, and what their certificates said stays readable."""

import json
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories import BY, make_enterprise
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import Enterprise, Product, VulnerableShare
from tracker.enterprises.queries import (
    certificates_of,
    find_by_number,
    list_by_name,
    list_types,
    type_codes_by_name,
)
from tracker.enterprises.services import (
    CertificationDraft,
    DuplicateEnterprise,
    EnterpriseDraft,
    ProductDraft,
    UnknownEnterprise,
    add_product,
    certify,
    change_certification,
    record_status,
    record_vulnerable_share,
    register_enterprise,
    update_enterprise,
)
from tracker.extensions import db

pytestmark = pytest.mark.usefixtures("app")


def test_types_of_the_field_are_there_with_their_words() -> None:
    names = type_codes_by_name()

    assert [row.code for row in list_types() if row.is_social_economy] == [
        "social",
        "preliminary",
        "village",
        "self_support",
        "social_coop",
        "coop",
    ]
    assert names["인증사회적기업"] == names["사회적기업"] == "social"
    assert names["부처형예비사회적기업"] == "preliminary"


def test_business_number_is_registered_once() -> None:
    first = make_enterprise("온정", number="1234567891")

    with pytest.raises(DuplicateEnterprise) as raised:
        register_enterprise(EnterpriseDraft(name="다른 이름", business_number="1234567891"), BY)

    assert raised.value.enterprise_id == first
    found = find_by_number("1234567891")
    assert found is not None
    assert found.name == "온정"


def test_name_matches_without_spaces_and_company_form() -> None:
    make_enterprise("주식회사 두레 사무")

    assert [enterprise.name for enterprise in list_by_name("(주)두레사무")] == ["주식회사 두레 사무"]


def test_update_tells_whether_anything_differed_and_keeps_numbers_unique() -> None:
    enterprise = make_enterprise("온정", number="1234567891")
    make_enterprise("나눔", number="1234567892")

    same = update_enterprise(enterprise, EnterpriseDraft(name="온정", business_number="1234567891"), BY)
    changed = update_enterprise(
        enterprise, EnterpriseDraft(name="온정 나눔", business_number="1234567891"), BY
    )

    assert (same, changed) == (False, True)
    assert [found.id for found in list_by_name("온정나눔")] == [enterprise]
    with pytest.raises(DuplicateEnterprise):
        update_enterprise(enterprise, EnterpriseDraft(name="온정", business_number="1234567892"), BY)
    with pytest.raises(UnknownEnterprise):
        update_enterprise(99, EnterpriseDraft(name="없음"), BY)


def test_personal_fields_never_enter_the_trail() -> None:
    draft = EnterpriseDraft(
        name="온정", business_number="1234567891", representative="홍길동", phone="02-120"
    )
    enterprise = register_enterprise(draft, BY)

    update_enterprise(enterprise, EnterpriseDraft(name="온정", representative="임꺽정"), BY)

    trail = "".join(db.session.scalars(select(AuditEvent.body)))
    assert "representative" in trail
    assert not any(value in trail for value in ("홍길동", "임꺽정", "02-120", "1234567891"))


def test_certificates_come_with_their_events() -> None:
    enterprise, plain = make_enterprise("온정", ("social", date(2020, 1, 1), None)), make_enterprise("일반")
    [certificate] = certificates_of([enterprise])[enterprise]
    assert certificate.id is not None

    record_status(certificate.id, CertificationEventKind.RETURNED, date(2026, 2, 1), "반납 공고", BY)

    [after] = certificates_of([enterprise, plain])[enterprise]
    assert [(event.kind, event.happened_on) for event in after.events] == [
        (CertificationEventKind.RETURNED, date(2026, 2, 1))
    ]
    assert after.is_social_economy
    assert plain not in certificates_of([plain])


def test_correcting_a_certificate_is_recorded_with_both_values() -> None:
    enterprise = make_enterprise("온정")
    draft = CertificationDraft(type="village", number="제1호", valid_from=date(2020, 1, 1))
    certification = certify(enterprise, draft, BY)

    assert not change_certification(certification, draft, BY)
    assert change_certification(
        certification, CertificationDraft(type="village", number="제2호", valid_from=date(2020, 1, 1)), BY
    )

    body = json.loads(
        db.session.scalars(select(AuditEvent.body).order_by(AuditEvent.sequence.desc())).first() or ""
    )
    assert body["changes"] == {"number": ["제1호", "제2호"]}


def test_acts_on_a_certificate_that_is_not_there_are_errors() -> None:
    with pytest.raises(UnknownEnterprise):
        record_status(99, CertificationEventKind.RETURNED, date(2026, 1, 1), None, BY)
    with pytest.raises(UnknownEnterprise):
        change_certification(99, CertificationDraft(type="village"), BY)


def test_products_and_dated_shares_belong_to_the_enterprise() -> None:
    enterprise = make_enterprise("온정")

    add_product(enterprise, ProductDraft(name="복사 용지", unit="상자", unit_price=24_500), BY)
    record_vulnerable_share(enterprise, Decimal("0.3125"), "진흥원", date(2026, 10, 1), BY)

    stored = db.session.get_one(Enterprise, enterprise)
    assert [product.normalised_name for product in stored.products] == ["복사용지"]
    assert db.session.scalars(select(VulnerableShare.basis_points)).one() == 3_125
    assert db.session.scalars(select(Product.unit_price)).one() == 24_500
