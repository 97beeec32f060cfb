"""Saying in words what the ledger keeps as codes: reasons of verdicts, warnings, and what was changed."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.core.contract_limits import LimitCode, LimitFinding, PriceBasis
from tracker.core.eligibility import Reason, counts_in
from tracker.core.money import format_won
from tracker.core.vocabulary import Directness, Measure, Nature, Word
from tracker.purchases.closings import Closed
from tracker.purchases.drafts import Facts
from tracker.purchases.warnings import Check, Twin
from tracker.web.filters import NOTHING
from tracker.web.filters import day as say_day

REASONS: Mapping[Reason, LazyString] = {
    Reason.CERTIFIED: _l("The certification was valid on the purchase date."),
    Reason.EXPIRED: _l("The certification had expired by the purchase date."),
    Reason.RETURNED: _l("The certification had been returned by the purchase date."),
    Reason.CANCELLED: _l("The certification had been cancelled by the purchase date."),
    Reason.CONVERTED: _l("The certification had been converted to another by the purchase date."),
    Reason.NOT_YET: _l("The certification began only after the purchase date."),
    Reason.UNDATED: _l("The certification has no first day on record, so it proves nothing."),
    Reason.UNREGISTERED: _l("The enterprise has no certification on record."),
}

SHORT_REASONS: Mapping[Reason, LazyString] = {
    Reason.CERTIFIED: _l("Certified"),
    Reason.EXPIRED: _l("Expired"),
    Reason.RETURNED: _l("Returned"),
    Reason.CANCELLED: _l("Cancelled"),
    Reason.CONVERTED: _l("Converted"),
    Reason.NOT_YET: _l("Not yet certified"),
    Reason.UNDATED: _l("No start date"),
    Reason.UNREGISTERED: _l("No certification"),
}
"""The reasons where there is no room for a sentence."""

PRICE_BASES: Mapping[PriceBasis, LazyString] = {
    PriceBasis.ESTIMATED: _l("estimated price"),
    PriceBasis.CONTRACT_AMOUNT: _l("by the contract amount without VAT"),
}

LABELS: Mapping[str, LazyString] = {
    "department_id": _l("Department"),
    "contracting_department_id": _l("Contracting department"),
    "enterprise_id": _l("Enterprise"),
    "amount": _l("Amount"),
    "fiscal_year": _l("Accounting year"),
    "purchased_on": _l("Purchase date"),
    "contracted_on": _l("Contract date"),
    "item": _l("Item"),
    "kind": _l("Kind"),
    "contract_name": _l("Contract name"),
    "contract_number": _l("Contract number"),
    "contract_item": _l("Contract item number"),
    "amendment": _l("Amendment number"),
    "quantity": _l("Quantity"),
    "unit": _l("Unit of quantity"),
    "unit_price": _l("Unit price"),
    "estimated_price": _l("Estimated price"),
    "tax": _l("VAT"),
    "law": _l("Governing law"),
    "method": _l("Contract method"),
    "ground": _l("Ground of the negotiated contract"),
    "quotations": _l("Number of quotations"),
    "procurement": _l("Procurement"),
    "channel": _l("Channel"),
    "means": _l("Means of payment"),
    "budget_item": _l("Budget item"),
    "budget_kind": _l("Budget"),
    "directness": _l("Direct or indirect"),
    "nature": _l("Nature"),
    "reference": _l("Reference numbers"),
    "note": _l("Note"),
    "is_reversed": _l("Reversed"),
}
"""Every fact of a purchase by its column."""

HEADING = frozenset({"amount", "enterprise_id", "purchased_on", "fiscal_year", "is_reversed"})
_MONEY = {"amount", "unit_price", "estimated_price"}


def say_value(name: str, value: object, names: Mapping[str, Mapping[int, str]]) -> str:
    """Return a fact as people read it; `names` holds those of departments and enterprises by column."""
    if value is None or value == "":
        return NOTHING
    if name in names and isinstance(value, int):
        return names[name][value]
    match value:
        case Word():
            return value.korean
        case bool():
            return str(_("Yes") if value else _("No"))
        case date():
            return say_day(value)
        case Decimal():
            return f"{value.normalize():f}"
        case int() if name in _MONEY:
            return format_won(value)
    return str(value)


def say_facts(facts: Facts, names: Mapping[str, Mapping[int, str]]) -> list[tuple[str, str]]:
    """Return label and words of every fact that is known, besides those that head the page."""
    known = ((name, getattr(facts, name)) for name in LABELS if name not in HEADING)
    return [
        (str(LABELS[name]), say_value(name, value, names))
        for name, value in known
        if value is not None and value != "unknown"
    ]


def say_verdict(reason: Reason, parameters: str | Mapping[str, str]) -> str:
    """Return why a type counts or not, with number and days of the certification where they are known."""
    known = json.loads(parameters) if isinstance(parameters, str) else parameters
    days = {name: say_day(date.fromisoformat(known[name])) for name in _DAYS if name in known}
    details = []
    if "number" in known:
        details.append(known["number"])
    if "valid_from" in days or "valid_to" in days:
        details.append(f"{days.get('valid_from', '')} ~ {days.get('valid_to', '')}".strip())
    if "event_on" in days and reason is not Reason.CERTIFIED:
        details.append(_("on %(day)s", day=days["event_on"]))
    sentence = str(REASONS[reason])
    return f"{sentence} ({', '.join(details)})" if details else sentence


_DAYS = ("valid_from", "valid_to", "event_on")


def say_standing(facts: Facts, *, is_social: bool, is_certified: bool) -> str:
    """Return whether the purchase counts, and if not although certified, what keeps it out."""
    if facts.is_reversed:
        return str(_("Reversed: counts nowhere"))
    if facts.directness is not Directness.DIRECT or facts.nature is not Nature.PURCHASE:
        return str(_("Recorded, but not counted: only direct purchases count"))
    if counts_in(
        Measure.SOCIAL,
        is_social=is_social,
        is_certified=is_certified,
        directness=facts.directness,
        nature=facts.nature,
    ):
        return str(_("Counts as social economy"))
    return str(_("Counts as certified, not as social economy") if is_certified else _("Does not count"))


def say_warnings(check: Check, line_numbers: Sequence[int] = ()) -> list[str]:
    """Return what a person should read before saving; twins in the ledger are told by `say_twin`.

    line_numbers: those of the entry's lines, where the check was of several.
    """
    facts = check.facts
    said = []
    if check.is_lapsed:
        said.append(
            _("The enterprise held no valid certification on %(day)s.", day=say_day(facts.purchased_on))
        )
    if check.has_other_year:
        said.append(
            _(
                "The fiscal year %(year)s is not the year of the date %(day)s.",
                year=facts.fiscal_year,
                day=say_day(facts.purchased_on),
            )
        )
    if check.limit:
        said.append(say_limit(check.limit))
    said.extend(
        _(
            "Line %(line)s says the same. If it is one purchase, %(amount)s won are counted twice.",
            line=line_numbers[position - 1],
            amount=format_won(facts.amount),
        )
        for position in check.repeats
    )
    return [str(each) for each in said]


def say_closed(closed: Sequence[Closed]) -> str:
    """Return which periods are closed, and what to do about it."""
    periods = "; ".join(
        f"{each.department} {say_day(each.period.start)} ~ {say_day(each.period.end)}" for each in closed
    )
    return str(
        _("This period is closed (%(periods)s). Say why the purchase comes afterwards.", periods=periods)
    )


def say_twin(twin: Twin) -> str:
    """Return that the ledger holds a purchase that says the same."""
    return str(
        _(
            "Purchase %(number)s (%(subject)s) has the same department, enterprise, date and amount.",
            number=twin.id,
            subject=twin.subject or NOTHING,
        )
    )


def say_limit(finding: LimitFinding) -> str:
    """Return the warning about the limit of a negotiated contract."""
    if finding.code is LimitCode.NOT_EXAMINED or finding.price is None or finding.limit is None:
        return str(
            _("The limit was not examined: it is known only for contracts under the local contract act.")
        )
    said = _(
        "%(price)s won (%(basis)s) is above the limit of %(limit)s won for a negotiated contract "
        "(%(article)s).",
        price=format_won(finding.price),
        basis=str(PRICE_BASES[finding.basis or PriceBasis.CONTRACT_AMOUNT]),
        limit=format_won(finding.limit),
        article=finding.article,
    )
    if finding.lacks_vulnerable_share:
        also = _("With its share of vulnerable workers on record it would be within the limit.")
        return f"{said} {also}"
    return str(said)
