"""Whatever is done to the ledger in whatever order, its sums are those of a plain reckoning."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.core.vocabulary import Basis, Kind, Measure, PaymentKind
from tracker.extensions import db, total
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import WHOLE, Rollup
from tracker.purchases.services import correct_purchase, record_payment, reverse_in_batch, reverse_purchase

FIRST_DAY = date(2025, 11, 1)
amounts = st.integers(-5_000_000, 50_000_000)
days = st.integers(0, 120).map(lambda number: FIRST_DAY + timedelta(days=number))


class Ledger(RuleBasedStateMachine):
    """A ledger under random acts, beside a dictionary that is kept by hand."""

    departments: tuple[int, int]
    suppliers: tuple[int, int, int]
    plain: dict[int, dict[str, Any]]

    @initialize()
    def start(self) -> None:
        """Begin with nothing that counts."""
        self.plain = {}

    @rule(
        amount=amounts,
        day=days,
        place=st.integers(0, 1),
        supplier=st.integers(0, 2),
        kind=st.sampled_from(Kind),
    )
    def record(self, amount: int, day: date, place: int, supplier: int, kind: Kind) -> None:
        """Record a purchase."""
        identifier = make_purchase(self.departments[place], self.suppliers[supplier], amount, day, kind=kind)
        self.plain[identifier] = {
            "amount": amount,
            "day": day,
            "place": place,
            "supplier": supplier,
            "kind": kind,
            "version": 1,
            "paid": [],
        }

    @rule(data=st.data(), amount=amounts, day=days)
    def pay(self, data: st.DataObject, amount: int, day: date) -> None:
        """Pay a part of a purchase, or have it paid back."""
        if identifier := self.choose(data):
            draft = PaymentDraft(paid_on=day, amount=amount, fiscal_year=day.year, kind=PaymentKind.PROGRESS)
            record_payment(identifier, draft, self.plain[identifier]["version"], BY)
            self.plain[identifier]["paid"].append(draft)
            self.plain[identifier]["version"] += 1

    @rule(data=st.data(), amount=amounts, day=days, place=st.integers(0, 1), supplier=st.integers(0, 2))
    def correct(self, data: st.DataObject, amount: int, day: date, place: int, supplier: int) -> None:
        """Correct everything about a purchase at once."""
        if identifier := self.choose(data):
            known = self.plain[identifier]
            draft = make_draft(
                self.departments[place],
                self.suppliers[supplier],
                amount,
                day,
                kind=known["kind"],
                payments=tuple(known["paid"]),
            )
            correct_purchase(identifier, draft, known["version"], "정정", BY)
            known.update(amount=amount, day=day, place=place, supplier=supplier, version=known["version"] + 1)

    @rule(data=st.data(), is_batch=st.booleans())
    def reverse(self, data: st.DataObject, is_batch: bool) -> None:
        """Take a purchase out."""
        if identifier := self.choose(data):
            known = self.plain.pop(identifier)
            if is_batch:
                reverse_in_batch([identifier], "취소", BY)
            else:
                reverse_purchase(identifier, known["version"], "취소", BY)

    @invariant()
    def sums_are_those_of_the_plain_reckoning(self) -> None:
        """Compare every measure and basis, to the won."""
        counted = {
            Measure.ALL: list(self.plain.values()),
            # The second supplier is social until the end of 2025, the third is owned by a woman.
            Measure.SOCIAL: [p for p in self.plain.values() if p["supplier"] == 1 and p["day"].year == 2025],
            Measure.CERTIFIED: [
                p
                for p in self.plain.values()
                if p["supplier"] == 2 or (p["supplier"] == 1 and p["day"].year == 2025)
            ],
        }
        for measure, purchases in counted.items():
            assert rolled_up(measure, Basis.CONTRACT) == sum(p["amount"] for p in purchases)
            assert rolled_up(measure, Basis.PAYMENT) == sum(d.amount for p in purchases for d in p["paid"])

    def teardown(self) -> None:
        """Reverse what stands, so that the next run begins at zero, and check the whole ledger."""
        reverse_in_batch(sorted(self.plain), "끝", BY)
        assert list(check_ledger()) == []
        assert {rolled_up(measure, basis) for measure in Measure for basis in Basis} == {0}

    def choose(self, data: st.DataObject) -> int | None:
        """Return one of the standing purchases."""
        return data.draw(st.sampled_from(sorted(self.plain))) if self.plain else None


def rolled_up(measure: Measure, basis: Basis) -> int:
    """Return the sum that the rollup holds."""
    return int(
        db.session.scalar(
            select(total(Rollup.amount)).where(
                Rollup.measure == measure, Rollup.basis == basis, Rollup.type == WHOLE
            )
        )
        or 0
    )


@pytest.fixture
def machine(app: Flask) -> type[Ledger]:
    """Return the machine on a database with two departments and three suppliers."""
    assert app
    Ledger.departments = (make_department("총무과"), make_department("민원과"))
    Ledger.suppliers = (
        make_enterprise("일반상사"),
        make_enterprise("온정", ("social", date(2020, 1, 1), date(2025, 12, 31))),
        make_enterprise("한결", ("women_owned", date(2025, 1, 1), date(2027, 12, 31))),
    )
    return Ledger


@pytest.mark.long
def test_sums_follow_any_sequence_of_acts(machine: type[Ledger]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
