"""조직개편: whose "last year" it is after departments were merged, renamed or split."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.departments.queries import DepartmentRow, SuccessionRow


class Reorganisation(NamedTuple):
    """What stands beside a department's row: it was "split" or "merged", from which and into which."""

    kind: str
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass
class Attribution:
    """To whom prior amounts belong. What a split department had stays its own: nobody can divide it."""

    owners: dict[int, int] = field(default_factory=dict)
    merged_from: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    split_from: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    split_into: dict[int, list[int]] = field(default_factory=dict)

    def owner(self, department_id: int) -> int:
        """Return the department in whose row the prior amount of this one stands."""
        return self.owners.get(department_id, department_id)

    def owned_by(self, department_id: int) -> list[int]:
        """Return the departments whose prior amounts stand in the row of this one."""
        own = [department_id] if self.owner(department_id) == department_id else []
        return own + self.merged_from.get(department_id, [])

    def describe(self, department_id: int, names: Mapping[int, str]) -> Reorganisation | None:
        """Return what to say beside the department's row; None where nothing happened."""
        split_from, split_into = (
            self.split_from.get(department_id, []),
            self.split_into.get(department_id, []),
        )
        merged_from = self.merged_from.get(department_id, [])
        merged_into = [self.owner(department_id)] if self.owner(department_id) != department_id else []
        if not (split_from or split_into or merged_from or merged_into):
            return None
        return Reorganisation(
            "split" if split_from or split_into else "merged",
            tuple(names[each] for each in split_from + merged_from),
            tuple(names[each] for each in split_into + merged_into),
        )


def attribute(
    departments: Iterable[DepartmentRow],
    successions: Iterable[SuccessionRow],
    after: date,
    until: date,
    standing_alone: Collection[int] = (),
) -> Attribution:
    """Return whose the prior amounts are, by the reorganisations later than `after` and up to `until`.

    A sole successor takes over, through any chain. Of several successors (the predecessor itself is one where
    it goes on) none does. A department `standing_alone` keeps what it had.
    """
    closed_on = {row.id: row.valid_to for row in departments}
    steps: dict[int, dict[int, date]] = defaultdict(dict)
    for step in successions:
        if after < step.happened_on <= until:
            onward = steps[step.predecessor_id]
            onward[step.successor_id] = step.happened_on
            last_day = closed_on[step.predecessor_id]
            if last_day is None or last_day >= step.happened_on:
                onward[step.predecessor_id] = step.happened_on
    found = Attribution()
    for department_id in steps:
        owner = _follow(department_id, steps)
        if owner != department_id and department_id not in standing_alone:
            found.owners[department_id] = owner
            found.merged_from[owner].append(department_id)
    for department_id, onward in steps.items():
        successors = [each for each in onward if each != department_id]
        if len(onward) > 1:
            found.split_into[department_id] = successors
            for successor_id in successors:
                found.split_from[found.owner(successor_id)].append(department_id)
    return found


def _follow(department_id: int, steps: Mapping[int, Mapping[int, date]]) -> int:
    """Follow sole successors in the order of time; a circle within one day ends where it closes."""
    place = (department_id, date.min)
    seen = {place}
    while True:
        onward = [(to, day) for to, day in steps.get(place[0], {}).items() if day >= place[1]]
        if len(onward) != 1 or onward[0] in seen:
            return place[0]
        place = onward[0]
        seen.add(place)
