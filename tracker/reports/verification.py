"""Verifying a frozen report: unaltered, adding up, and what has changed in the ledger since."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from tracker.core.canonical import sha256_hex
from tracker.core.money import Won
from tracker.core.vocabulary import ReportState
from tracker.evidence.files import DamagedFile
from tracker.reports.catalogue import recipe_of
from tracker.reports.life import Step, state_of, steps_of
from tracker.reports.logos import logo_of
from tracker.reports.models import Snapshot
from tracker.reports.queries import find_creation_body, get_snapshot
from tracker.reports.requests import Content


class Change(StrEnum):
    """What became of a purchase since the report: `moved` changes its place in the tables, not the sum."""

    ADDED = "added"
    REMOVED = "removed"
    AMOUNT = "amount"
    MOVED = "moved"


class Difference(NamedTuple):
    """A purchase's share in the report's total now minus then, in won."""

    purchase: int
    amount: Won
    change: Change


class Verification(NamedTuple):
    """`faults` make a report not intact; differences only tell that the ledger went on.

    `prior_difference` is the same for the year compared with, as a whole; None where it had no data. `state`
    is None of a report that is not intact, for its content may say anything; `steps` are what led there.
    """

    id: int
    sha256: str
    state: ReportState | None
    steps: Sequence[Step]
    faults: list[str]
    differences: list[Difference]
    prior_difference: Won | None

    @property
    def is_intact(self) -> bool:
        """Return whether the report is what was frozen."""
        return not self.faults

    @property
    def difference(self) -> Won:
        """Return today's total minus the report's, in won."""
        return sum(each.amount for each in self.differences)


def verify_report(report_id: int) -> Verification:
    """Return what is wrong with the report and what has changed since; UnknownReport when there is none."""
    snapshot = get_snapshot(report_id)
    steps = steps_of([report_id])[report_id]
    if faults := list(_find_alterations(snapshot)):
        # An altered content may say anything: it is not compared with the ledger.
        return Verification(snapshot.id, snapshot.sha256, None, steps, faults, [], None)
    content = json.loads(snapshot.content)
    prior = content["summary"]["total"]["prior"]
    recipe = recipe_of(content)
    now = recipe.today(content)
    faults = [*recipe.find_faults(content), *_find_logo_faults(content)]
    return Verification(
        snapshot.id,
        snapshot.sha256,
        None if faults else state_of(content, steps),
        steps,
        faults,
        list(compare_annexes(content["annex"], now.annex)),
        None if prior is None or now.prior is None else now.prior - prior,
    )


def _find_alterations(snapshot: Snapshot) -> Iterator[str]:
    if sha256_hex(snapshot.content) != snapshot.sha256:
        yield "content"
    body = find_creation_body(snapshot.id)
    if body is None or json.loads(body)["sha256"] != snapshot.sha256:
        yield "audit"


def _find_logo_faults(content: Content) -> Iterator[str]:
    try:
        logo_of(content)
    except DamagedFile:
        yield "logo"


def compare_annexes(frozen: Iterable[Content], today: Iterable[Content]) -> Iterator[Difference]:
    """Yield what became of each purchase that is not the same in both, by its number."""
    then, now = _Places(frozen), _Places(today)
    for purchase_id in sorted(then.amounts.keys() | now.amounts.keys()):
        amount = now.amounts[purchase_id] - then.amounts[purchase_id]
        if purchase_id not in then.places:
            yield Difference(purchase_id, amount, Change.ADDED)
        elif purchase_id not in now.places:
            yield Difference(purchase_id, amount, Change.REMOVED)
        elif amount:
            yield Difference(purchase_id, amount, Change.AMOUNT)
        elif now.places[purchase_id] != then.places[purchase_id]:
            yield Difference(purchase_id, amount, Change.MOVED)


class _Places:
    """Each purchase's amount in won, and where in the tables it stands."""

    def __init__(self, annex: Iterable[Content]) -> None:
        self.amounts: Counter[int] = Counter()
        self.places: dict[int, tuple[str, ...]] = {}
        for line in annex:
            self.amounts[line["id"]] += line["amount"]
            self.places[line["id"]] = (line["department_key"], line["day"], line["kind"], *line["types"])
