"""The command as people call it, on an instance folder that is empty at first."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

REAL_DATA = Path(__file__).parents[3] / "shared" / "data"
COMMAND = Path(sys.executable).with_name("tracker")


class Tracker(NamedTuple):
    """The `tracker` command on one instance folder."""

    instance: Path

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run it and return what it printed; any other exit code than expected fails the test."""
        done = subprocess.run(
            [COMMAND, *arguments],
            env=os.environ | {"TRACKER_INSTANCE": str(self.instance)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def tell(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run it with --json and return the object."""
        told: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect))
        return told


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """Return the command on an empty instance."""
    return Tracker(tmp_path / "instance")


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real files, or skip where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip("The real files are not beside this checkout (../shared/data).")
    return REAL_DATA
