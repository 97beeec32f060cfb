"""The process that reads: watched, limited, and always gone afterwards."""

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.imports.reading.files import read_rows, refusal, write_bytes
from tracker.imports.reading import UnreadableFile, limits, open_sheets, read_sheet
from tracker.imports.reading.rows import Row

CHILDREN = Path("/proc/self/task")


def running_readers() -> set[str]:
    """Return the processes that this one has started and not yet buried."""
    return {child for thread in CHILDREN.iterdir() for child in (thread / "children").read_text().split()}


@pytest.fixture(autouse=True)
def no_reader_stays() -> Iterator[None]:
    """Fail the test that leaves a reading process behind, running or dead."""
    before = running_readers()
    yield
    assert running_readers() <= before


def test_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_sheets(tmp_path / "nothing.csv")


def test_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, b"")
    with path.open("wb") as file:
        file.truncate(limits.MAX_BYTES + 1)

    error = refusal(path)

    assert (error.code, error.parameters) == ("too_large", {"limit": limits.MAX_BYTES})


def test_reader_who_takes_a_few_rows_need_not_take_the_rest(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, b"a,b\n" * 200_000)

    with read_sheet(path) as sheet:
        assert [row.number for row in islice(sheet.rows, 3)] == [1, 2, 3]


def test_reading_process_ends_when_the_reader_fails(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, b"a,b\n" * 200_000)

    with pytest.raises(ZeroDivisionError), read_sheet(path) as sheet:
        next(sheet.rows).number / 0


@pytest.mark.long
def test_rows_pass_through_without_piling_up(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, b"abcdefghij,klmnopqrst\n" * 100_000)

    tracemalloc.start()
    with read_sheet(path) as sheet:
        count = sum(1 for _ in sheet.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 100_000
    assert peak < 2_000_000


def test_waiting_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OPENING_SECONDS", 0)

    assert refusal(write_bytes(tmp_path, b"a,b\n")).code == "timeout"


@pytest.mark.parametrize(
    ("end", "code"),
    [(signal.SIGXCPU, "timeout"), (signal.SIGKILL, "out_of_memory"), (signal.SIGSEGV, "crashed")],
)
def test_death_of_the_reading_process_is_a_refusal(tmp_path: Path, end: signal.Signals, code: str) -> None:
    path = write_bytes(tmp_path, b"a,b\n" * 200_000)
    before = running_readers()

    with read_sheet(path) as sheet:
        (reader,) = running_readers() - before
        os.kill(int(reader), end)
        with pytest.raises(UnreadableFile) as caught:
            list(sheet.rows)

    assert caught.value.code == code


def test_fault_in_the_last_row_is_raised_after_the_rows_before_it(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, "부서,금액\n총무과,1\n감사\ufffd,2\n".encode())
    taken: list[Row] = []

    with pytest.raises(UnreadableFile) as caught, read_sheet(path) as sheet:
        taken.extend(sheet.rows)

    assert caught.value.parameters == {"row": 3, "column": 1}


def test_two_files_are_read_side_by_side(tmp_path: Path) -> None:
    first = write_bytes(tmp_path, b"a,b\n1,2\n", "first.csv")
    second = write_bytes(tmp_path, b"c,d\n3,4\n", "second.csv")

    with read_sheet(first) as one, read_sheet(second) as two:
        pairs = list(zip(one.rows, two.rows, strict=True))

    assert pairs == list(zip(read_rows(first), read_rows(second), strict=True))


def test_reading_process_loads_neither_the_web_nor_the_database() -> None:
    listing = subprocess.run(
        [sys.executable, "-c", "import sys, tracker.imports.reading.child; print(*sys.modules)"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    ).stdout.split()  # fmt: skip

    assert {"flask", "sqlalchemy", "pandas", "flask_babel"}.isdisjoint(listing)
