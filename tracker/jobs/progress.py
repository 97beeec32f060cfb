"""How far a job is, and the wish to cancel it: small files, for a long write locks the database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from flask import current_app


class Cancelled(Exception):
    """The person asked the job to stop; what it did not commit is rolled back."""


class WorkerEnds(Exception):
    """The worker was told to end; what the job did not commit is rolled back."""


class Reached(NamedTuple):
    """How far a job is; a `total` of 0 means that nobody knows how much there is."""

    done: int = 0
    total: int = 0
    text: str = ""


def job_folder() -> Path:
    """Return the folder of these files, made when it is not there."""
    folder = Path(current_app.config["INSTANCE"]) / "jobs"
    folder.mkdir(exist_ok=True)
    return folder


class Progress:
    """What a task tells while it works. Every report is a place where it can be cancelled."""

    def __init__(self, job_id: int, is_ending: Callable[[], bool] = lambda: False) -> None:
        self._is_ending = is_ending
        folder = job_folder()
        self._file = folder / f"{job_id}.progress"
        self._wish = folder / f"{job_id}.cancel"
        self._written: tuple[int, str] | None = None

    def report(self, done: int, total: int, text: str = "") -> None:
        """Tell that `done` of `total` steps are behind us. Raises Cancelled when that was asked for."""
        if self._is_ending():
            raise WorkerEnds
        if self._wish.exists():
            raise Cancelled
        step = (100 * done // total if total else done, text)
        if step != self._written:
            self._written = step
            unfinished = self._file.with_suffix(".writing")
            unfinished.write_text(json.dumps([done, total, text]), encoding="utf-8")
            unfinished.replace(self._file)

    def reached(self) -> Reached:
        """Return what was told last."""
        try:
            return Reached(*json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Reached()

    def ask_to_cancel(self) -> None:
        """Let the next report end the job; before it began it will not begin."""
        self._wish.touch()

    def is_cancel_asked(self) -> bool:
        """Return whether somebody asked."""
        return self._wish.exists()

    def forget(self) -> None:
        """Remove the files of a job that has ended."""
        for file in (self._file, self._wish):
            file.unlink(missing_ok=True)
