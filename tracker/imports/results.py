"""What an import did, or would do."""

from collections import Counter
from dataclasses import dataclass, field

from tracker.core.money import Won
from tracker.imports.models import ImportSubject
from tracker.imports.problems import Problem, Severity
from tracker.imports.rows import ParsedRow


@dataclass
class Differences:
    """What sets an edition of an official list apart from what was registered: names of enterprises."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


@dataclass
class ImportResult:
    """The account of one file: rows_read = imported + skipped + rejected, the amount that of what went in.

    `is_refused` tells that nothing was stored because of the data.
    """

    subject: ImportSubject
    file: str
    layout: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    rows_read: int = 0
    imported: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    amount: Won = 0
    problems: list[Problem] = field(default_factory=list)
    batch: int | None = None
    already_imported: bool = False
    is_refused: bool = False
    new_departments: int = 0
    new_enterprises: int = 0
    differences: Differences | None = None

    @property
    def warnings(self) -> int:
        """Return how many problems keep nothing out."""
        return sum(problem.severity is Severity.WARNING for problem in self.problems)

    def skip(self, reason: str, rows: int = 1) -> None:
        """Count rows that do not go in although nothing is wrong with them."""
        self.skipped[reason] += rows

    def reject(self, row: ParsedRow) -> None:
        """Count a row that an error keeps out."""
        self.rejected += 1
        self.problems += row.problems

    def accept(self, row: ParsedRow, amount: Won = 0) -> None:
        """Count a row that goes in, with its warnings."""
        self.imported += 1
        self.amount += amount
        self.problems += row.problems

    def refuse(self) -> None:
        """Let nothing go in: the rows that could have are said to be so."""
        self.is_refused = True
        if self.imported:
            self.skip("not_committed", self.imported)
        self.imported = self.amount = self.new_departments = self.new_enterprises = 0
