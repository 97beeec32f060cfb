"""Renderings are made once, kept by hash, and made again when they are gone or damaged."""

from importlib.metadata import version
from pathlib import Path

import pytest

from tests.factories import BY
from tests.reports.ledger import enter_ledger
from tracker.reports.models import Snapshot
from tracker.reports.printing import print_pdf
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


class Enough(Exception):
    """The person cancels."""


def test_printing_tells_its_pages_and_can_be_ended() -> None:
    told: list[int] = []

    def watch(pages: int) -> None:
        told.append(pages)
        if pages > 1:
            raise Enough

    html = '<html lang="ko"><title>x</title>' + "<p>글</p>" * 20_000

    with pytest.raises(Enough):
        print_pdf(html, watch=watch)
    assert told == sorted(told)
