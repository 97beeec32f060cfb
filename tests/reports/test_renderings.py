"""Renderings are made once, kept by hash, and made again when they are gone or damaged."""

import os
import select
import signal
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.client import Browser
from tests.factories import BY
from tests.reports.ledger import enter_ledger
from tracker.reports.commands import report
from tracker.reports.models import Snapshot
from tracker.reports.printing import Job, PrintingFailed, print_all, print_pdf
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format
from tracker.reports.renderings import find_rendering, render_once
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report


@pytest.fixture
def snapshot(app: object) -> Snapshot:  # noqa: ARG001
    """Return a frozen report."""
    enter_ledger()
    return get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)


@pytest.mark.long
def test_a_rendering_is_kept_under_the_hash_of_its_report(snapshot: Snapshot, instance: Path) -> None:
    assert find_rendering(snapshot.sha256, Format.PDF) is None

    made = render_once(snapshot, Format.PDF)
    file = instance / "renderings" / f"{snapshot.sha256}-{version('tracker')}.pdf"
    stamp = file.stat().st_mtime_ns

    assert file.read_bytes() == made.data
    assert find_rendering(snapshot.sha256, Format.PDF) == render_once(snapshot, Format.PDF) == made
    assert file.stat().st_mtime_ns == stamp


def test_what_is_gone_or_damaged_is_made_again_to_the_same_bytes(snapshot: Snapshot, instance: Path) -> None:
    made = render_once(snapshot, Format.HTML)
    file = instance / "renderings" / f"{snapshot.sha256}-{version('tracker')}.html"

    file.write_bytes(made.data[:100])
    assert find_rendering(snapshot.sha256, Format.HTML) is None
    assert render_once(snapshot, Format.HTML) == made
    file.unlink()
    assert render_once(snapshot, Format.HTML) == made
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, f"{file.name}.about"]


def test_a_new_version_renders_anew_and_takes_the_place_of_the_old(
    snapshot: Snapshot, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = render_once(snapshot, Format.HTML)
    monkeypatch.setattr("tracker.reports.renderings.version", lambda _name: "99")

    assert find_rendering(snapshot.sha256, Format.HTML) is None
    assert render_once(snapshot, Format.HTML) == old
    names = [path.name for path in (instance / "renderings").iterdir()]
    assert sorted(names) == [f"{snapshot.sha256}-99.html", f"{snapshot.sha256}-99.html.about"]


def test_a_long_ledger_is_kept_and_given_beside_its_report(
    snapshot: Snapshot, instance: Path, app: Flask, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    app.config["LEDGER_ROWS_IN_PDF"] = 2
    out = tmp_path / "report.pdf"

    result = CliRunner().invoke(report, ["render", "1", "--out", str(out)], catch_exceptions=False)

    made = find_rendering(snapshot.sha256, Format.PDF)
    assert made is not None
    beside = tmp_path / "report_별지.pdf"
    assert beside.name in result.stderr
    assert (out.read_bytes(), beside.read_bytes()) == (made.data, made.annex)
    browser = as_user()
    assert "part=annex" in browser.get("/reports/1").text
    given = browser.get("/reports/1/download?format=pdf&part=annex")
    assert given.data == made.annex
    assert "%EB%B3%84%EC%A7%80" in given.headers["Content-Disposition"]
    assert browser.get("/reports/1/download?format=json&part=annex").status_code == 404
    (instance / "renderings" / f"{snapshot.sha256}-{version('tracker')}.pdf.annex").write_bytes(b"")
    assert find_rendering(snapshot.sha256, Format.PDF) is None


MANY_PAGES = '<html lang="ko"><title>x</title>' + "<p>글</p>" * 20_000 + "</html>"


class Enough(Exception):
    """The person cancels."""


@pytest.mark.long
def test_printing_tells_its_pages_and_can_be_ended() -> None:
    told: list[int] = []

    def watch(pages: int) -> None:
        told.append(pages)
        if pages > 1:
            raise Enough

    with pytest.raises(Enough):
        print_pdf(MANY_PAGES, watch=watch)
    assert told == sorted(told)


@pytest.mark.long
def test_printing_that_is_ended_leaves_no_process_behind() -> None:
    printing: list[int] = []
    others = set(_children(os.getpid()))

    def watch(pages: int) -> None:
        if pages > 1:
            [printer] = set(_children(os.getpid())) - others
            printing.extend(map(os.pidfd_open, [printer, *_children(printer)]))
            raise Enough

    with pytest.raises(Enough):
        print_all(lambda: [Job([MANY_PAGES]), Job([MANY_PAGES])], watch)
    assert len(printing) == 3
    for process in printing:
        assert select.select([process], [], [], 10)[0]
        os.close(process)


def test_a_printing_that_is_killed_is_told_as_that() -> None:
    others = set(_children(os.getpid()))

    def watch(pages: int) -> None:
        if pages:
            [printer] = set(_children(os.getpid())) - others
            for copy in _children(printer):
                os.kill(copy, signal.SIGKILL)

    with pytest.raises(PrintingFailed, match=r"^Killed$"):
        print_all(lambda: [Job([MANY_PAGES])], watch)


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
