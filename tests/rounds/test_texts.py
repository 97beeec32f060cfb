"""Letters read as the office writes them."""

from datetime import date

import pytest
from flask import Flask

from tests.factories import BY, make_department
from tests.rounds.rounds import DUE_ON, answer_for, board_of, choice_of, make_round
from tracker.core.periods import Period, evaluation_year, half, month, quarter, year
from tracker.rounds.services import send_back
from tracker.rounds.texts import say_period, write_reminder, write_request, write_title


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (year(2025), "2025년"),
        (half(2026, 2), "2026년 하반기"),
        (quarter(2026, 3), "2026년 3분기"),
        (month(2026, 2), "2026년 2월"),
        (evaluation_year(2026), "2025. 9. 1. ~ 2026. 8. 31."),
        (Period(date(2026, 1, 5), date(2026, 1, 5)), "2026. 1. 5. ~ 2026. 1. 5."),
    ],
)
def test_a_period_has_its_name(period: Period, said: str) -> None:
    assert say_period(period) == said


def test_the_request_has_subject_ground_content_and_attachment() -> None:
    period = quarter(2026, 3)
    letter = write_request(write_title(period), period, date(2026, 10, 8), with_affiliated=True)
    lines = letter.splitlines()

    assert lines[0] == "제목  2026년 3분기 사회적경제기업 제품 구매실적 제출 요청"
    assert lines[2].startswith("1. 관련: 사회적기업 육성법")
    assert "  나. 제출 기한: 2026. 10. 8.(목)까지" in lines
    assert "  다. 제출 대상: 전 부서, 소속기관 및 출자·출연기관" in lines
    assert lines[-1] == "붙임  구매실적 입력 서식 1부.  끝."
    assert "전 부서 및 소속기관" in write_request("", period, date(2026, 10, 8), with_affiliated=False)


def test_the_reminder_names_who_is_missing_and_what_is_to_be_mended(app: Flask) -> None:
    assert app
    first, second = make_department("가과"), make_department("나과")
    make_department("다과")
    round_id = make_round()
    answer_for(round_id, first, second)
    send_back([choice_of(round_id, second)], "계약일 확인", BY)
    board = board_of(round_id)

    assert write_reminder(board, DUE_ON).splitlines()[4:] == [
        "  가. 미제출 부서(1개): 다과",
        "  나. 보완요청 부서(1개): 나과(계약일 확인)",
        "  다. 제출 기한: 2026. 11. 30.(월)까지.  끝.",
    ]
    assert "기한 지남" in write_reminder(board, date(2026, 12, 1))


def test_nobody_is_reminded_when_nobody_is_missing(app: Flask) -> None:
    assert app
    office = make_department("가과")
    round_id = make_round()
    answer_for(round_id, office)

    assert write_reminder(board_of(round_id), DUE_ON) == ""
