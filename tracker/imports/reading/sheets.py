"""Files as the rest of the program reads them; a process of its own bears what they may do."""

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tracker.imports.reading import limits
from tracker.imports.reading.pipe import decode
from tracker.imports.reading.rows import Row, Sheet, SheetInfo, UnreadableFile

READER = "tracker.imports.reading.child"
ROOT = Path(__file__).parents[3]  # where the child finds the package, installed or not
CHUNK_BYTES = 64 * 1024
# The child reads on while this process works; a pipe of the usual 64 KiB would let them take turns.
PIPE_BYTES = 1024**2


def open_sheets(path: Path) -> list[SheetInfo]:
    """Return the sheets that the file offers, in its order. Raises UnreadableFile and OSError."""
    with _reading(path, "sheets") as messages:
        ((_, sheets),) = messages
        return [SheetInfo(*sheet) for sheet in sheets]


@contextmanager
def read_sheet(path: Path, sheet: str | None = None) -> Iterator[Sheet]:
    """Open one sheet; its rows stream and take no memory here.

    Without a name it is the first sheet with any cell, hidden ones last. Raises UnreadableFile on opening and
    while rows are taken (a fault may stand in the last row), OSError where there is no such file.
    """
    wish = ["rows"] if sheet is None else ["rows", sheet]
    with _reading(path, *wish) as messages:
        _, name, encoding = next(messages)
        rows = (Row(number, tuple(cells)) for run in messages for number, cells in run)
        yield Sheet(name, encoding, rows)


@contextmanager
def _reading(path: Path, *wish: str) -> Iterator[Iterator[Any]]:
    with path.open("rb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", READER, *wish],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
    assert process.stdout
    with suppress(OSError):  # where the system grants no more, the usual size will do
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    with process:
        try:
            yield _messages(process)
        finally:
            process.kill()


def _messages(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    """Return what the process writes; after its last word it ends by itself."""
    for line in _lines(process):
        message = decode(line)
        match message:
            case ["end"]:
                process.wait()
                return
            case ["error", code, parameters]:
                process.wait()
                raise UnreadableFile(code, **parameters)
        yield message
    raise UnreadableFile(_cause_of_death(process.wait()))


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Return the lines written, as long as the time spent waiting for them stays within the limits."""
    assert process.stdout
    output = process.stdout.fileno()
    readiness = select.poll()
    readiness.register(output, select.POLLIN)
    seconds_left: float = limits.OPENING_SECONDS
    is_opening = True
    unfinished: list[bytes] = []
    while True:
        began = time.monotonic()
        if not readiness.poll(max(0, seconds_left) * 1000):
            raise UnreadableFile("timeout")
        seconds_left -= time.monotonic() - began
        chunk = os.read(output, CHUNK_BYTES)
        if not chunk:
            return
        if is_opening:
            seconds_left, is_opening = limits.READING_SECONDS, False
        *finished, rest = chunk.split(b"\n")
        for part in finished:
            yield b"".join([*unfinished, part]).decode()
            unfinished = []
        unfinished.append(rest)


def _cause_of_death(status: int) -> str:
    match -status:
        case signal.SIGXCPU:
            return "timeout"
        case (
            signal.SIGABRT | signal.SIGKILL
        ):  # calamine where it gets no memory, the system where it has none
            return "out_of_memory"
    return "crashed"
