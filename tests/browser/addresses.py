"""Every page of the program, read from its table of routes, with addresses that lead to something."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.conftest import build_test_app
from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.extensions import Base, db

# What a parameter names, by its name in the address; the newest row of the table stands for it.
TABLES = {
    "purchase_id": "purchase",
    "enterprise_id": "enterprise",
    "certification_id": "certification",
    "product_id": "product",
    "department_id": "department",
    "batch_id": "import_batch",
    "report_id": "report_snapshot",
    "user_id": "account",
    "job_id": "job",
}


class Place(NamedTuple):
    """A page: its endpoint and an address of it."""

    endpoint: str
    address: str


def places_of(instance: Path) -> list[Place]:
    """Return a place for every route that a browser can open, on this instance."""
    app = build_test_app(instance)
    with app.app_context():
        found = sorted(_places(app))
        db.session.remove()
        db.engine.dispose()
    return found


def _places(app: Flask) -> Iterator[Place]:
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN_ENDPOINTS or _is_for_machines(rule):
            continue
        values = {name: _sample(name) for name in rule.arguments}
        if None in values.values():
            continue
        built = rule.build(values)
        assert built, rule
        yield Place(rule.endpoint, str(built[1]))


def _is_for_machines(rule: Rule) -> bool:
    return rule.rule.startswith("/api/") or rule.endpoint.endswith("static")


def _sample(parameter: str) -> int | None:
    table = Base.metadata.tables[TABLES[parameter]]
    return db.session.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1))
