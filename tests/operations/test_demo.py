"""The made-up district is believable, whole, and the same for the same seed."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func as sql
from sqlalchemy import select

from tests.conftest import build_test_app
from tests.factories import NOW, make_department
from tracker.core.vocabulary import Measure, Role
from tracker.departments.queries import list_departments, list_successions
from tracker.enterprises.models import Certification, Enterprise, Product
from tracker.extensions import db
from tracker.operations.database import prepare_database
from tracker.operations.demo.district import NotEmpty, build_demo
from tracker.operations.verification import verify_instance
from tracker.purchases.models import WHOLE, Payment, Purchase, PurchaseRevision, Rollup

TODAY = date(2026, 11, 24)
PURCHASES = 250


@pytest.fixture
def district(app: Flask) -> Flask:
    """Return an instance with a small district."""
    build_demo(PURCHASES, 7, NOW, TODAY)
    return app


def count(model: type[object]) -> int:
    """Return the number of rows."""
    return db.session.scalar(select(sql.count()).select_from(model)) or 0


def digests() -> list[str]:
    """Return the digests of all revisions in the order of recording."""
    return list(db.session.scalars(select(PurchaseRevision.digest).order_by(PurchaseRevision.purchase_id)))


@pytest.mark.usefixtures("district")
def test_district_has_everything_that_a_real_one_has_and_passes_every_check() -> None:
    current = [row for row in list_departments() if row.parent_id and row.valid_to is None]
    changed = select(sql.count()).select_from(Purchase).where(Purchase.version > 1, ~Purchase.is_reversed)
    reasons = set(db.session.scalars(select(Purchase.reason)))
    sums = dict(
        db.session.execute(
            select(Rollup.measure, sql.sum(Rollup.amount))
            .where(Rollup.type == WHOLE)
            .group_by(Rollup.measure)
        ).all()
    )

    assert (len(current), count(Enterprise), count(Product), count(Purchase)) == (53, 120, 300, PURCHASES)
    assert len(set(db.session.scalars(select(Certification.type)))) == 10
    assert set(db.session.scalars(select(Purchase.fiscal_year))) == {2024, 2025, 2026}
    assert len(list_successions()) == 2
    assert count(Payment) > PURCHASES
    assert db.session.scalar(changed)
    assert db.session.scalar(select(sql.count()).where(Purchase.is_reversed))
    assert {"certified", "expired", "unregistered"} <= reasons
    assert max(db.session.scalars(select(Purchase.purchased_on))) <= TODAY
    assert sums[Measure.ALL] > sums[Measure.CERTIFIED] > sums[Measure.SOCIAL] > sums[Measure.ALL] // 2
    assert {name: found for name, found in verify_instance().items() if found} == {}


@pytest.mark.long
def test_same_seed_makes_the_same_ledger(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert app
    build_demo(120, 7, NOW, TODAY)
    here = digests()
    other = build_test_app(tmp_path_factory.mktemp("other"))
    with other.app_context():
        prepare_database()
        build_demo(120, 7, NOW, TODAY)
        there = digests()
        db.engine.dispose()

    assert here == there
    assert len(here) > 120


@pytest.mark.long
def test_each_role_gets_a_sign_in(app: Flask) -> None:
    assert app

    credentials = build_demo(10, 1, NOW, TODAY)

    assert len(credentials) == len(Role)
    assert len({entry.password for entry in credentials}) == len(Role)


def test_district_does_not_mix_with_what_is_there(app: Flask) -> None:
    assert app
    make_department("총무과")

    with pytest.raises(NotEmpty):
        build_demo(10, 1, NOW, TODAY)
