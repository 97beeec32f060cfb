"""Texts for the office's own document system, as letters are written there: the request and its reminder."""

from collections.abc import Sequence
from datetime import date

from tracker.core.periods import Period, half, month, quarter, year
from tracker.rounds.queries import Board
from tracker.web.filters import day as say_day

WEEKDAYS = "월화수목금토일"
LAWS = "사회적기업 육성법 제12조, 같은 법 시행령 제12조의2"
HALVES = ("상반기", "하반기")


def say_period(period: Period) -> str:
    """Return the period by its name where it has one: 2026년 3분기."""
    y = period.start.year
    if period == year(y):
        return f"{y}년"
    named = {half(y, number): f"{y}년 {HALVES[number - 1]}" for number in (1, 2)}
    named |= {quarter(y, number): f"{y}년 {number}분기" for number in range(1, 5)}
    named |= {month(y, number): f"{y}년 {number}월" for number in range(1, 13)}
    return named.get(period) or say_days(period)


def say_days(period: Period) -> str:
    """Return the period by its days: 2026. 7. 1. ~ 2026. 9. 30."""
    return f"{say_day(period.start)} ~ {say_day(period.end)}"


def write_title(period: Period) -> str:
    """Return the subject of a request."""
    return f"{say_period(period)} 사회적경제기업 제품 구매실적 제출 요청"


def write_request(title: str, period: Period, due_on: date, *, with_affiliated: bool) -> str:
    """Return the letter that asks all departments."""
    whom = "전 부서, 소속기관 및 출자·출연기관" if with_affiliated else "전 부서 및 소속기관"
    return "\n".join(
        [
            f"제목  {title}",
            "",
            f"1. 관련: {LAWS}",
            "2. 사회적경제기업 제품 구매실적을 집계하고자 아래와 같이 자료 제출을 요청하오니, "
            "각 부서에서는 기한 내에 제출하여 주시기 바랍니다.",
            f"  가. 대상 기간: {say_days(period)} (구매일 기준)",
            f"  나. 제출 기한: {_say_due(due_on)}까지",
            f"  다. 제출 대상: {whom}",
            "  라. 제출 방법",
            "    1) 구매실적 프로그램의 “자료제출”에서 부서의 구매를 확인하고, 빠진 구매를 입력한 뒤 제출",
            "    2) 프로그램을 쓰기 어려운 부서는 붙임 입력 서식에 빠진 구매를 적어 회신",
            "    3) 구매실적이 없는 부서도 “해당 없음”으로 제출",
            "  마. 확정 뒤의 입력·정정에는 사유가 필요하며 “마감 후 입력”으로 표시됨",
            "",
            "붙임  구매실적 입력 서식 1부.  끝.",
        ]
    )


def write_reminder(board: Board, today: date) -> str:
    """Return the letter to those whose answer is awaited; empty where none is."""
    missing = [row for row in board.missing() if row.state != "returned"]
    returned = [row for row in board.missing() if row.state == "returned"]
    if not missing and not returned:
        return ""
    asked, lines = board.round, []
    for name, rows in (("미제출", missing), ("보완요청", returned)):
        if rows:
            named = ", ".join(
                f"{row.department}({row.remark})" if row.remark else row.department for row in rows
            )
            lines.append(f"{name} 부서({len(rows)}개): {named}")
    lines.append(
        f"제출 기한: {_say_due(asked.due_on)}{'까지' if asked.due_on >= today else ' (기한 지남, 즉시 제출)'}"
    )
    return "\n".join(
        [
            f"제목  {asked.title.removesuffix(' 요청')} 재요청",
            "",
            f"1. 관련: “{asked.title}”",
            "2. 위 호와 관련하여 아직 제출하지 않았거나 보완이 필요한 부서를 아래와 같이 알려드리니, "
            "해당 부서에서는 빠짐없이 제출하여 주시기 바랍니다.",
            *_lettered(lines),
        ]
    )


def _lettered(lines: Sequence[str]) -> list[str]:
    """Return the lines as 가. 나. 다. with the closing word behind the last."""
    lettered = [f"  {letter}. {line}" for letter, line in zip("가나다라", lines, strict=False)]
    return [*lettered[:-1], f"{lettered[-1]}.  끝."]


def _say_due(due_on: date) -> str:
    return f"{say_day(due_on)}({WEEKDAYS[due_on.weekday()]})"
