"""Joining printed parts into one tagged PDF: whoever has it read to them hears it through.

The printer tags each page for itself, a table on five pages is five tables with a head each; so parts that
begin with a page are joined to what one printing of the whole would be.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Page, Pdf

# Page numbers are put together of signs that are printed once, each on a page as wide as a figure; in points.
SIGNS = "0123456789-"
FIGURE, DASH, SPACE = 5.76, 3.45, 2.66
# Above the edge of the paper, by whether it lies on its side: in the middle of the margin of each.
FOOTS = {True: 17.2, False: 20.0}
SIGN_PAGES = f"""<html lang="ko"><head><title>-</title><style>
@page {{ size: {FIGURE}pt 11pt; margin: 0; }}
body {{ margin: 0; }}
p {{ font: 9.5pt/11pt NanumGothic; color: #16191d; margin: 0; text-align: center; break-after: page; }}
</style></head><body>{"".join(f"<p>{sign}</p>" for sign in SIGNS)}</body></html>"""


def get_ready() -> None:
    """Load the library, which takes a moment, while the printers load theirs."""
    import pikepdf  # noqa: F401


def join(parts: Sequence[bytes], signs: bytes, *, is_first_numbered: bool = False) -> bytes:
    """Return the tagged parts as one file, with what the first says of itself; the same bytes every time.

    Its pages are numbered through; those of the first part may bear their numbers already.
    """
    import pikepdf

    with ExitStack() as stack:
        first, *others = [stack.enter_context(pikepdf.open(BytesIO(data))) for data in parts]
        begin = len(first.pages) if is_first_numbered else 0
        for other in others:
            _append(first, other)
        _number(first, stack.enter_context(pikepdf.open(BytesIO(signs))), begin)
        made = BytesIO()
        first.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def _append(file: "Pdf", other: "Pdf") -> None:
    """Put the pages of another file behind those of this one, and its tags behind their tags.

    Tags and pages find each other through a tree of numbers, in which those of the other file go on.
    """
    root = file.Root.StructTreeRoot
    document = root.K[0]
    numbers = root.ParentTree.Nums
    step = int(numbers[-2]) + 1
    for page in other.pages:
        page.StructParents += step
        for annotation in page.get("/Annots", ()):
            if "/StructParent" in annotation:
                annotation.StructParent += step
    # The pages go first, or the tags would lose them.
    file.pages.extend(other.pages)
    tags = file.copy_foreign(other.Root.StructTreeRoot)
    for element in tags.K[0].K:
        element.P = document
        document.K.append(element)
    given = list(tags.ParentTree.Nums)
    for number, parents in zip(given[::2], given[1::2], strict=True):
        numbers.append(int(number) + step)
        numbers.append(parents)


def _number(file: "Pdf", signs: "Pdf", begin: int) -> None:
    """Draw the number of each page from this place on, as what is not read out."""
    import pikepdf

    forms = {
        f"/Sign{number}": file.copy_foreign(page.as_form_xobject()) for number, page in enumerate(signs.pages)
    }
    for number, page in enumerate(file.pages[begin:], start=begin + 1):
        for name, form in forms.items():
            page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(name))
        page.contents_add(b"q", prepend=True)
        page.contents_add(f"Q {_number_drawn(number, page)}".encode())


def _number_drawn(number: int, page: "Page") -> str:
    """Return how `- 1 -` is drawn in the middle of the foot of the page."""
    width, height = float(page.mediabox[2]), float(page.mediabox[3])
    widths = {" ": SPACE, "-": DASH}
    told = f"- {number} -"
    place = (width - sum(widths.get(sign, FIGURE) for sign in told)) / 2
    drawn = ["/Artifact <</Type /Pagination>> BDC"]
    for sign in told:
        room = widths.get(sign, FIGURE)
        if sign != " ":
            begin = place - (FIGURE - room) / 2
            drawn.append(f"q 1 0 0 1 {begin:.2f} {FOOTS[width > height]} cm /Sign{SIGNS.index(sign)} Do Q")
        place += room
    return "\n".join([*drawn, "EMC"])
