"""A small ledger of known purchases, and what a report about it must say, reckoned from the plain rows."""

from datetime import date
from typing import Any, NamedTuple

from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.core.vocabulary import Affiliation, Directness, Kind, Nature, Tax
from tracker.spending.services import SpendingDraft, record_spending

SINCE = date(2020, 1, 1)
DEPARTMENTS = ("총무과", "복지과", "민원과", "시설공단")
SUPPLIERS = {
    "함께": ("social",),
    "이음": ("social", "village"),
    "사랑": ("coop",),
    "여성상사": ("women_owned",),
}
TYPE_NAMES = {"social": "사회적기업", "village": "마을기업", "coop": "협동조합"}


class Row(NamedTuple):
    """One purchase as it is entered."""

    department: str
    supplier: str
    amount: int
    day: date
    kind: Kind = Kind.GOODS
    tax: Tax = Tax.INCLUDED
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the statutory report for the year counts it."""
        return self.supplier != "여성상사" and not self.options and self.department != "시설공단"


ROWS = (
    Row("총무과", "함께", 1_234_567, date(2025, 3, 2)),
    Row("총무과", "이음", 2_000_500, date(2025, 6, 30), Kind.SERVICES, Tax.EXEMPT),
    Row("복지과", "사랑", 999, date(2025, 12, 31)),
    Row("복지과", "함께", -500, date(2025, 7, 1)),
    Row("시설공단", "함께", 7_000_000, date(2025, 8, 1), Kind.WORKS),
    Row("총무과", "여성상사", 5_000_000, date(2025, 9, 1)),
    Row("총무과", "함께", 300_000, date(2025, 9, 2), options=(("directness", Directness.INDIRECT),)),
    Row("총무과", "이음", 40_000, date(2025, 9, 3), options=(("nature", Nature.CONSIGNMENT),)),
    Row("총무과", "함께", 1_000_000, date(2024, 4, 1)),
    Row("복지과", "사랑", 4_500, date(2024, 11, 30), Kind.SERVICES),
)


class Ledger(NamedTuple):
    """The numbers of what was entered."""

    departments: dict[str, int]
    suppliers: dict[str, int]
    purchases: dict[Row, int]


def enter_ledger() -> Ledger:
    """Enter the rows with the program's own services."""
    affiliated = {"시설공단": Affiliation.AFFILIATED}
    departments = {
        name: make_department(name, affiliation=affiliated.get(name, Affiliation.OWN)) for name in DEPARTMENTS
    }
    suppliers = {
        name: make_enterprise(name, *((code, SINCE, None) for code in held))
        for name, held in SUPPLIERS.items()
    }
    purchases = {
        row: make_purchase(
            departments[row.department],
            suppliers[row.supplier],
            row.amount,
            row.day,
            kind=row.kind,
            tax=row.tax,
            **dict(row.options),
        )
        for row in ROWS
    }
    return Ledger(departments, suppliers, purchases)


def enter_spending(ledger: Ledger, fiscal_year: int, amount: int) -> None:
    """Enter 총구매액 of a department for all kinds."""
    draft = SpendingDraft(
        department_id=ledger.departments["총무과"],
        fiscal_year=fiscal_year,
        kind=Kind.GOODS,
        budget_item="",
        amount=amount,
    )
    record_spending([draft], BY)


def counted(year: int) -> list[Row]:
    """Return the rows that count in the statutory report of the year."""
    return [row for row in ROWS if row.day.year == year and row.counts]


def reckon(
    year: int,
    *,
    department: str | None = None,
    kind: Kind | None = None,
    month: int | None = None,
    type_name: str | None = None,
) -> int:
    """Return the sum of those rows, picked by department, kind, month or type."""
    return sum(
        row.amount
        for row in counted(year)
        if department in (None, row.department)
        and kind in (None, row.kind)
        and month in (None, row.day.month)
        and (type_name is None or type_name in {TYPE_NAMES[code] for code in SUPPLIERS[row.supplier]})
    )
