"""What a round promises: everybody is asked once, answers are figures, what is confirmed is closed."""

from datetime import date

import pytest

from tests.factories import (
    BY,
    make_department,
    make_draft,
    make_enterprise,
    make_purchase,
)
from tests.rounds.rounds import (
    DUE_ON,
    IN_PERIOD,
    PERIOD,
    TODAY,
    answer_for,
    board_of,
    choice_of,
    close_for,
    later,
    make_round,
    row_of,
)
from tracker.audit.queries import history_of
from tracker.core.vocabulary import Affiliation, Directness
from tracker.departments.services import add_department, close_department
from tracker.purchases.closings import ClosedPeriod
from tracker.purchases.services import correct_purchase, record_purchase, reverse_purchase
from tracker.rounds.models import State
from tracker.rounds.queries import Standing, find_doubts, find_round, list_open_requests, list_rounds
from tracker.rounds.services import (
    Choice,
    FiguresChanged,
    NobodyAsked,
    NotAllowedNow,
    RoundInUse,
    StaleRound,
    StaleSubmission,
    UnknownRound,
    change_round,
    confirm,
    reopen,
    send_back,
    submit,
    submit_by_file,
    withdraw_round,
)

pytestmark = pytest.mark.usefixtures("any_app")


@pytest.fixture
def supplier(any_app: object) -> int:  # noqa: ARG001
    """Return a certified enterprise."""
    return make_enterprise("함께", ("social", date(2020, 1, 1), None))


def names_of(round_id: int) -> list[str]:
    return [row.department for row in board_of(round_id).rows]


def test_every_leaf_department_open_in_the_period_is_asked() -> None:
    bureau = make_department("행정국")
    make_department("총무과", parent_id=bureau)
    close_department(make_department("옛과", parent_id=bureau), date(2026, 6, 30), BY)
    summer = make_department("여름과", parent_id=bureau, valid_from=date(2026, 7, 15))
    close_department(summer, date(2026, 8, 1), BY)
    make_department("새과", parent_id=bureau, valid_from=date(2026, 10, 1))
    make_department("시설공단", affiliation=Affiliation.AFFILIATED)

    assert names_of(make_round()) == ["행정국/총무과", "행정국/여름과"]
    assert names_of(make_round(with_affiliated=True)) == ["행정국/총무과", "행정국/여름과", "시설공단"]


def test_a_round_that_asks_nobody_is_not_opened() -> None:
    add_department("새구", parent_id=None, valid_from=date(2026, 10, 1), by=BY)

    with pytest.raises(NobodyAsked):
        make_round()


def test_an_answer_is_the_figures_of_its_day(supplier: int) -> None:
    office, other = make_department("총무과"), make_department("복지과")
    make_purchase(office, supplier, 1_000_000, IN_PERIOD)
    make_purchase(office, supplier, 500_000, PERIOD.start, directness=Directness.INDIRECT)
    make_purchase(office, supplier, 70_000, PERIOD.end)
    make_purchase(office, supplier, 9_000, date(2026, 10, 1))
    make_purchase(other, supplier, 3, IN_PERIOD)
    round_id = make_round()
    answer_for(round_id, office)
    row = row_of(round_id, office)

    assert row.submitted == row.now
    assert row.now[:3] == (3, 1_570_000, 1_070_000)
    assert (row.state, row.is_none, row.is_changed) == (State.SUBMITTED, False, False)
    assert board_of(round_id).numbers == {Standing.SUBMITTED: 1, Standing.MISSING: 1}
    assert board_of(round_id).submitted.amount == 1_570_000


def test_nothing_recorded_is_submitted_as_nothing_to_report() -> None:
    office = make_department("총무과")
    round_id = make_round()
    answer_for(round_id, office)

    assert row_of(round_id, office).is_none
    assert board_of(round_id).numbers[Standing.NONE] == 1


