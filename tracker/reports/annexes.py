"""Long ledgers: what of them stands in the document, what in a file beside it (별지), and both in parts."""

from dataclasses import replace
from itertools import pairwise
from math import ceil
from typing import NamedTuple, TypeGuard

from tracker.reports.contents import ANNEX
from tracker.reports.document import Block, Document, Heading, Line, Medium, Role, Section, Table, text
from tracker.reports.joining import SIGN_PAGES, get_ready, join
from tracker.reports.markup import document_html
from tracker.reports.paging import find_cuts
from tracker.reports.printing import Job, Watch, print_all, unwatched

# Fewer rows are printed soon enough, and with less computing, in one piece.
ROWS_WORTH_CUTTING = 150
ROWS_A_PART = 400
SIGN_JOB = Job([SIGN_PAGES], is_tagged=False)
ELSEWHERE = "내역은 별지(별도 파일)에 있음"


class Files(NamedTuple):
    """A printed document, the ledger beside it, and the characters that the report font cannot show."""

    document: bytes
    annex: bytes | None
    missing_characters: str


def print_document(document: Document, most_rows: int, watch: Watch = unwatched) -> Files:
    """Print the document, with a ledger of up to so many lines in it; raises what `print_pdf` raises."""
    rows = _count_rows(document)
    if rows > most_rows:
        return _print_apart(document, rows, watch)
    if rows >= ROWS_WORTH_CUTTING and _ends_with_ledger(document):
        return _print_in_parts(document, watch)
    printed = print_all(lambda: [Job([document_html(document)])], watch)
    return Files(printed.documents[0], None, printed.missing_characters)


def _count_rows(document: Document) -> int:
    return sum(len(block.lines) for each in document.sections for block in each.blocks if _is_ledger(block))


def _is_ledger(block: Block) -> TypeGuard[Table]:
    return isinstance(block, Table) and block.is_long and block.medium is not Medium.SHEET


def _ends_with_ledger(document: Document) -> bool:
    """Return whether the last section is a ledger on pages of its own, and the contents lead no further."""
    *before, section = document.sections
    headings = [block for block in section.blocks if isinstance(block, Heading)]
    return bool(before) and any(map(_is_ledger, section.blocks[:1])) and not headings


def _print_in_parts(document: Document, watch: Watch) -> Files:
    """Print what stands before the rest of the ledger and that rest, both at a time."""

    def jobs() -> list[Job]:
        get_ready()
        parts = enumerate(_parts(document, 2))
        made = (Job([document_html(each, is_rest=part > 0)], part=part) for part, each in parts)
        return [*made, SIGN_JOB]

    printed = print_all(jobs, watch)
    *parts, signs = printed.documents
    return Files(join(parts, signs, is_first_numbered=True), None, printed.missing_characters)


def _print_apart(document: Document, rows: int, watch: Watch) -> Files:
    """Print the document without its ledger, and that in parts of a few hundred rows."""

    def jobs() -> list[Job]:
        get_ready()
        parts = enumerate(_parts(_ledgers_of(document), 2 * ceil(rows / 2 / ROWS_A_PART)))
        made = (Job([document_html(each, is_rest=True)], part=part) for part, each in parts)
        return [Job([document_html(_without_ledgers(document))]), *made, SIGN_JOB]

    printed = print_all(jobs, watch)
    body, *parts, signs = printed.documents
    return Files(body, join(parts, signs), printed.missing_characters)


def _without_ledgers(document: Document) -> Document:
    """Return the document with the sums of its long tables only."""
    sections = [
        replace(section, blocks=[_summed(each) if _is_ledger(each) else each for each in section.blocks])
        for section in document.sections
    ]
    return replace(document, sections=sections)


def _summed(table: Table) -> Table:
    elsewhere = Line((text(ELSEWHERE), *(text("") for _ in table.columns[1:])), Role.BESIDE)
    return replace(table, lines=[elsewhere, *(line for line in table.lines if line.role is not Role.BODY)])


def _ledgers_of(document: Document) -> Document:
    """Return the long tables of the document as one of their own."""
    found = [(section, list(filter(_is_ledger, section.blocks))) for section in document.sections]
    sections = [replace(section, blocks=ledgers) for section, ledgers in found if ledgers]
    return replace(document, title=f"{document.title} {ANNEX}", sections=sections)


def _parts(document: Document, count: int) -> list[Document]:
    """Return the document in up to so many parts that take about as long to print.

    Its last section begins with a ledger, which is cut where pages end.
    """
    *before, section = document.sections
    ledger, *behind = section.blocks
    assert isinstance(ledger, Table)
    cells = sum(len(table.lines) * len(table.columns) for each in before for table in _tables(each))
    ahead = cells // len(ledger.columns)
    share = (ahead + len(ledger.lines)) / count
    cuts = find_cuts(section, ledger, [round(share * part) - ahead for part in range(1, count)])
    parts = []
    for begin, end in pairwise([0, *cuts, len(ledger.lines)]):
        is_first, is_last = begin == 0, end == len(ledger.lines)
        held = replace(
            ledger,
            title=ledger.title if is_first else "",
            lines=ledger.lines[begin:end],
            notes=ledger.notes if is_last else (),
            is_cut=not is_last,
        )
        rest = replace(section, blocks=[held, *(behind if is_last else [])])
        parts.append(
            replace(document, sections=[*before, rest] if is_first else [replace(rest, title="", annex="")])
        )
    return parts


def _tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]
