"""Long ledgers in parts: read, seen and heard they are what one printing of the whole would be."""

import random
import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from pypdf import PageObject, PdfReader

from tests.reports.documents import pages_of
from tests.reports.tags import read_out
from tracker.operations.bench_report import made_up
from tracker.reports.annexes import print_document
from tracker.reports.document import Document, Heading, Role, Table, text
from tracker.reports.joining import SIGN_PAGES, join
from tracker.reports.markup import CONTENTS_FROM, document_html
from tracker.reports.printing import Job, print_all, print_pdf

ROWS, ALL = 160, 10_000
FOOT = 45  # points
"""What stands lower is not of the ledger."""
WORDS = (
    "주식회사",
    "함께하는 이웃",
    "㈜행복",
    "(사)나눔",
    "A&B Co., Ltd.",
    "청사·시설",
    "유지/보수",
    "1차-변경",
    "3,000매",
    "돌봄",
    "Sustainabledevelopmentcooperative",
)


def with_names(document: Document, longest: tuple[int, ...]) -> Document:
    """Return the document with enterprises and contracts in its ledger that have names up to so long."""
    rng = random.Random(7)

    def name() -> str:
        words = "".join(rng.choice(WORDS) + rng.choice((" ", "")) for _ in range(20))
        return words[: rng.randrange(2, rng.choice(longest) + 1)].strip()

    *before, section = document.sections
    ledger, *behind = section.blocks
    assert isinstance(ledger, Table)
    lines = [
        line._replace(cells=(*line.cells[:3], text(name()), text(name()), *line.cells[5:]))
        if line.role is Role.BODY
        else line
        for line in ledger.lines
    ]
    held = replace(section, blocks=[replace(ledger, lines=lines), *behind])
    return replace(document, sections=[*before, held])


def with_contents(document: Document) -> Document:
    """Return the document with so many headings that contents lead to them."""
    first, *others = document.sections
    headings = [Heading(f"제목 {number}") for number in range(4)]
    return replace(document, sections=[replace(first, blocks=[*headings, *first.blocks]), *others])


def without_numbers(pages: list[str]) -> list[str]:
    """Return the texts of pages, blanks left out, without the number that each bears."""
    squeezed = [page.replace(" ", "") for page in pages]
    for number, page in enumerate(squeezed, start=1):
        assert page.count(f"-{number}-") == 1
    return [page.replace(f"-{number}-", "") for number, page in enumerate(squeezed, start=1)]


def lowest_line(page: PageObject) -> float:
    """Return how many points above the edge of the paper the last line of the ledger stands."""
    found: list[float] = []

    def note(told: str, cm: list[float], matrix: list[float], *_: object) -> None:
        place = matrix[5] * cm[3] + cm[5]
        if told.strip() and place > FOOT:
            found.append(place)

    page.extract_text(visitor_text=note)
    return min(found)


def test_a_ledger_printed_in_parts_is_read_and_heard_like_one_printed_whole() -> None:
    document = with_contents(made_up(ROWS))
    whole, _missing = print_pdf(document_html(document))

    made = print_document(document, ALL)

    assert made == print_document(document, ALL)
    assert made.annex is None
    assert without_numbers(pages_of(made.document)) == without_numbers(pages_of(whole))
    assert read_out(made.document) == read_out(whole)
    with pikepdf.open(BytesIO(made.document)) as file, pikepdf.open(BytesIO(whole)) as other:
        assert file.open_metadata()["pdfuaid:part"] == "1"
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang) == "ko"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        assert dict(file.docinfo) == dict(other.docinfo)
        with file.open_outline() as outline, other.open_outline() as others:
            assert [each.title for each in outline.root] == [each.title for each in others.root]
        links = [[len(page.get("/Annots", ())) for page in each.pages] for each in (file, other)]
        assert links[0] == links[1]
        assert links[0][0] >= CONTENTS_FROM
        assert all(page.Tabs == "/S" for page in file.pages)


def test_a_ledger_beside_its_document_is_tagged_and_bears_a_title() -> None:
    made = print_document(made_up(ROWS), 100)

    assert made.annex is not None
    told = read_out(made.annex)
    assert [each.text for each in told if each.tags.endswith("TR/TH/Span") and each.text.isdigit()] == [
        str(serial) for serial in range(ROWS)
    ]
    with pikepdf.open(BytesIO(made.annex)) as file:
        assert file.open_metadata()["pdfuaid:part"] == "1"
        assert file.open_metadata()["dc:title"].endswith("별지")
        assert str(file.docinfo["/Title"]).endswith("실적보고서 별지")
    for number, page in enumerate(pages_of(made.annex), start=1):
        assert f"-{number}-" in page.replace(" ", "")


@pytest.mark.long
@pytest.mark.parametrize(
    ("longest", "most"),
    [((8,), 100), ((40,), ALL), ((8, 8, 8, 60), 100)],
    ids=["short names beside", "long names within", "mixed names beside"],
)
def test_nobody_sees_where_parts_of_a_ledger_meet(longest: tuple[int, ...], most: int) -> None:
    made = print_document(with_names(made_up(320), longest), most)

    pages = [
        page for page in PdfReader(BytesIO(made.annex or made.document)).pages if page.mediabox.width > 800
    ]
    ends = [lowest_line(page) for page in pages]
    assert len(pages) > 10
    full = min(ends)
    for above, below in pairwise(pages):
        assert "합계" not in above.extract_text()
        assert "품목/계약명" in re.sub(r"\s", "", below.extract_text())
    assert all(end - full < 0.15 * 500 for end in ends[:-1]), ends


def test_cells_of_joined_parts_are_headed_by_their_own_and_links_are_kept() -> None:
    table = "<table><thead><tr><th>가</th></tr></thead><tbody><tr><td>나</td></tr></tbody></table>"
    html = f'<html lang="ko"><title>x</title>{table}<a href="https://example.kr/">다</a></html>'
    printed = print_all(lambda: [Job([html]), Job([html], part=1), Job([SIGN_PAGES], is_tagged=False)])

    *parts, signs = printed.documents
    made = join(parts, signs)

    assert [(each.page, each.text) for each in read_out(made)] == [
        (page, letter) for page in (0, 1) for letter in "가나다"
    ]
    with pikepdf.open(BytesIO(made)) as file:
        numbers = list(file.Root.StructTreeRoot.ParentTree.Nums)
        links = {int(each.StructParent) for page in file.pages for each in page.Annots}
        elements = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
        assert [str(elements[number].S) for number in sorted(links)] == ["/Link", "/Link"]
