"""Printing a pickled document into a folder: the process that `tracker bench report` measures."""

import pickle
import sys
from pathlib import Path

from tracker.reports.annexes import print_document

MOST_ROWS = 1_000

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    files = print_document(pickle.loads((folder / "document").read_bytes()), MOST_ROWS)  # noqa: S301
    (folder / "document.pdf").write_bytes(files.document)
    if files.annex is not None:
        (folder / "annex.pdf").write_bytes(files.annex)
