"""Measuring the program against what people would use instead, on made-up data, both in the same run."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from flask import Flask

from tracker.config import DATABASE_FILE, ROOT, load_settings
from tracker.core.business_number import has_valid_checksum
from tracker.core.vocabulary import Measure
from tracker.enterprises.queries import list_types
from tracker.extensions import db
from tracker.totals.queries import answer
from tracker.totals.questions import By, Question

RIVALS = Path(__file__).with_name("rivals.py")
YEAR = 2025
DEPARTMENTS = 53
MOST_ENTERPRISES = 2_000
TYPES = ("사회적기업", "예비사회적기업", "마을기업", "자활기업", "사회적협동조합", "여성기업", "장애인기업")
ENTERPRISE_HEADINGS = ("사업자등록번호", "업체명", "인증유형", "인증번호", "인증일", "만료일")
PURCHASE_HEADINGS = (
    "부서", "사업자등록번호", "업체명", "품목", "수량", "단위", "구분",
    "계약명", "계약일", "지급일", "금액", "계약방법", "통계목",
)  # fmt: skip


class Cost(NamedTuple):
    """What a run took: seconds of computing, seconds on the clock, and memory in MB at its highest."""

    cpu: float
    wall: float | None
    memory: float | None


class Outcome(NamedTuple):
    """One comparison; a ratio below 1 says that the program takes less."""

    name: str
    rows: int
    ours: Cost
    rival: Cost
    against: str = "pandas"

    @property
    def ratio(self) -> float:
        """Return how much more computing the program takes."""
        return self.ours.cpu / self.rival.cpu

    @property
    def ratio_on_the_clock(self) -> float | None:
        """Return how much longer the program takes; None where that was not measured of both."""
        ours, rival = self.ours.wall, self.rival.wall
        return None if ours is None or rival is None else ours / rival


def measure(names: Sequence[str], rows: int) -> list[Outcome]:
    """Return the comparisons of these names, on so many made-up purchases of two years."""
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        bench = _Bench(Path(folder), rows)
        return [BENCHMARKS[name](bench) for name in names]


class _Bench:
    """An instance of its own, filled from a file the first time that it is needed."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.rows = rows
        self._folder = folder
        self._file = folder / "purchases.xlsx"
        self._instance = folder / "instance"
        self._imported: Cost | None = None
        rng = random.Random(rows)  # noqa: S311 - made-up data
        numbers = [_business_number(serial) for serial in range(min(rows, MOST_ENTERPRISES))]
        _write(folder / "enterprises.xlsx", [ENTERPRISE_HEADINGS, *_certifications(numbers)])
        _write(self._file, [PURCHASE_HEADINGS, *(_purchase(serial, numbers, rng) for serial in range(rows))])

    def take_in(self) -> Cost:
        """Take the file in by the command, and return what that cost."""
        if self._imported is None:
            self._tracker("import", "enterprises", str(self._folder / "enterprises.xlsx"))
            self._imported, _ = self._tracker("import", "purchases", str(self._file), "--create-missing")
        return self._imported

    def take_in_by_rival(self) -> Cost:
        """Put the file into a database with pandas, unchecked."""
        cost, _ = _run(
            [sys.executable, str(RIVALS), "take_in", str(self._file), str(self._folder / "rival.db")]
        )
        return cost

    def store_by_rival(self) -> Cost:
        """Let SQLite put the rows that became of the file into the same tables, and do nothing else."""
        database = str(self._instance / DATABASE_FILE)
        _, output = _run([sys.executable, str(RIVALS), "store", database, str(self._folder / "stored.db")])
        return Cost(json.loads(output)["seconds"], None, None)

    def add_up(self) -> Cost:
        """Ask for the totals of two years by department in every type."""
        self.take_in()
        # An application that knows nothing but the database.
        app = Flask(__name__)
        app.config.update(load_settings({"TRACKER_INSTANCE": str(self._instance)}))
        db.init_app(app)
        with app.app_context():
            types = [row.code for row in list_types()]
            began, began_at = time.process_time(), time.perf_counter()
            for code in types:
                answer(Question(YEAR, of=Measure.CERTIFIED, by=By.DEPARTMENT, type=code))
            cost = Cost(time.process_time() - began, time.perf_counter() - began_at, None)
            db.session.remove()
            db.engine.dispose()
        return cost

    def add_up_by_rival(self) -> Cost:
        """Read the two years from the same tables with pandas and reshape them."""
        database = str(self._instance / DATABASE_FILE)
        _, output = _run([sys.executable, str(RIVALS), "add_up", database, str(YEAR)])
        return Cost(json.loads(output)["seconds"], None, None)

    def _tracker(self, *arguments: str) -> tuple[Cost, str]:
        return _run([sys.executable, "-m", "tracker.cli", *arguments, "--json"], self._instance)


def _import(bench: _Bench) -> Outcome:
    return Outcome("import", bench.rows, bench.take_in(), bench.take_in_by_rival())


def _storing(bench: _Bench) -> Outcome:
    return Outcome("storing", bench.rows, bench.take_in(), bench.store_by_rival(), "SQLite")


def _totals(bench: _Bench) -> Outcome:
    return Outcome("totals", bench.rows, bench.add_up(), bench.add_up_by_rival())


BENCHMARKS: dict[str, Callable[[_Bench], Outcome]] = {
    "import": _import,
    "storing": _storing,
    "totals": _totals,
}


def _run(command: list[str], instance: Path | None = None) -> tuple[Cost, str]:
    """Run a command to its end and return what it and its own children cost, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"TRACKER_INSTANCE": str(instance)} if instance else {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own modules
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.DEVNULL
        )
        # wait4, for what resource.getrusage tells of children is the highest memory of all so far.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        output.seek(0)
        return Cost(used.ru_utime, wall, used.ru_maxrss / 1024), output.read()


def _write(file: Path, rows: Sequence[Sequence[object]]) -> None:
    options = {"default_date_format": "yyyy-mm-dd", "constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(file), options) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def _certifications(numbers: Sequence[str]) -> list[tuple[object, ...]]:
    started = date(YEAR - 2, 1, 1)
    return [
        (
            number,
            f"함께기업{serial:04}",
            TYPES[(serial + further) % len(TYPES)],
            f"제{serial}-{further}호",
            started + timedelta(days=serial % 600),
            date(YEAR, 12, 31),
        )
        for serial, number in enumerate(numbers)
        for further in range(1 + serial % 2)
    ]


def _purchase(serial: int, numbers: Sequence[str], rng: random.Random) -> tuple[object, ...]:
    enterprise = rng.randrange(len(numbers))
    day = date(YEAR - 1, 1, 1) + timedelta(days=rng.randrange(731))
    return (
        f"제{rng.randrange(DEPARTMENTS) + 1}과",
        numbers[enterprise],
        f"함께기업{enterprise:04}",
        rng.choice(("복사용지", "청소용역", "도시락", "현수막")),
        rng.randrange(1, 100),
        "개",
        rng.choice(("물품", "용역", "공사")),
        f"구매계약 {serial}",
        day,
        min(day + timedelta(days=20), date(day.year, 12, 31)),
        rng.randrange(1, 5_000) * 1_000,
        rng.choice(("수의계약", "일반경쟁")),
        "201-01",
    )


def _business_number(serial: int) -> str:
    """Return a made-up number with a good checksum."""
    head = f"99981{serial:04}"
    return next(f"{head}{last}" for last in range(10) if has_valid_checksum(f"{head}{last}"))
