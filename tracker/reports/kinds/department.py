"""The sheet of a department (부서별 확인서): what it bought and paid, for it to confirm, or 해당 없음."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from tracker.core.periods import Period
from tracker.core.vocabulary import Affiliation, Measure
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.purchases.queries import payments_of
from tracker.reports.figures import ask, row_of
from tracker.reports.gathering import find_gathered_faults, gather
from tracker.reports.requests import Content, ReportRequest, ReportScope, UnknownSubject
from tracker.rounds.queries import build_board, list_rounds
from tracker.totals.queries import answer
from tracker.web.clock import korean_day

SUBJECT = "사회적경제기업 제품 구매실적 확인서"
LAWS = ("사회적기업 육성법 제12조",)


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of a department's sheet, with all below it; UnknownSubject where there is none."""
    today = korean_day(frozen_at)
    departments = list_departments()
    department = next((row for row in departments if row.id == request.department_id), None)
    if department is None:
        raise UnknownSubject("department_id")
    is_own = department.affiliation is Affiliation.OWN
    request = replace(request, scope=ReportScope.STATUTORY if is_own else ReportScope.EVALUATION)
    question = replace(ask(request, today), affiliation=None)
    gathered = gather(request, question, SUBJECT, frozen_at, LAWS)
    annex = _with_payments(gathered.lines)
    period = question.current.shown
    return gathered.content | {
        "annex": annex,
        "department_path": department.path,
        "paid": sum(line["paid"] for line in annex),
        "unpaid": sum(line["amount"] - line["paid"] for line in annex),
        "everything": row_of(answer(replace(question, of=Measure.ALL)).total),
        "rounds": _rounds(department, departments, period, today),
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_gathered_faults(content)
    if content["paid"] + content["unpaid"] != content["summary"]["total"]["current"]:
        yield "paid"


def _with_payments(lines: list[Content]) -> list[Content]:
    payments = payments_of({line["id"] for line in lines})
    return [
        line
        | {
            "paid": sum(each.amount for each in payments[line["id"]]),
            "payments": [
                {"day": each.paid_on.isoformat(), "amount": each.amount, "kind": each.kind.korean}
                for each in payments[line["id"]]
            ],
        }
        for line in lines
    ]


def _rounds(
    department: DepartmentRow, departments: list[DepartmentRow], period: Period, today: date
) -> list[Content]:
    """Return how it stands in the rounds that ask for days of the period."""
    within = subtree_ids(department.id, departments)
    boards = [
        build_board(each.round, today)
        for each in list_rounds()
        if each.round.start_on <= period.end and each.round.end_on >= period.start
    ]
    return [
        {
            "round": board.round.id,
            "title": board.round.title,
            "from": board.period.start.isoformat(),
            "to": board.period.end.isoformat(),
            "due_on": board.round.due_on.isoformat(),
            "department": row.department,
            "state": row.state.korean,
            "is_none": row.is_none,
            "is_changed": row.is_changed,
            "submitted_at": row.submitted_at.isoformat(timespec="seconds") if row.submitted_at else None,
            "count": row.submitted.number if row.submitted else None,
            "counted": row.submitted.counted if row.submitted else None,
        }
        for board in boards
        for row in board.rows
        if row.department_id in within
    ]
