"""What a report looks like in given words: the first page of one, which is never kept."""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from tracker.extensions import db
from tracker.reports.catalogue import build_report, recipe_of
from tracker.reports.document import Author, Document, Logo, Section, Table
from tracker.reports.models import Snapshot
from tracker.reports.pictures import Picture
from tracker.reports.queries import AlteredReport, get_intact_snapshot
from tracker.reports.requests import Content, ReportKind, ReportRequest
from tracker.reports.services import as_frozen
from tracker.reports.texts import Texts, with_texts

MARK = "미리보기"
NUMBER = "–"
# About as much as stands on a first page.
TABLES = 2


def first_page(kind: ReportKind, year: int, texts: Texts, picture: Picture | None, at: datetime) -> Document:
    """Return the beginning of the latest report of this kind in these words; of an annual one without any.

    `picture` is the logo of these words, which need not be kept yet.
    """
    content = _latest(kind) or as_frozen(build_report(ReportRequest(year=year), at))
    told = with_texts(content | {"year": year, "number": NUMBER}, texts)
    told["title"] = f"{year}년도 {told['institution']} {told['subject']}"
    document = recipe_of(told).compose(told, "0" * 64)
    logo = Logo(told["logo"]["text"], picture) if picture else None
    return replace(document, mark=MARK, sections=_beginning(document), logo=logo)


def _beginning(document: Document) -> tuple[Section, ...]:
    first, tables, blocks = document.sections[0], 0, []
    for block in first.blocks:
        tables += isinstance(block, Table)
        if tables > TABLES:
            break
        blocks.append(block)
    author = [block for each in document.sections for block in each.blocks if isinstance(block, Author)]
    return (replace(first, blocks=[*blocks, *author[:1]]),)


def _latest(kind: ReportKind) -> Content | None:
    number = db.session.scalar(
        select(Snapshot.id).where(Snapshot.kind == kind).order_by(Snapshot.id.desc()).limit(1)
    )
    try:
        return json.loads(get_intact_snapshot(number).content) if number else None
    except AlteredReport:
        return None
