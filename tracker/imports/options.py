"""What the person who brings a file says about it."""

from dataclasses import dataclass
from datetime import date

from tracker.core.canonical import canonical_json


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How a file is to be taken in.

    `department` and `year` stand in where cells are empty, `type` where no certification type is said; with
    `edition` the file is the whole list of that type on that day. `institution` names the root of the
    departments where there is none yet. Purchases and spending of other than `only_departments` are refused,
    where these are given. With `late_reason` purchases of closed periods go in, marked with it.
    """

    layout: str | None = None
    department: str | None = None
    year: int | None = None
    create_missing: bool = False
    accept_valid: bool = False
    type: str | None = None
    edition: date | None = None
    institution: str = ""
    only_departments: frozenset[int] | None = None
    late_reason: str = ""

    def given(self) -> frozenset[str]:
        """Return the fields for which an option stands in."""
        stands_in = {"department": self.department, "fiscal_year": self.year}
        return frozenset(field for field, value in stands_in.items() if value is not None)

    def meaning(self) -> str:
        """Return as one text what decides on the content of the rows: the same file so again is a repeat."""
        return canonical_json(
            {
                "layout": self.layout,
                "department": self.department,
                "year": self.year,
                "type": self.type,
                "edition": self.edition,
            }
        )
