"""A small body to walk through: things of one's own department and of another's, and who may come."""

import hashlib
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule

from tests.client import Browser, Person, make_user
from tests.evidence.papers import keep
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.config import DATABASE_FILE
from tracker.core.vocabulary import Kind, Role
from tracker.extensions import Base, db
from tracker.spending.services import SpendingDraft, record_spending
from tracker.targets.services import PlanDraft, plan_purchases


@dataclass
class World:
    """Two departments, each with a purchase; `values` holds an address's arguments: the own, the other's."""

    own: int
    other: int
    people: dict[Role, Person]
    values: dict[str, tuple[int, int]]
    things: dict[str, int | str]  # of no department

    def knows(self, rule: Rule) -> bool:
        """Return whether what the rule's addresses name is there."""
        return bool(rule.arguments) and rule.arguments <= self.values.keys() | self.things.keys()

    def addresses(self, rule: Rule) -> Iterator[tuple[str, int | None]]:
        """Yield addresses that the rule matches, and of which department what stands there is."""
        bound = set(rule.arguments) & set(self.values)
        for position, department in enumerate((self.own, self.other) if bound else (None,)):
            values = {
                name: self.values[name][position]
                if name in bound
                else self.things.get(name) or _anything(rule, name)
                for name in rule.arguments
            }
            built = rule.build(values)
            assert built
            yield str(built[1]), department


def build_world() -> World:
    """Return the body, with an account of each role; the clerk's belongs to the first department."""
    own, other = make_department("총무과"), make_department("복지과")
    enterprise = make_enterprise("함께", ("social", date(2020, 1, 1), None))
    purchases = make_purchase(own, enterprise), make_purchase(other, enterprise)
    people = {role: make_user(f"the.{role}", role, own if role is Role.CLERK else None) for role in Role}
    drafts = [
        SpendingDraft(
            department_id=department, fiscal_year=2026, kind=Kind.GOODS, budget_item="", amount=5_000_000
        )
        for department in (own, other)
    ]
    figures = record_spending(drafts, BY)
    values = {
        "department_id": (own, other),
        "purchase_id": purchases,
        "spending_id": (figures[0].spending_id or 0, figures[1].spending_id or 0),
        "line_id": (_planned(own), _planned(other)),
        "evidence_id": (keep(purchases[0]), keep(purchases[1])),
    }
    return World(
        own,
        other,
        people,
        values,
        {
            "account_id": make_user("somebody.else").id,
            "enterprise_id": enterprise,
            "fiscal_year": 2026,
            "scheme": "social_economy",
            "deadline_id": 1,
        },
    )


def _planned(department: int) -> int:
    """Return a line of the department's plan."""
    draft = PlanDraft(
        fiscal_year=2026,
        department_id=department,
        scheme="social_economy",
        item="복사용지",
        kind=Kind.GOODS,
        amount=1_000_000,
    )
    [line] = plan_purchases([draft], BY)
    return line


def closed_rules(app: Flask) -> list[Rule]:
    """Return every rule of the application that is not open to strangers."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN_ENDPOINTS]


def requests(app: Flask, world: World) -> list[tuple[Rule, str, str, int | None]]:
    """Return every rule × method × address of the application: (rule, method, address, department)."""
    return [
        # OPTIONS is answered without asking the page, and tells nothing but the methods.
        (rule, method, address, None if method == "OPTIONS" else department)
        for rule in closed_rules(app)
        for method in sorted(rule.methods or ())
        for address, department in world.addresses(rule)
    ]


def contents_digest(but_for: Collection[str] = ()) -> str:
    """Return a digest over every row of every table but those named."""
    digest = hashlib.sha256()
    db.session.rollback()
    for table in Base.metadata.sorted_tables:
        if table.name not in but_for:
            for row in db.session.execute(select(table).order_by(*table.primary_key)):
                digest.update(repr((table.name, *row)).encode())
    db.session.rollback()
    return digest.hexdigest()


class Rewinder:
    """Brings the database back to where it was, so that each request meets the same one."""

    def __init__(self, instance: Path) -> None:
        self._file = instance / DATABASE_FILE
        self._copy = instance / "copy"
        self._close()
        shutil.copy(self._file, self._copy)

    def rewind(self) -> None:
        """Put the copy in place."""
        self._close()
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._file.with_name(DATABASE_FILE + suffix).unlink()
        shutil.copy(self._copy, self._file)

    def _close(self) -> None:
        db.session.remove()
        db.engine.dispose()


def headers_of(browser: Browser) -> dict[str, str]:
    """Return the headers by which a person signed in sends something: session and token, come what may."""
    token = browser.token("/account/password")
    cookie = browser.get_cookie("session")
    assert cookie
    return {"X-CSRFToken": token, "Cookie": f"session={cookie.value}"}


def _anything(rule: Rule, name: str) -> object:
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "x"
