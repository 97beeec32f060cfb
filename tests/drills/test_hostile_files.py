"""2,000 mutated files, one after another into the same ledger."""

import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from tests.imports.mutations import mutate
from tests.imports.test_hostile_files import bring
from tracker.operations.verification import verify_instance

FILES, RUN = 2_000, 250
MOST_SECONDS = 10


@pytest.mark.parametrize("first", range(0, FILES, RUN))
def test_no_file_breaks_in_stays_or_goes_in_by_halves(app: Flask, tmp_path: Path, first: int) -> None:  # noqa: ARG001
    fates: Counter[str | None] = Counter()
    slowest = (0.0, "")
    for number in range(first, first + RUN):
        began = time.monotonic()
        fate = bring(number, tmp_path)
        slowest = max(slowest, (time.monotonic() - began, mutate(number).name))
        fates[fate] += 1
        assert fate not in ("crashed", "timeout"), mutate(number).name

    sys.stdout.write(f"\n{first}: {dict(fates.most_common())}, slowest {slowest[0]:.1f} s: {slowest[1]}\n")
    assert slowest[0] < MOST_SECONDS, slowest
    assert not any(verify_instance().values())
