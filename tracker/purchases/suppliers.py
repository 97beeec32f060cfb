"""Suppliers to choose from while a purchase is entered, and what is usual with them."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, or_, select
from sqlalchemy import func as sql

from tracker.core.business_number import format_number
from tracker.core.eligibility import judge
from tracker.core.names import normalise_name
from tracker.core.vocabulary import Kind
from tracker.enterprises.listing import contains, is_named
from tracker.enterprises.models import Enterprise, Product
from tracker.enterprises.queries import certificates_of
from tracker.extensions import db
from tracker.purchases.models import Purchase, PurchaseRevision

OFFERED = 12
# What a clerk entered last is looked for among the newest purchases only: there is no index by account.
NEWEST = 20_000
# 함께 (123-45-67890), as a supplier that was chosen is written; or the number alone.
_NUMBER = re.compile(r"\(?([0-9]{3}) ?-? ?([0-9]{2}) ?-? ?([0-9]{5})\)?$")


class Called(NamedTuple):
    """An enterprise as an entry names it."""

    id: int
    name: str
    business_number: str | None

    @property
    def label(self) -> str:
        """Return name and number, by which it is found again."""
        return f"{self.name} ({format_number(self.business_number)})" if self.business_number else self.name


class Supplier(NamedTuple):
    """An enterprise with the types in which it counts on the day; `product` is what the search found."""

    id: int
    name: str
    business_number: str | None
    types: tuple[str, ...]
    product: str | None = None

    @property
    def label(self) -> str:
        """Return name and number, by which it is found again."""
        return Called(self.id, self.name, self.business_number).label


class Usual(NamedTuple):
    """What a department usually buys from a supplier."""

    item: str | None
    kind: Kind


def find_suppliers(text: str, day: date) -> list[Supplier]:
    """Return those found by name, business number or product; the same name, then those that count, first."""
    name = normalise_name(text)
    if not name:
        return []
    product = (
        select(sql.min(Product.name))
        .where(Product.enterprise_id == Enterprise.id, contains(Product.normalised_name, name))
        .scalar_subquery()
    )
    sells = Enterprise.id.in_(select(Product.enterprise_id).where(contains(Product.normalised_name, name)))
    by_name = is_named(text)
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.business_number, product)
        .where(or_(by_name, sells))
        .order_by(Enterprise.normalised_name != name, by_name.desc(), Enterprise.name, Enterprise.id)
        .limit(OFFERED)
    ).all()
    types = types_on([row.id for row in rows], day)
    found = [Supplier(row.id, row.name, row.business_number, types[row.id], row[3]) for row in rows]
    return sorted(found, key=lambda each: (normalise_name(each.name) != name, not each.types))


def called_by_id(enterprise_ids: Collection[int]) -> dict[int, Called]:
    """Return these enterprises by their number in the program; unknown ones are left out."""
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.business_number).where(
            Enterprise.id.in_(enterprise_ids)
        )
    )
    return {row.id: Called(*row) for row in rows}


def list_called(texts: Collection[str]) -> dict[str, list[Called]]:
    """Return whom each text names: the one with the business number in it, else all of exactly that name."""
    numbers = {text: "".join(match.groups()) for text in texts if (match := _NUMBER.search(text.strip()))}
    names = {text: normalise_name(text) for text in texts}
    by_number: dict[str, list[Called]] = defaultdict(list)
    by_name: dict[str, list[Called]] = defaultdict(list)
    for identifier, name, normalised, number in db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.normalised_name, Enterprise.business_number)
        .where(
            or_(
                Enterprise.normalised_name.in_(set(names.values())),
                Enterprise.business_number.in_(set(numbers.values())),
            )
        )
        .order_by(Enterprise.id)
    ):
        by_name[normalised].append(Called(identifier, name, number))
        by_number[number or ""].append(by_name[normalised][-1])
    return {text: by_number.get(numbers.get(text, "-"), []) or by_name.get(names[text], []) for text in texts}


def types_on(enterprise_ids: Collection[int], day: date) -> dict[int, tuple[str, ...]]:
    """Return the types in which a purchase on the day would count, by enterprise."""
    certificates = certificates_of(enterprise_ids)
    return {each: judge(certificates.get(each, ()), day).types for each in enterprise_ids}


def last_supplier(account_id: int) -> int | None:
    """Return the supplier of what this account entered last by hand."""
    newest = select(sql.max(Purchase.id)).scalar_subquery()
    return db.session.scalar(
        select(PurchaseRevision.enterprise_id)
        .where(
            PurchaseRevision.purchase_id > newest - NEWEST,
            PurchaseRevision.number == 1,
            PurchaseRevision.actor_id == account_id,
            PurchaseRevision.change == "",
        )
        .order_by(PurchaseRevision.purchase_id.desc())
        .limit(1)
    )


def usual_purchase(enterprise_id: int, department_id: int | None) -> Usual | None:
    """Return what is bought most often from the supplier: by this department, else by anyone."""
    row = db.session.execute(
        select(Purchase.item, Purchase.kind)
        .where(Purchase.enterprise_id == enterprise_id, Purchase.is_reversed.is_(False))
        .group_by(Purchase.item, Purchase.kind)
        .order_by(
            sql.max(case((Purchase.department_id == department_id, 1), else_=0)).desc(),
            sql.count().desc(),
            sql.max(Purchase.id).desc(),
        )
        .limit(1)
    ).one_or_none()
    return Usual(row.item, row.kind) if row else None
