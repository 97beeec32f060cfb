"""The trail in words: what was done, to what, and what stood there before and after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.audit.queries import HistoryRow, names_of
from tracker.core.money import format_won
from tracker.core.vocabulary import (
    AbsenceDecision,
    Affiliation,
    Basis,
    BudgetKind,
    CertificationEventKind,
    ContractMethod,
    DeadlineKind,
    Directness,
    EvidenceKind,
    GoverningLaw,
    Kind,
    Nature,
    Procurement,
    Role,
    Tax,
    Word,
)
from tracker.web.filters import NOTHING
from tracker.web.filters import day as say_day

# Every act that a room records; tests/audit/test_wording.py names those that lack words.
ACTIONS: dict[str, str] = {
    "account.add": _l("Account added"),
    "account.change": _l("Account changed"),
    "account.change_password": _l("Password changed"),
    "account.code_refused": _l("Code of the second factor refused"),
    "account.disable": _l("Account taken out of use"),
    "account.disable_factor": _l("Second factor turned off"),
    "account.enable": _l("Account taken into use again"),
    "account.enable_factor": _l("Second factor turned on"),
    "account.make_token": _l("Access token made"),
    "account.reset": _l("New first password made"),
    "account.revoke_token": _l("Access token revoked"),
    "account.sign_in": _l("Signed in"),
    "account.sign_in_refused": _l("Sign-in refused"),
    "account.sign_out": _l("Signed out"),
    "account.sign_out_everywhere": _l("Signed out everywhere"),
    "alias.learn": _l("Name in files pointed at whom it means"),
    "alias.withdraw": _l("Name in files not remembered any more"),
    "budget.record": _l("Purchasable budget recorded"),
    "deadline.add": _l("Deadline added"),
    "deadline.change": _l("Deadline changed"),
    "deadline.remove": _l("Deadline struck out"),
    "department.add": _l("Department added"),
    "department.close": _l("Department closed"),
    "department.reopen": _l("Department opened again"),
    "department.reorganise": _l("Departments reorganised"),
    "department.update": _l("Department changed"),
    "department.withdraw_succession": _l("Succession of departments taken back"),
    "edition.record": _l("Edition of a list recorded"),
    "edition.withdraw": _l("Edition of a list taken out"),
    "enterprise.absence": _l("Absence from a list decided"),
    "enterprise.certify": _l("Certification added"),
    "enterprise.product": _l("Product added"),
    "enterprise.product_changed": _l("Product changed"),
    "enterprise.product_removed": _l("Product removed"),
    "enterprise.recertify": _l("Certification corrected"),
    "enterprise.register": _l("Enterprise registered"),
    "enterprise.status": _l("Status of a certification recorded"),
    "enterprise.status_removed": _l("Status of a certification taken back"),
    "enterprise.update": _l("Enterprise changed"),
    "enterprise.vulnerable_share": _l("Share of vulnerable workers recorded"),
    "enterprise.vulnerable_share_removed": _l("Share of vulnerable workers taken back"),
    "evidence.add": _l("Evidence added"),
    "evidence.replace": _l("Evidence replaced"),
    "evidence.withdraw": _l("Evidence withdrawn"),
    "import.enterprises": _l("Enterprises imported"),
    "import.plan": _l("Plan imported"),
    "import.purchases": _l("Purchases imported"),
    "import.spending": _l("Total spending imported"),
    "import.undo": _l("Import taken back"),
    "indicator.add": _l("Indicator entered"),
    "indicator.change": _l("Indicator changed"),
    "indicator.remove": _l("Indicator struck out"),
    "layout.change": _l("File layout changed"),
    "layout.learn": _l("File layout learnt"),
    "layout.retire": _l("File layout retired"),
    "plan.add": _l("Lines added to the plan"),
    "plan.change": _l("Line of the plan changed"),
    "plan.remove": _l("Line of the plan struck out"),
    "plan.withdraw": _l("Imported plan taken back"),
    "purchase.correct": _l("Purchase corrected"),
    "purchase.pay": _l("Payment recorded"),
    "purchase.record": _l("Purchase recorded"),
    "purchase.rejudge": _l("Purchases of a year judged again"),
    "purchase.reverse": _l("Purchase reversed"),
    "report.confirm": _l("Report confirmed"),
    "report.create": _l("Report frozen"),
    "report.scan": _l("Signed copy of a report added"),
    "report.supersede": _l("Report superseded by a later one"),
    "report_text.save": _l("Wording of reports saved"),
    "round.change": _l("Collection round changed"),
    "round.open": _l("Collection round opened"),
    "round.withdraw": _l("Collection round withdrawn"),
    "scheme_rule.save": _l("Rule of a scheme set"),
    "spending.record": _l("Total spending recorded"),
    "spending.withdraw": _l("Total spending taken back"),
    "submission.confirm": _l("Submission confirmed, period closed"),
    "submission.reopen": _l("Closed period opened again"),
    "submission.return": _l("Submission sent back"),
    "submission.submit": _l("Purchases submitted"),
    "target.set": _l("Target set"),
    "target.share": _l("Target shared out"),
}

SUBJECTS: dict[str, str] = {
    "account": _l("Account"),
    "alias": _l("Name in files"),
    "deadline": _l("Deadline"),
    "department": _l("Department"),
    "edition": _l("Edition of a list"),
    "enterprise": _l("Enterprise"),
    "evidence": _l("Evidence"),
    "import_batch": _l("Import"),
    "indicator": _l("Indicator"),
    "layout": _l("File layout"),
    "plan": _l("Purchase plan"),
    "purchase": _l("Purchase"),
    "report": _l("Report"),
    "report_text": _l("Wording of reports"),
    "round": _l("Collection round"),
    "scheme_rule": _l("Rule of a scheme"),
    "spending": _l("Total spending"),
    "submission": _l("Submission"),
    "target": _l("Target"),
}

FIELDS: dict[str, str] = {
    "absent": _l("Certifications missing"),
    "address": _l("Address"),
    "affiliation": _l("Affiliation"),
    "amendment": _l("Amendment number"),
    "amendments": _l("How amendments count"),
    "amount": _l("Amount"),
    "approval": _l("Approval box"),
    "author_name": _l("Author's name"),
    "author_post": _l("Author's post"),
    "author_telephone": _l("Author's telephone"),
    "asked": _l("Departments asked"),
    "authority": _l("Authority"),
    "basis_points": _l("Share (basis points)"),
    "basis": _l("Basis"),
    "brings": _l("What it brings"),
    "budget_item": _l("Budget item"),
    "budget_kind": _l("Budget"),
    "business_number": _l("Business number"),
    "category_code": _l("Category code"),
    "certification": _l("Certification"),
    "channel": _l("Channel"),
    "code": _l("Code"),
    "columns": _l("What the columns mean"),
    "contact": _l("Whom to ask"),
    "contract_item": _l("Contract item number"),
    "contract_name": _l("Contract name"),
    "contract_number": _l("Contract number"),
    "contracted_on": _l("Contract date"),
    "contracting_department_id": _l("Contracting department"),
    "decision": _l("Decision"),
    "copy": _l("Signed copy"),
    "department_id": _l("Department"),
    "department_order": _l("Order of departments"),
    "description": _l("Description"),
    "directness": _l("Direct or indirect"),
    "edition": _l("Edition of a list"),
    "edition_day": _l("List as of"),
    "economy": _l("Word for the social economy"),
    "enterprise_id": _l("Enterprise"),
    "due_on": _l("Deadline"),
    "end_on": _l("Last day"),
    "estimated_price": _l("Estimated price"),
    "excluded_items": _l("Budget items left out"),
    "evidence": _l("Proved by"),
    "evidence_kind": _l("Kind of evidence"),
    "field": _l("Field of work"),
    "figures": _l("Figures"),
    "fiscal_year": _l("Fiscal year"),
    "from": _l("From"),
    "ground": _l("Ground of the negotiated contract"),
    "has_approval": _l("Print the approval box"),
    "homepage": _l("Homepage"),
    "is_by_file": _l("By file"),
    "is_enabled": _l("Can sign in"),
    "is_institution": _l("Institution"),
    "is_reversed": _l("Reversed"),
    "issued_on": _l("Issued on"),
    "item": _l("Item"),
    "items": _l("What it sells"),
    "kind": _l("Kind"),
    "kinds": _l("Kinds that count"),
    "law": _l("Governing law"),
    "later_report": _l("Later report"),
    "laws": _l("Legal basis"),
    "legal_ground": _l("Ground"),
    "lines": _l("Lines"),
    "logo": _l("Logo"),
    "logo_text": _l("What the logo shows"),
    "means": _l("Means of payment"),
    "method": _l("Contract method"),
    "name": _l("Name"),
    "nature": _l("Nature"),
    "note": _l("Note"),
    "notes": _l("Notes"),
    "notice": _l("Notice number"),
    "number": _l("Number"),
    "ocid_prefix": _l("Prefix of OCDS identifiers"),
    "on": _l("On"),
    "paid": _l("Paid"),
    "parent": _l("Belongs to"),
    "parts": _l("Parts of the departments"),
    "planned_month": _l("Month"),
    "parent_id": _l("Belongs to"),
    "phone": _l("Phone"),
    "procurement": _l("Procurement"),
    "product": _l("Product"),
    "purchase": _l("Purchase"),
    "purchased_on": _l("Purchase date"),
    "purchases": _l("Number of purchases"),
    "quantity": _l("Quantity"),
    "quotations": _l("Number of quotations"),
    "rate": _l("Rate"),
    "reason": _l("Reason"),
    "recipient": _l("Recipient of the results"),
    "record": _l("Record"),
    "reference": _l("Reference numbers"),
    "remark": _l("Remark"),
    "replaced": _l("Replaced"),
    "report_kind": _l("Kind of report"),
    "representative": _l("Representative"),
    "request": _l("Text of the request"),
    "revision": _l("Revision"),
    "role": _l("Role"),
    "round": _l("Collection round"),
    "rows": _l("Rows"),
    "scheme": _l("Scheme"),
    "second_factor": _l("Second factor"),
    "size": _l("Size (bytes)"),
    "sort_order": _l("Order"),
    "start_on": _l("First day"),
    "subtype": _l("Subtype"),
    "successor": _l("Successor"),
    "team": _l("Name of the team"),
    "tax": _l("VAT"),
    "title": _l("Title"),
    "to": _l("To"),
    "token": _l("Access token"),
    "type": _l("Type"),
    "types": _l("Types that count"),
    "unread": _l("Rows not read"),
    "unit": _l("Unit of quantity"),
    "unit_price": _l("Unit price"),
    "value": _l("Value"),
    "value_before": _l("Value of the period before"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"),
    "version": _l("Version"),
    "with_affiliated": _l("With affiliated bodies"),
    "won_a_unit": _l("Unit of amounts (won)"),
    "written": _l("As it is written"),
    "year": _l("Year in which the period ends"),
}

# They prove something to the program and say nothing to a person.
UNSAID = frozenset({"digest", "sha256"})
# Two values there are a list of two, not before and after.
LISTS = frozenset({"from", "to", "figures", "departments", "accounts", "lines", "parts"})
MONEY = frozenset({"amount", "estimated_price", "paid", "replaced", "unit_price"})
NAMES = {
    "department_id": "department",
    "contracting_department_id": "department",
    "parent": "department",
    "parent_id": "department",
    "successor": "department",
    "enterprise_id": "enterprise",
    "account_id": "account",
}
WORDS: dict[str, tuple[type[Word], ...]] = {
    "affiliation": (Affiliation,),
    "basis": (Basis,),
    "budget_kind": (BudgetKind,),
    "decision": (AbsenceDecision,),
    "directness": (Directness,),
    "evidence_kind": (EvidenceKind,),
    "kind": (Kind, CertificationEventKind, DeadlineKind),
    "law": (GoverningLaw,),
    "method": (ContractMethod,),
    "nature": (Nature,),
    "procurement": (Procurement,),
    "role": (Role,),
    "tax": (Tax,),
}


# A reorganisation names many.
NAMES_IN_LISTS = {"from": "department", "to": "department"}


class Change(NamedTuple):
    """One field of an event as people read it; `before` is None where nothing stood there to compare."""

    label: str
    before: str | None
    after: str


class Told(NamedTuple):
    """One event in words."""

    event: HistoryRow
    action: str
    subject: str
    changes: list[Change]


class _Fact(NamedTuple):
    name: str
    values: tuple[Any, ...]  # before and after, or what stands alone


Names = Mapping[str, Mapping[int, str]]


def say_action(action: str) -> str:
    """Return what was done, in words."""
    return str(ACTIONS.get(action, action))


def say_subject(subject: str) -> str:
    """Return what kind of thing it was done to."""
    return str(SUBJECTS.get(subject, subject))


def say_field(name: str) -> str:
    """Return what a field is called."""
    return str(FIELDS.get(name, name))


def tell(rows: Sequence[HistoryRow]) -> list[Told]:
    """Return the events in words; names of departments and the like are looked up for all of them at once."""
    facts = [list(_facts(row.body)) for row in rows]
    names = _names(fact for each in facts for fact in each)
    return [
        Told(row, say_action(row.action), say_subject(row.subject), [_say_fact(fact, names) for fact in each])
        for row, each in zip(rows, facts, strict=True)
    ]


def _facts(body: Mapping[str, Any]) -> Iterator[_Fact]:
    """Yield what an event's body tells: the changes first, then what stands alone."""
    for name, value in body.get("changes", {}).items():
        yield _Fact(name, tuple(value) if _is_pair(name, value) else (value,))
    for name, value in body.items():
        if name in UNSAID or name == "changes":
            continue
        if name == "after" and isinstance(value, dict):
            yield from (_Fact(field, (each,)) for field, each in value.items() if _tells(each))
        elif _is_pair(name, value):
            if value[0] != value[1]:
                yield _Fact(name, tuple(value))
        elif _tells(value):
            yield _Fact(name, (value,))