@pytest.mark.parametrize("change", ["record", "correct", "reverse", "move"])
def test_a_change_after_submitting_is_shown_and_is_not_confirmed(supplier: int, change: str) -> None:
    office, other = make_department("총무과"), make_department("복지과")
    purchase = make_purchase(office, supplier, 1_000_000, IN_PERIOD)
    round_id = make_round()
    answer_for(round_id, office)
    match change:
        case "record":
            make_purchase(office, supplier, 5, IN_PERIOD)
        case "correct":
            correct_purchase(
                purchase, make_draft(office, supplier, 1_000_000, IN_PERIOD, note="정정"), 1, "오기", BY
            )
        case "reverse":
            reverse_purchase(purchase, 1, "중복", BY)
        case "move":
            correct_purchase(purchase, make_draft(other, supplier, 1_000_000, IN_PERIOD), 1, "부서", BY)

    assert row_of(round_id, office).is_changed
    with pytest.raises(FiguresChanged) as refusal:
        confirm([choice_of(round_id, office)], BY)
    assert refusal.value.department_ids == [office]
    assert row_of(round_id, office).state is State.SUBMITTED
    answer_for(round_id, office)
    confirm([choice_of(round_id, office)], BY)
    assert row_of(round_id, office).state is State.CONFIRMED


def test_figures_that_are_not_those_on_the_page_are_not_submitted(supplier: int) -> None:
    office = make_department("총무과")
    round_id = make_round()
    seen = row_of(round_id, office)
    make_purchase(office, supplier, 1_000, IN_PERIOD)

    with pytest.raises(FiguresChanged):
        submit(Choice(seen.id, seen.version), seen.now.marks, BY)


