"""What is bought from an enterprise: sums of the ledger for the pages of enterprises."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Subquery, and_, case, exists, select
from sqlalchemy import func as sql
from sqlalchemy.orm import aliased

from tracker.core.money import Won
from tracker.core.vocabulary import Directness, Nature
from tracker.departments.models import Department
from tracker.extensions import chunks, db, total
from tracker.purchases.models import Purchase, Verdict

SHOWN_YEARS = 5


class YearSum(NamedTuple):
    """What was bought in a fiscal year; `counted` of it counts as social economy."""

    amount: Won
    counted: Won
    number: int


class Buyer(NamedTuple):
    """A department that bought; one with departments below it is a group."""

    name: str
    is_group: bool


class Bought(NamedTuple):
    """The latest fiscal years with purchases; `amounts` are by department and year."""

    years: Mapping[int, YearSum]
    departments: Mapping[int, Buyer]
    amounts: Mapping[tuple[int, int], Won]


class Judged(NamedTuple):
    """How many purchases, and what they add up to."""

    number: int
    amount: Won


def amounts_by_enterprise(fiscal_year: int) -> Subquery:
    """Return `enterprise_id` and `amount` of everything bought in the year, by contract."""
    return (
        select(Purchase.enterprise_id, total(Purchase.amount).label("amount"))
        .where(Purchase.fiscal_year == fiscal_year, Purchase.is_reversed.is_(False))
        .group_by(Purchase.enterprise_id)
        .subquery()
    )


def amounts_of(enterprise_ids: Collection[int], fiscal_year: int) -> dict[int, Won]:
    """Return what was bought in the year from each of these enterprises."""
    found = dict.fromkeys(enterprise_ids, 0)
    for run in chunks(enterprise_ids):
        rows = db.session.execute(
            select(Purchase.enterprise_id, total(Purchase.amount))
            .where(
                Purchase.enterprise_id.in_(run),
                Purchase.fiscal_year == fiscal_year,
                Purchase.is_reversed.is_(False),
            )
            .group_by(Purchase.enterprise_id)
        )
        found |= {enterprise_id: int(amount) for enterprise_id, amount in rows}
    return found


def bought_from(enterprise_id: int) -> Bought:
    """Return the sums of the latest years in which anything was bought, by department."""
    counts = and_(
        Purchase.is_social, Purchase.directness == Directness.DIRECT, Purchase.nature == Nature.PURCHASE
    )
    below = aliased(Department)
    rows = db.session.execute(
        select(
            Purchase.fiscal_year,
            Department.id,
            Department.name,
            exists().where(below.parent_id == Department.id).label("is_group"),
            total(Purchase.amount).label("amount"),
            total(case((counts, Purchase.amount), else_=0)),
            sql.count(),
        )
        .join(Department, Department.id == Purchase.department_id)
        .where(Purchase.enterprise_id == enterprise_id, Purchase.is_reversed.is_(False))
        .group_by(Purchase.fiscal_year, Department.id, Department.name)
        .order_by(Department.name, Department.id)
    ).all()
    years = dict.fromkeys(sorted({row.fiscal_year for row in rows})[-SHOWN_YEARS:], YearSum(0, 0, 0))
    shown = [row for row in rows if row.fiscal_year in years]
    for year, _, _, _, amount, counted, number in shown:
        before = years[year]
        years[year] = YearSum(
            before.amount + int(amount), before.counted + int(counted), before.number + number
        )
    return Bought(
        years,
        {row.id: Buyer(row.name, row.is_group) for row in shown},
        {(row.id, row.fiscal_year): int(row.amount) for row in shown},
    )


def judged_valid(enterprises: Collection[int], certifications: Collection[int], since: date) -> Judged:
    """Return the purchases from that day on that count because of these certifications of the enterprises."""
    number, amount = db.session.execute(
        select(sql.count(), total(Purchase.amount))
        .select_from(Purchase)
        .join(Verdict, Verdict.purchase_id == Purchase.id)
        .where(
            Purchase.enterprise_id.in_(enterprises),
            Verdict.certification_id.in_(certifications),
            Verdict.is_eligible,
            Verdict.replaced_in.is_(None),
            Purchase.purchased_on >= since,
            Purchase.is_reversed.is_(False),
        )
    ).one()
    return Judged(number, int(amount))
