"""The same purchases in files of every kind: whatever they look like, the same rows come in."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.imports.corpus import FIELDS, PURCHASES, Look, looks, write
from tests.imports.files import adds_up, import_purchases
from tracker.core.vocabulary import Kind
from tracker.extensions import db
from tracker.imports.layouts import recognise
from tracker.imports.models import ImportedRow, ImportSubject
from tracker.imports.reading import Row, texts, workbooks
from tracker.imports.reading.headers import HEADER_WITHIN
from tracker.imports.rows import RowReader
from tracker.imports.stated_sums import StatedSums
from tracker.purchases.models import Purchase

LOOKS = 400
THROUGH_THE_WHOLE_PROGRAM = 6
KINDS = {kind.korean: kind for kind in (Kind.GOODS, Kind.SERVICES, Kind.WORKS)}
EXPECTED = [tuple({**each._asdict(), "kind": KINDS[each.kind]}.values()) for each in PURCHASES]


def rows_of(path: Path) -> list[Row]:
    """Return the rows as the reading process finds them, without the process."""
    file = BytesIO(path.read_bytes())
    is_workbook = workbooks.is_workbook(file.read(8))
    return list((workbooks.open_sheet(file, None) if is_workbook else texts.open_text(file)).rows)


def read(path: Path) -> tuple[list[int], list[tuple[Any, ...]], list[str]]:
    """Return the numbers and values of the rows that count, and what is wrong with the file."""
    rows = rows_of(path)
    recognised = recognise(rows[:HEADER_WITHIN], ImportSubject.PURCHASES)
    assert recognised is not None
    reader = RowReader(recognised, rows[: HEADER_WITHIN + 1])
    numbers, values, problems, sums = [], [], [], StatedSums()
    for row in recognised.rows_below(iter(rows)):
        parsed = reader.read(row)
        if reader.skip_reason(row):
            label = reader.sum_label(row)
            problems += sums.check(parsed, label) if label else []
            continue
        sums.add(parsed)
        numbers.append(row.number)
        values.append(tuple(parsed.get(name) for name in FIELDS))
        problems += parsed.problems
    return numbers, values, [problem.code for problem in (*problems, *sums.finish())]


@pytest.mark.long
def test_what_a_file_looks_like_does_not_matter(tmp_path: Path) -> None:
    wrong = []
    for look in looks(LOOKS):
        path, grid = write(look, tmp_path)
        if (found := read(path)) != (grid.numbers, EXPECTED, []):
            wrong.append((look.name, found))

    assert wrong == []


@pytest.mark.parametrize("look", looks(THROUGH_THE_WHOLE_PROGRAM, seed=2026), ids=lambda look: look.name)
def test_what_is_stored_does_not_depend_on_the_look(app: Flask, tmp_path: Path, look: Look) -> None:  # noqa: ARG001
    path, grid = write(look, tmp_path)

    result = import_purchases(path, create_missing=True, institution="강남구")

    assert (result.imported, result.rejected, adds_up(result)) == (len(PURCHASES), 0, True)
    assert result.amount == sum(purchase.amount for purchase in PURCHASES)
    assert stored() == [
        (number, each.contracted_on, each.amount, KINDS[each.kind], each.contract_name)
        for number, each in zip(grid.numbers, PURCHASES, strict=True)
    ]


def stored() -> list[tuple[Any, ...]]:
    rows = db.session.execute(
        select(
            ImportedRow.row_number,
            Purchase.purchased_on,
            Purchase.amount,
            Purchase.kind,
            Purchase.contract_name,
        )
        .join(Purchase, Purchase.id == ImportedRow.subject_id)
        .order_by(ImportedRow.row_number)
    )
    return [tuple(row) for row in rows]
