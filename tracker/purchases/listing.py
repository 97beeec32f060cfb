"""Looking through the ledger: what is filtered, in which order, from where on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    case,
    exists,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy import func as sql

from tracker.core.eligibility import Reason, counts_in
from tracker.core.money import Won
from tracker.core.vocabulary import Basis, ContractMethod, Directness, Kind, Measure, Nature, Tax, Word
from tracker.departments.models import Department
from tracker.enterprises.listing import compact, contains, is_named
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, total
from tracker.purchases.models import WHOLE, Purchase, Rollup, Verdict
from tracker.purchases.queries import READ_CHUNK, types_of

PAGE = 50


class Sort(Word):
    """The orders of the list; within one value the purchase recorded last comes first."""

    NEWEST = "newest", "구매일 최근순"
    OLDEST = "oldest", "구매일 오래된순"
    AMOUNT = "amount", "금액 큰 순"
    DEPARTMENT = "department", "부서명순"
    ENTERPRISE = "enterprise", "업체명순"
    RECORDED = "recorded", "최근 입력순"


class Order(NamedTuple):
    """The column a list goes by, and whether downwards."""

    column: ColumnElement[Any]
    is_downwards: bool


_TABLE = Purchase.__table__
_ID = _TABLE.c.id
ORDERS: Mapping[Sort, Order] = {
    Sort.NEWEST: Order(_TABLE.c.purchased_on, is_downwards=True),
    Sort.OLDEST: Order(_TABLE.c.purchased_on, is_downwards=False),
    Sort.AMOUNT: Order(_TABLE.c.amount, is_downwards=True),
    Sort.DEPARTMENT: Order(Department.__table__.c.name, is_downwards=False),
    Sort.ENTERPRISE: Order(Enterprise.__table__.c.name, is_downwards=False),
    Sort.RECORDED: Order(_ID, is_downwards=True),
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which purchases are looked for; None asks nothing.

    text: part of item, contract name or contract number. enterprise: part of a name or business number.
    is_counted: whether they count as social economy, as the totals do (`Measure.SOCIAL`).
    """

    text: str | None = None
    fiscal_year: int | None = None
    start: date | None = None
    end: date | None = None
    department_ids: Collection[int] | None = None
    enterprise: str | None = None
    enterprise_id: int | None = None
    kind: Kind | None = None
    type: str | None = None
    method: ContractMethod | None = None
    is_counted: bool | None = None
    with_reversed: bool = False


