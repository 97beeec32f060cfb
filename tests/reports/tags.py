"""Reading the tags of a PDF: what is read out, in its order."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import pikepdf

FOOT_TEXTS = 3


class Told(NamedTuple):
    """A text that is read out, with the tags that it stands in and its page."""

    tags: str
    page: int
    text: str


def read_out(data: bytes) -> list[Told]:
    """Return what is read out; AssertionError where tags and pages contradict each other.

    What stands at the foot of a page the printer marks too, and keeps out of the tree.
    """
    with pikepdf.open(BytesIO(data)) as file:
        root = file.Root.StructTreeRoot
        numbers = list(root.ParentTree.Nums)
        parents = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
        assert list(parents) == sorted(parents)
        places = {page.objgen: number for number, page in enumerate(file.pages)}
        marked = [_marked_texts(page) for page in file.pages]
        told = []
        for element, mark, tags in _marks(root.K[0], ""):
            place = places[element.Pg.objgen]
            assert parents[int(file.pages[place].StructParents)][mark].objgen == element.objgen
            told.append(Told(tags, place, marked[place].pop(int(mark))))
        assert all(len(left) <= FOOT_TEXTS for left in marked)
        _check_heads(root.K[0])
        return told


def _marks(element: Any, above: str) -> Iterator[tuple[Any, int, str]]:
    tags = f"{above}{element.S}"
    for child in element.get("/K", ()):
        if isinstance(child, int):
            yield element, child, tags
        elif child.get("/Type") == "/OBJR":
            assert child.Obj.StructParent is not None
        else:
            assert child.P.objgen == element.objgen
            yield from _marks(child, tags)


def _check_heads(document: Any) -> None:
    """Check that each cell is headed by cells of its own table, and no name is given twice."""
    given: set[str] = set()
    for table in _elements(document, "/Table"):
        names = [str(each.ID) for each in _elements(table, "/TH") if "/ID" in each]
        assert len(names) == len(set(names))
        assert not given & set(names)
        given |= set(names)
        for cell in _elements(table, "/TD"):
            assert {str(each) for each in cell.A.get("/Headers", ())} <= set(names)


def _elements(above: Any, tag: str) -> Iterator[Any]:
    for child in above.get("/K", ()):
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            if tag == child.S:
                yield child
            yield from _elements(child, tag)


def _marked_texts(page: pikepdf.Page) -> dict[int, str]:
    """Return what is drawn in each marked run of the page; no mark is given twice."""
    fonts = {name: _letters(font) for name, font in page.resources.Font.items()}
    texts: dict[int, str] = {}
    mark, font = None, {}
    instruction: Any
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction
        if str(operator) == "BDC" and "/MCID" in operands[1]:
            mark = int(operands[1].MCID)
            assert mark not in texts
            texts[mark] = ""
        elif str(operator) == "EMC":
            mark = None
        elif str(operator) == "Tf":
            font = fonts[str(operands[0])]
        elif str(operator) == "TJ":
            codes = b"".join(bytes(each) for each in operands[0] if isinstance(each, pikepdf.String)).hex()
            drawn = "".join(font[codes[place : place + 4]] for place in range(0, len(codes), 4))
            assert mark is not None, f"{drawn} is not marked"
            texts[mark] += drawn
    return texts


def _letters(font: Any) -> dict[str, str]:
    """Return the letters of a font by the codes that draw them."""
    known = font.ToUnicode.read_bytes().decode()
    pairs = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>\s*\n", known)
    return {code.lower(): bytes.fromhex(letter).decode("utf-16-be") for code, letter in pairs}
