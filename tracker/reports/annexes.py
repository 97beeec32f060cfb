"""Long ledgers: what of them stands in the document, what in a file beside it (별지), and its printing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import NamedTuple, TypeGuard

from tracker.reports.document import Block, Document, Line, Medium, Role, Section, Table, text
from tracker.reports.markup import document_html
from tracker.reports.printing import PROCESSES, Job, Watch, print_all, print_pdf, unwatched

ROWS_A_PART = 500
ELSEWHERE = "내역은 별지(별도 파일)에 있음"
NUMBERED = """<html lang="ko"><head><title>-</title><style>
@page { size: A4 portrait; margin: 20mm 20mm 18mm; @bottom-center { content: "- " counter(page) " -"; } }
@page wide { size: A4 landscape; margin: 18mm 15mm 16mm; }
html { font: 9.5pt NanumGothic; } p { margin: 0; break-after: page; } .wide { page: wide; }
</style></head><body>%s</body></html>"""


class Files(NamedTuple):
    """A printed document, the ledger beside it, and the characters that the report font cannot show."""

    document: bytes
    annex: bytes | None
    missing_characters: str


def print_document(document: Document, most_rows: int, watch: Watch = unwatched) -> Files:
    """Print the document, with a ledger of up to so many lines in it; raises what `print_pdf` raises."""
    if _count_rows(document) > most_rows:
        return _print_apart(document, watch)
    data, missing = print_pdf(document_html(document), watch=watch)
    return Files(data, None, missing)


def _count_rows(document: Document) -> int:
    return sum(len(block.lines) for each in document.sections for block in each.blocks if _is_ledger(block))


def _print_apart(document: Document, watch: Watch) -> Files:
    """Print the ledger in parts of a few hundred rows, two at a time, and the document without it.

    The pages of the ledger are numbered through, once it is known how many each part has; it is not tagged,
    for nothing joins tagged documents.
    """
    parts = list(_parts(document))
    jobs = [Job([document_html(part, is_annex=True)], is_tagged=False) for part in parts]
    share = -(-len(jobs) // PROCESSES)
    batches = [jobs[start : start + share] for start in range(0, len(jobs), share)]
    printed = print_all(batches, watch)
    annex = _Joined(
        [data for each in printed for data in each.documents], [part.sections[0].is_wide for part in parts]
    )
    body = Job([document_html(_without_ledgers(document))])
    [rest] = print_all([[body, annex.numbers]], lambda pages: watch(annex.pages + pages))
    missing = "".join(sorted({sign for each in (*printed, rest) for sign in each.missing_characters}))
    main, numbers = rest.documents
    return Files(main, annex.numbered(numbers, document), missing)


def _is_ledger(block: Block) -> TypeGuard[Table]:
    return isinstance(block, Table) and block.is_long and block.medium is not Medium.SHEET


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


def _parts(document: Document) -> Iterator[Document]:
    """Yield the long tables in parts, each a document; the first of a section bears its title."""
    for section in document.sections:
        title, annex = section.title, section.annex
        for table in filter(_is_ledger, section.blocks):
            for start in range(0, len(table.lines), ROWS_A_PART):
                lines = table.lines[start : start + ROWS_A_PART]
                is_last = start + ROWS_A_PART >= len(table.lines)
                part = replace(table, lines=lines, notes=table.notes if is_last else ())
                held = Section(blocks=[part], annex=annex, title=title, is_wide=section.is_wide)
                yield replace(document, sections=[held])
                title = annex = ""


class _Joined:
    """Printed parts, one after the other."""

    def __init__(self, parts: Sequence[bytes], are_wide: Sequence[bool]) -> None:
        import pikepdf

        self._file = pikepdf.new()
        marks = ""
        for data, is_wide in zip(parts, are_wide, strict=True):
            with pikepdf.open(BytesIO(data)) as part:
                self._file.pages.extend(part.pages)
                marks += ('<p class="wide">\u00a0</p>' if is_wide else "<p>\u00a0</p>") * len(part.pages)
        self.pages = len(self._file.pages)
        self.numbers = Job([NUMBERED % marks], is_tagged=False)

    def numbered(self, numbers: bytes, document: Document) -> bytes:
        """Return the file with these pages of numbers laid over its own, the same bytes every time."""
        import pikepdf

        with pikepdf.open(BytesIO(numbers)) as over:
            for place, (page, number) in enumerate(zip(self._file.pages, over.pages, strict=True), start=1):
                # By hand, for the package names what it lays over by lot; pages of a part share their names.
                name = f"/Number{place}"
                form = self._file.copy_foreign(number.as_form_xobject())
                page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(name))
                page.contents_add(b"q", prepend=True)
                page.contents_add(f"Q q {name} Do Q".encode())
        root = self._file.Root
        root.Lang = pikepdf.String("ko")
        root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        self._file.docinfo["/Title"] = pikepdf.String(f"{document.title} 별지")
        self._file.docinfo["/Author"] = pikepdf.String(document.body)
        file = BytesIO()
        self._file.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return file.getvalue()