def _is_pair(name: str, value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and name not in LISTS


def _tells(value: object) -> bool:
    return value not in (None, "", "unknown", False, [], {})


def _names(facts: Iterable[_Fact]) -> Names:
    wanted: dict[str, set[int]] = defaultdict(set)
    for name, values in facts:
        for value in values:
            if name in NAMES and isinstance(value, int):
                wanted[NAMES[name]].add(value)
            elif name in NAMES_IN_LISTS and isinstance(value, list):
                wanted[NAMES_IN_LISTS[name]].update(value)
    return {kind: names_of(kind, numbers) for kind, numbers in wanted.items()}


def _say_fact(fact: _Fact, names: Names) -> Change:
    label = say_field(fact.name)
    if len(fact.values) == 2:
        before, after = (_say(fact.name, value, names) for value in fact.values)
        return Change(label, before, after)
    (value,) = fact.values
    return Change(
        label, None, str(_("(personal, not kept here)")) if value is None else _say(fact.name, value, names)
    )


def _say(name: str, value: object, names: Names) -> str:
    match value:
        case None | "":
            return NOTHING
        case bool():
            return str(_("Yes") if value else _("No"))
        case int() if name in NAMES:
            return names[NAMES[name]].get(value, str(value))
        case int() if name in MONEY:
            return format_won(value)
        case str():
            return _say_text(name, value)
        case list() if name in NAMES_IN_LISTS:
            known = names[NAMES_IN_LISTS[name]]
            return ", ".join(known.get(each, str(each)) for each in value)
        case list():
            return str(_("%(count)s items", count=len(value)))
    return str(value)


def _say_text(name: str, text: str) -> str:
    for words in WORDS.get(name, ()):
        if text in list(words):
            return words(text).korean
    try:
        return say_day(date.fromisoformat(text)) if len(text) == len("2026-01-01") else text
    except ValueError:
        return text
