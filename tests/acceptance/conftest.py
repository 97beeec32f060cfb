"""The commands as people call them, on an instance folder that is empty at first."""

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tracker.cli import COMMANDS

REAL_DATA = Path(__file__).parents[3] / "shared" / "data"
COMMAND = Path(sys.executable).with_name("tracker")


class Tracker(ABC):
    """The `tracker` command on one instance folder."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance

    @abstractmethod
    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run it and return what it printed; any other exit code than expected fails the test."""

    def tell(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run it with --json and return the object."""
        told: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect))
        return told


class Program(Tracker):
    """Each command as a process of its own, as people call it."""

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run it as a process."""
        done = subprocess.run(
            [COMMAND, *arguments],
            env=os.environ | {"TRACKER_INSTANCE": str(self.instance)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


class Commands(Tracker):
    """The same commands inside this process, where they start at once."""

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run it in the application of the test."""
        module, name = COMMANDS[arguments[0]][0].split(":")
        done = CliRunner().invoke(getattr(import_module(module), name), arguments[1:])
        assert done.exit_code == expect, f"{arguments}: {done.exit_code}\n{done.output}\n{done.exception!r}"
        return done.stdout


@pytest.fixture
def program(tmp_path: Path) -> Tracker:
    """Return the program on an instance that does not exist yet."""
    return Program(tmp_path / "instance")


@pytest.fixture
def tracker(app: Flask) -> Tracker:
    """Return the commands on an empty instance."""
    return Commands(app.config["INSTANCE"])


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real files, or skip where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip("The real files are not beside this checkout (../shared/data).")
    return REAL_DATA
