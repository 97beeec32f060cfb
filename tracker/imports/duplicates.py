"""Rows that say what is known: repeats within a file are warned of, rows of the ledger are left out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from tracker.core.money import Won
from tracker.imports.queries import (
    LedgerLine,
    ids_by_day_and_amount,
    ledger_lines,
    moved_purchases,
)
from tracker.imports.rows import ParsedRow
from tracker.purchases.drafts import Facts, PurchaseDraft

IDENTIFYING = ("department", "enterprise", "contract_name", "contracted_on", "amount")


class Repeats:
    """Likely duplicates within one file: all go in, each repeat is warned of, whatever the row's number."""

    def __init__(self) -> None:
        self._first: dict[tuple[object, ...], int] = {}

    def note(self, row: ParsedRow, key: tuple[object, ...], amount: Won | None) -> None:
        """Warn where an earlier row has the same key."""
        first = self._first.setdefault(key, row.number)
        if first != row.number:
            field = "contract_name" if amount is None else "amount"
            row.report(field, "duplicate_likely", row=str(first), amount="–" if amount is None else amount)

    def note_unread(self, row: ParsedRow) -> None:
        """Judge a row of a file that lacks a column by what its cells say."""
        self.note(row, tuple(row.text(field) for field in IDENTIFYING), row.get("amount"))


class Recorded:
    """The purchases in the ledger, each of which excuses one row of the file that says the same.

    Only what the file says is compared: the fields `said`, and the fiscal year where the row states it. A
    purchase that was corrected by hand is known by what was recorded first, too.
    """

    def __init__(self, said: Collection[str], newest: int) -> None:
        self._said = tuple(said)
        self._newest = newest
        self._moved = moved_purchases()
        self._used: set[int] = set()

    def take(self, drafts: Sequence[tuple[PurchaseDraft, bool, int | None]]) -> list[bool]:
        """Return for each draft whether it stands in the ledger already.

        With it come whether its year is stated, and the number under which the file says it is recorded.
        """
        if not self._newest:
            return [False] * len(drafts)
        keys = {(draft.facts.purchased_on, draft.facts.amount) for draft, *_ in drafts}
        ids = set(ids_by_day_and_amount(keys, self._newest))
        for key in keys & self._moved.keys():
            ids.update(self._moved[key])
        lines: dict[tuple[date, Won], list[LedgerLine]] = defaultdict(list)
        for line in ledger_lines(ids - self._used):
            for key in {(facts.purchased_on, facts.amount) for facts in line.versions}:
                lines[key].append(line)
        return [
            self._take_one(
                draft, is_year_stated, number, lines.get((draft.facts.purchased_on, draft.facts.amount), ())
            )
            for draft, is_year_stated, number in drafts
        ]

    def _take_one(
        self, draft: PurchaseDraft, is_year_stated: bool, number: int | None, lines: Sequence[LedgerLine]
    ) -> bool:
        if not lines:
            return False
        paid = {(payment.paid_on, payment.amount) for payment in draft.payments}
        for line in lines:
            if (
                line.id not in self._used
                and (number == line.id or (number is None and paid <= line.payments))
                and any(self._is_same(draft.facts, facts, is_year_stated) for facts in line.versions)
            ):
                self._used.add(line.id)
                return True
        return False

    def _is_same(self, row: Facts, recorded: Facts, is_year_stated: bool) -> bool:
        return all(getattr(row, name) == getattr(recorded, name) for name in self._said) and (
            not is_year_stated or row.fiscal_year == recorded.fiscal_year
        )
