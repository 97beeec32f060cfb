"""Several purchases typed or pasted at once: a grid of cells, every fault at its line and cell."""

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from tracker.core.names import normalise_heading
from tracker.core.vocabulary import PaymentKind
from tracker.departments.queries import AmbiguousDepartment, DepartmentNotFound, DepartmentRow, Directory
from tracker.purchases.drafts import FACT_NAMES, Facts, PaymentDraft, PurchaseDraft
from tracker.purchases.suppliers import Called, list_called

MOST_LINES = 300
"""More than this is a file to take in."""

LEAST_HEADINGS = 2


class GridColumn(NamedTuple):
    """A column; `parse` reads a cell or raises ValueError in words, `known_as` are normalised headings."""

    field: str
    heading: LazyString
    parse: Callable[[str], object]
    known_as: frozenset[str]
    choices: tuple[str, ...] = ()


class Grid(NamedTuple):
    """The columns by field, and the cells of each row as they were typed."""

    fields: tuple[str, ...]
    rows: list[dict[str, str]]


class Spread(NamedTuple):
    """A pasted block as a grid; `left_out` are the headings, or cells of the first line, without a column."""

    fields: tuple[str, ...]
    rows: list[dict[str, str]]
    left_out: tuple[str, ...]


@dataclass
class Line:
    """One line: its cells as typed, what is wrong by field, and the purchase where nothing is."""

    number: int
    cells: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    draft: PurchaseDraft | None = None

    @property
    def is_blank(self) -> bool:
        """Return whether nothing stands in it."""
        return not any(text.strip() for text in self.cells.values())


def grid_of(sent: MultiDict[str, str], columns: Mapping[str, GridColumn], shown: Sequence[str]) -> Grid:
    """Return the grid that a page sent: every row sends every cell."""
    fields = tuple(name for name in sent.getlist("column") if name in columns) or tuple(shown)
    cells = [sent.getlist(f"cell-{name}") for name in fields]
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*cells, strict=False)]
    return Grid(tuple(dict.fromkeys(fields)), rows)


def say_too_many() -> str:
    """Return that a grid has more lines than it takes."""
    return str(_("Up to %(most)s lines go in at once. Take more in as a file.", most=MOST_LINES))


# A number is surer than a name.
SUPPLIER_FIELDS = ("business_number", "enterprise")
# What every line needs; of the fields of one group any will do.
WANTED = (("contracted_on", "paid_on"), SUPPLIER_FIELDS[::-1], ("amount",))


def spread(
    text: str,
    columns: Mapping[str, GridColumn],
    shown: Sequence[str],
    wanted: Sequence[Sequence[str]] = WANTED,
) -> Spread:
    """Return what was copied from a spreadsheet as a grid.

    A first line of headings says what the columns are, those that are `wanted` beside them; else the columns
    are those that are shown. ValueError for what is no block of cells.
    """
    try:
        records = [
            record
            for record in csv.reader(io.StringIO(text, newline=""), delimiter="\t")
            if any(cell.strip() for cell in record)
        ]
    except csv.Error:
        raise ValueError(
            _("This cannot be read as cells. Copy it in the spreadsheet and paste again.")
        ) from None
    named = {heading: column.field for column in columns.values() for heading in column.known_as}
    first = records[0] if records else []
    head = [named.get(normalise_heading(cell)) for cell in first]
    has_headings = len({each for each in head if each}) >= LEAST_HEADINGS
    places: Sequence[str | None] = head if has_headings else shown
    rows = [
        {name: " ".join(cell.split()) for name, cell in zip(places, record, strict=False) if name}
        for record in (records[1:] if has_headings else records)
    ]
    if has_headings:
        left_out = [cell for cell, name in zip(first, head, strict=True) if not name and cell.strip()]
        fields = tuple(dict.fromkeys([*(name for name in head if name), *_missing(head, wanted)]))
    else:
        left_out, fields = first[len(shown) :], tuple(shown)
    return Spread(fields, rows, tuple(left_out))


def spread_behind(
    grid: Grid,
    text: str,
    columns: Mapping[str, GridColumn],
    wanted: Sequence[Sequence[str]] = WANTED,
) -> Spread:
    """Return the grid with the pasted block behind the lines that are filled in, and a blank line.

    ValueError in the reader's words for what is no block of cells, or too long a one.
    """
    block = spread(text, columns, grid.fields, wanted)
    kept = [row for row in grid.rows if any(cell.strip() for cell in row.values())]
    if len(kept) + len(block.rows) > MOST_LINES:
        raise ValueError(say_too_many())
    filled = (name for row in kept for name in row if row[name].strip())
    fields = tuple(dict.fromkeys([*block.fields, *filled]))
    return Spread(fields, [*kept, *block.rows, {}], block.left_out)


