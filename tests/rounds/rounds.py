"""Rounds for tests, opened and answered by the program's own services."""

from datetime import date, timedelta

from tests.factories import BY, NOW
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.core.periods import Period, quarter
from tracker.extensions import db
from tracker.rounds.queries import Board, BoardRow, build_board, find_round
from tracker.rounds.services import Choice, RoundDraft, confirm, open_round, submit

PERIOD = quarter(2026, 3)
DUE_ON = date(2026, 11, 30)
IN_PERIOD = date(2026, 8, 5)
TODAY = date(2026, 11, 24)


def later(days: int) -> Acting:
    """Return the system account acting so many days later."""
    return Acting(SYSTEM_ID, NOW + timedelta(days=days))


def make_round(
    period: Period = PERIOD,
    title: str = "3분기 구매실적 제출 요청",
    due_on: date = DUE_ON,
    *,
    with_affiliated: bool = False,
) -> int:
    """Open a round and return its number."""
    return open_round(
        RoundDraft(
            title=title,
            period=period,
            with_affiliated=with_affiliated,
            due_on=due_on,
            request=f"제목  {title}",
        ),
        BY,
    )


def board_of(round_id: int, today: date = TODAY) -> Board:
    """Return the board of the round, as it is stored now."""
    db.session.rollback()
    asked = find_round(round_id)
    assert asked
    return build_board(asked, today)


def row_of(round_id: int, department_id: int, today: date = TODAY) -> BoardRow:
    """Return a department's row of the board."""
    [row] = [row for row in board_of(round_id, today).rows if row.department_id == department_id]
    return row


def choice_of(round_id: int, department_id: int) -> Choice:
    """Return a department's answer as somebody sees it now."""
    row = row_of(round_id, department_id)
    return Choice(row.id, row.version)


def answer_for(round_id: int, *department_ids: int, by: Acting = BY) -> None:
    """Submit what is recorded for these departments."""
    for department_id in department_ids:
        submit(choice_of(round_id, department_id), None, by)


def close_for(round_id: int, *department_ids: int) -> None:
    """Submit and confirm for these departments."""
    answer_for(round_id, *department_ids)
    confirm([choice_of(round_id, department_id) for department_id in department_ids], BY)
