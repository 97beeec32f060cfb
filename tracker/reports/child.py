"""Heavy renderers run as processes of their own: limited, watched, ended when nobody waits for them."""

import os
import resource
import subprocess
import sys
from tempfile import TemporaryFile
from typing import IO, Self

from tracker.config import ROOT

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 240
MOST_SAID = 1_000_000
FONT_MISSING = 3
"""What the printer ends with where the report font is not installed."""


def limit_this_process() -> None:
    """Bound what this process may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Child:
    """A module of ours that reads standard input and writes a file; it ends with the block at the latest."""

    def __init__(self, module: str, source: bytes) -> None:
        self._files: list[IO[bytes]] = [TemporaryFile() for _ in range(3)]  # noqa: SIM115 - closed below
        given, self._made, self._told = self._files
        given.write(source)
        given.seek(0)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module],
            stdin=given,
            stdout=self._made,
            stderr=self._told,
            cwd=ROOT,
            # Font subsets carry a time: a fixed one makes the bytes the same every time.
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for file in self._files:
            file.close()

    def has_ended(self, within: float) -> bool:
        """Wait a while, and return whether the process is over."""
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def code(self) -> int:
        """Return what the process ended with."""
        return self._process.returncode

    @property
    def data(self) -> bytes:
        """Return what it wrote."""
        self._made.seek(0)
        return self._made.read()

    @property
    def said(self) -> list[str]:
        """Return the lines said so far, their place in the file left alone: the process writes there."""
        return os.pread(self._told.fileno(), MOST_SAID, 0).decode(errors="replace").strip().split("\n")
