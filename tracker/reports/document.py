"""A report as a document: headed sections of tables, points and charts, the same for every format.

Figures stay plain values (won, counts, decimal texts): each renderer says them its own way and rounds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tracker.core.growth import Note
from tracker.core.money import Unit, Won
from tracker.reports.charts import Chart
from tracker.reports.pictures import Picture


class Form(StrEnum):
    """What a cell holds: `AMOUNT` won, `NUMBER` a count, `PERCENT` and `POINTS` plain decimals (%, %p)."""

    TEXT = "text"
    CENTRED = "centred"
    AMOUNT = "amount"
    NUMBER = "number"
    PERCENT = "percent"
    POINTS = "points"
    DAY = "day"
    NOTE = "note"


class Cell(NamedTuple):
    """One value of a table; a day is ISO text, a note the code of why there is no figure.

    A centred whole number is one that names something, and is written without commas.
    """

    form: Form
    value: int | str


class Role(StrEnum):
    """What a line is to its table: part of it, its sum, or told beside it."""

    BODY = "body"
    TOTAL = "total"
    BESIDE = "beside"


class Line(NamedTuple):
    """One row; the first cell heads it, `remark` stands small below that.

    In a total, or beside the table, what is empty after the first cell becomes part of it.
    """

    cells: tuple[Cell, ...]
    role: Role = Role.BODY
    remark: str = ""


class Medium(StrEnum):
    """Where a table stands: on paper and in workbooks, or in one of them."""

    ALL = "all"
    PAPER = "paper"
    SHEET = "sheet"


class Column(NamedTuple):
    """One column: `width` is its share of the table's, `group` the head it shares with its neighbours."""

    label: str
    width: int
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A captioned table; `key` tells it among the report's, `sheet` is its name in a workbook.

    Amounts are shown in `money` (a workbook always holds whole won), `units` names the others: %, 건.
    A long table is one that runs over pages of its own: an annex's list. Of its parts, each but the first
    is without title, and each but the last is cut.
    """

    key: str
    sheet: str
    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    money: Unit | None = Unit.THOUSAND
    units: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_long: bool = False
    is_cut: bool = False
    medium: Medium = Medium.ALL


class Point(NamedTuple):
    """One point of a list: level 0 is ○, 1 is -; `strong` are the words of it that weigh most."""

    text: str
    level: int = 0
    strong: str = ""


@dataclass(frozen=True)
class Points:
    """Points in the order of official documents."""

    points: Sequence[Point]


@dataclass(frozen=True)
class Heading:
    """A heading, □."""

    text: str


@dataclass(frozen=True)
class Notes:
    """Remarks below what they are about, ※."""

    texts: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a report is based on: terms with what is said of them; a workbook lists them first."""

    title: str
    beside: str = ""
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart in won; its figures stand in a table too."""

    chart: Chart
    title: str
    description: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Approval:
    """결재란: the posts that sign, from left to right."""

    posts: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Author:
    """작성자 of a statistical annex; what is empty is written in by hand."""

    post: str = ""
    name: str = ""
    telephone: str = ""


@dataclass(frozen=True)
class Enclosures:
    """붙임: what is enclosed, each with its number of copies; 끝 follows the last."""

    names: Sequence[str]


Block = Table | Points | Heading | Notes | Facts | Figure | Paragraph | Approval | Author | Enclosures


@dataclass(frozen=True, kw_only=True)
class Section:
    """What begins on a page of its own; the first one follows the title. A wide one lies on its side."""

    blocks: Sequence[Block]
    annex: str = ""
    title: str = ""
    is_wide: bool = False


class Logo(NamedTuple):
    """기관 로고: the picture at the head of a report, and what it is for those who do not see it."""

    text: str
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole report. `kicker` stands above the subject, `mark` beside it (잠정), `body` is who reports."""

    title: str
    kicker: str
    mark: str
    subject: str
    body: str
    number: str
    sha256: str
    frozen_at: str
    sections: Sequence[Section] = field(default_factory=tuple)
    logo: Logo | None = None

    @property
    def tables(self) -> list[Table]:
        """Return every table in its order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Table)]


def text(value: str) -> Cell:
    """Return a cell of words."""
    return Cell(Form.TEXT, value)


def centred(value: str | int) -> Cell:
    """Return a cell of a few words, or of a number that names something, in the middle."""
    return Cell(Form.CENTRED, value)


def amount(value: Won | None) -> Cell:
    """Return a cell of won; None is 자료 없음, which is not 0."""
    return Cell(Form.NOTE, Note.NO_DATA) if value is None else Cell(Form.AMOUNT, value)


def number(value: int | None) -> Cell:
    """Return a cell of a count; None is 자료 없음."""
    return Cell(Form.NOTE, Note.NO_DATA) if value is None else Cell(Form.NUMBER, value)


def percent(value: str | None, note: str = Note.NO_DATA) -> Cell:
    """Return a cell of %, a plain decimal; where there is none, why."""
    return Cell(Form.NOTE, note) if value is None else Cell(Form.PERCENT, value)


def points(value: str | None) -> Cell:
    """Return a cell of %p, a plain decimal; – where there is none."""
    return Cell(Form.NOTE, Note.NONE) if value is None else Cell(Form.POINTS, value)


def day(value: str) -> Cell:
    """Return a cell of a day, given as ISO text."""
    return Cell(Form.DAY, value)
