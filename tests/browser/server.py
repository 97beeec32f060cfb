"""A made-up district served for real: the program's own server as a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from tests.client import Person, make_user
from tests.rarities import add_rarities
from tracker import create_app
from tracker.audit.acting import Acting
from tracker.config import load_settings
from tracker.core.periods import Period
from tracker.core.vocabulary import Role
from tracker.departments.queries import find_department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.imports.learnt_layouts import LayoutDraft, learn_layout
from tracker.imports.models import AmendmentRule, ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.services import take_in
from tracker.jobs.services import enqueue
from tracker.operations.database import prepare_database
from tracker.operations.demo.district import build_demo
from tracker.reports.renderers import Format
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.reports.tasks import RENDER
from tracker.rounds.services import RoundDraft, open_round
from tracker.rounds.texts import write_request, write_title
from tracker.web.clock import now, today

PURCHASES = 150
CLERK_DEPARTMENT = "총무과"
STARTS_WITHIN = 60


class District(NamedTuple):
    """An instance folder and its accounts by role."""

    instance: Path
    people: dict[Role, Person]


def build_district(instance: Path, purchases: int = PURCHASES) -> District:
    """Enter the district, with an account of each role and last year's report."""
    app = create_app(
        load_settings({"TRACKER_INSTANCE": str(instance)}) | {"CLOCK": lambda: datetime.now(UTC)}
    )
    with app.app_context():
        prepare_database()
        build_demo(purchases, 7, now(), today())
        office = find_department(CLERK_DEPARTMENT).id
        people = {
            role: make_user(f"{role}.kim", role, office if role is Role.CLERK else None) for role in Role
        }
        by = Acting(people[Role.STAFF].id, now())
        report = create_report(ReportRequest(year=today().year - 1), by).id
        _take_in_purchases(instance.parent / "purchases.csv", by)
        missed, listed = db.session.scalars(select(Enterprise.id).order_by(Enterprise.id).limit(2))
        add_rarities(instance.parent, (missed, listed), office, report, by)
        _teach_layout(by)
        enqueue(RENDER, {"report": report, "format": Format.XLSX}, by)
        _open_round(by)
        db.session.remove()
        db.engine.dispose()
    return District(instance, people)


def _teach_layout(by: Acting) -> None:
    columns = (("담당", "department"), ("상호", "enterprise"), ("성사일", "contracted_on"), ("값", "amount"))
    draft = LayoutDraft(name="옛 장부", columns=columns, unit=1, amendments=AmendmentRule.NONE)
    learn_layout(ImportSubject.PURCHASES, draft, 1, by)


def _open_round(by: Acting) -> None:
    """Ask for two years, so that departments that are no more are among those asked."""
    period = Period(date(today().year - 2, 1, 1), date(today().year - 1, 12, 31))
    title = write_title(period)
    letter = write_request(title, period, today(), with_affiliated=False)
    open_round(
        RoundDraft(title=title, period=period, with_affiliated=False, due_on=today(), request=letter), by
    )


def _take_in_purchases(file: Path, by: Acting) -> None:
    day, enterprise = today(), db.session.scalars(select(Enterprise.name)).first()
    rows = [f"{CLERK_DEPARTMENT},{enterprise},{day},{amount},물품" for amount in (120_000, 48_000)]
    file.write_text("\n".join(["부서,업체명,계약일,금액,구분", *rows]), encoding="utf-8")
    result = take_in(file, ImportSubject.PURCHASES, ImportOptions(), by)
    assert result.imported == len(rows), result


@contextmanager
def serve(instance: Path) -> Iterator[str]:
    """Run `tracker serve` on the instance and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [Path(sys.executable).with_name("tracker"), "serve", "--port", str(port)],
        env=os.environ | {"TRACKER_INSTANCE": str(instance)},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _await_answer(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _await_answer(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        assert server.poll() is None, "The server ended."
        try:
            with urllib.request.urlopen(f"{address}/health"):
                return
        except OSError:
            assert time.monotonic() < deadline, "The server does not answer."
            time.sleep(0.05)
