"""Files that mean harm, or came to some: each goes in whole or not at all, and says why."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.imports.files import adds_up, import_purchases
from tests.imports.mutations import mutate
from tracker.core.money import Won
from tracker.extensions import db
from tracker.imports.problems import explain_unreadable
from tracker.imports.reading import UnreadableFile
from tracker.imports.results import ImportResult
from tracker.purchases.models import Purchase

FILES = 66
"""Three of every kind."""


def ledger() -> tuple[int, Won]:
    """Return how many purchases there are, and their sum."""
    count, amount = db.session.execute(
        select(func.count(), func.sum(Purchase.amount)).select_from(Purchase)
    ).one()
    return count, int(amount or 0)


def outcome_of(path: Path) -> ImportResult | UnreadableFile:
    try:
        return import_purchases(path, create_missing=True, institution="강남구")
    except UnreadableFile as error:
        return error


def bring(number: int, folder: Path) -> str | None:
    """Take the mutated file of this number in and return why it is refused, None where it is not.

    It fails where half of it went in.
    """
    name, content = mutate(number)
    path = folder / name
    path.write_bytes(content)
    count, amount = ledger()
    result = outcome_of(path)
    path.unlink()
    if isinstance(result, UnreadableFile):
        assert explain_unreadable(result)
        assert ledger() == (count, amount)
        return result.code
    assert adds_up(result)
    assert not (result.imported and result.rejected)
    assert ledger() == (count + result.imported, amount + result.amount)
    assert all(problem.message for problem in result.problems)
    return None if result.imported else "refused"


@pytest.mark.long
def test_hostile_files_go_in_whole_or_not_at_all(app: Flask, tmp_path: Path) -> None:  # noqa: ARG001
    fates = [bring(number, tmp_path) for number in range(FILES)]

    assert {"crashed", "timeout"}.isdisjoint(fates)
    assert None in fates
    assert len(set(fates)) > 5
