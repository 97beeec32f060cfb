"""Rendering a frozen report; everything shown comes from its snapshot."""

import json
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from flask import current_app

from tracker.evidence.files import DamagedFile
from tracker.reports.annexes import print_document
from tracker.reports.catalogue import recipe_of
from tracker.reports.document import Document
from tracker.reports.logos import logo_of
from tracker.reports.markup import document_html
from tracker.reports.models import Snapshot
from tracker.reports.ocds import write_releases
from tracker.reports.printing import Watch, make_hwpx, unwatched
from tracker.reports.queries import AlteredReport


class Format(StrEnum):
    """What a report can be rendered as."""

    PDF = "pdf"
    XLSX = "xlsx"
    HWPX = "hwpx"
    HTML = "html"
    JSON = "json"
    OCDS = "ocds"

    @property
    def ending(self) -> str:
        """Return the ending of the file's name."""
        return "ocds.json" if self is Format.OCDS else self.value


class Rendering(NamedTuple):
    """A rendered report; `missing_characters` are those that the report font cannot show.

    Where the ledger is long, `annex` is the file that it stands in.
    """

    data: bytes
    missing_characters: str = ""
    annex: bytes | None = None


def render_report(snapshot: Snapshot, form: Format, watch: Watch = unwatched) -> Rendering:
    """Return the report in that format, the same bytes every time.

    Raises FontMissing or PrintingFailed for a PDF that cannot be made, AlteredReport where the logo is not
    what was frozen, and what `watch` raises.
    """
    return RENDERERS[form](snapshot, watch)


def _render_json(snapshot: Snapshot, _watch: Watch) -> Rendering:
    return Rendering(snapshot.content.encode())


def _render_ocds(snapshot: Snapshot, _watch: Watch) -> Rendering:
    return Rendering(write_releases(snapshot))


def _render_html(snapshot: Snapshot, _watch: Watch) -> Rendering:
    return Rendering(document_html(compose(snapshot)).encode())


def _render_pdf(snapshot: Snapshot, watch: Watch) -> Rendering:
    files = print_document(compose(snapshot), current_app.config["LEDGER_ROWS_IN_PDF"], watch)
    return Rendering(files.document, files.missing_characters, files.annex)


def _render_hwpx(snapshot: Snapshot, watch: Watch) -> Rendering:
    return Rendering(make_hwpx(compose(snapshot), watch))


def _render_xlsx(snapshot: Snapshot, watch: Watch) -> Rendering:
    # Only who asks for a workbook waits for the package.
    from tracker.reports.workbook import write_workbook

    return Rendering(write_workbook(compose(snapshot), lambda: watch(0)))


RENDERERS: dict[Format, Callable[[Snapshot, Watch], Rendering]] = {
    Format.PDF: _render_pdf,
    Format.XLSX: _render_xlsx,
    Format.HWPX: _render_hwpx,
    Format.HTML: _render_html,
    Format.JSON: _render_json,
    Format.OCDS: _render_ocds,
}


def compose(snapshot: Snapshot) -> Document:
    """Return the frozen report as a document. Raises AlteredReport where its logo is not what was frozen."""
    content = json.loads(snapshot.content)
    try:
        logo = logo_of(content)
    except DamagedFile as error:
        raise AlteredReport(snapshot.id) from error
    return replace(recipe_of(content).compose(content, snapshot.sha256), logo=logo)
