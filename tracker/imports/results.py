"""What an import did, or would do."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.money import Won
from tracker.imports.models import AmendmentRule, ImportSubject
from tracker.imports.parties import Names
from tracker.imports.problems import Problem, Severity
from tracker.imports.rows import ParsedRow

# Of what is new, so many names are told.
NAMES_TOLD = 100


class Side(StrEnum):
    """From which sides the rows that go in are added up."""

    YEAR = "year"
    DEPARTMENT = "department"
    STANDING = "standing"


class Standing(StrEnum):
    """How a purchase counts, where the reason does not say it: a certified one counts, if it is direct."""

    SOCIAL = "social"
    CERTIFIED = "certified"
    INDIRECT = "indirect"


@dataclass
class Sum:
    """How many rows, and what they add up to."""

    rows: int = 0
    amount: Won = 0

    def add(self, amount: Won) -> None:
        """Take one more row in."""
        self.rows += 1
        self.amount += amount


Sums = dict[str, dict[str, Sum]]


def _no_sums() -> Sums:
    return defaultdict(lambda: defaultdict(Sum))


class NamedParties(Protocol):
    """The departments or enterprises that a file names."""

    @property
    def names(self) -> Names:
        """Return the names that the file holds."""

    def name(self, number: int) -> str:
        """Return what one of them is called."""


@dataclass
class Differences:
    """What sets an edition of an official list apart from what was registered: names of enterprises."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


@dataclass
class ImportResult:
    """The account of one file: rows_read = imported + skipped + rejected, the amount that of what went in.

    `is_refused` tells that nothing was stored because of the data. `read_as` holds (party, name as written,
    whom it was remembered to mean, rows), `unresolved` (party, name as compared, as written, rows). `listed`
    counts the certifications of an edition, which is one even where none of its rows changes anything.
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
    new_names: dict[str, list[str]] = field(default_factory=dict)
    sums: Sums = field(default_factory=_no_sums)
    differences: Differences | None = None
    amendments: AmendmentRule | None = None
    read_as: list[tuple[str, str, str, int]] = field(default_factory=list)
    unresolved: list[tuple[str, str, str, int]] = field(default_factory=list)
    listed: int = 0
    edition: int | None = None

    @property
    def goes_in(self) -> bool:
        """Return whether anything is to be stored: rows, or the edition that they are."""
        return bool(self.imported or self.listed)

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

    def accept(self, row: ParsedRow, amount: Won = 0, **sides: str) -> None:
        """Count a row that goes in, with its warnings; `sides` tells where it belongs seen from each Side."""
        self.imported += 1
        self.amount += amount
        self.problems += row.problems
        for side, place in sides.items():
            self.sums[side][place].add(amount)

    def make(self, departments: list[str], enterprises: list[str]) -> None:
        """Note which departments and enterprises are new."""
        self.new_departments, self.new_enterprises = len(departments), len(enterprises)
        self.new_names = {
            "departments": departments[:NAMES_TOLD],
            "enterprises": enterprises[:NAMES_TOLD],
        }

    def tell_names(self, *parties: NamedParties) -> None:
        """Note which names are remembered to mean whom, and which mean nobody known: those of most rows."""
        for each in parties:
            party = each.names.party.value
            self.read_as += [
                (party, written, each.name(number), rows)
                for (written, number), rows in each.names.read_as.most_common(NAMES_TOLD)
            ]
            self.unresolved += [
                (party, key, written, rows)
                for (key, written), rows in each.names.unresolved.most_common(NAMES_TOLD)
            ]

    def refuse(self) -> None:
        """Let nothing go in: the rows that could have are said to be so."""
        self.is_refused = True
        if self.imported:
            self.skip("not_committed", self.imported)
        self.imported = self.amount = self.listed = 0
        self.sums = _no_sums()
        self.make([], [])

    def account(self) -> dict[str, Any]:
        """Return all but the single problems as JSON knows it; this is what a batch keeps."""
        return {
            "layout": self.layout,
            "amendments": self.amendments,
            "encoding": self.encoding,
            "header_row": self.header_row,
            "rows_read": self.rows_read,
            "imported": self.imported,
            "listed": self.listed,
            "skipped": dict(self.skipped),
            "rejected": self.rejected,
            "amount": self.amount,
            "problems": dict(Counter(problem.code for problem in self.problems)),
            "new_departments": self.new_departments,
            "new_enterprises": self.new_enterprises,
            "new_names": self.new_names,
            "read_as": self.read_as,
            "unresolved": self.unresolved,
            "sums": {
                side: {place: [each.rows, each.amount] for place, each in places.items()}
                for side, places in self.sums.items()
            },
            "differences": asdict(self.differences) if self.differences else None,
        }

    def seal(self) -> str:
        """Return a mark of all that a person is told: the same as long as nothing of it changes."""
        return sha256_hex(canonical_json([self.account(), self.already_imported, self.problems]))
