"""Looking for products across all enterprises: who sells this, certified, nearby, at what price."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy import func as sql

from tracker.core.money import MAX_WON, Won
from tracker.core.names import normalise_name
from tracker.enterprises.listing import PAGE, behind, contains, holds, is_in, says_it_sells
from tracker.enterprises.models import Enterprise, Product
from tracker.extensions import db


class ProductSort(StrEnum):
    """The orders of the list: by name, or the lowest price first and those without price last."""

    NAME = "name"
    PRICE = "price"


@dataclass(frozen=True, kw_only=True)
class ProductFilter:
    """Which products are looked for; None asks nothing.

    text: part of the name, or the beginning of the category code. The rest as for enterprises.
    """

    text: str | None = None
    type: str | None = None
    region: str | None = None
    valid_on: date | None = None
    max_price: Won | None = None
    enterprise_id: int | None = None


class ProductRow(NamedTuple):
    """One product with who sells it."""

    id: int
    name: str
    category_code: str | None
    unit: str | None
    unit_price: Won | None
    description: str | None
    enterprise_id: int
    enterprise: str
    address: str | None


_TABLE = Product.__table__.c
_ORDERS: dict[ProductSort, ColumnElement[Any]] = {
    ProductSort.NAME: _TABLE.normalised_name,
    ProductSort.PRICE: sql.coalesce(_TABLE.unit_price, MAX_WON + 1),
}


def count_products(wanted: ProductFilter) -> int:
    """Return how many products the filter finds."""
    counted = select(sql.count()).select_from(Product).join(Enterprise).where(*_conditions(wanted))
    return db.session.scalar(counted) or 0


def list_products_of_all(
    wanted: ProductFilter, sort: ProductSort, after: int | None = None
) -> tuple[list[ProductRow], bool]:
    """Return the next page behind the product `after`, and whether more follow."""
    column = _ORDERS[sort]
    statement = (
        select(
            Product.id,
            Product.name,
            Product.category_code,
            Product.unit,
            Product.unit_price,
            Product.description,
            Enterprise.id,
            Enterprise.name,
            Enterprise.address,
        )
        .join(Enterprise)
        .where(*_conditions(wanted))
        .order_by(column, Product.id)
    )
    if after is not None:
        found = db.session.execute(select(column).where(_TABLE.id == after)).one_or_none()
        last = behind((column, _TABLE.id), (found[0], after), is_downwards=False) if found else false()
        statement = statement.where(last)
    rows = db.session.execute(statement.limit(PAGE + 1)).all()
    return [ProductRow(*row) for row in rows[:PAGE]], len(rows) > PAGE


def count_sellers_without_product(wanted: ProductFilter) -> int:
    """Return how many enterprises are said to sell it in their description only."""
    if not wanted.text:
        return 0
    listed = exists().where(Product.enterprise_id == Enterprise.id, _is_called(wanted.text))
    conditions = [*_about_enterprise(wanted), says_it_sells(wanted.text), ~listed]
    return db.session.scalar(select(sql.count()).select_from(Enterprise).where(*conditions)) or 0


def _conditions(wanted: ProductFilter) -> Iterator[ColumnElement[bool]]:
    yield from _about_enterprise(wanted)
    if wanted.text:
        yield _is_called(wanted.text)
    if wanted.max_price is not None:
        yield Product.unit_price <= wanted.max_price
    if wanted.enterprise_id is not None:
        yield Product.enterprise_id == wanted.enterprise_id


def _about_enterprise(wanted: ProductFilter) -> Iterator[ColumnElement[bool]]:
    yield from holds(wanted.type, wanted.valid_on)
    if wanted.region:
        yield is_in(wanted.region)


def _is_called(text: str) -> ColumnElement[bool]:
    return or_(
        contains(Product.normalised_name, normalise_name(text)),
        Product.category_code.startswith(text, autoescape=True),
    )
