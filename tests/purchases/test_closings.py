"""마감: what touches a closed period needs a reason and is marked, whoever brings it and however."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.client import Browser
from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tests.purchases.pages import send
from tracker.audit.queries import history_of
from tracker.core.periods import quarter
from tracker.core.vocabulary import PaymentKind, Role
from tracker.extensions import db, transaction, writing
from tracker.purchases.closings import (
    ClosedPeriod,
    LateMark,
    close_period,
    late_among,
    late_marks_of,
    late_sums,
    reopen_period,
)
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.integrity import check_ledger
from tracker.purchases.services import (
    correct_purchase,
    record_payment,
    record_purchase,
    record_purchases,
    reverse_in_batch,
    reverse_purchase,
    revise_in_batch,
)

CLOSED = quarter(2026, 1)
IN_IT, AFTER_IT = date(2026, 3, 2), CLOSED.end + timedelta(days=1)
PAYMENT = PaymentDraft(paid_on=date(2026, 5, 2), amount=400, fiscal_year=2026, kind=PaymentKind.COMPLETION)


class Office:
    """A department with a purchase in its closed quarter and one after it."""

    def __init__(self) -> None:
        self.id, self.other = make_department("총무과"), make_department("복지과")
        self.supplier = make_enterprise("함께", ("social", date(2020, 1, 1), None))
        self.inside = make_purchase(self.id, self.supplier, 1_000, IN_IT)
        self.outside = make_purchase(self.id, self.supplier, 20, AFTER_IT)
        self.closing = close_period(self.id, CLOSED, BY)

    def marks(self, purchase_id: int) -> list[tuple[int, str]]:
        return [(mark.revision, mark.reason) for mark in late_marks_of(purchase_id)]


@pytest.fixture
def office(any_app: Flask) -> Office:
    """Return the department, on each database."""
    assert any_app
    return Office()


@pytest.mark.parametrize(
    ("day", "is_closed"),
    [
        (CLOSED.start - timedelta(days=1), False),
        (CLOSED.start, True),
        (CLOSED.end, True),
        (AFTER_IT, False),
    ],
)
def test_a_period_is_closed_from_its_first_to_its_last_day(
    office: Office, day: date, is_closed: bool
) -> None:
    draft = make_draft(office.id, office.supplier, 5, day)
    if is_closed:
        with pytest.raises(ClosedPeriod) as refusal:
            record_purchase(draft, BY)
        assert [(each.department, each.period) for each in refusal.value.closed] == [("총무과", CLOSED)]
    late = record_purchase(draft, BY, "뒤늦은 청구")

    assert late_marks_of(late) == ([LateMark(1, "뒤늦은 청구", CLOSED)] if is_closed else [])
    assert late_among([late, office.inside]) == ({late} if is_closed else set())


def test_of_purchases_entered_together_none_goes_in_without_a_reason(office: Office) -> None:
    drafts = [
        make_draft(office.other, office.supplier, 5, IN_IT),
        make_draft(office.id, office.supplier, 6, IN_IT),
    ]
    with pytest.raises(ClosedPeriod):
        record_purchases(drafts, BY)
    first, second = record_purchases(drafts, BY, "누락")

    assert (office.marks(first), office.marks(second)) == ([], [(1, "누락")])
    assert history_of("purchase", second)[0].body["reason"] == "누락"
    assert late_sums([office.closing]) == {office.closing: (1, 6)}


def test_a_payment_correction_or_reversal_is_marked_with_its_reason(office: Office) -> None:
    with pytest.raises(ClosedPeriod):
        record_payment(office.inside, PAYMENT, 1, BY)
    record_payment(office.inside, PAYMENT, 1, BY, "지급 지연")
    correct_purchase(office.inside, make_draft(office.id, office.supplier, 1_500, IN_IT), 2, "금액 오기", BY)
    with pytest.raises(ClosedPeriod):
        reverse_purchase(office.inside, 3, "", BY)
    reverse_purchase(office.inside, 3, "중복", BY)
    record_payment(office.outside, PAYMENT, 1, BY)

    assert office.marks(office.inside) == [(2, "지급 지연"), (3, "금액 오기"), (4, "중복")]
    assert late_sums([office.closing]) == {office.closing: (1, -1_000)}
    assert office.marks(office.outside) == []
    assert list(check_ledger()) == []


@pytest.mark.parametrize("way", ["in", "out", "to_other"])
def test_moving_a_purchase_across_the_border_touches_the_period(office: Office, way: str) -> None:
    purchase = office.outside if way == "in" else office.inside
    place, day = (office.other if way == "to_other" else office.id), (AFTER_IT if way == "out" else IN_IT)
    amount = 20 if way == "in" else 1_000
    draft = make_draft(place, office.supplier, amount, day)
    with pytest.raises(ClosedPeriod):
        correct_purchase(purchase, draft, 1, "", BY)
    correct_purchase(purchase, draft, 1, "정정", BY)

    assert office.marks(purchase) == [(2, "정정")]
    assert late_sums([office.closing])[office.closing].difference == (20 if way == "in" else -1_000)


def test_batches_are_held_to_the_closing_too(office: Office) -> None:
    draft = make_draft(office.id, office.supplier, 1_100, IN_IT)
    with pytest.raises(ClosedPeriod):
        revise_in_batch([(office.inside, draft)], "import 7", BY, "")
    revise_in_batch([(office.inside, draft)], "import 7", BY, "자료 누락")
    revise_in_batch([(office.inside, make_draft(office.id, office.supplier, 1_000, IN_IT))], "되돌림", BY)
    reverse_in_batch([office.inside, office.outside], "잘못 올림", BY)

    assert office.marks(office.inside) == [(2, "자료 누락"), (3, "되돌림"), (4, "잘못 올림")]
    assert office.marks(office.outside) == []


def test_two_closings_of_one_day_are_both_told_and_marked(office: Office) -> None:
    close_period(office.id, replace(CLOSED, start=date(2026, 3, 1), end=date(2026, 3, 31)), BY)
    with pytest.raises(ClosedPeriod) as refusal:
        record_purchase(make_draft(office.id, office.supplier, 5, IN_IT), BY)

    assert len(refusal.value.closed) == 2
    assert (
        len(office.marks(record_purchase(make_draft(office.id, office.supplier, 5, IN_IT), BY, "누락"))) == 2
    )


def test_what_is_open_again_is_entered_freely_and_old_marks_stay(office: Office) -> None:
    late = record_purchase(make_draft(office.id, office.supplier, 5, IN_IT), BY, "누락")
    reopen_period(office.closing, BY)
    free = record_purchase(make_draft(office.id, office.supplier, 6, IN_IT), BY)

    assert (office.marks(late), office.marks(free)) == ([(1, "누락")], [])


def test_the_page_asks_for_the_reason_and_the_history_tells_it(
    app: Flask, as_user: Callable[..., Browser]
) -> None:
    assert app
    office = Office()
    browser = as_user(Role.CLERK, office.id)
    page = f"/purchases/{office.inside}/payments"
    asked = send(browser, page, amount="400", paid_on="2026-05-02")
    answer = send(browser, page, amount="400", paid_on="2026-05-02", late_reason="지급 지연")

    assert asked.status_code == 422
    assert 'name="late_reason"' in asked.text
    assert answer.status_code == 302
    assert "지급 지연" in browser.get(f"/purchases/{office.inside}").text


@pytest.mark.parametrize("act", ["correct", "reverse", "payments"])
def test_before_a_closed_purchase_is_changed_the_page_says_so(
    app: Flask, as_user: Callable[..., Browser], act: str
) -> None:
    assert app
    office = Office()
    browser = as_user(Role.STAFF)

    assert "기간은 마감되었습니다" in browser.get(f"/purchases/{office.inside}/{act}").text
    assert "기간은 마감되었습니다" not in browser.get(f"/purchases/{office.outside}/{act}").text


@pytest.mark.postgresql
def test_closing_and_entering_wait_for_each_other(postgresql_app: Flask) -> None:
    assert postgresql_app
    office = Office()

    def is_held(lock: str) -> bool:
        with writing(), db.engine.connect() as other:
            other.execute(text("SET lock_timeout = '200ms'"))
            try:
                other.execute(text(f"SELECT id FROM department WHERE id = {office.other} FOR {lock}"))
            except OperationalError:
                return True
        return False

    with transaction():
        record_purchase(make_draft(office.other, office.supplier, 5, IN_IT), BY)
        held_by_entry = is_held("UPDATE")
    with transaction():
        close_period(office.other, CLOSED, BY)
        held_by_closing = is_held("KEY SHARE")

    assert (held_by_entry, held_by_closing) == (True, True)
    assert not is_held("UPDATE")
