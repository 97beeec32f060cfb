"""The procurement data hub's real export: in once, out whole, in again."""

from pathlib import Path

import pytest

from tests.acceptance.conftest import Tracker

FINAL_ROWS, FINAL_AMOUNT, SUPERSEDED = 2_072, 197_260_397_162, 154

pytestmark = pytest.mark.acceptance


def total_of_2026(tracker: Tracker) -> tuple[int, int]:
    total = tracker.tell("totals", "--year", "2026", "--of", "all")["total"]
    return total["count"], total["current"]


def test_final_revisions_count_once_and_come_out_whole(tracker: Tracker, real_data: Path) -> None:
    take_in = ("import", "purchases", str(real_data / "procurement-hub-export.csv"), "--create-missing")

    first = tracker.tell(*take_in)
    assert (first["imported"], first["amount"], first["rejected"]) == (FINAL_ROWS, FINAL_AMOUNT, 0)
    assert first["skipped"]["superseded_revision"] == SUPERSEDED
    assert (first["rows_read"], first["header_row"], first["encoding"]) == (2_226, 46, "utf-16le")
    assert total_of_2026(tracker) == (FINAL_ROWS, FINAL_AMOUNT)

    again = tracker.tell(*take_in)
    assert (again["already_imported"], again["imported"], again["amount"]) == (True, 0, 0)
    assert total_of_2026(tracker) == (FINAL_ROWS, FINAL_AMOUNT)

    tracker.run("batches", "undo", str(first["batch"]), "--reason", "잘못 올림")
    assert total_of_2026(tracker) == (0, 0)

    third = tracker.tell(*take_in)
    assert (third["already_imported"], third["amount"]) == (False, FINAL_AMOUNT)
    assert total_of_2026(tracker) == (FINAL_ROWS, FINAL_AMOUNT)
    assert tracker.tell("verify")["intact"]


def test_without_leave_to_make_what_is_missing_nothing_goes_in(tracker: Tracker, real_data: Path) -> None:
    told = tracker.tell("import", "purchases", str(real_data / "procurement-hub-export.csv"), expect=1)

    assert (told["batch"], told["imported"], told["amount"]) == (None, 0, 0)
    assert told["rows_read"] == told["imported"] + told["rejected"] + sum(told["skipped"].values())
    assert {problem["code"] for problem in told["problems"] if problem["severity"] == "error"} == {
        "department_unknown",
        "enterprise_unknown",
    }
    assert total_of_2026(tracker) == (0, 0)