def read_lines(
    rows: Sequence[Mapping[str, str]],
    columns: Mapping[str, GridColumn],
    department_id: int,
    departments: Sequence[DepartmentRow],
    own: Collection[int],
) -> list[Line]:
    """Return the lines that are not blank; without a department of its own a line has the one given."""
    lines = [line for number, cells in enumerate(rows, start=1) if not (line := Line(number, cells)).is_blank]
    directory = Directory(list(departments))
    for line in lines:
        read_cells(line, columns)
        require_cell(line, "amount")
        require_cell(line, "contracted_on", "paid_on")
        require_cell(line, "enterprise", "business_number")
        line.values["department_id"] = department_of(line, directory, department_id, own)
        line.values["contracting_department_id"] = _find(line, "contracting_department", directory)
    called = list_called(
        {str(line.values[name]) for line in lines for name in SUPPLIER_FIELDS if name in line.values}
    )
    for line in lines:
        line.values["enterprise_id"] = _enterprise(line, called)
        if not line.faults:
            line.draft = _draft(line)
    return lines


def _missing(head: Sequence[str | None], wanted: Sequence[Sequence[str]]) -> list[str]:
    """Return what every line needs and no heading names."""
    return [names[0] for names in wanted if not any(name in head for name in names)]


def read_cells(line: Line, columns: Mapping[str, GridColumn]) -> None:
    """Read the cells of a line, noting those that cannot be read."""
    for name, text in line.cells.items():
        try:
            value = columns[name].parse(text)
        except ValueError as error:
            line.faults[name] = str(error)
        else:
            if value is not None:
                line.values[name] = value


def require_cell(line: Line, *names: str) -> None:
    """Note in the line where none of the fields is filled in."""
    if not any(name in line.values or name in line.faults for name in names):
        place = next((name for name in names if name in line.cells), names[0])
        line.faults[place] = _("This cell must be filled in.")


def department_of(line: Line, directory: Directory, otherwise: int, own: Collection[int]) -> int | None:
    """Return the department that a line names, the given one where it names none."""
    if "department" not in line.values:
        return otherwise
    found = _find(line, "department", directory)
    if found is not None and found not in own:
        line.faults["department"] = _("You may not write for this department. Leave it to theirs.")
    return found


def _find(line: Line, name: str, directory: Directory) -> int | None:
    text = line.values.get(name)
    if text is None:
        return None
    try:
        return directory.find(text).id
    except DepartmentNotFound:
        closest = ", ".join(directory.closest_names(text)) or "–"
        line.faults[name] = _("There is no such department. The closest names: %(closest)s.", closest=closest)
    except AmbiguousDepartment as error:
        line.faults[name] = _(
            "Several departments have this name. Write one of these: %(candidates)s.",
            candidates=", ".join(error.candidates),
        )
    return None


def _enterprise(line: Line, called: Mapping[str, Sequence[Called]]) -> int | None:
    names = [name for name in SUPPLIER_FIELDS if name in line.values]
    for name in names:
        found = called[str(line.values[name])]
        if len(found) == 1:
            return found[0].id
        if found:
            line.faults[name] = _(
                "Which enterprise is this? %(candidates)s. Write its business registration number.",
                candidates=", ".join(each.label for each in found),
            )
            return None
    if names:
        line.faults[names[0]] = _("This enterprise is not registered. Register it first.")
    return None


def _draft(line: Line) -> PurchaseDraft:
    paid_on = line.values.get("paid_on")
    day: date = line.values["contracted_on"] if "contracted_on" in line.values else line.values["paid_on"]
    said = {name: line.values[name] for name in FACT_NAMES if name in line.values}
    facts = Facts(**{"fiscal_year": day.year} | said | {"purchased_on": day})
    if paid_on is None:
        return PurchaseDraft(facts=facts)
    whole = PaymentDraft(
        paid_on=paid_on, amount=facts.amount, fiscal_year=facts.fiscal_year, kind=PaymentKind.WHOLE
    )
    return PurchaseDraft(facts=facts, payments=(whole,))
