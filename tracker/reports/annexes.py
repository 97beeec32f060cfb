"""Long ledgers: what of them stands in the document, what in a file beside it (별지), and its printing."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from typing import NamedTuple, TypeGuard

from tracker.reports.document import Block, Document, Line, Medium, Role, Section, Table, text
from tracker.reports.markup import document_html
from tracker.reports.printing import Job, Watch, print_all, print_pdf, unwatched

ROWS_A_PART = 400
ELSEWHERE = "내역은 별지(별도 파일)에 있음"
# Page numbers are put together of signs that are printed once, each on a page as wide as itself.
SIGNS = "0123456789-"
SIGN_WIDTH, SPACE, FOOT = 5.4, 2.7, 18.6  # points
SIGN_PAGES = f"""<html lang="ko"><head><title>-</title><style>
@page {{ size: {SIGN_WIDTH}pt 11pt; margin: 0; }}
body {{ margin: 0; }} p {{ font: 9.5pt/11pt NanumGothic; margin: 0; text-align: center; break-after: page; }}
</style></head><body>{"".join(f"<p>{sign}</p>" for sign in SIGNS)}</body></html>"""


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
    """Print the document without its ledger, and that in parts of a few hundred rows, in two processes.

    The pages of the ledger are numbered through, once it is known how many each part has; it is not tagged,
    for nothing joins tagged documents.
    """
    body = Job([document_html(_without_ledgers(document))])
    parts = [Job([document_html(part, is_annex=True)], is_tagged=False) for part in _parts(document)]
    printed = print_all(_halves([body, Job([SIGN_PAGES], is_tagged=False), *parts]), watch)
    main, signs, *ledger = [data for each in printed for data in each.documents]
    missing = "".join(sorted({sign for each in printed for sign in each.missing_characters}))
    return Files(main, _joined(ledger, signs, document), missing)


def _halves(jobs: Sequence[Job]) -> list[Sequence[Job]]:
    """Return the jobs for two processes that have about as much to print."""
    sizes = [len(job.htmls[0]) for job in jobs]
    place = min(range(1, len(jobs)), key=lambda place: abs(sum(sizes[:place]) - sum(sizes[place:])))
    return [jobs[:place], jobs[place:]]


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
            count = -(-len(table.lines) // ROWS_A_PART)
            share = -(-len(table.lines) // count)
            for start in range(0, len(table.lines), share):
                lines = table.lines[start : start + share]
                is_last = start + share >= len(table.lines)
                part = replace(table, lines=lines, notes=table.notes if is_last else ())
                held = Section(blocks=[part], annex=annex, title=title, is_wide=section.is_wide)
                yield replace(document, sections=[held])
                title = annex = ""


def _joined(parts: Sequence[bytes], signs: bytes, document: Document) -> bytes:
    """Return the parts as one file, its pages numbered through; the same bytes every time."""
    import pikepdf

    with ExitStack() as stack:
        file = stack.enter_context(pikepdf.new())
        for data in parts:
            file.pages.extend(stack.enter_context(pikepdf.open(BytesIO(data))).pages)
        sources = stack.enter_context(pikepdf.open(BytesIO(signs))).pages
        forms = {
            f"/Sign{number}": file.copy_foreign(source.as_form_xobject())
            for number, source in enumerate(sources)
        }
        for number, page in enumerate(file.pages, start=1):
            for name, form in forms.items():
                page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(name))
            page.contents_add(b"q", prepend=True)
            page.contents_add(f"Q {_number_drawn(number, float(page.mediabox[2]))}".encode())
        file.Root.Lang = pikepdf.String("ko")
        file.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        file.docinfo["/Title"] = pikepdf.String(f"{document.title} 별지")
        file.docinfo["/Author"] = pikepdf.String(document.body)
        made = BytesIO()
        file.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def _number_drawn(number: int, width: float) -> str:
    """Return how `- 1 -` is drawn in the middle of the foot of a page so wide."""
    told = f"- {number} -"
    place = width / 2 - sum(SPACE if sign == " " else SIGN_WIDTH for sign in told) / 2
    drawn = []
    for sign in told:
        if sign != " ":
            drawn.append(f"q 1 0 0 1 {place:.2f} {FOOT} cm /Sign{SIGNS.index(sign)} Do Q")
        place += SPACE if sign == " " else SIGN_WIDTH
    return "\n".join(drawn)
