"""The life of a report: 잠정 → 확정 → 대체됨. Its content never changes; each step is a row of its own."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, select

from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import ReportState
from tracker.extensions import chunks, db, get_locked, transaction
from tracker.reports.catalogue import build_report
from tracker.reports.figures import LAST_BOOKING
from tracker.reports.models import ReportStep, Snapshot
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.requests import Content, request_of
from tracker.reports.services import as_frozen, freeze_report
from tracker.web.clock import korean_day


class Step(NamedTuple):
    """One step: what the report became, by which later report, why, by whom and when."""

    state: ReportState
    successor_id: int | None
    reason: str | None
    actor: str
    taken_at: datetime


class ImpossibleStep(Exception):
    """The report cannot take this step any more, or not by that report."""


class ReasonNeeded(ValueError):
    """Payments may still be booked: what is confirmed before that needs a reason."""


def steps_of(report_ids: Collection[int]) -> Mapping[int, Sequence[Step]]:
    """Return the steps that each of these reports took, in their order."""
    found: dict[int, list[Step]] = defaultdict(list)
    for run in chunks(report_ids):
        rows = db.session.execute(
            select(
                ReportStep.report_id,
                ReportStep.state,
                ReportStep.successor_id,
                ReportStep.reason,
                User.name,
                ReportStep.taken_at,
            )
            .join(User, User.id == ReportStep.actor_id)
            .where(ReportStep.report_id.in_(run))
            .order_by(ReportStep.id)
        )
        for row in rows:
            found[row.report_id].append(Step(row.state, row.successor_id, row.reason, row.name, row.taken_at))
    return found


def state_of(content: Content, steps: Sequence[Step]) -> ReportState:
    """Return what a report with these steps is good for now."""
    if steps:
        return steps[-1].state
    provisional = content["basis"]["is_provisional"]
    return ReportState.PROVISIONAL if provisional else ReportState.UNCONFIRMED


def predecessors_of(report_ids: Collection[int]) -> Mapping[int | None, Sequence[int]]:
    """Return the reports in whose place each of these stands."""
    found: dict[int | None, list[int]] = defaultdict(list)
    for run in chunks(report_ids):
        rows = db.session.execute(
            select(ReportStep.successor_id, ReportStep.report_id)
            .where(ReportStep.successor_id.in_(run))
            .order_by(ReportStep.report_id)
        )
        for successor_id, report_id in rows:
            found[successor_id].append(report_id)
    return found


def earlier_of(report: Snapshot) -> list[int]:
    """Return the reports before this one that answer the same and that none stands in the place of yet."""
    return [number for number in find_standing([report.asked])[report.asked] if number < report.id]


def find_standing(asked: Collection[str]) -> Mapping[str, Sequence[int]]:
    """Return the reports on each of these requests, by its SHA-256, in whose place none stands yet."""
    is_superseded = exists().where(
        ReportStep.report_id == Snapshot.id, ReportStep.state == ReportState.SUPERSEDED
    )
    found: dict[str, list[int]] = {each: [] for each in asked}
    rows = db.session.execute(
        select(Snapshot.asked, Snapshot.id)
        .where(Snapshot.asked.in_(asked), ~is_superseded)
        .order_by(Snapshot.id)
    )
    for each, number in rows:
        found[each].append(number)
    return found


def find_by_code(code: str) -> list[Snapshot]:
    """Return the reports whose SHA-256 begins with these hexadecimal digits."""
    return list(
        db.session.scalars(select(Snapshot).where(Snapshot.sha256.startswith(code)).order_by(Snapshot.id))
    )


def is_early(content: Content, today: date) -> bool:
    """Return whether payments of the report's period may still be booked."""
    return today <= date(date.fromisoformat(content["basis"]["to"]).year + 1, *LAST_BOOKING)


def build_final(content: Content, at: datetime, reason: str | None) -> Content | None:
    """Return what a confirmed report in the place of a provisional one holds, asked of the ledger now.

    None where the report's own figures were final: it is confirmed as it stands. Raises what `build_report`
    raises.
    """
    if not content["basis"]["is_provisional"]:
        return None
    final = build_report(request_of(content), at)
    named = {name: content[name] for name in ("number", "title")}
    final |= named | {"basis": final["basis"] | {"is_provisional": False, "final_reason": reason}}
    return as_frozen(final)


def confirm_report(report_id: int, final: Content | None, reason: str | None, by: Acting) -> int:
    """Confirm the report, or freeze its final figures as one that stands in its place; return its number.

    Raises ImpossibleStep when it was confirmed or superseded before, ReasonNeeded while payments may still be
    booked.
    """
    with transaction():
        if is_early(_content(report_id), korean_day(by.at)) and not reason:
            raise ReasonNeeded(report_id)
        if final is not None:
            confirmed_id = freeze_report(final, by).id
            supersede_report(report_id, confirmed_id, reason, by)
        else:
            confirmed_id = report_id
            get_locked(Snapshot, report_id)
            if steps_of([report_id])[report_id]:
                raise ImpossibleStep(report_id)
        _take(confirmed_id, ReportState.CONFIRMED, None, reason, by)
        record_event(by, "report.confirm", "report", confirmed_id, {"reason": reason})
        return confirmed_id


def supersede_report(report_id: int, successor_id: int, reason: str | None, by: Acting) -> None:
    """Let a later report on the same stand in the place of this one.

    Raises ImpossibleStep where it is not later or not on the same, or either was superseded before.
    """
    with transaction():
        first, second = sorted((report_id, successor_id))
        reports = [get_locked(Snapshot, each) for each in (first, second)]
        if report_id != first or report_id == successor_id or None in reports:
            raise ImpossibleStep(report_id)
        if request_of(_content(report_id)) != request_of(_content(successor_id)):
            raise ImpossibleStep(report_id)
        steps = steps_of([report_id, successor_id])
        if any(step.state is ReportState.SUPERSEDED for each in steps.values() for step in each):
            raise ImpossibleStep(report_id)
        _take(report_id, ReportState.SUPERSEDED, successor_id, reason, by)
        record_event(
            by, "report.supersede", "report", report_id, {"later_report": successor_id, "reason": reason}
        )


def _content(report_id: int) -> Content:
    content: Content = json.loads(get_intact_snapshot(report_id).content)
    return content


def _take(
    report_id: int, state: ReportState, successor_id: int | None, reason: str | None, by: Acting
) -> None:
    db.session.add(
        ReportStep(
            report_id=report_id,
            state=state,
            successor_id=successor_id,
            reason=reason,
            actor_id=by.actor_id,
            taken_at=by.at,
        )
    )
    db.session.flush()
