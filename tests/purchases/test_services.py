"""What the ledger promises: history stays, verdicts are frozen, sums follow every change."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.core.eligibility import Reason
from tracker.core.vocabulary import (
    Basis,
    CertificationEventKind,
    Directness,
    Kind,
    Measure,
    Nature,
    PaymentKind,
)
from tracker.enterprises.models import Certification
from tracker.enterprises.services import record_status
from tracker.extensions import db, total
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import WHOLE, Purchase, PurchaseRevision, Rollup
from tracker.purchases.services import (
    ReversedPurchase,
    StalePurchase,
    UnknownPurchase,
    correct_purchase,
    record_payment,
    reverse_in_batch,
    reverse_purchase,
    revise_in_batch,
)

pytestmark = pytest.mark.usefixtures("any_app")


def rolled_up(measure: Measure = Measure.ALL, basis: Basis = Basis.CONTRACT, type_code: str = WHOLE) -> int:
    """Return the sum over the rollup."""
    return int(
        db.session.scalar(
            select(total(Rollup.amount)).where(
                Rollup.measure == measure, Rollup.basis == basis, Rollup.type == type_code
            )
        )
        or 0
    )


def get(purchase_id: int) -> Purchase:
    """Return the purchase as it is stored now."""
    db.session.expire_all()
    purchase = db.session.get(Purchase, purchase_id)
    assert purchase is not None
    return purchase


def revisions(purchase_id: int) -> list[PurchaseRevision]:
    """Return the history of a purchase."""
    return list(
        db.session.scalars(
            select(PurchaseRevision)
            .where(PurchaseRevision.purchase_id == purchase_id)
            .order_by(PurchaseRevision.number)
        )
    )


def paid(amount: int, day: date, kind: PaymentKind = PaymentKind.PROGRESS) -> PaymentDraft:
    """Return a payment in the books of its own year."""
    return PaymentDraft(paid_on=day, amount=amount, fiscal_year=day.year, kind=kind)


@pytest.mark.parametrize(
    ("day", "is_social", "reason"),
    [
        (date(2026, 1, 9), False, Reason.NOT_YET),
        (date(2026, 1, 10), True, Reason.CERTIFIED),
        (date(2026, 6, 30), True, Reason.CERTIFIED),
        (date(2026, 7, 1), False, Reason.EXPIRED),
    ],
)
def test_purchase_is_judged_on_its_own_date(day: date, is_social: bool, reason: Reason) -> None:
    supplier = make_enterprise("두레사무", ("social", date(2026, 1, 10), date(2026, 6, 30)))

    purchase = get(make_purchase(make_department(), supplier, 1_000, day))

    assert (purchase.is_social, purchase.reason) == (is_social, reason)
    assert rolled_up(Measure.SOCIAL) == (1_000 if is_social else 0)
    assert rolled_up(Measure.ALL) == 1_000


def test_two_certifications_count_once_each_and_once_in_the_total() -> None:
    supplier = make_enterprise(
        "온정", ("social", date(2020, 1, 1), None), ("women_owned", date(2025, 1, 1), None)
    )

    make_purchase(make_department(), supplier, 500)

    assert rolled_up(Measure.SOCIAL) == rolled_up(Measure.CERTIFIED) == 500
    assert rolled_up(Measure.SOCIAL, type_code="social") == 500
    assert rolled_up(Measure.SOCIAL, type_code="women_owned") == 500


@pytest.mark.parametrize("facts", [{"directness": Directness.INDIRECT}, {"nature": Nature.CONSIGNMENT}])
def test_indirect_and_consigned_purchases_are_recorded_but_not_counted(facts: dict[str, Any]) -> None:
    supplier = make_enterprise("온정", ("social", date(2020, 1, 1), None))

    make_purchase(make_department(), supplier, 500, **facts)

    assert (rolled_up(Measure.SOCIAL), rolled_up(Measure.CERTIFIED), rolled_up(Measure.ALL)) == (0, 0, 500)


def test_later_cancellation_leaves_the_earlier_verdict() -> None:
    supplier = make_enterprise("온정", ("social", date(2020, 1, 1), None))
    purchase_id = make_purchase(make_department(), supplier, 500, date(2026, 3, 2))

    record_status(
        db.session.scalars(select(Certification.id)).one(),
        CertificationEventKind.CANCELLED,
        date(2026, 1, 1),
        None,
        BY,
    )
    correct_purchase(purchase_id, make_draft(get(purchase_id).department_id, supplier, 700), 1, "오기", BY)

    assert get(purchase_id).is_social
    assert rolled_up(Measure.SOCIAL) == 700


def test_correction_keeps_what_was_said_before_with_who_and_why() -> None:
    department, supplier = make_department(), make_enterprise()
    purchase_id = make_purchase(department, supplier, 1_000)

    correct_purchase(purchase_id, make_draft(department, supplier, 1_500), 1, "금액 오기", BY)

    first, second = revisions(purchase_id)
    assert (first.amount, second.amount, second.change, second.actor_id) == (1_000, 1_500, "금액 오기", 1)
    assert get(purchase_id).version == 2
    assert rolled_up() == 1_500
    assert list(check_ledger()) == []


def test_correction_to_another_supplier_is_judged_anew() -> None:
    department, plain = make_department(), make_enterprise("일반상사")
    social = make_enterprise("온정", ("social", date(2020, 1, 1), None))
    purchase_id = make_purchase(department, plain, 1_000)

    correct_purchase(purchase_id, make_draft(department, social, 1_000), 1, "업체 오기", BY)

    assert get(purchase_id).is_social
    assert [verdict.type for verdict in get(purchase_id).verdicts] == ["social"]
    assert rolled_up(Measure.SOCIAL) == 1_000
    assert list(check_ledger()) == []


def test_second_of_two_editors_is_told_and_nothing_is_lost() -> None:
    department, supplier = make_department(), make_enterprise()
    purchase_id = make_purchase(department, supplier, 1_000)
    correct_purchase(purchase_id, make_draft(department, supplier, 1_500), 1, "첫째", BY)

    with pytest.raises(StalePurchase) as raised:
        correct_purchase(purchase_id, make_draft(department, supplier, 1_800), 1, "둘째", BY)

    assert raised.value.current_version == 2
    assert get(purchase_id).amount == 1_500


def test_reversal_takes_the_purchase_out_of_every_sum_but_not_out_of_the_ledger() -> None:
    department = make_department()
    supplier = make_enterprise("온정", ("social", date(2020, 1, 1), None))
    purchase_id = make_purchase(department, supplier, 1_000, payments=(paid(1_000, date(2026, 4, 1)),))

    reverse_purchase(purchase_id, 1, "이중 입력", BY)

    assert get(purchase_id).amount == 1_000
    assert revisions(purchase_id)[-1].is_reversed
    assert [rolled_up(measure, basis) for measure in Measure for basis in Basis] == [0] * 6
    with pytest.raises(ReversedPurchase):
        correct_purchase(purchase_id, make_draft(department, supplier, 1), 2, "다시", BY)
    with pytest.raises(UnknownPurchase):
        reverse_purchase(99, 1, "없음", BY)


def test_payments_count_in_their_own_months_and_a_return_is_negative() -> None:
    department, supplier = make_department(), make_enterprise()
    purchase_id = make_purchase(department, supplier, 900, payments=(paid(300, date(2026, 4, 1)),))

    record_payment(purchase_id, paid(600, date(2026, 5, 1)), 1, BY)
    record_payment(purchase_id, paid(-50, date(2026, 6, 1), PaymentKind.RETURN), 2, BY)

    months = db.session.execute(
        select(Rollup.month, Rollup.amount)
        .where(Rollup.basis == Basis.PAYMENT, Rollup.measure == Measure.ALL)
        .order_by(Rollup.month)
    )
    assert [tuple(row) for row in months] == [(202604, 300), (202605, 600), (202606, -50)]
    assert rolled_up() == 900
    assert list(check_ledger()) == []


def test_payment_made_of_a_payment_date_follows_the_corrected_amount() -> None:
    department, supplier = make_department(), make_enterprise()
    whole = paid(1_000, date(2026, 4, 1), PaymentKind.WHOLE)
    purchase_id = make_purchase(department, supplier, 1_000, payments=(whole,))

    correct_purchase(
        purchase_id, make_draft(department, supplier, 1_200, payments=(whole,)), 1, "금액 오기", BY
    )

    assert rolled_up(basis=Basis.PAYMENT) == 1_200
    assert [payment.amount for payment in get(purchase_id).payments] == [1_200]


def test_moving_a_purchase_moves_its_sums() -> None:
    department, other, supplier = make_department(), make_department("민원과"), make_enterprise()
    purchase_id = make_purchase(department, supplier, 1_000)

    moved = make_draft(other, supplier, 1_000, date(2025, 12, 1), kind=Kind.WORKS)
    correct_purchase(purchase_id, moved, 1, "부서 오기", BY)

    rows = db.session.execute(
        select(Rollup.department_id, Rollup.fiscal_year, Rollup.kind, Rollup.amount).where(
            Rollup.measure == Measure.ALL, Rollup.count != 0
        )
    )
    assert [tuple(row) for row in rows] == [(other, 2025, Kind.WORKS, 1_000)]


def test_batch_acts_reverse_and_revise_many_at_once() -> None:
    department, supplier = make_department(), make_enterprise()
    ids = [make_purchase(department, supplier, amount) for amount in (1, 10, 100)]

    numbers = revise_in_batch([(ids[0], make_draft(department, supplier, 5, amendment=1))], "변경차수 1", BY)
    reverse_in_batch(ids[1:], "자료 취소", BY)

    assert numbers == [2]
    assert rolled_up() == 5
    assert [get(identifier).version for identifier in ids] == [2, 2, 2]
    assert list(check_ledger()) == []
    with pytest.raises(UnknownPurchase):
        revise_in_batch([(99, make_draft(department, supplier))], "없음", BY)


def test_amount_beyond_any_budget_is_refused() -> None:
    draft = make_draft(1, 1)

    with pytest.raises(ValueError, match="out of range"):
        replace(draft.facts, amount=10**15 + 1)
