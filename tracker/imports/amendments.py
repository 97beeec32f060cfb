"""변경차수: of the revisions of one contract line in a file, the final one counts."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from tracker.imports.rows import ParsedRow

ContractKey = tuple[str, str | None]


def contract_key(row: ParsedRow) -> ContractKey | None:
    """Return under which contract and item number a row stands."""
    number = row.get("contract_number")
    return (number, row.get("contract_item")) if number else None


class Amendments:
    """All revisions that stand in one file, and those that are missing in between."""

    def __init__(self, rows: Iterable[ParsedRow]) -> None:
        self._revisions: dict[ContractKey, set[int]] = defaultdict(set)
        self._final: dict[ContractKey, int] = {}
        for row in rows:
            key, number = contract_key(row), row.get("amendment")
            if key and number is not None:
                self._revisions[key].add(number)
                if row.get("is_final") is not False:
                    self._final[key] = max(number, self._final.get(key, number))

    def is_superseded(self, row: ParsedRow) -> bool:
        """Return whether another revision counts: the file says so, or holds a higher one."""
        if row.get("is_final") is False:
            return True
        key, number = contract_key(row), row.get("amendment")
        return key is not None and number is not None and number < self._final.get(key, number)

    def gap_before(self, key: ContractKey, number: int, known: int | None) -> int | None:
        """Return the revision after which others are missing; `known` is the one that the ledger has."""
        chain = sorted({*self._revisions[key], number} | ({known} if known is not None else set()))
        return next((low for low, high in pairwise(chain) if high - low > 1), None)
