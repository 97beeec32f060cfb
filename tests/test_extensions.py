"""One kind of transaction: all of it or nothing, and no edit is lost between two writers."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.departments.models import Department
from tracker.extensions import UtcDateTime, chunks, db, transaction
from tracker.purchases.models import Purchase
from tracker.purchases.services import StalePurchase, correct_purchase

EDITS = 25


class Interrupted(Exception):
    """Something goes wrong in the middle of an act."""


def test_interrupted_act_leaves_nothing_behind(any_app: Flask) -> None:
    assert any_app

    def act() -> None:
        with transaction():
            make_department("총무과")
            raise Interrupted

    with pytest.raises(Interrupted):
        act()

    assert db.session.scalars(select(Department)).all() == []


@pytest.mark.postgresql
def test_reading_transaction_cannot_write_on_postgresql(postgresql_app: Flask) -> None:
    assert postgresql_app
    with pytest.raises(DBAPIError, match="read-only"):
        db.session.execute(text("UPDATE department SET name = 'x'"))


def test_two_writers_of_one_purchase_lose_no_edit(any_app: Flask) -> None:
    department, supplier = make_department(), make_enterprise()
    purchase_id = make_purchase(department, supplier, 1)
    db.session.remove()
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def add_one_won_again_and_again() -> None:
        try:
            with any_app.app_context():
                for _ in range(EDITS):
                    together.wait(30)
                    while True:
                        seen = db.session.execute(
                            select(Purchase.amount, Purchase.version).where(Purchase.id == purchase_id)
                        ).one()
                        draft = make_draft(department, supplier, seen.amount + 1)
                        try:
                            correct_purchase(purchase_id, draft, seen.version, "하나 더", BY)
                            break
                        except StalePurchase:
                            db.session.rollback()
                db.session.remove()
        except BaseException as failure:
            failures.append(failure)
            raise

    writers = [threading.Thread(target=add_one_won_again_and_again) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    assert db.session.scalars(select(Purchase.amount)).one() == 1 + 2 * EDITS


def test_time_without_zone_is_refused() -> None:
    dialect = type("Dialect", (), {"name": "sqlite"})()

    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001


def test_time_is_kept_in_utc(any_app: Flask) -> None:
    assert any_app
    department = make_department()
    make_purchase(department, make_enterprise())
    seoul = timezone(timedelta(hours=9))
    with transaction():
        db.session.scalars(select(Purchase)).one().created_at = datetime(2026, 1, 1, 8, tzinfo=seoul)
    db.session.expire_all()

    assert db.session.scalars(select(Purchase)).one().created_at == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_quantity_comes_back_as_it_was_entered(any_app: Flask) -> None:
    assert any_app
    make_purchase(make_department(), make_enterprise(), quantity=Decimal("12.50"))
    db.session.expire_all()

    assert str(db.session.scalars(select(Purchase.quantity)).one()) == "12.50"


def test_identifiers_come_in_runs_without_repeats() -> None:
    assert list(chunks([3, 1, 2, 3, 5], size=2)) == [[1, 2], [3, 5]]
