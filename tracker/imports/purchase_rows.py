"""What the rows of a purchase file become: new purchases, revisions of known ones, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tracker.core.contract_limits import LimitCode, PriceBasis
from tracker.core.eligibility import Judgement, Reason
from tracker.core.names import normalise_name
from tracker.core.vocabulary import Directness, Kind, Nature, PaymentKind
from tracker.enterprises.queries import Records, share_on, shares_of
from tracker.imports.amendments import Amendments, ContractKey, contract_key
from tracker.imports.duplicates import Recorded, Repeats
from tracker.imports.layouts import Recognised
from tracker.imports.models import AmendmentRule
from tracker.imports.options import ImportOptions
from tracker.imports.parties import Departments, EnterpriseAmbiguous, Enterprises, EnterpriseUnknown
from tracker.imports.problems import Problem
from tracker.imports.queries import ContractLine, contract_lines, newest_purchase
from tracker.imports.results import ImportResult, Standing
from tracker.imports.rows import ParsedRow
from tracker.purchases.closings import Change, closings_of
from tracker.purchases.drafts import FACT_NAMES, Facts, PaymentDraft, PurchaseDraft
from tracker.purchases.queries import payments_of
from tracker.purchases.warnings import limit_of

PRICE_BASES = {PriceBasis.ESTIMATED: "추정가격 기준", PriceBasis.CONTRACT_AMOUNT: "계약금액 기준"}
ENDED = frozenset({Reason.EXPIRED, Reason.RETURNED, Reason.CANCELLED, Reason.CONVERTED})
FACTS_SAID = frozenset(FACT_NAMES)
FACTS_OF_PARTIES = {
    "department": "department_id",
    "contracting_department": "contracting_department_id",
    "business_number": "enterprise_id",
    "enterprise": "enterprise_id",
}


class PlannedPurchase(NamedTuple):
    """A row that goes in: as a new purchase, or as the next revision of the one it amends."""

    row_number: int
    draft: PurchaseDraft
    amends: int | None = None


@dataclass
class _Candidate:
    row: ParsedRow
    draft: PurchaseDraft | None
    key: tuple[object, ...]
    skipped: str | None = None
    amends: ContractLine | None = None

    @property
    def is_open(self) -> bool:
        return self.draft is not None and self.skipped is None


Revisions = tuple[list[tuple[_Candidate, ContractKey, int]], dict[tuple[str, str | None], list[ContractLine]]]


class PurchasePlan:
    """Turns rows into planned purchases, chunk by chunk; it writes nothing."""

    def __init__(
        self,
        recognised: Recognised,
        options: ImportOptions,
        amendments: Amendments | None,
        result: ImportResult,
    ) -> None:
        self.departments = Departments(options)
        self.enterprises = Enterprises()
        self._options = options
        self._amendments = amendments
        self._are_increments = recognised.amendments is AmendmentRule.INCREMENTS
        self._result = result
        said = recognised.header.columns.keys()
        facts_said = {FACTS_OF_PARTIES.get(field, field) for field in said} & (
            set(FACT_NAMES) - {"fiscal_year"}
        )
        self._said = tuple(sorted(facts_said | {"department_id", "purchased_on"}))
        self._newest = newest_purchase()
        self._recorded = Recorded(self._said, self._newest)
        self._repeats = Repeats()
        self._amended: set[int] = set()
        self.records = Records()
        self._shares: dict[int, list[tuple[date, Decimal]]] = {}
        self._has_kind = "kind" in said
        if not self._has_kind:
            row, heading = recognised.header.row_number, recognised.heading("kind")
            result.problems.append(Problem(row, heading, None, "kind_unknown"))

    def plan(self, rows: Sequence[ParsedRow]) -> list[PlannedPurchase]:
        """Return what these rows become, and account for all of them."""
        candidates = []
        for row in rows:
            if self._amendments and self._amendments.is_superseded(row):
                self._result.skip("superseded_revision")
            else:
                candidates.append(self._candidate(row))
        self._leave_out_recorded(candidates)
        if self._amendments:
            self._find_amended(candidates, self._amendments)
        elif self._are_increments:
            self._leave_out_counted(candidates)
        self._know_enterprises(candidates)
        self._hold_closed(candidates)
        return [planned for candidate in candidates if (planned := self._decide(candidate))]

    def finish(self) -> list[PlannedPurchase]:
        """Tell how many departments and enterprises are new; every row has been accounted for."""
        self._result.make(self.departments.new_names, self.enterprises.new_names)
        self._result.tell_names(self.departments, self.enterprises)
        return []

    def _candidate(self, row: ParsedRow) -> _Candidate:
        amount = row.require("amount")
        row.require("contracted_on", "paid_on")
        said_of = row.values.get
        paid_on = row.get("paid_on")
        day = row.get("contracted_on") or paid_on
        department = self._department(row, "department", self._options.department)
        contracting = self._department(row, "contracting_department", None)
        enterprise = self._enterprise(row)
        key = (
            department if department is not None else row.text("department"),
            enterprise if enterprise is not None else (row.text("business_number"), row.text("enterprise")),
            said_of("contract_name"),
            day or row.text("contracted_on"),
            amount if amount is not None else row.text("amount"),
        )
        if row.is_refused:
            return _Candidate(row, None, key)
        year = said_of("fiscal_year") or self._options.year or day.year
        if year != day.year:
            row.report("fiscal_year", "year_mismatch", year=str(year), day=day)
        if self._has_kind and said_of("kind") in (None, Kind.UNCLASSIFIED):
            row.report("kind", "kind_unknown")
        said = {name: value for name, value in row.values.items() if value is not None and name in FACTS_SAID}
        said["department_id"] = department
        said["contracting_department_id"] = contracting
        said["enterprise_id"] = enterprise
        said["purchased_on"] = day
        said["fiscal_year"] = year
        facts = Facts.saying(said)
        payments: tuple[PaymentDraft, ...] = ()
        if paid_on:
            payments = (
                PaymentDraft(paid_on=paid_on, amount=amount, fiscal_year=year, kind=PaymentKind.WHOLE),
            )
        return _Candidate(row, PurchaseDraft(facts=facts, payments=payments), key)

    def _department(self, row: ParsedRow, field: str, otherwise: str | None) -> int | None:
        code = row.get("department_code") if field == "department" else None
        name: str | None = row.get(field) or code or otherwise
        if name is None:
            if field == "department":
                row.require(field)
            return None
        return self.departments.find_for(row, field, name, code)

    def _enterprise(self, row: ParsedRow) -> int | None:
        number, name = row.business_number(), row.get("enterprise")
        may_create = self._options.create_missing
        if number and (known := self.enterprises.with_number(number)):
            if name and name != known.name and normalise_name(name) != normalise_name(known.name):
                row.report("enterprise", "name_differs", name=known.name)
            return known.id
        if meant := self.enterprises.meant_by(name, number):
            return meant.id
        if name is None:
            if number:
                row.report("business_number", "enterprise_unknown")
                self.enterprises.miss(None, number)
            elif not row.is_refused:
                row.report("enterprise", "cell_missing")
            return None
        try:
            if number is None:
                return self.enterprises.by_name(name).id
            # The name is registered without number: one firm, or head office and branch?
            without_number = [each for each in self.enterprises.namesakes(name) if not each.business_number]
            if without_number and not may_create:
                raise EnterpriseAmbiguous(without_number)
            if without_number:
                row.report("enterprise", "namesake")
            raise EnterpriseUnknown(name)
        except EnterpriseAmbiguous as error:
            row.report("enterprise", "enterprise_ambiguous", candidates=", ".join(error.candidates))
            self.enterprises.miss(name, number)
        except EnterpriseUnknown:
            if may_create and not row.is_refused:
                return self.enterprises.plan(name, number).id
            if not may_create:
                row.report("enterprise", "enterprise_unknown")
                self.enterprises.miss(name, number)
        return None

    def _leave_out_recorded(self, candidates: Sequence[_Candidate]) -> None:
        known = [(candidate, candidate.draft) for candidate in candidates if candidate.draft is not None]
        taken = self._recorded.take(
            [
                (draft, candidate.row.get("fiscal_year") is not None, candidate.row.get("purchase_number"))
                for candidate, draft in known
            ]
        )
        for (candidate, _), is_recorded in zip(known, taken, strict=True):
            if is_recorded:
                candidate.skipped = "duplicate"
            elif number := candidate.row.get("purchase_number"):
                candidate.row.report("purchase_number", "recorded_differs", number=str(number))

    def _revisions(self, candidates: Sequence[_Candidate]) -> Revisions:
        """Return the rows that say which revision of a contract line they are, and what stands of those."""
        waiting = [
            (candidate, key, candidate.row.get("amendment"))
            for candidate in candidates
            if candidate.is_open
            and (key := contract_key(candidate.row))
            and candidate.row.get("amendment") is not None
        ]
        return waiting, contract_lines({key[0] for _, key, _ in waiting}, self._newest)

    def _leave_out_counted(self, candidates: Sequence[_Candidate]) -> None:
        """Leave out increments that what stands in the ledger holds already, whichever way it counted."""
        waiting, standing = self._revisions(candidates)
        for candidate, key, number in waiting:
            if any(line.amendment >= number for line in standing.get(key, [])):
                candidate.skipped = "superseded_revision"

    def _find_amended(self, candidates: Sequence[_Candidate], amendments: Amendments) -> None:
        waiting, standing = self._revisions(candidates)
        for candidate, key, number in waiting:
            lines = standing.get(key, [])
            known = max((line.amendment for line in lines), default=None)
            if known is not None and (known >= number or any(line.id in self._amended for line in lines)):
                candidate.skipped = "superseded_revision"
                continue
            if len(lines) > 1:
                purchases = ", ".join(str(line.id) for line in lines)
                candidate.row.report("contract_number", "revision_ambiguous", purchases=purchases)
                continue
            if lines and not self.departments.may_enter(lines[0].facts.department_id):
                candidate.row.report("department", "department_not_yours")
                continue
            if lines:
                candidate.amends = lines[0]
                self._amended.add(lines[0].id)
            if (low := amendments.gap_before(key, number, known)) is not None:
                candidate.row.report("amendment", "revision_gap", known=str(low))

    def _hold_closed(self, candidates: Sequence[_Candidate]) -> None:
        """Note the rows that touch closed periods: with a reason they go in, else they are refused."""
        changes = [
            (
                candidate.row,
                Change(candidate.amends.facts if candidate.amends else None, candidate.draft.facts),
            )
            for candidate in candidates
            if candidate.draft and candidate.is_open
        ]
        closings = closings_of({facts.department_id for _, change in changes for facts in change if facts})
        if not closings:
            return
        code = "entered_late" if self._options.late_reason else "period_closed"
        for row, change in changes:
            for closed in closings.touched_by(change):
                field = "contracted_on" if row.get("contracted_on") else "paid_on"
                days = f"{closed.period.start} ~ {closed.period.end}"
                row.report(field, code, period=days, department=closed.department)

    def _know_enterprises(self, candidates: Sequence[_Candidate]) -> None:
        named = {candidate.draft.facts.enterprise_id for candidate in candidates if candidate.draft}
        self.records.read(named)
        unknown = named - self._shares.keys()
        self._shares |= shares_of(unknown)

    def _decide(self, candidate: _Candidate) -> PlannedPurchase | None:
        row, draft = candidate.row, candidate.draft
        if candidate.skipped:
            self._result.skip(candidate.skipped)
            return None
        self._repeats.note(row, candidate.key, row.get("amount"))
        if draft is None or row.is_refused:
            self._result.reject(row)
            return None
        judgement = self._judge(row, draft.facts)
        self._result.accept(
            row,
            draft.facts.amount,
            year=str(draft.facts.fiscal_year),
            department=self.departments.name(draft.facts.department_id),
            standing=_standing(draft.facts, judgement),
        )
        if candidate.amends:
            return PlannedPurchase(
                row.number, self._amended_draft(candidate.amends, draft), candidate.amends.id
            )
        return PlannedPurchase(row.number, draft)

    def _judge(self, row: ParsedRow, facts: Facts) -> Judgement:
        judgement = self.records.judge(facts.enterprise_id, facts.purchased_on)
        if not judgement.is_certified:
            code = "expired" if judgement.reason in ENDED else "not_certified"
            row.report("enterprise", code, day=facts.purchased_on)
        share = share_on(self._shares[facts.enterprise_id], facts.purchased_on)
        finding = limit_of(facts, judgement, share)
        if finding and finding.code is LimitCode.EXCEEDED and finding.basis:
            row.report(
                "amount",
                "limit_exceeded",
                price=finding.price,
                limit=finding.limit,
                article=finding.article,
                basis=PRICE_BASES[finding.basis],
            )
        return judgement

    def _amended_draft(self, line: ContractLine, draft: PurchaseDraft) -> PurchaseDraft:
        """Return the purchase with what the file says; what it does not say stays."""
        said = {name: getattr(draft.facts, name) for name in (*self._said, "fiscal_year")}
        payments = draft.payments or payments_of([line.id])[line.id]
        return PurchaseDraft(facts=replace(line.facts, **said), payments=payments)


def _standing(facts: Facts, judgement: Judgement) -> str:
    """Return how the purchase counts, or why it does not."""
    if not judgement.is_certified:
        return judgement.reason.value
    if facts.directness is not Directness.DIRECT or facts.nature is not Nature.PURCHASE:
        return Standing.INDIRECT
    return Standing.SOCIAL if judgement.is_social else Standing.CERTIFIED
