"""A document as one HTML file that asks for nothing: read on a screen, and what the printer prints."""

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tracker.config import ROOT
from tracker.core.money import Unit
from tracker.reports.document import (
    Approval,
    Block,
    Cell,
    Column,
    Document,
    Figure,
    Form,
    Heading,
    Line,
    Medium,
    Notes,
    Point,
    Role,
    Table,
)
from tracker.reports.wording import say_amount, say_cell, say_code, say_enclosures, say_units

TEMPLATE = "reports/document.html"
# A table of so many lines is not torn from its heading and notes; a longer one may run over pages.
KEPT_LINES = 15
# With so many columns a table is set in smaller type.
DENSE_COLUMNS = 9
# With so many headings a document begins with its contents.
CONTENTS_FROM = 9
CLASSES = {Form.TEXT: "text", Form.CENTRED: "centre", Form.DAY: "centre", Form.NOTE: "word"}


class Head(NamedTuple):
    """A cell of a table's head."""

    label: str
    columns: int = 1
    rows: int = 1


class Group(NamedTuple):
    """Blocks that stay together: what leads to a table, the table, and what is said below it."""

    is_kept: bool
    blocks: list[Block]


def document_html(document: Document, *, is_rest: bool = False) -> str:
    """Return the document as HTML; a rest of one has no title, and its pages get their numbers afterwards."""
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            document=document,
            is_rest=is_rest,
            code=say_code(document.sha256),
            contents=contents(document),
            widths=sorted({each for table in document.tables for each in widths(table.columns)}),
        )
    )


def contents(document: Document) -> list[str]:
    """Return the headings in their order; none of a document too short for a table of contents."""
    found = [
        text
        for section in document.sections
        for text in (
            *([f"{section.annex} {section.title}".strip()] if section.title else []),
            *(block.text for block in section.blocks if isinstance(block, Heading)),
        )
    ]
    return found if len(found) >= CONTENTS_FROM else []


def on_paper(table: Table) -> bool:
    """Return whether the table stands on paper."""
    return table.medium is not Medium.SHEET


def is_dense(table: Table) -> bool:
    """Return whether the table is set in smaller type."""
    return table.is_long or len(table.columns) >= DENSE_COLUMNS


def groups(blocks: Sequence[Block]) -> Iterator[Group]:
    """Yield the blocks that stand on paper, those that stay together as one."""
    group: list[Block] = []
    for block in blocks:
        if isinstance(block, Table) and not on_paper(block):
            continue
        if group and _parts(group[-1], block):
            yield Group(_is_short(group), group)
            group = []
        group.append(block)
    if group:
        yield Group(_is_short(group), group)


def _parts(above: Block, below: Block) -> bool:
    """Return whether a page may end between these two blocks."""
    if isinstance(below, Heading):
        return not isinstance(above, Heading)
    return isinstance(above, Table | Figure | Notes | Approval) and not isinstance(below, Notes)


def _is_short(group: Sequence[Block]) -> bool:
    tables = [block for block in group if isinstance(block, Table)]
    return (len(group) > 1 or bool(tables)) and all(len(table.lines) <= KEPT_LINES for table in tables)


def head_rows(columns: Sequence[Column]) -> list[list[Head]]:
    """Return the rows of a table's head: groups over what they hold, where there are any."""
    if not any(column.group for column in columns):
        return [[Head(column.label) for column in columns]]
    upper: list[Head] = []
    for group, held in groupby(columns, lambda column: column.group):
        found = list(held)
        upper += [Head(group, len(found))] if group else [Head(each.label, rows=2) for each in found]
    return [upper, [Head(column.label) for column in columns if column.group]]


def widths(columns: Sequence[Column]) -> list[int]:
    """Return the width of each column in thousandths of the table's."""
    whole = sum(column.width for column in columns)
    return [round(column.width * 1000 / whole) for column in columns]


def merged(line: Line) -> tuple[int, Sequence[Cell]]:
    """Return how many columns the first cell of a line takes, and the other cells."""
    _, *others = line.cells
    if line.role is Role.BODY:
        return 1, others
    empty = len(list(takewhile(lambda cell: cell.value == "", others)))
    return 1 + empty, others[empty:]


def _row(line: Line, money: Unit | None) -> Markup:
    span, others = merged(line)
    first = line.cells[0]
    role = "" if line.role is Role.BODY else f' class="{line.role}"'
    over = "" if span == 1 else f' colspan="{span}"'
    centred = "" if first.form is Form.TEXT else f' class="{CLASSES.get(first.form, "num")}"'
    remark = f' <span class="change">{escape(line.remark)}</span>' if line.remark else ""
    cells = "".join(f"<td{_class(cell)}>{escape(say_cell(cell, money))}</td>" for cell in others)
    head = f'<th scope="row"{over}{centred}>{escape(say_cell(first, money))}{remark}</th>'
    return Markup(f"<tr{role}>{head}{cells}</tr>\n")  # noqa: S704 - every word in it is escaped


def _class(cell: Cell) -> str:
    name = CLASSES.get(cell.form)
    return f' class="{name}"' if name else ""


def _branches(points: Sequence[Point]) -> list[tuple[Point, list[Point]]]:
    """Return each point of the first level with those below it."""
    found: list[tuple[Point, list[Point]]] = []
    for point in points:
        if point.level and found:
            found[-1][1].append(point)
        else:
            found.append((point, []))
    return found


def _emphasised(point: Point) -> Markup:
    before, strong, after = point.text.partition(point.strong) if point.strong else (point.text, "", "")
    return escape(before) + (Markup("<strong>{}</strong>").format(strong) if strong else "") + escape(after)


def _breakable(label: str) -> Markup:
    """Return a head that goes to the next line before a bracket, not within one."""
    name, bracket, rest = label.partition("(")
    return escape(name) + (Markup("<wbr/>(") + rest.replace(" ", "\xa0") if bracket else "")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "branches": _branches,
        "breakable": _breakable,
        "emphasised": _emphasised,
        "enclosures": say_enclosures,
        "groups": groups,
        "head_rows": head_rows,
        "is_dense": is_dense,
        "kind": lambda block: type(block).__name__,
        "row": _row,
        "thousand": lambda amount: say_amount(amount, Unit.THOUSAND),
        "units": lambda table: say_units(table.money, table.units),
        "widths": widths,
    }
    return environment
