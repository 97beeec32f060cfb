"""A document in the office's own format: run as a process of its own, for a long list takes much memory.

The only module that knows python-hwpx. It reads a pickled document of its parent's on standard input.
"""

import gc
import json
import os
import pickle
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID
from xml.sax.saxutils import escape
from zipfile import ZipFile

from tracker.reports.child import limit_this_process, read_given
from tracker.reports.document import (
    Approval,
    Author,
    Block,
    Document,
    Enclosures,
    Facts,
    Figure,
    Form,
    Heading,
    Line,
    Logo,
    Notes,
    Paragraph,
    Points,
    Role,
    Section,
    Table,
)
from tracker.reports.markup import head_rows, is_dense, merged, on_paper
from tracker.reports.wording import say_cell, say_code, say_enclosures, say_units

if TYPE_CHECKING:
    from hwpx.document import HwpxDocument
    from hwpx.oxml import HwpxOxmlSection

MM = 7200 / 25.4  # HWPUNIT
FONT = "맑은 고딕"
PORTRAIT, LANDSCAPE = 170, 267  # mm between the margins
PIXEL = 25.4 / 96  # mm
LOGO_HEIGHT, LOGO_WIDTH = 12, 100  # mm at most, as on paper
HEAD_FILL, TOTAL_FILL = "#E9EEF5", "#F1F4F8"
GREY = "#45505C"
CELL_MARGIN = '<hp:cellMargin left="340" right="340" top="141" bottom="141"/>'
HEIGHT = 1600


class _Style(NamedTuple):
    """How a paragraph of the body looks; lengths in HWPUNIT, sizes in points."""

    size: float
    alignment: str = "JUSTIFY"
    is_bold: bool = False
    colour: str = "#000000"
    left: int = 0
    indent: int = 0
    above: int = 0
    below: int = 0


PARAGRAPHS = {
    "kicker": _Style(12, "CENTER"),
    "title": _Style(19, "CENTER", is_bold=True, below=600),
    "body": _Style(11, "RIGHT", is_bold=True, below=600),
    "heading": _Style(13, "LEFT", is_bold=True, above=1600, below=300),
    "point0": _Style(10.5, left=1900, indent=-1400),
    "point1": _Style(10, left=2900, indent=-1000),
    "note": _Style(8.5, colour=GREY, left=1300, indent=-1300, above=100),
    "plain": _Style(10.5, above=300),
    "small": _Style(7.5, "LEFT", colour=GREY, above=600),
}
ALIGNMENTS = {Form.TEXT: "LEFT", Form.CENTRED: "CENTER", Form.DAY: "CENTER"}


def main() -> None:
    """Write the document that is read as HWPX."""
    limit_this_process()
    gc.disable()
    document = pickle.loads(read_given())  # noqa: S301 - our own parent wrote it
    data = write_hwpx(document)
    with os.fdopen(1, "wb") as output:
        output.write(data)
    json.dump({}, sys.stderr)


def write_hwpx(document: Document) -> bytes:
    """Return the document as HWPX, the same bytes every time; numbers its parts for the whole process."""
    from hwpx.document import HwpxDocument
    from hwpx.oxml import _document_primitives

    # The package draws the numbers of parts by lot.
    numbers = count(1)
    _document_primitives.uuid4 = lambda: UUID(int=next(numbers))  # type: ignore[attr-defined]
    file = HwpxDocument.new()
    at = document.frozen_at[:19] + "Z"
    file.parts.clear_document_metadata(keep=("language",), timestamp=at)
    file.parts.set_document_metadata(title=document.title, creator=document.body)
    writer = _Writer(file)
    for number, section in enumerate(document.sections):
        writer.write_section(document, section, is_first=not number)
    return _with_rows(file.to_bytes(), writer.grids)


Row = list["_Text | None"]
"""The cells of a table's row; None is a place that a cell above reaches into."""


class _Text(NamedTuple):
    """The text of one cell and how it looks; `fill` is its ground."""

    text: str
    paragraph: str
    run: str
    fill: str
    columns: int = 1
    rows: int = 1


class Grid(NamedTuple):
    """The rows of a table as XML, and how many they are."""

    row_count: int
    rows: str


