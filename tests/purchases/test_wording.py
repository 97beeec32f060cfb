"""Codes of the ledger in words."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from tests.factories import make_draft
from tracker.core.contract_limits import LimitCode, LimitFinding, PriceBasis
from tracker.core.eligibility import Reason
from tracker.core.vocabulary import Directness, Kind
from tracker.purchases.drafts import FACT_NAMES
from tracker.purchases.wording import (
    LABELS,
    REASONS,
    SHORT_REASONS,
    say_facts,
    say_limit,
    say_standing,
    say_value,
    say_verdict,
)

pytestmark = pytest.mark.usefixtures("app")


def test_every_fact_and_reason_has_its_words(app: Flask) -> None:
    assert app
    assert set(LABELS) == set(FACT_NAMES)
    assert set(REASONS) == set(SHORT_REASONS) == set(Reason)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("department_id", 7, "총무과"),
        ("contracting_department_id", None, "–"),
        ("item", "", "–"),
        ("kind", Kind.GOODS, "물품"),
        ("is_reversed", True, "예"),
        ("is_reversed", False, "아니요"),
        ("contracted_on", date(2026, 3, 2), "2026. 3. 2."),
        ("quantity", Decimal("1.50"), "1.5"),
        ("quantity", Decimal(100), "100"),
        ("unit_price", -1_234_000, "-1,234,000"),
        ("fiscal_year", 2026, "2026"),
        ("item", "복사용지", "복사용지"),
    ],
)
def test_a_fact_is_said_as_people_write_it(name: str, value: object, words: str) -> None:
    assert say_value(name, value, {"department_id": {7: "총무과"}}) == words


def test_only_what_is_known_is_listed() -> None:
    draft = make_draft(7, 8, item="복사용지", quantity=Decimal(3))

    said = dict(say_facts(draft.facts, {"department_id": {7: "총무과"}}))

    assert said == {
        "부서": "총무과", "계약일": "2026. 3. 2.", "품목": "복사용지", "구분": "물품",
        "계약명": "사무용품 구매", "수량": "3", "예산 구분": "당해", "직접/간접": "직접", "거래성격": "구매",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "parameters", "words"),
    [
        (Reason.UNDATED, {}, "인증일이 기록되어 있지 않아 인정할 수 없습니다."),
        (
            Reason.CANCELLED,
            {"number": "제1호", "valid_from": "2020-01-01", "event_on": "2026-02-03"},
            "구매일 전에 인증이 취소되었습니다. (제1호, 2020. 1. 1. ~, 2026. 2. 3.)",
        ),
        (Reason.CERTIFIED, {"event_on": "2026-02-03"}, "구매일에 인증이 유효했습니다."),
        (
            Reason.EXPIRED,
            '{"valid_to": "2026-06-30"}',
            "구매일 전에 인증이 만료되었습니다. (~ 2026. 6. 30.)",
        ),
    ],
)
def test_a_verdict_says_why(reason: Reason, parameters: str | dict[str, str], words: str) -> None:
    assert say_verdict(reason, parameters) == words


@pytest.mark.parametrize(
    ("is_social", "is_certified", "facts", "words"),
    [
        (True, True, {}, "사회적경제 실적으로 인정"),
        (False, True, {}, "인증 실적으로 인정(사회적경제 아님)"),
        (False, False, {}, "실적으로 인정되지 않음"),
        (True, True, {"is_reversed": True}, "취소됨: 어디에도 셈하지 않음"),
        (True, True, {"directness": Directness.INDIRECT}, "기록만 하고 셈하지 않음: 직접 구매만 실적"),
    ],
)
def test_it_is_said_whether_a_purchase_counts(
    is_social: bool, is_certified: bool, facts: dict[str, object], words: str
) -> None:
    draft = make_draft(7, 8, **facts)  # type: ignore[arg-type]

    assert say_standing(draft.facts, is_social=is_social, is_certified=is_certified) == words


def test_a_limit_that_the_share_of_workers_would_raise_says_so() -> None:
    finding = LimitFinding(
        LimitCode.EXCEEDED,
        "제25조제1항제5호나목",
        20_000_000,
        50_000_000,
        PriceBasis.ESTIMATED,
        lacks_vulnerable_share=True,
    )

    said = say_limit(finding)

    assert said.startswith("50,000,000원(추정가격 기준)은 수의계약 한도 20,000,000원을 넘습니다")
    assert "취약계층" in said
