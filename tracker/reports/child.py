"""Heavy renderers run as processes of their own: limited, watched, ended when nobody waits for them."""

import os
import resource
import select
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


def read_given() -> bytes:
    """Return what the parent gives this process, once it is there."""
    # The parent closes the other end.
    os.read(int(sys.argv[1]), 1)
    return sys.stdin.buffer.read()


class Child:
    """A module of ours that reads standard input and writes a file; it ends with the block at the latest.

    It loads its libraries while what it will be given is made.
    """

    def __init__(self, module: str) -> None:
        self._files: list[IO[bytes]] = [TemporaryFile() for _ in range(3)]  # noqa: SIM115 - closed below
        self._given, self._made, self._told = self._files
        waiting, gate = os.pipe()
        self._gate = os.fdopen(gate, "wb")
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module, str(waiting)],
            stdin=self._given,
            stdout=self._made,
            stderr=self._told,
            pass_fds=[waiting],
            cwd=ROOT,
            # Font subsets carry a time: a fixed one makes the bytes the same every time.
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        )
        os.close(waiting)
        self._life = os.pidfd_open(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._life)
        self._gate.close()
        for file in self._files:
            file.close()

    def give(self, source: bytes) -> None:
        """Let it read this, and begin."""
        self._given.write(source)
        # Its place in the file is the process's too.
        self._given.seek(0)
        self._gate.close()

    def has_ended(self, within: float) -> bool:
        """Wait a while, and return whether the process is over."""
        if not select.select([self._life], [], [], within)[0]:
            return False
        self._process.wait()
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