class PurchaseRow(NamedTuple):
    """One purchase as a list or a file shows it; `types` are those in which it counts."""

    id: int
    fiscal_year: int
    purchased_on: date
    department_id: int
    department: str
    enterprise_id: int
    enterprise: str
    business_number: str | None
    item: str | None
    kind: Kind
    contract_name: str | None
    contract_number: str | None
    method: ContractMethod
    amount: Won
    tax: Tax
    directness: Directness
    nature: Nature
    reason: Reason
    is_social: bool
    is_certified: bool
    is_reversed: bool
    note: str | None
    types: tuple[str, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Return whether it counts as social economy."""
        return not self.is_reversed and counts_in(
            Measure.SOCIAL,
            is_social=self.is_social,
            is_certified=self.is_certified,
            directness=self.directness,
            nature=self.nature,
        )

    @property
    def subject(self) -> str | None:
        """Return what was bought, in the words there are."""
        return self.item or self.contract_name


class Found(NamedTuple):
    """How many purchases a filter finds and what they add up to; reversed ones stand beside them."""

    number: int
    amount: Won
    reversed_number: int


def sum_purchases(wanted: Filter) -> Found:
    """Return count and sum of all purchases that the filter finds."""
    if _is_told_by_rollup(wanted):
        return _sum_of_rollup(wanted)
    stands = case((Purchase.is_reversed, 0), else_=1)
    rows, standing, amount = db.session.execute(
        select(sql.count(), total(stands), total(stands * Purchase.amount)).where(*_conditions(wanted))
    ).one()
    return Found(int(standing), int(amount), rows - int(standing))


def list_purchases(wanted: Filter, sort: Sort, after: int | None = None) -> tuple[list[PurchaseRow], bool]:
    """Return the next page behind the purchase `after`, and whether more follow."""
    rows = db.session.execute(_select(wanted, sort, after).limit(PAGE + 1)).all()
    return _with_types(rows[:PAGE]), len(rows) > PAGE


def iterate_rows(wanted: Filter, sort: Sort) -> Iterator[PurchaseRow]:
    """Yield every purchase that the filter finds, in constant memory."""
    rows = iter(db.session.execute(_select(wanted, sort, None).execution_options(yield_per=READ_CHUNK)))
    while run := list(islice(rows, READ_CHUNK)):
        yield from _with_types(run)


def _is_told_by_rollup(wanted: Filter) -> bool:
    """Return whether the filter asks only what the monthly sums know: they answer at once for any year."""
    rest = replace(wanted, fiscal_year=None, department_ids=None, kind=None, type=None, is_counted=None)
    return rest == Filter() and wanted.is_counted is not False


def _sum_of_rollup(wanted: Filter) -> Found:
    conditions = [
        Rollup.basis == Basis.CONTRACT,
        Rollup.measure == (Measure.SOCIAL if wanted.is_counted else Measure.ALL),
        Rollup.type == (wanted.type or WHOLE),
    ]
    if wanted.fiscal_year is not None:
        conditions.append(Rollup.fiscal_year == wanted.fiscal_year)
    if wanted.department_ids is not None:
        conditions.append(Rollup.department_id.in_(wanted.department_ids))
    if wanted.kind is not None:
        conditions.append(Rollup.kind == wanted.kind)
    number, amount = db.session.execute(
        select(total(Rollup.count), total(Rollup.amount)).where(*conditions)
    ).one()
    return Found(int(number), int(amount), 0)


def _with_types(rows: Sequence[Row[Any]]) -> list[PurchaseRow]:
    types = types_of([row.id for row in rows])
    return [PurchaseRow(**row._mapping, types=types[row.id]) for row in rows]


_COLUMNS = (
    *(
        _TABLE.c[name]
        for name in PurchaseRow._fields
        if name not in ("department", "enterprise", "business_number", "types")
    ),
    Department.name.label("department"),
    Enterprise.name.label("enterprise"),
    Enterprise.business_number,
)


def _select(wanted: Filter, sort: Sort, after: int | None) -> Select[Any]:
    column, is_downwards = ORDERS[sort]
    place = (column, _ID)
    statement = _joined(*_COLUMNS).where(*_conditions(wanted))
    if after is not None:
        # The place is looked up anew: a purchase that moved meanwhile neither repeats nor hides others.
        last = tuple_(_joined(column).where(_TABLE.c.id == after).scalar_subquery(), literal(after))
        here = tuple_(*place)
        statement = statement.where(here < last if is_downwards else here > last)
    return statement.order_by(*((each.desc() if is_downwards else each) for each in place))


def _joined(*columns: SQLColumnExpression[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Purchase)
        .join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
    )


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    equal: dict[Any, object] = {
        Purchase.fiscal_year: wanted.fiscal_year,
        Purchase.enterprise_id: wanted.enterprise_id,
        Purchase.kind: wanted.kind,
        Purchase.method: wanted.method,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if wanted.start:
        yield Purchase.purchased_on >= wanted.start
    if wanted.end:
        yield Purchase.purchased_on <= wanted.end
    if wanted.department_ids is not None:
        yield Purchase.department_id.in_(wanted.department_ids)
    if wanted.enterprise:
        yield Purchase.enterprise_id.in_(select(Enterprise.id).where(is_named(wanted.enterprise)))
    if wanted.text:
        yield or_(
            *(
                contains(sql.lower(sql.replace(column, " ", "")), compact(wanted.text))
                for column in (Purchase.item, Purchase.contract_name, Purchase.contract_number)
            )
        )
    if wanted.type:
        yield exists().where(
            Verdict.purchase_id == Purchase.id,
            Verdict.type == wanted.type,
            Verdict.is_eligible,
            Verdict.replaced_in.is_(None),
        )
    if wanted.is_counted is not None:
        counted = and_(
            Purchase.is_social,
            Purchase.directness == Directness.DIRECT,
            Purchase.nature == Nature.PURCHASE,
            not_(Purchase.is_reversed),
        )
        yield counted if wanted.is_counted else not_(counted)
    if not wanted.with_reversed:
        yield not_(Purchase.is_reversed)