def test_of_two_people_the_second_is_told(supplier: int) -> None:
    office = make_department("총무과")
    make_purchase(office, supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    seen = choice_of(round_id, office)
    submit(seen, None, BY)

    with pytest.raises(StaleSubmission):
        submit(seen, None, BY)
    with pytest.raises(StaleSubmission):
        confirm([seen], BY)
    with pytest.raises(StaleSubmission):
        send_back([seen], "확인", BY)


def test_what_is_sent_back_is_submitted_again(supplier: int) -> None:
    office = make_department("총무과")
    make_purchase(office, supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    answer_for(round_id, office)
    send_back([choice_of(round_id, office)], "계약일을 확인하세요", BY)
    row = row_of(round_id, office)

    assert (row.state, row.remark, row.has_answer) == (State.RETURNED, "계약일을 확인하세요", False)
    assert [each.remark for each in list_open_requests([office])] == ["계약일을 확인하세요"]
    with pytest.raises(NotAllowedNow):
        confirm([choice_of(round_id, office)], BY)
    with pytest.raises(NotAllowedNow):
        send_back([choice_of(round_id, office)], "다시", BY)
    answer_for(round_id, office)
    assert row_of(round_id, office).state is State.SUBMITTED
    assert list_open_requests([office]) == []


def test_lateness_goes_by_the_first_answer(supplier: int) -> None:
    first, second, third = (make_department(name) for name in ("가과", "나과", "다과"))
    make_purchase(first, supplier, 1_000, IN_PERIOD)
    round_id = make_round(due_on=DUE_ON)
    answer_for(round_id, first, by=later(6))
    answer_for(round_id, second, by=later(9))
    send_back([choice_of(round_id, first)], "확인", later(10))
    answer_for(round_id, first, by=later(12))
    today = date(2026, 12, 20)

    assert [row.days_late for row in board_of(round_id, today).rows] == [0, 3, 20]
    assert third
    assert board_of(round_id, TODAY).rows[2].days_late == 0


def test_confirmed_is_closed_for_that_department_and_period_only(supplier: int) -> None:
    office, other = make_department("총무과"), make_department("복지과")
    make_purchase(office, supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    close_for(round_id, office)

    with pytest.raises(ClosedPeriod) as refusal:
        record_purchase(make_draft(office, supplier, 5, IN_PERIOD), BY)
    assert [(each.department, each.period) for each in refusal.value.closed] == [("총무과", PERIOD)]
    record_purchase(make_draft(office, supplier, 5, date(2026, 10, 1)), BY)
    record_purchase(make_draft(other, supplier, 5, IN_PERIOD), BY)
    record_purchase(make_draft(office, supplier, 70, IN_PERIOD), BY, "세금계산서가 늦게 왔음")
    row = row_of(round_id, office)

    assert row.late == (1, 70)
    assert row.is_changed
    assert row.standings() == {Standing.CONFIRMED, Standing.CHANGED, Standing.LATE_ENTRIES}


def test_a_reopened_department_enters_freely_and_submits_anew(supplier: int) -> None:
    office = make_department("총무과")
    make_purchase(office, supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    close_for(round_id, office)
    reopen(choice_of(round_id, office), "누락분 확인", BY)
    record_purchase(make_draft(office, supplier, 5, IN_PERIOD), BY)
    row = row_of(round_id, office)

    assert (row.state, row.remark, row.late.number) == (State.RETURNED, "누락분 확인", 0)
    with pytest.raises(NotAllowedNow):
        reopen(choice_of(round_id, office), "다시", BY)
    close_for(round_id, office)
    assert [each.action for each in history_of("submission", row.id)] == [
        "submission.confirm",
        "submission.submit",
        "submission.reopen",
        "submission.confirm",
        "submission.submit",
    ]
    with pytest.raises(NotAllowedNow):
        submit(choice_of(round_id, office), None, BY)


def test_many_are_decided_together_or_none(supplier: int) -> None:
    departments = [make_department(name) for name in ("가과", "나과", "다과")]
    make_purchase(departments[0], supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    assert submit_by_file([choice_of(round_id, each) for each in departments], BY) == 3
    make_purchase(departments[0], supplier, 2_000, IN_PERIOD)
    choices = [choice_of(round_id, each) for each in departments]

    with pytest.raises(FiguresChanged):
        confirm(choices, BY)
    assert board_of(round_id).numbers[Standing.CONFIRMED] == 0
    record_purchase(make_draft(departments[1], supplier, 1, date(2026, 12, 1)), BY)
    assert confirm(choices[1:], BY) == 2
    assert [row.is_by_file for row in board_of(round_id).rows] == [True, True, True]


def test_the_round_itself_is_changed_by_one_at_a_time_and_withdrawn(supplier: int) -> None:
    office = make_department("총무과")
    make_purchase(office, supplier, 1_000, IN_PERIOD)
    round_id = make_round()
    change_round(round_id, "새 제목", date(2026, 12, 5), "본문", 1, BY)
    asked = find_round(round_id)

    assert asked
    assert (asked.title, asked.due_on, asked.version) == ("새 제목", date(2026, 12, 5), 2)
    with pytest.raises(StaleRound):
        change_round(round_id, "옛 제목", DUE_ON, "본문", 1, BY)
    close_for(round_id, office)
    with pytest.raises(RoundInUse):
        withdraw_round(round_id, "잘못 열었음", 2, BY)
    seen = choice_of(round_id, office)
    reopen(seen, "철회", BY)
    seen = choice_of(round_id, office)
    withdraw_round(round_id, "잘못 열었음", 2, BY)
    assert find_round(round_id) is None
    assert list_rounds() == []
    assert list_open_requests([office]) == []
    for act in (lambda: withdraw_round(round_id, "또", 3, BY), lambda: submit(seen, None, BY)):
        with pytest.raises(UnknownRound):
            act()


def test_what_departments_outside_the_round_recorded_is_told(supplier: int) -> None:
    bureau = make_department("행정국")
    office = make_department("총무과", parent_id=bureau)
    corporation = make_department("공단", affiliation=Affiliation.AFFILIATED)
    for department, amount in ((bureau, 1), (office, 20), (corporation, 300)):
        make_purchase(department, supplier, amount, IN_PERIOD)

    board = board_of(make_round())
    assert (board.asked.amount, board.others.amount, board.whole.amount) == (20, 1, 21)
    board = board_of(make_round(with_affiliated=True))
    assert (board.asked.amount, board.others.amount, board.whole.amount) == (320, 1, 321)


def test_likely_mistakes_are_counted(supplier: int) -> None:
    office, plain = make_department("총무과"), make_enterprise("보통회사")
    for _each in range(2):
        make_purchase(office, supplier, 1_000, IN_PERIOD)
    make_purchase(office, plain, 2_000, IN_PERIOD, fiscal_year=2025)
    make_purchase(office, plain, 2_000, date(2026, 1, 1))

    assert find_doubts(office, PERIOD) == (1, 0, 1, 2)
