"""What each database offers to slip past a trigger is closed too."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import BY
from tracker.audit.services import record_event
from tracker.extensions import db, transaction


def test_sqlite_refuses_replacing_an_event(app: Flask) -> None:
    assert app
    record_event(BY, "test.act", "thing")

    with pytest.raises(DBAPIError, match=r"append-only|must grow"), transaction():
        db.session.execute(text("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event"))


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["audit_event", "report_snapshot", "purchase_revision"])
def test_postgresql_refuses_truncating(postgresql_app: Flask, table: str) -> None:
    assert postgresql_app
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(f"TRUNCATE {table} CASCADE"))
