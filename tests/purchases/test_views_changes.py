"""Correcting, paying and reversing: with a reason, once, and never over somebody else's change."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.purchases.pages import fields_of, rows_of, send, texts_of
from tracker.audit.integrity import check_chain
from tracker.core.periods import month
from tracker.core.vocabulary import Kind, PaymentKind, Role
from tracker.extensions import db
from tracker.purchases.closings import close_period
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.history import Record, find_record
from tracker.purchases.integrity import check_ledger

SOCIAL = ("social", date(2020, 1, 1), None)


class Case:
    """A purchase of a department, with a part paid."""

    def __init__(self) -> None:
        self.office, self.civil = make_department("총무과"), make_department("민원과")
        self.supplier = make_enterprise("함께일하는사람들", SOCIAL)
        self.plain = make_enterprise("일반상사")
        self.purchase = make_purchase(
            self.office,
            self.supplier,
            1_000,
            item="복사용지",
            note="메모",
            contract_item="1",
            payments=(paid(400, date(2026, 3, 10)),),
        )

    @property
    def page(self) -> str:
        """Return the address of the purchase."""
        return f"/purchases/{self.purchase}"

    def stored(self) -> Record:
        """Return the purchase as it is stored now."""
        db.session.rollback()
        db.session.expire_all()
        record = find_record(self.purchase)
        assert record
        return record


def paid(amount: int, day: date, kind: PaymentKind = PaymentKind.PROGRESS) -> PaymentDraft:
    """Return a payment in the books of its year."""
    return PaymentDraft(paid_on=day, amount=amount, fiscal_year=day.year, kind=kind)


@pytest.fixture
def case(app: Flask) -> Case:
    """Return the purchase."""
    assert app
    return Case()


@pytest.fixture
def clerk(case: Case, as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the department's clerk."""
    return as_user(Role.CLERK, case.office)


