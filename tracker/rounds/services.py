"""Carrying a round through: open, submit, send back, confirm, reopen; each act audited with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.periods import Period
from tracker.departments.models import Department
from tracker.extensions import db, get_locked, transaction
from tracker.purchases.closings import close_period, reopen_period
from tracker.rounds.models import Round, State, Submission
from tracker.rounds.queries import Figures, figures_of, list_asked, submitted_figures


class NobodyAsked(Exception):
    """No department is open in the period."""


class UnknownRound(LookupError):
    """There is no such round, or no such department in it."""


class StaleRound(Exception):
    """Somebody else changed the round since it was opened on the page."""


class StaleSubmission(Exception):
    """Somebody else acted on a department's answer since the page was opened."""


class FiguresChanged(Exception):
    """What is recorded for these departments is no longer what the person saw, or what was submitted."""

    def __init__(self, department_ids: Sequence[int]) -> None:
        super().__init__(len(department_ids))
        self.department_ids = department_ids


class NotAllowedNow(Exception):
    """The answer is in no state in which this can be done."""


class RoundInUse(Exception):
    """Departments are confirmed: the round cannot be withdrawn."""


class Choice(NamedTuple):
    """A department's answer as the person saw it."""

    submission_id: int
    version: int


@dataclass(frozen=True, kw_only=True)
class RoundDraft:
    """What is asked, of whom, until when."""

    title: str
    period: Period
    with_affiliated: bool
    due_on: date
    request: str


def open_round(draft: RoundDraft, by: Acting) -> int:
    """Ask every department of the scope for its purchases of the period, and return the round's number."""
    with transaction():
        departments = list_asked(draft.period, with_affiliated=draft.with_affiliated)
        if not departments:
            raise NobodyAsked
        opened = Round(
            title=draft.title,
            start_on=draft.period.start,
            end_on=draft.period.end,
            with_affiliated=draft.with_affiliated,
            due_on=draft.due_on,
            request=draft.request,
            opened_by=by.actor_id,
            opened_at=by.at,
        )
        db.session.add(opened)
        db.session.flush()
        db.session.add_all(Submission(round_id=opened.id, department_id=row.id) for row in departments)
        body = {
            "title": draft.title,
            "start_on": draft.period.start,
            "end_on": draft.period.end,
            "due_on": draft.due_on,
            "with_affiliated": draft.with_affiliated,
            "asked": len(departments),
        }
        record_event(by, "round.open", "round", opened.id, body)
        return opened.id


def change_round(round_id: int, title: str, due_on: date, request: str, version: int, by: Acting) -> None:
    """Change title, deadline and text of the request. StaleRound where somebody was faster."""
    with transaction():
        stored = _get_round(round_id, version)
        before = {"title": stored.title, "due_on": stored.due_on, "request": stored.request}
        after = {"title": title, "due_on": due_on, "request": request}
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        for name, value in after.items():
            setattr(stored, name, value)
        stored.version += 1
        record_event(by, "round.change", "round", round_id, {"changes": changes})


def withdraw_round(round_id: int, reason: str, version: int, by: Acting) -> None:
    """Take a round back that should not have been opened. RoundInUse where a department is confirmed."""
    with transaction():
        stored = _get_round(round_id, version)
        confirmed = select(Submission.id).where(
            Submission.round_id == round_id, Submission.state == State.CONFIRMED
        )
        if db.session.scalar(confirmed.limit(1)):
            raise RoundInUse(round_id)
        stored.withdrawn_at = by.at
        stored.version += 1
        record_event(by, "round.withdraw", "round", round_id, {"reason": reason})


