"""What a person should know before a purchase is saved: verdict, contract limit, likely duplicates."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func as sql
from sqlalchemy import select, tuple_

from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.contract_limits import LimitCode, LimitFinding, check_limit
from tracker.core.eligibility import Judgement, judge
from tracker.core.money import Won
from tracker.enterprises.queries import certificates_of, share_on, shares_of
from tracker.extensions import db
from tracker.purchases.drafts import Facts
from tracker.purchases.models import Purchase

TwinKey = tuple[int, int, date, Won]


class Twin(NamedTuple):
    """A purchase in the ledger of the same department, enterprise, date and amount."""

    id: int
    subject: str | None


class Check(NamedTuple):
    """What is known of one purchase before it is saved.

    repeats: numbers of the lines before it in the same entry that say the same, counted from 1.
    """

    facts: Facts
    judgement: Judgement
    limit: LimitFinding | None
    twins: tuple[Twin, ...]
    repeats: tuple[int, ...]

    @property
    def is_lapsed(self) -> bool:
        """Return whether the enterprise has certifications, but none that held on the purchase date."""
        return bool(self.judgement.verdicts) and not self.judgement.is_certified

    @property
    def has_other_year(self) -> bool:
        """Return whether it stands in the books of another year than that of its date."""
        return self.facts.fiscal_year != self.facts.purchased_on.year

    @property
    def exceeds_limit(self) -> bool:
        """Return whether it is above the limit of a negotiated contract."""
        return self.limit is not None and self.limit.code is LimitCode.EXCEEDED

    @property
    def has_warnings(self) -> bool:
        """Return whether there is something to read before it is saved."""
        return bool(self.is_lapsed or self.has_other_year or self.exceeds_limit or self.twins or self.repeats)


def check_purchases(lines: Sequence[Facts], leaving_out: int | None = None) -> list[Check]:
    """Return what is known of each purchase; `leaving_out` is the one being corrected, no twin of itself."""
    enterprise_ids = {facts.enterprise_id for facts in lines}
    certificates, shares = certificates_of(enterprise_ids), shares_of(enterprise_ids)
    twins = _twins_of({_key(facts) for facts in lines}, leaving_out)
    seen: dict[TwinKey, list[int]] = defaultdict(list)
    checks = []
    for number, facts in enumerate(lines, start=1):
        judgement = judge(certificates.get(facts.enterprise_id, ()), facts.purchased_on)
        share = share_on(shares[facts.enterprise_id], facts.purchased_on)
        checks.append(
            Check(
                facts,
                judgement,
                limit_of(facts, judgement, share),
                tuple(twins[_key(facts)]),
                tuple(seen[_key(facts)]),
            )
        )
        seen[_key(facts)].append(number)
    return checks


def seal(checks: Sequence[Check]) -> str:
    """Return a short mark of what the checks say: the same as long as a person has nothing new to read."""
    said = [
        [
            check.facts.enterprise_id,
            check.facts.purchased_on.isoformat(),
            [[verdict.type, verdict.reason.value] for verdict in check.judgement.verdicts],
            check.limit and [check.limit.code.value, check.limit.article],
            check.has_other_year,
            [twin.id for twin in check.twins],
            list(check.repeats),
        ]
        for check in checks
    ]
    return sha256_hex(canonical_json(said))[:16]


def limit_of(facts: Facts, judgement: Judgement, share: Decimal | None) -> LimitFinding | None:
    """Return what the limits of negotiated contracts say; `share` is that of vulnerable workers then."""
    return check_limit(
        day=facts.purchased_on,
        law=facts.law,
        method=facts.method,
        ground=facts.ground,
        kind=facts.kind,
        amount=facts.amount,
        tax=facts.tax,
        estimated_price=facts.estimated_price,
        firm_types=judgement.types,
        vulnerable_share=share,
        quotations=facts.quotations,
    )


def _key(facts: Facts) -> TwinKey:
    return facts.department_id, facts.enterprise_id, facts.purchased_on, facts.amount


def _twins_of(keys: Collection[TwinKey], leaving_out: int | None) -> dict[TwinKey, list[Twin]]:
    found: dict[TwinKey, list[Twin]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Purchase.id,
            Purchase.department_id,
            Purchase.enterprise_id,
            Purchase.purchased_on,
            Purchase.amount,
            sql.coalesce(Purchase.item, Purchase.contract_name),
        )
        .where(
            tuple_(
                Purchase.department_id, Purchase.enterprise_id, Purchase.purchased_on, Purchase.amount
            ).in_(sorted(keys)),
            Purchase.is_reversed.is_(False),
            Purchase.id != (leaving_out or 0),
        )
        .order_by(Purchase.id)
    )
    for identifier, department_id, enterprise_id, day, amount, subject in rows:
        found[department_id, enterprise_id, day, amount].append(Twin(identifier, subject))
    return found
