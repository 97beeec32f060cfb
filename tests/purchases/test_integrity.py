"""The check of the ledger finds what was changed behind the program's back."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.factories import make_department, make_enterprise, make_purchase
from tracker.extensions import db, transaction
from tracker.purchases.integrity import check_ledger

pytestmark = pytest.mark.usefixtures("any_app")


@pytest.fixture
def purchase_id() -> int:
    """Return a recorded purchase of a certified supplier."""
    from datetime import date

    return make_purchase(
        make_department(), make_enterprise("온정", ("social", date(2020, 1, 1), None)), 1_000
    )


def tamper(statement: str) -> None:
    """Change the database by hand."""
    with transaction():
        db.session.execute(text(statement))


def test_untouched_ledger_has_nothing_to_find(purchase_id: int) -> None:
    assert purchase_id
    assert list(check_ledger()) == []


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE purchase SET amount = amount + 1", "revisions"),
        ("UPDATE purchase SET department_id = 1", "revisions"),
        ("UPDATE purchase SET is_reversed = (1 = 1)", "revisions"),
        ("UPDATE purchase SET version = 2", "revisions"),
        ("UPDATE purchase SET is_social = (1 = 0)", "verdicts"),
        ("DELETE FROM purchase_verdict", "verdicts"),
        ("UPDATE purchase_verdict SET was_social_economy = (1 = 0)", "verdicts"),
    ],
)
def test_purchase_changed_by_hand_is_named(purchase_id: int, statement: str, check: str) -> None:
    tamper(statement)

    found = [
        (finding.check, finding.subject_id) for finding in check_ledger() if finding.subject == "purchase"
    ]

    assert (check, purchase_id) in found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purchase_rollup SET amount = amount + 1 WHERE type = '' AND measure = 'all'",
        "UPDATE purchase_rollup SET count = 7 WHERE type = 'social' AND measure = 'social'",
        "DELETE FROM purchase_rollup WHERE measure = 'certified' AND type = ''",
    ],
)
def test_sum_that_is_off_is_found(purchase_id: int, statement: str) -> None:
    tamper(statement)

    assert purchase_id
    assert [finding.check for finding in check_ledger()] == ["rollup"]


def test_revision_rewritten_with_a_new_digest_contradicts_the_audit_event(
    purchase_id: int, rewrite_revision: Callable[[int, int], None]
) -> None:
    rewrite_revision(purchase_id, 2_000)

    assert "audit_event" in {finding.check for finding in check_ledger()}


@pytest.fixture
def rewrite_revision() -> Callable[[int, int], None]:
    """Return what a knowing attacker does: amount, revision and digest alike, the trigger out of the way."""
    from tracker.purchases.drafts import digest_of, facts_of
    from tracker.purchases.models import PurchaseRevision

    def rewrite(purchase_id: int, amount: int) -> None:
        with transaction():
            if db.engine.dialect.name == "sqlite":
                db.session.execute(text("DROP TRIGGER purchase_revision_no_update"))
            else:
                db.session.execute(text("ALTER TABLE purchase_revision DISABLE TRIGGER USER"))
            db.session.execute(text("UPDATE purchase SET amount = :amount"), {"amount": amount})
            db.session.execute(text("UPDATE purchase_revision SET amount = :amount"), {"amount": amount})
            db.session.expire_all()
            revision = db.session.get(PurchaseRevision, (purchase_id, 1))
            db.session.execute(
                text("UPDATE purchase_revision SET digest = :digest"),
                {"digest": digest_of(facts_of(revision))},
            )

    return rewrite
