"""Who a file names: departments and enterprises, found among those registered or planned anew.

What is planned has a negative number until it is stored, so that a preview needs to write nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from heapq import nlargest

from tracker.audit.acting import Acting
from tracker.core.business_number import format_number
from tracker.core.names import normalise_heading, normalise_name
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    Directory,
    list_departments,
)
from tracker.departments.services import add_department
from tracker.enterprises.services import EnterpriseDraft, register_enterprise
from tracker.imports.aliases import department_key, enterprise_key, known_aliases, written_enterprise
from tracker.imports.models import Party
from tracker.imports.options import ImportOptions
from tracker.imports.queries import KnownEnterprise, list_known_enterprises
from tracker.imports.rows import ParsedRow

LEAST_LIKENESS = 0.3


class Names:
    """The names that a file holds: those remembered from before, and those nobody is known by."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self._known = known_aliases(party)
        self.read_as: Counter[tuple[str, int]] = Counter()
        self.unresolved: Counter[tuple[str, str]] = Counter()

    def meant_by(self, key: str) -> int | None:
        """Return whose name it is remembered to be."""
        return self._known.get(key)

    def all_meant(self) -> frozenset[int]:
        """Return all whom remembered names mean."""
        return frozenset(self._known.values())


class Departments:
    """The departments of the body, with those that a file brings."""

    def __init__(self, options: ImportOptions) -> None:
        rows = list_departments()
        self._directory = Directory(rows)
        self._names = {row.id: row.path for row in rows}
        self._root = rows[0].id if rows else None
        self._may_create = options.create_missing
        self._institution = options.institution
        self._only = options.only_departments
        self._found: dict[tuple[str, str | None], int] = {}
        self._new: dict[str, int] = {}
        self._planned: dict[int, tuple[str, str | None]] = {}
        self._stored: dict[int, int] = {}
        self._remembered: set[str] = set()
        self.new_names: list[str] = []
        self.names = Names(Party.DEPARTMENT)

    def name(self, number: int) -> str:
        """Return what a department is called: its path, or what the file calls a new one."""
        return self._names[number]

    def may_enter(self, number: int) -> bool:
        """Return whether rows of this department may come in."""
        return self._only is None or number in self._only

    def find(self, name: str, code: str | None = None) -> int:
        """Return a department's number, by its code before its name.

        Raises DepartmentNotFound (where none may be made) and AmbiguousDepartment.
        """
        key = (name, code)
        if key not in self._found:
            self._found[key] = self._look_up(name, code)
        return self._found[key]

    def find_for(self, row: ParsedRow, field: str, name: str, code: str | None = None) -> int | None:
        """Return a department's number; where there is not exactly one, note it in the row."""
        try:
            number = self.find(name, code)
            if name in self._remembered:
                self.names.read_as[name, number] += 1
            if field != "department" or self.may_enter(number):
                return number
            row.report(field, "department_not_yours")
        except DepartmentNotFound:
            closest = ", ".join(self._directory.closest_names(name)) or "–"
            row.report(field, "department_unknown", closest=closest)
            self.names.unresolved[department_key(name), name] += 1
        except AmbiguousDepartment as error:
            row.report(field, "department_ambiguous", candidates=", ".join(error.candidates))
            self.names.unresolved[department_key(name), name] += 1
        return None

    def stored(self, number: int) -> int:
        """Return the number of a department in the database; planned ones must have been stored."""
        return self._stored.get(number, number)

    def store(self, by: Acting) -> None:
        """Add what is planned, below the institution."""
        if not self._planned:
            return
        if self._root is None:
            self._root = add_department(self._institution, parent_id=None, by=by)
        for number, (name, code) in self._planned.items():
            self._stored[number] = add_department(name, parent_id=self._root, code=code, by=by)
        self._planned.clear()

    def _look_up(self, name: str, code: str | None) -> int:
        wanted = [each for each in (code, name) if each]
        meant = self.names.meant_by(department_key(name))
        for each in wanted:
            try:
                return self._directory.find(each).id
            except DepartmentNotFound:
                continue
            except AmbiguousDepartment:
                if meant is None:
                    raise
                break
        if meant is not None:
            self._remembered.add(name)
            return meant
        if not self._may_create:
            raise DepartmentNotFound(name)
        keys = [normalise_heading(each) for each in wanted]
        for key in keys:
            if key in self._new:
                return self._new[key]
        self.new_names.append(name)
        number = -len(self.new_names)
        self._names[number] = name
        self._planned[number] = (name, code)
        self._new |= dict.fromkeys(keys, number)
        return number


class EnterpriseUnknown(LookupError):
    """No enterprise has this number or name."""


class EnterpriseAmbiguous(LookupError):
    """Which enterprise is meant, a person must decide among the candidates."""

    def __init__(self, candidates: list[KnownEnterprise]) -> None:
        super().__init__(len(candidates))
        self.candidates = [describe_enterprise(known) for known in candidates]