class _Writer:
    """Writes blocks one below the other into an HWPX file."""

    def __init__(self, file: "HwpxDocument") -> None:
        self._file = file
        self._header = file.parts.headers[0]
        self._section: HwpxOxmlSection = file.sections[0]
        self._width = PORTRAIT
        self.grids: dict[str, Grid] = {}
        self._known: dict[tuple[str, int, bool, str], tuple[str, str, str]] = {}
        file.styles.ensure_font(FONT)

    def write_section(self, document: Document, section: Section, *, is_first: bool) -> None:
        """Write a section on pages of its own."""
        self._section = self._file.sections[0] if is_first else self._file.add_section()
        self._width = LANDSCAPE if section.is_wide else PORTRAIT
        side = 15 if section.is_wide else 20
        self._file.page.setup(
            section=self._section,
            paper_size="A4",
            orientation="landscape" if section.is_wide else "portrait",
            margins_mm={"left": side, "right": side, "top": 12, "bottom": 10, "header": 8, "footer": 8},
        )
        code = f"{document.body}  관리번호 {document.number}  확인코드 {say_code(document.sha256)}"
        self._file.page.set_header(section=self._section, text=code)
        self._file.page.set_page_number(section=self._section, prefix="- ", suffix=" -")
        if is_first:
            self._write_title(document)
        if section.title:
            self._paragraph(
                f"[{section.annex}] {section.title}" if section.annex else section.title, "heading"
            )
        for block in section.blocks:
            self._write(block)
        if is_first:
            told = f"이 보고서의 모든 수치와 구매 내역은 SHA-256 {document.sha256} 로 고정되어 있음."
            self._paragraph(told, "small")

    def _write_title(self, document: Document) -> None:
        if document.logo:
            self._write_logo(document.logo)
        mark = f" ({document.mark})" if document.mark else ""
        self._paragraph(f"{document.kicker}{mark}", "kicker")
        self._paragraph(document.subject, "title")
        self._paragraph(document.body, "body")

    def _write_logo(self, logo: Logo) -> None:
        picture = logo.picture
        scale = min(PIXEL, LOGO_HEIGHT / picture.height, LOGO_WIDTH / picture.width)
        placed = self._file.add_picture(
            picture.content,
            picture.format.ending,
            section=self._section,
            width_mm=picture.width * scale,
            height_mm=picture.height * scale,
            align="LEFT",
        )
        comment = placed.element.find("{*}shapeComment")
        if comment is not None:
            comment.text = logo.text

    def _write(self, block: Block) -> None:
        if isinstance(block, Table):
            if on_paper(block):
                self._write_table(block)
        elif isinstance(block, Heading):
            self._paragraph(f"□ {block.text}", "heading")
        elif isinstance(block, Points):
            for point in block.points:
                self._paragraph(f"{'- ' if point.level else '○ '}{point.text}", f"point{min(point.level, 1)}")
        elif isinstance(block, Notes):
            self._write_notes(block.texts)
        elif isinstance(block, Paragraph):
            self._paragraph(block.text, "plain")
        elif isinstance(block, Facts):
            self._write_facts(block)
        elif isinstance(block, Approval):
            self._write_approval(block)
        elif isinstance(block, Author):
            self._write_author(block)
        elif isinstance(block, Enclosures):
            for line in say_enclosures(block.names):
                self._paragraph(line, "plain")
        else:
            # A chart's figures stand in the table below it.
            assert isinstance(block, Figure)

    def _write_notes(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._paragraph(f"※ {text}", "note")

    def _write_table(self, table: Table) -> None:
        self._caption(table.title, say_units(table.money, table.units))
        heads = list(self._heads(table))
        rows = [*heads, *(self._line(line, table) for line in table.lines)]
        if all(line.role is Role.TOTAL for line in table.lines):
            nothing: Row = [self._look("해당 없음", "CENTER", columns=len(table.columns))]
            rows.insert(len(heads), nothing)
        self._grid(rows, [column.width for column in table.columns], heads=len(heads))
        self._write_notes(table.notes)

    def _heads(self, table: Table) -> Iterator[Row]:
        """Yield the rows of the head; None is a place that a cell above reaches into."""
        upper, *lower = head_rows(table.columns)
        size = 8 if is_dense(table) else 9

        def head(label: str, columns: int, rows: int) -> _Text:
            return self._look(
                label, "CENTER", size=size, bold=True, fill=HEAD_FILL, columns=columns, rows=rows
            )

        yield [head(each.label, each.columns, each.rows) for each in upper]
        for below in lower:
            labels = iter(below)
            yield [head(next(labels).label, 1, 1) if column.group else None for column in table.columns]

    def _line(self, line: Line, table: Table) -> Row:
        span, others = merged(line)
        first = line.cells[0]
        is_total = line.role is Role.TOTAL
        size = 8 if is_dense(table) else 9
        fill = TOTAL_FILL if is_total else ""

        def put(text: str, alignment: str, columns: int = 1) -> _Text:
            return self._look(text, alignment, size=size, bold=is_total, fill=fill, columns=columns)

        head = say_cell(first, table.money) + (f" ({line.remark})" if line.remark else "")
        return [
            put(head, ALIGNMENTS.get(first.form, "RIGHT"), span),
            *(put(say_cell(cell, table.money), ALIGNMENTS.get(cell.form, "RIGHT")) for cell in others),
        ]

    def _write_facts(self, facts: Facts) -> None:
        self._caption(facts.title, facts.beside)
        rows: list[Row] = [
            [self._look(term, "CENTER", bold=True, fill=TOTAL_FILL), self._look(said, "LEFT")]
            for term, said in facts.pairs
        ]
        self._grid(rows, [16, 84])

    def _write_approval(self, approval: Approval) -> None:
        posts = [self._look(post, "CENTER", fill=TOTAL_FILL) for post in approval.posts]
        rows: list[Row] = [
            [self._look("결재", "CENTER", fill=TOTAL_FILL, rows=2), *posts],
            [None, *(self._look("\n\n", "CENTER") for _ in posts)],
        ]
        self._grid(rows, [10, *(20 for _ in posts)], width=10 + 20 * len(posts), alignment="RIGHT")

    def _write_author(self, author: Author) -> None:
        told = (("직급", author.post), ("성명", author.name), ("전화", author.telephone))
        row: Row = [self._look("작성자", "CENTER", bold=True, fill=TOTAL_FILL)]
        for term, said in told:
            row += [self._look(term, "CENTER", fill=TOTAL_FILL), self._look(said, "CENTER")]
        self._grid([row], [20, *[12, 30] * len(told)], width=146, alignment="RIGHT")

    # What is written.

    def _caption(self, title: str, beside: str) -> None:
        tab = self._header.ensure_tab_definition(
            tab_stops=[{"pos": round(self._width * MM), "type": "RIGHT", "leader": "NONE"}]
        )
        shape = self._header.ensure_paragraph_format(
            alignment="LEFT",
            margins={"prev": 700, "next": 100},
            line_spacing_percent=130,
            break_setting={"keep_with_next": True},
            tab_pr_id_ref=tab,
        )
        run = self._file.styles.ensure_run(size=9, bold=True, font=FONT)
        self._add(f"{title}\t{beside}" if beside else title, shape, run)

    def _paragraph(self, text: str, kind: str) -> None:
        look = PARAGRAPHS[kind]
        shape = self._header.ensure_paragraph_format(
            alignment=look.alignment,
            margins={"left": look.left, "intent": look.indent, "prev": look.above, "next": look.below},
            line_spacing_percent=150,
            break_setting={"keep_with_next": kind == "heading"},
        )
        run = self._file.styles.ensure_run(size=look.size, bold=look.is_bold, color=look.colour, font=FONT)
        self._add(text, shape, run)

    def _add(self, text: str, shape: str, run: str) -> None:
        self._file.add_paragraph(
            text, section=self._section, para_pr_id_ref=shape, style_id_ref=0, char_pr_id_ref=run
        )

    def _look(
        self,
        text: str,
        alignment: str,
        *,
        size: int = 9,
        bold: bool = False,
        fill: str = "",
        columns: int = 1,
        rows: int = 1,
    ) -> _Text:
        return _Text(text, *self._looks(alignment, size, bold, fill), columns, rows)

    def _looks(self, alignment: str, size: int, is_bold: bool, fill: str) -> tuple[str, str, str]:
        """Return the numbers of a cell's paragraph, letters and ground, made the first time."""
        key = (alignment, size, is_bold, fill)
        if key not in self._known:
            self._known[key] = (
                self._header.ensure_paragraph_format(alignment=alignment, line_spacing_percent=120),
                self._file.styles.ensure_run(size=size, bold=is_bold, font=FONT),
                self._file.styles.ensure_border_fill(border_color="#7D8DA3", fill_color=fill or None),
            )
        return self._known[key]

    def _grid(
        self,
        rows: Sequence[Row],
        shares: Sequence[int],
        *,
        heads: int = 0,
        width: int | None = None,
        alignment: str = "LEFT",
    ) -> None:
        """Write a table: its first rows are heads, and stand on each page that it runs over."""
        whole = round((width or self._width) * MM)
        total = sum(shares)
        widths = [whole * share // total for share in shares]
        shape = self._header.ensure_paragraph_format(alignment=alignment, line_spacing_percent=100)
        # The package takes long over long tables: it gets one row, marked with what nobody can have typed.
        mark = secrets.token_hex(16)
        table = self._file.add_table(
            1, len(shares), section=self._section, width=sum(widths), para_pr_id_ref=shape
        )
        table.rows[0].cells[0].set_text(mark)
        table.element.set("repeatHeader", "1" if heads else "0")
        table.element.set("pageBreak", "TABLE")
        told = "".join(_row(number, row, widths, number < heads) for number, row in enumerate(rows))
        self.grids[mark] = Grid(len(rows), told)


def _with_rows(data: bytes, grids: Mapping[str, Grid]) -> bytes:
    """Return the file with the rows of its tables where they are marked."""
    made = BytesIO()
    with ZipFile(BytesIO(data)) as given, ZipFile(made, "w") as package:
        for entry in given.infolist():
            part = given.read(entry)
            if entry.filename.startswith("Contents/section"):
                part = "".join(_filled(part.decode(), grids)).encode()
            package.writestr(entry, part, entry.compress_type)
    return made.getvalue()


def _filled(xml: str, grids: Mapping[str, Grid]) -> Iterator[str]:
    done = 0
    for mark, grid in grids.items():
        place = xml.find(f"<hp:t>{mark}</hp:t>", done)
        if place < 0:
            continue
        begin, end = xml.rindex("<hp:tr>", done, place), xml.index("</hp:tr>", place) + len("</hp:tr>")
        head = xml[done:begin]
        before, count, after = head.rpartition('rowCnt="1"')
        assert count
        yield f'{before}rowCnt="{grid.row_count}"{after}'
        yield grid.rows
        done = end
    yield xml[done:]


def _row(number: int, row: Row, widths: Sequence[int], is_head: bool) -> str:
    cells, place = [], 0
    for each in row:
        if each is not None:
            width = sum(widths[place : place + each.columns])
            cells.append(_cell(each, number, place, width, is_head))
        place += each.columns if each else 1
    return f"<hp:tr>{''.join(cells)}</hp:tr>"


def _cell(cell: _Text, row: int, column: int, width: int, is_head: bool) -> str:
    lines = "".join(
        f'<hp:p id="0" paraPrIDRef="{cell.paragraph}" styleIDRef="0" pageBreak="0" columnBreak="0" '
        'merged="0">'
        f'<hp:run charPrIDRef="{cell.run}"><hp:t>{escape(line)}</hp:t></hp:run></hp:p>'
        for line in cell.text.split("\n")
    )
    return (
        f'<hp:tc name="" header="{int(is_head)}" hasMargin="1" protect="0" editable="0" dirty="0" '
        f'borderFillIDRef="{cell.fill}">'
        '<hp:subList id="" textDirection="HORIZONTAL" lineWrap="BREAK" vertAlign="CENTER" linkListIDRef="0" '
        'linkListNextIDRef="0" textWidth="0" textHeight="0" hasTextRef="0" hasNumRef="0">'
        f"{lines}</hp:subList>"
        f'<hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="{cell.columns}" rowSpan="{cell.rows}"/>'
        f'<hp:cellSz width="{width}" height="{HEIGHT}"/>{CELL_MARGIN}</hp:tc>'
    )


if __name__ == "__main__":
    main()
