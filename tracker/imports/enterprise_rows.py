"""What the rows of an enterprise list become: enterprises, certifications, status events, new or changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from tracker.audit.acting import Acting
from tracker.core.certification import Certificate, Standing, exceeds_usual_term, standing_on
from tracker.core.names import county_of, normalise_heading, normalise_name
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.editions import Member, listed_later, record_edition
from tracker.enterprises.queries import certificates_of, list_types, type_codes_by_name
from tracker.enterprises.services import CertificationDraft, EnterpriseDraft
from tracker.imports.layouts import Layout
from tracker.imports.options import ImportOptions
from tracker.imports.parties import EnterpriseAmbiguous, Enterprises, EnterpriseUnknown
from tracker.imports.queries import (
    KnownEnterprise,
    certifications_of,
    enterprises_by_id,
    holders_of,
)
from tracker.imports.results import Differences, ImportResult
from tracker.imports.rows import ParsedRow

SUBTYPES = ("지역형", "부처형")
STATUSES = {
    "반납": CertificationEventKind.RETURNED,
    "취소": CertificationEventKind.CANCELLED,
    "만료": CertificationEventKind.EXPIRED,
    "종료": CertificationEventKind.EXPIRED,
    "전환": CertificationEventKind.CONVERTED,
}
STANDING_WORDS = ("유효", "정상", "인증", "지정", "인가", "인정", "확인", "유지", "운영")
# Ends that the list's own dates tell: they need no event.
TOLD_BY_DATES = frozenset({CertificationEventKind.EXPIRED})
# Directories write into a name what became of the office that bears it.
NOTES = re.compile(r"본점\s*변경|지점\s*삭제|[폐페]업|사업자\s*변경|이전\s*사업장")
CERTIFYING = ("number", "valid_from", "valid_to", "status", "status_on")
LASTING = frozenset({Standing.VALID, Standing.NOT_YET, Standing.UNDATED})
LISTED = ("representative", "address", "number", "valid_from", "valid_to")
DESCRIBED = ("representative", "address", "phone", "homepage", "items")


class PlannedStatus(NamedTuple):
    """A status event to record."""

    kind: CertificationEventKind
    happened_on: date


class PlannedChange(NamedTuple):
    """What one row changes; numbers below zero are of what is new. None where nothing differs."""

    row_number: int
    enterprise_id: int
    enterprise: EnterpriseDraft | None
    certification_id: int | None
    certification: CertificationDraft | None
    status: PlannedStatus | None


@dataclass
class _Certification:
    id: int
    draft: CertificationDraft
    events: set[tuple[CertificationEventKind, date]] = field(default_factory=set)


@dataclass
class _Registered:
    draft: EnterpriseDraft
    certifications: list[_Certification] = field(default_factory=list)


class EnterprisePlan:
    """Turns rows into planned changes, chunk by chunk; only the edition it writes itself, at the end."""

    def __init__(self, options: ImportOptions, today: date, result: ImportResult, layout: Layout) -> None:
        self.enterprises = Enterprises()
        self.new_certifications: dict[int, int] = {}  # as planned → as stored
        self._options = options
        self._layout = layout
        self._today = today
        self._result = result
        self._types = {row.code: row for row in list_types()}
        self._codes = type_codes_by_name()
        self._state: dict[int, _Registered] = {}
        self._addresses: dict[int, str] = {}
        self._count_new_certifications = 0
        self._listed: set[int] = set()
        self.members: list[Member] = []  # with numbers as planned, once the whole list has been read
        self._members: dict[tuple[int, int | None], Member] = {}
        self._holders: dict[int, str] = {}
        self._newer: frozenset[int] = frozenset()
        if options.type and options.edition:
            self._holders = self._holders_before()
            # A newer list has spoken of these: an older one that arrives late changes nothing of it.
            self._newer = listed_later(options.type, options.edition)
            result.differences = Differences()

    def plan(self, rows: Sequence[ParsedRow]) -> list[PlannedChange]:
        """Return what these rows change, and account for all of them."""
        matched = [(row, self._match(row)) for row in rows]
        self._load({known.id for _, known in matched if known})
        return [change for row, known in matched if (change := self._decide(row, known))]

    def finish(self) -> list[PlannedChange]:
        """Say what is gone from an edition; a gone enterprise stays as it is."""
        self._result.make([], self.enterprises.new_names)
        if self._result.differences:
            gone = self._holders.keys() - self._listed
            self._result.differences.gone = [self._holders[enterprise_id] for enterprise_id in sorted(gone)]
            self._finish_edition()
        return []

    def keep_edition(self, batch_id: int, by: Acting) -> None:
        """Record the list as an edition, once all that it brings is stored."""
        assert self._options.type
        assert self._options.edition
        members = [
            each._replace(
                enterprise_id=self.enterprises.stored(each.enterprise_id),
                certification_id=self.new_certifications.get(each.certification_id, each.certification_id)
                if each.certification_id
                else None,
            )
            for each in self.members
        ]
        self._result.edition = record_edition(
            self._options.type, self._options.edition, batch_id, members, self._result.rejected, by
        )

    def _match(self, row: ParsedRow) -> KnownEnterprise | None:
        number, name = row.business_number(), row.get("enterprise")
        if number and (known := self.enterprises.with_number(number)):
            if name is None or normalise_name(name) == normalise_name(known.name):
                return known
            row.report("enterprise", "name_differs", name=known.name)
            return (
                known
                if NOTES.search(name) or known.id in self._newer
                else self.enterprises.learn(known, name, number)
            )
        if name is None:
            if not row.is_refused:
                row.report("enterprise", "cell_missing")
            return None
        if row.is_refused:
            return None
        try:
            known = self._by_name(row, name, number)
        except EnterpriseUnknown:
            known = self.enterprises.plan(name, number)
        except EnterpriseAmbiguous as error:
            row.report("enterprise", "enterprise_ambiguous", candidates=", ".join(error.candidates))
            return None
        else:
            if number:
                known = self.enterprises.learn(known, known.name, number)
        if address := row.get("address"):
            self._addresses[known.id] = address
        return known

    def _by_name(self, row: ParsedRow, name: str, number: str | None) -> KnownEnterprise:
        namesakes = self.enterprises.namesakes(name)
        if number:
            # One with another number is another firm, or another branch.
            namesakes = [known for known in namesakes if known.business_number is None]
        if not namesakes:
            raise EnterpriseUnknown(name)
        address = row.get("address")
        here = [known for known in namesakes if address and _is_same_place(self._address(known), address)]
        if len(here) == 1:
            return here[0]
        if len(namesakes) > 1 or (address and self._is_elsewhere(namesakes[0], address)):
            if number:
                row.report("enterprise", "namesake")
                raise EnterpriseUnknown(name)
            raise EnterpriseAmbiguous([known._replace(address=self._address(known)) for known in namesakes])
        return namesakes[0]

    def _address(self, known: KnownEnterprise) -> str | None:
        return self._addresses.get(known.id, known.address)

    def _is_elsewhere(self, known: KnownEnterprise, address: str) -> bool:
        """Return whether a namesake may be another one: one moves between editions, not within them."""
        before = self._address(known)
        if before is None or known.id in self._addresses:
            return before is not None
        counties = county_of(before), county_of(address)
        return None not in counties and counties[0] != counties[1]

    def _load(self, enterprise_ids: set[int]) -> None:
        wanted = {number for number in enterprise_ids if number > 0} - self._state.keys()
        for row in enterprises_by_id(wanted):
            fields = {name: getattr(row, name) for name in EnterpriseDraft.__dataclass_fields__}
            self._state[row.id] = _Registered(EnterpriseDraft(**fields))
        for certification in certifications_of(wanted):
            fields = {name: getattr(certification, name) for name in CertificationDraft.__dataclass_fields__}
            self._state[certification.enterprise_id].certifications.append(
                _Certification(
                    certification.id,
                    CertificationDraft(**fields),
                    {(event.kind, event.happened_on) for event in certification.events},
                )
            )

    def _decide(self, row: ParsedRow, known: KnownEnterprise | None) -> PlannedChange | None:
        type_code = self._type(row)
        if (name := row.get("enterprise")) and NOTES.search(name):
            row.report("enterprise", "name_with_note")
        dates = (row.get("valid_from"), row.get("valid_to"))
        if dates[0] and dates[1] and dates[1] < dates[0]:
            row.report("valid_to", "dates_reversed")
        status = self._status(row) if type_code else None
        if known is None or row.is_refused:
            self._result.reject(row)
            self._note_unread(row, known, type_code)
            return None
        is_new = known.id not in self._state
        state = self._state.setdefault(known.id, _Registered(EnterpriseDraft(name=known.name)))
        is_old = known.id in self._newer
        described = {name: value for name in DESCRIBED if (value := row.get(name)) is not None and not is_old}
        draft = replace(state.draft, name=known.name, business_number=known.business_number, **described)
        changed = draft if is_new or draft != state.draft else None
        state.draft = draft
        certification_id, certification = None, None
        if type_code:
            certification_id, certification = self._certify(row, type_code, state, is_old=is_old)
            self._note_member(row, known, type_code, certification_id, status)
            if is_old and certification is None:
                status = None
            status = self._new_status(state, certification_id, status)
        if not (changed or certification or status):
            self._result.skip("duplicate")
        else:
            self._result.accept(row)
        self._compare(known, type_code, is_changed=bool(changed or certification or status))
        if not (changed or certification or status):
            return None
        return PlannedChange(row.number, known.id, changed, certification_id, certification, status)

    def _type(self, row: ParsedRow) -> str | None:
        text, listed, chosen = row.get("type"), self._layout.type, self._options.type
        marks = self._layout.type_marks
        if marks is not None and text in marks:
            return marks[text]
        if listed and chosen and listed != chosen:
            names = {"listed": self._types[listed].name, "chosen": self._types[chosen].name}
            row.report("type", "type_contradicts", **names)
        code = self._code(text) if text else None
        if code is None and marks is None:
            code = listed or chosen
        if code is None and (text or marks is not None):
            row.report("type", "type_unknown", types=", ".join(each.name for each in self._types.values()))
        elif code is None and any(row.get(field) for field in CERTIFYING):
            row.report("type", "type_missing")
        return code

    def _code(self, text: str) -> str | None:
        normalised = normalise_heading(text)
        for subtype in ("", *SUBTYPES):
            code = self._codes.get(normalised) or self._codes.get(normalised.replace(subtype, ""))
            if code:
                return code
        return None

    def _certify(
        self, row: ParsedRow, type_code: str, state: _Registered, *, is_old: bool
    ) -> tuple[int, CertificationDraft | None]:
        text = row.get("type") or ""
        subtype = next((each for each in SUBTYPES if each in text), None)
        said = {
            name: value
            for name in ("number", "authority", "valid_from", "valid_to")
            if (value := row.get(name)) is not None
        } | ({"subtype": subtype} if subtype else {})
        wanted = CertificationDraft(type=type_code, **said)
        for certification in state.certifications:
            if _is_same_term(certification.draft, wanted):
                draft = certification.draft if is_old else replace(certification.draft, **said)
                changed = draft if draft != certification.draft else None
                certification.draft = draft
                break
        else:
            self._count_new_certifications += 1
            certification = _Certification(-self._count_new_certifications, wanted)
            state.certifications.append(certification)
            changed = wanted
        if changed:
            self._check_term(row, changed)
        return certification.id, changed

    def _check_term(self, row: ParsedRow, draft: CertificationDraft) -> None:
        years = self._types[draft.type].usual_years
        if exceeds_usual_term(draft.valid_from, draft.valid_to, years):
            row.report("valid_to", "unusual_term", years=str(years))

    def _status(self, row: ParsedRow) -> PlannedStatus | None:
        text, on = row.get("status"), row.get("status_on")
        if text is None and on is None:
            return None
        # A day in a column such as 인증취소일 says what happened, whatever the status.
        kind = _status_kind(text or "") or (on and _status_kind(row.heading("status_on")))
        if kind is None:
            if not any(word in (text or "") for word in STANDING_WORDS):
                row.report("status", "status_unknown")
            return None
        valid_to = row.get("valid_to")
        if on is None and valid_to and valid_to <= self._today:
            # The list gives the end itself; an event of that day would take the last day away.
            if kind in TOLD_BY_DATES:
                return None
            on = valid_to
        on = on or self._options.edition
        if on is None:
            row.report("status", "status_undated")
            return None
        return PlannedStatus(kind, on)

    def _new_status(
        self, state: _Registered, certification_id: int, status: PlannedStatus | None
    ) -> PlannedStatus | None:
        [certification] = [each for each in state.certifications if each.id == certification_id]
        if status is None:
            return None
        # Another edition repeats an old cancellation without its date: it happened once.
        if status in certification.events or any(kind is status.kind for kind, _ in certification.events):
            return None
        certification.events.add(status)
        return status

    def _holders_before(self) -> dict[int, str]:
        """Return who held the type on the day of the edition, or is listed with it without dates."""
        assert self._options.type
        assert self._options.edition
        holders = holders_of(self._options.type)
        certificates = certificates_of(holders)
        lasting = {
            enterprise_id
            for enterprise_id in holders
            if any(
                _lasts(each, self._options.type, self._options.edition)
                for each in certificates[enterprise_id]
            )
        }
        return {row.id: row.name for row in enterprises_by_id(lasting)}

    def _compare(self, known: KnownEnterprise, type_code: str | None, is_changed: bool) -> None:
        differences = self._result.differences
        if differences is None or type_code != self._options.type:
            return
        names = None
        if known.id not in self._holders and known.id not in self._listed:
            names = differences.new
        elif known.id in self._holders and is_changed:
            names = differences.changed
        if names is not None and known.name not in names:
            names.append(known.name)
        self._listed.add(known.id)

    def _note_member(
        self,
        row: ParsedRow,
        known: KnownEnterprise,
        type_code: str,
        certification_id: int,
        status: PlannedStatus | None,
    ) -> None:
        if self._result.differences is None or type_code != self._options.type:
            return
        member = Member(
            row.number,
            known.id,
            certification_id,
            name=row.get("enterprise") or known.name,
            status=status and status.kind,
            **{name: row.get(name) for name in LISTED},
        )
        self._members.setdefault((known.id, certification_id), member)

    def _note_unread(self, row: ParsedRow, known: KnownEnterprise | None, type_code: str | None) -> None:
        """Keep who stands in a row that could not be read from seeming to be gone."""
        is_of_list = self._result.differences is not None and type_code in {None, self._options.type}
        if is_of_list and known and known.id > 0:
            self._listed.add(known.id)
            self._members.setdefault((known.id, None), Member(row.number, known.id, None, known.name))

    def _finish_edition(self) -> None:
        """Make an edition of the list, unless it came in before and brings nothing more."""
        is_repeat = self._result.already_imported and not self._result.imported
        listed = sum(each.certification_id is not None for each in self._members.values())
        if listed and not is_repeat:
            self._result.listed = listed
            self.members = list(self._members.values())


def _status_kind(text: str) -> CertificationEventKind | None:
    return next((kind for word, kind in STATUSES.items() if word in text), None)


def _is_same_term(stored: CertificationDraft, said: CertificationDraft) -> bool:
    """Return whether a row means a certification that is known; a new number or a later term is a new one."""
    if stored.type != said.type:
        return False
    if stored.number and said.number and normalise_heading(stored.number) != normalise_heading(said.number):
        return False
    if stored.valid_from and said.valid_from and stored.valid_from != said.valid_from:
        is_later_term = stored.valid_to is not None and said.valid_from > stored.valid_to
        return bool(stored.number and said.number) and not is_later_term
    return True


def _is_same_place(known: str | None, address: str) -> bool:
    return known is not None and known.split() == address.split()


def _lasts(certificate: Certificate, type_code: str, day: date) -> bool:
    return certificate.type == type_code and standing_on(certificate, day) in LASTING