def describe_enterprise(known: KnownEnterprise) -> str:
    """Return an enterprise as people tell it from others: name, number, address."""
    number = known.business_number and format_number(known.business_number)
    told = ", ".join(each for each in (number, known.address) if each)
    return f"{known.name} ({told})" if told else known.name


def likely_enterprises(names: Collection[str], count: int) -> dict[str, list[KnownEnterprise]]:
    """Return for each name the registered enterprises that have most pairs of letters in common with it."""
    wanted = {name: _pairs(name) for name in names}
    with_pair: dict[str, list[str]] = defaultdict(list)
    for name, pairs in wanted.items():
        for pair in pairs:
            with_pair[pair].append(name)
    likely: dict[str, list[tuple[float, KnownEnterprise]]] = defaultdict(list)
    for known in list_known_enterprises() if with_pair else ():
        pairs = _pairs(known.name)
        for name, common in Counter(each for pair in pairs for each in with_pair.get(pair, ())).items():
            likeness = 2 * common / (len(pairs) + len(wanted[name]))
            if likeness >= LEAST_LIKENESS:
                likely[name].append((likeness, known))
    return {
        name: [known for _, known in nlargest(count, found, key=lambda each: each[0])]
        for name, found in likely.items()
    }


def _pairs(name: str) -> set[str]:
    compact = f" {normalise_name(name)} "
    return {compact[start : start + 2] for start in range(len(compact) - 1)}


class Enterprises:
    """The registered enterprises by number and by name, with those that a file brings."""

    def __init__(self) -> None:
        self._by_number: dict[str, KnownEnterprise] = {}
        self._by_name: dict[str, list[KnownEnterprise]] = defaultdict(list)
        self._stored: dict[int, int] = {}
        self._planned: dict[int, KnownEnterprise] = {}
        self.new_names: list[str] = []
        self.names = Names(Party.ENTERPRISE)
        meant = self.names.all_meant()
        self._meant: dict[int, KnownEnterprise] = {}
        for known in list_known_enterprises():
            self._index(known)
            if known.id in meant:
                self._meant[known.id] = known

    def with_number(self, number: str) -> KnownEnterprise | None:
        """Return the enterprise with this 10-digit number."""
        return self._by_number.get(number)

    def namesakes(self, name: str) -> list[KnownEnterprise]:
        """Return the enterprises whose normalised name is this one's."""
        return self._by_name.get(normalise_name(name), [])

    def by_name(self, name: str) -> KnownEnterprise:
        """Return the one enterprise of this name; raises EnterpriseUnknown and EnterpriseAmbiguous."""
        found = self.namesakes(name)
        if not found:
            raise EnterpriseUnknown(name)
        if len(found) > 1:
            raise EnterpriseAmbiguous(found)
        return found[0]

    def meant_by(self, name: str | None, number: str | None) -> KnownEnterprise | None:
        """Return the enterprise that such a row is remembered to mean, unless it names a registered one."""
        if not self._meant:
            return None
        if number is None and (name is None or len(self.namesakes(name)) == 1):
            return None
        meant = self.names.meant_by(enterprise_key(name, number))
        if meant is None:
            return None
        self.names.read_as[written_enterprise(name, number), meant] += 1
        return self._meant[meant]

    def miss(self, name: str | None, number: str | None) -> None:
        """Note that a row names nobody, or nobody in particular."""
        self.names.unresolved[enterprise_key(name, number), written_enterprise(name, number)] += 1

    def name(self, number: int) -> str:
        """Return what an enterprise is called that a remembered name means."""
        return self._meant[number].name

    def plan(self, name: str, number: str | None) -> KnownEnterprise:
        """Take up a new enterprise, not stored yet."""
        self.new_names.append(name)
        known = KnownEnterprise(-len(self.new_names), name, number)
        self._planned[known.id] = known
        self._index(known)
        return known

    def learn(self, known: KnownEnterprise, name: str, number: str | None) -> KnownEnterprise:
        """Keep what a file corrects: another name, or the number that was missing."""
        self._by_name[normalise_name(known.name)].remove(known)
        if known.business_number:
            del self._by_number[known.business_number]
        corrected = known._replace(name=name, business_number=number)
        self._index(corrected)
        return corrected

    def stored(self, number: int) -> int:
        """Return the number of an enterprise in the database; planned ones must have been stored."""
        return self._stored.get(number, number)

    def mark_stored(self, number: int, stored: int) -> None:
        """Remember under which number a planned enterprise now stands in the database."""
        self._stored[number] = stored
        del self._planned[number]

    def is_planned(self, number: int) -> bool:
        """Return whether the enterprise still has to be stored."""
        return number in self._planned

    def store(self, by: Acting) -> None:
        """Register what is planned."""
        for known in list(self._planned.values()):
            draft = EnterpriseDraft(name=known.name, business_number=known.business_number)
            self.mark_stored(known.id, register_enterprise(draft, by))

    def _index(self, known: KnownEnterprise) -> None:
        if known.business_number:
            self._by_number[known.business_number] = known
        self._by_name[normalise_name(known.name)].append(known)