def submit(choice: Choice, seen: str | None, by: Acting, *, is_by_file: bool = False) -> int:
    """Submit what is recorded for the department, or 해당 없음 where nothing is.

    `seen` are the marks of the figures that the person saw; FiguresChanged where they are others now.
    """
    with transaction():
        answer, asked = _hold(choice)
        if answer.state is State.CONFIRMED:
            raise NotAllowedNow(answer.state)
        figures = _figures(answer, asked)
        if seen is not None and seen != figures.marks:
            raise FiguresChanged([answer.department_id])
        answer.state, answer.is_by_file = State.SUBMITTED, is_by_file
        answer.count, answer.amount, answer.counted, answer.marks = figures
        answer.submitted_by, answer.submitted_at = by.actor_id, by.at
        answer.first_submitted_at = answer.first_submitted_at or by.at
        answer.decided_by = answer.decided_at = None
        answer.remark = ""
        body = {"purchases": figures.number, "amount": figures.amount, "is_by_file": is_by_file}
        return _note(answer, body, by, action="submission.submit")


def submit_by_file(choices: Sequence[Choice], by: Acting) -> int:
    """Submit for departments that sent files, and return how many."""
    with transaction():
        for choice in choices:
            submit(choice, None, by, is_by_file=True)
        return len(choices)


def send_back(choices: Sequence[Choice], remark: str, by: Acting) -> int:
    """Send answers back with a remark (보완요청), and return how many."""
    with transaction():
        for choice in choices:
            answer, _asked = _hold(choice)
            if answer.state is not State.SUBMITTED:
                raise NotAllowedNow(answer.state)
            _decide(answer, State.RETURNED, by, remark)
            _note(answer, {"remark": remark}, by, action="submission.return")
        return len(choices)


def confirm(choices: Sequence[Choice], by: Acting) -> int:
    """Confirm answers, close the period for these departments, and return how many.

    FiguresChanged where a purchase was added or changed after submitting: it has to be submitted anew.
    """
    with transaction():
        changed = []
        for choice in choices:
            answer, asked = _hold(choice)
            if answer.state is not State.SUBMITTED:
                raise NotAllowedNow(answer.state)
            period = Period(asked.start_on, asked.end_on)
            # It also keeps purchases out that are being entered at this moment.
            answer.closing_id = close_period(answer.department_id, period, by)
            figures = _figures(answer, asked)
            if figures != submitted_figures(answer):
                changed.append(answer.department_id)
            _decide(answer, State.CONFIRMED, by)
            _note(
                answer,
                {"purchases": figures.number, "amount": figures.amount},
                by,
                action="submission.confirm",
            )
        if changed:
            raise FiguresChanged(changed)
        return len(choices)


def reopen(choice: Choice, reason: str, by: Acting) -> int:
    """Open a closed period again for one department; it has to submit anew."""
    with transaction():
        answer, _asked = _hold(choice)
        if answer.closing_id is None:
            raise NotAllowedNow(answer.state)
        reopen_period(answer.closing_id, by)
        answer.closing_id = None
        _decide(answer, State.RETURNED, by, reason)
        return _note(answer, {"reason": reason}, by, action="submission.reopen")


def _get_round(round_id: int, version: int) -> Round:
    stored = get_locked(Round, round_id)
    if stored is None or stored.withdrawn_at is not None:
        raise UnknownRound(round_id)
    if stored.version != version:
        raise StaleRound(round_id)
    return stored


def _hold(choice: Choice) -> tuple[Submission, Round]:
    """Return the answer, locked, and its round."""
    answer = get_locked(Submission, choice.submission_id)
    asked = db.session.get(Round, answer.round_id) if answer else None
    if answer is None or asked is None or asked.withdrawn_at is not None:
        raise UnknownRound(choice.submission_id)
    if answer.version != choice.version:
        raise StaleSubmission(choice.submission_id)
    return answer, asked


def _figures(answer: Submission, asked: Round) -> Figures:
    get_locked(Department, answer.department_id)
    found = figures_of([answer.department_id], Period(asked.start_on, asked.end_on))
    return found[answer.department_id]


def _decide(answer: Submission, state: State, by: Acting, remark: str = "") -> None:
    answer.state, answer.remark = state, remark
    answer.decided_by, answer.decided_at = by.actor_id, by.at


def _note(answer: Submission, body: Mapping[str, object], by: Acting, *, action: str) -> int:
    answer.version += 1
    about = {"round": answer.round_id, "department_id": answer.department_id}
    record_event(by, action, "submission", answer.id, {**about, **body})
    return answer.id