@pytest.fixture
def staff(case: Case, as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the team."""
    assert case
    return as_user()


# Correcting


def test_a_correction_changes_what_was_wrong_and_nothing_else(clerk: Browser, case: Case) -> None:
    before = case.stored()

    answer = send(clerk, f"{case.page}/correct", amount="2,000", reason="금액 오기")

    after = case.stored()
    assert answer.location == case.page
    assert after.revisions[-1].changes == {"amount": [1_000, 2_000]}
    assert (after.version, after.revisions[-1].reason, after.payments) == (2, "금액 오기", before.payments)
    assert after.facts.contract_item == "1"
    assert "저장했습니다" in clerk.get(case.page).text
    assert not [*check_ledger(), *check_chain()]


def test_a_correction_needs_a_reason(clerk: Browser, case: Case) -> None:
    answer = send(clerk, f"{case.page}/correct", amount="2,000")

    assert answer.status_code == 422
    assert 'aria-describedby="reason-hint reason-error"' in answer.text
    assert fields_of(answer.text)["amount"] == "2,000"
    assert case.stored().version == 1


def test_a_correction_that_changes_nothing_is_not_kept(clerk: Browser, case: Case) -> None:
    answer = send(clerk, f"{case.page}/correct", reason="그냥")

    assert answer.location == case.page
    assert "바뀐 내용이 없어" in clerk.get(case.page).text
    assert case.stored().version == 1


def test_another_supplier_is_judged_before_it_is_saved(clerk: Browser, case: Case) -> None:
    page = f"{case.page}/correct"

    first = send(clerk, page, supplier="일반상사", reason="업체 오기")
    assert case.stored().version == 1
    assert "인증 기록이 없는 업체입니다" in first.text
    clerk.post(page, data=fields_of(first.text) | {"act": "save"})

    assert case.stored().facts.enterprise_id == case.plain
    assert not case.stored().is_certified


def test_a_supplier_to_correct_to_is_found_and_chosen(clerk: Browser, case: Case) -> None:
    page = f"{case.page}/correct"
    searched = send(clerk, page, supplier="일반", act="search", reason="업체 오기")
    assert f'<button name="choose" value="{case.plain}">' in searched.text
    chosen = clerk.post(page, data=fields_of(searched.text) | {"choose": str(case.plain)})

    clerk.post(page, data=fields_of(chosen.text) | {"act": "save"})

    assert case.stored().facts.enterprise_id == case.plain
    assert case.stored().revisions[-1].reason == "업체 오기"


def test_the_verdict_that_stands_is_shown_as_long_as_supplier_and_date_stay(
    staff: Browser, case: Case
) -> None:
    make_purchase(case.office, case.plain)
    page = texts_of(staff.get(f"{case.page}/correct").text)

    assert "사회적기업 구매일에 인증이 유효했습니다" in page
    assert "부서·업체·구매일·금액이 같습니다" not in page


def test_payments_are_corrected_and_taken_out(clerk: Browser, case: Case) -> None:
    send(clerk, f"{case.page}/payments", amount="600", paid_on="2026-04-10")

    send(
        clerk,
        f"{case.page}/correct",
        **{
            "payments-0-amount": "300",
            "payments-0-fiscal_year": "",
            "payments-1-amount": "",
            "payments-1-paid_on": "",
            "reason": "지출 오기",
        },
    )

    assert case.stored().payments == (paid(300, date(2026, 3, 10)),)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("payments-0-amount", ""),
        ("payments-0-paid_on", ""),
        ("payments-0-amount", "많이"),
        ("payments-0-kind", "none"),
        ("contracted_on", "2026-02-30"),
        ("item", "900101-1234567"),
    ],
)
def test_a_faulty_correction_is_sent_back_with_all_that_was_typed(
    clerk: Browser, case: Case, field: str, text: str
) -> None:
    answer = send(clerk, f"{case.page}/correct", **{"reference": "품의 7", "reason": "오기", field: text})

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert (fields_of(answer.text)["reference"], fields_of(answer.text)["reason"]) == ("품의 7", "오기")
    assert case.stored().version == 1


def test_without_contract_date_the_first_payment_says_the_date(clerk: Browser, case: Case) -> None:
    first = send(clerk, f"{case.page}/correct", contracted_on="", reason="계약 없음")
    assert first.status_code == 302
    assert case.stored().facts.purchased_on == date(2026, 3, 10)

    answer = send(
        clerk,
        f"{case.page}/correct",
        **{"payments-0-amount": "", "payments-0-paid_on": "", "reason": "지출도 없음"},
    )

    assert answer.status_code == 422
    assert "계약일을 입력하세요" in answer.text


def test_a_correction_is_allowed_for_the_old_and_the_new_department(
    case: Case, as_user: Callable[..., Browser]
) -> None:
    clerk, stranger = as_user(Role.CLERK, case.office), as_user(Role.CLERK, case.civil)
    page = f"{case.page}/correct"
    assert stranger.get(page).status_code == 403
    assert stranger.post(page, data={}).status_code == 400
    token = {"csrf_token": fields_of(stranger.get("/purchases/new").text)["csrf_token"]}
    for act in ("correct", "payments", "reverse"):
        assert stranger.post(f"{case.page}/{act}", data=token).status_code == 403

    assert send(clerk, page, department_id=case.civil, reason="부서 오기").status_code == 403
    assert case.stored().version == 1
    assert send(as_user(), page, department_id=case.civil, reason="부서 오기").status_code == 302
    assert case.stored().facts.department_id == case.civil


# Two people


def test_the_second_of_two_people_sees_both_versions_and_loses_nothing(
    clerk: Browser, staff: Browser, case: Case
) -> None:
    page = f"{case.page}/correct"
    mine = fields_of(clerk.get(page).text)
    send(staff, page, amount="1,500", kind="services", reference="품의 9", reason="팀에서 정정")

    answer = clerk.post(page, data=mine | {"amount": "2,000", "note": "내 메모", "reason": "내가 정정"})

    assert answer.status_code == 409
    assert case.stored().facts.amount == 1_500
    rows = {row[0]: row[1:] for row in rows_of(answer.text) if len(row) == 4}
    assert rows == {
        "항목": ["처음 열었을 때", "지금 저장된 내용", "내가 입력한 내용"],
        "금액 둘 다 바꿈": ["1,000", "1,500", "2,000"],
        "구분": ["물품", "용역", "물품"],
        "문서번호": ["–", "품의 9", "–"],
        "비고": ["메모", "메모", "내 메모"],
        "지출": ["2026. 3. 10. 기성 400원"] * 3,
        "사유": ["–", "팀에서 정정", "내가 정정"],
    }
    assert "팀에서 정정" in answer.text.partition("두 내용 비교")[0]

    going_on = fields_of(answer.text)
    assert (going_on["amount"], going_on["note"], going_on["reason"]) == ("2,000", "내 메모", "내가 정정")
    assert (going_on["kind"], going_on["reference"]) == ("services", "품의 9")
    assert clerk.post(page, data=going_on).location == case.page
    after = case.stored()
    assert (after.version, after.facts.amount, after.facts.note) == (3, 2_000, "내 메모")
    assert (after.facts.kind, after.facts.reference) == (Kind.SERVICES, "품의 9")
    assert not [*check_ledger(), *check_chain()]


def test_payments_of_both_people_are_kept(clerk: Browser, staff: Browser, case: Case) -> None:
    page = f"{case.page}/correct"
    mine = fields_of(clerk.get(page).text)
    send(staff, f"{case.page}/payments", amount="600", paid_on="2026-04-10", kind="completion")

    answer = clerk.post(page, data=mine | {"payments-0-amount": "350", "reason": "지출 오기"})
    assert answer.status_code == 409
    clerk.post(page, data=fields_of(answer.text))

    assert case.stored().payments == (
        paid(350, date(2026, 3, 10)),
        paid(600, date(2026, 4, 10), PaymentKind.COMPLETION),
    )


def test_a_payment_that_somebody_else_mended_stays_mended(clerk: Browser, staff: Browser, case: Case) -> None:
    page = f"{case.page}/correct"
    mine = fields_of(clerk.get(page).text)
    send(staff, page, **{"payments-0-amount": "350", "reason": "지출 오기"})

    answer = clerk.post(page, data=mine | {"note": "내 메모", "reason": "비고 추가"})
    assert answer.status_code == 409
    clerk.post(page, data=fields_of(answer.text))

    assert (case.stored().paid, case.stored().facts.note) == (350, "내 메모")


def test_what_was_typed_about_a_purchase_reversed_meanwhile_becomes_a_new_one(
    clerk: Browser, staff: Browser, case: Case
) -> None:
    page = f"{case.page}/correct"
    mine = fields_of(clerk.get(page).text)
    send(staff, f"{case.page}/reverse", reason="이중 입력")

    answer = clerk.post(page, data=mine | {"amount": "2,000", "note": "내 메모", "reason": "내가 정정"})
    assert answer.status_code == 409
    assert "정정 저장" not in answer.text
    assert "내 메모" in answer.text
    carried = clerk.post("/purchases/new", data=fields_of(answer.text) | {"act": "check"})
    saved = clerk.post("/purchases/new", data=fields_of(carried.text))

    record = find_record(int(saved.location.rpartition("/")[2]))
    assert record
    facts = record.facts
    assert (facts.amount, facts.note, facts.item, facts.enterprise_id) == (
        2_000,
        "내 메모",
        "복사용지",
        case.supplier,
    )
    assert facts.department_id == case.office


@pytest.mark.parametrize("version", ["", "x", "0", "99"])
def test_a_version_that_never_was_is_refused(clerk: Browser, case: Case, version: str) -> None:
    for act in ("correct", "payments", "reverse"):
        answer = send(clerk, f"{case.page}/{act}", version=version, amount="7", reason="왜")

        assert answer.status_code == 409
    assert case.stored().version == 1


def test_payment_and_reversal_of_an_old_version_are_told_what_happened(
    clerk: Browser, staff: Browser, case: Case
) -> None:
    forms = {act: fields_of(clerk.get(f"{case.page}/{act}").text) for act in ("payments", "reverse")}
    send(staff, f"{case.page}/correct", amount="1,500", reason="팀에서 정정")
    forms["payments"] |= {"amount": "77", "paid_on": "2026-05-05"}
    forms["reverse"] |= {"reason": "이중 입력"}

    for act, form in forms.items():
        answer = clerk.post(f"{case.page}/{act}", data=form)

        assert answer.status_code == 409
        assert "팀에서 정정" in answer.text
        assert "1,000 1,500" in texts_of(answer.text)
        kept = fields_of(answer.text)
        assert {name: kept[name] for name in form if name not in ("version", "csrf_token")} == {
            name: value for name, value in form.items() if name not in ("version", "csrf_token")
        }
        assert clerk.post(f"{case.page}/{act}", data=kept | {"version": str(case.stored().version)}).location
    assert case.stored().paid == 477
    assert case.stored().facts.is_reversed


# Paying


def test_a_payment_is_added_with_what_is_left_to_pay(clerk: Browser, case: Case) -> None:
    page = f"{case.page}/payments"
    begun = fields_of(clerk.get(page).text)
    assert (begun["amount"], begun["paid_on"]) == ("600", "2026-11-24")

    send(clerk, page)

    assert case.stored().payments[-1] == paid(600, date(2026, 11, 24), PaymentKind.COMPLETION)
    assert case.stored().unpaid == 0
    assert fields_of(clerk.get(page).text)["amount"] == ""
    assert "지출 추가" in clerk.get(case.page).text


def test_a_payment_may_stand_in_the_books_of_another_year(clerk: Browser, case: Case) -> None:
    send(clerk, f"{case.page}/payments", paid_on="2027-01-15", fiscal_year="2026")

    assert case.stored().payments[-1].fiscal_year == 2026


def test_a_return_is_less_than_nothing(clerk: Browser, case: Case) -> None:
    page = f"{case.page}/payments"

    assert send(clerk, page, amount="100", kind="return").status_code == 422
    send(clerk, page, amount="-100", kind="return")

    assert case.stored().paid == 300


@pytest.mark.parametrize("fields", [{"amount": ""}, {"paid_on": ""}, {"amount": "x"}, {"kind": "none"}])
def test_a_payment_needs_date_and_amount(clerk: Browser, case: Case, fields: dict[str, str]) -> None:
    assert send(clerk, f"{case.page}/payments", **fields).status_code == 422
    assert case.stored().version == 1


# Reversing


def test_a_reversal_needs_a_reason_and_takes_the_purchase_out(clerk: Browser, case: Case) -> None:
    page = f"{case.page}/reverse"
    assert send(clerk, page).status_code == 422

    send(clerk, page, reason="이중 입력")

    assert case.stored().facts.is_reversed
    assert case.stored().revisions[-1].reason == "이중 입력"
    assert "조건에 맞는 구매가 없습니다" in clerk.get("/purchases").text
    assert not [*check_ledger(), *check_chain()]


def test_what_was_reversed_opens_no_form_any_more(clerk: Browser, case: Case) -> None:
    send(clerk, f"{case.page}/reverse", reason="이중 입력")

    for act in ("correct", "payments", "reverse"):
        answer = clerk.get(f"{case.page}/{act}", follow_redirects=True)

        assert "취소된 구매이므로 바꿀 수 없습니다" in answer.text
        assert f"{case.page}/correct" not in answer.text


def test_two_people_reverse_at_once_and_the_second_is_told(
    clerk: Browser, staff: Browser, case: Case
) -> None:
    forms = {act: fields_of(clerk.get(f"{case.page}/{act}").text) for act in ("payments", "reverse")}
    send(staff, f"{case.page}/reverse", reason="팀에서 취소")

    for act, form in forms.items():
        answer = clerk.post(f"{case.page}/{act}", data=form | {"reason": "나도 취소"})

        assert answer.status_code == 409
        assert "팀에서 취소" in answer.text
        assert '<button class="btn btn-' not in answer.text


# Once


def test_each_change_sent_twice_is_done_once(clerk: Browser, case: Case) -> None:
    changes = {
        "payments": {"amount": "100"},
        "correct": {"amount": "3,000", "reason": "오기"},
        "reverse": {"reason": "이중 입력"},
    }
    for number, (act, fields) in enumerate(changes.items(), start=2):
        form = fields_of(clerk.get(f"{case.page}/{act}").text) | fields
        first = clerk.post(f"{case.page}/{act}", data=form)
        second = clerk.post(f"{case.page}/{act}", data=form)

        assert first.location == second.location == case.page
        assert case.stored().version == number
        assert "두 번 저장되지 않았습니다" in clerk.get(case.page).text


@pytest.mark.parametrize("act", ["correct", "payments", "reverse"])
def test_there_is_no_form_for_an_unknown_purchase(staff: Browser, act: str) -> None:
    assert staff.get(f"/purchases/999/{act}").status_code == 404


def test_a_payment_after_the_closing_needs_a_reason(clerk: Browser, case: Case) -> None:
    close_period(case.office, month(2026, 3), BY)
    page = f"{case.page}/payments"

    asked = send(clerk, page, amount="100")
    assert asked.status_code == 422
    assert "마감된 기간입니다" in asked.text
    clerk.post(page, data=fields_of(asked.text) | {"late_reason": "지출이 늦음"})

    assert case.stored().paid == 500
    assert case.stored().revisions[-1].reason == "지출이 늦음"


def test_the_reason_of_a_correction_serves_after_the_closing_too(clerk: Browser, case: Case) -> None:
    close_period(case.office, month(2026, 3), BY)

    send(clerk, f"{case.page}/correct", amount="2,000", reason="금액 오기")

    assert "마감 뒤에 입력했습니다. 사유: 금액 오기" in clerk.get(case.page).text
