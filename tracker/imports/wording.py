"""Saying in words what a preview or batch keeps as codes."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.core.eligibility import Reason
from tracker.departments.wording import Change
from tracker.imports.columns import COLUMNS
from tracker.imports.learnt_layouts import LayoutDraft
from tracker.imports.models import AmendmentRule, ImportSubject
from tracker.imports.results import Standing
from tracker.imports.units import say_unit
from tracker.purchases.wording import SHORT_REASONS
from tracker.web.filters import NOTHING

SKIPPED: Mapping[str, LazyString] = {
    "duplicate": _l("Recorded already"),
    "superseded_revision": _l("Amended by a later revision"),
    "subtotal": _l("Subtotals"),
    "note": _l("Notes below the table"),
    "blank": _l("Blank rows"),
    "header": _l("Repeated headings, rows of units"),
    "not_committed": _l("Held back because the file is refused"),
}
"""Why rows are left out although nothing is wrong with them."""

STANDINGS: Mapping[str, LazyString] = {
    Standing.SOCIAL: _l("Counts as social economy"),
    Standing.CERTIFIED: _l("Counts as certified, not as social economy"),
    Standing.INDIRECT: _l("Recorded, but not counted: only direct purchases count"),
    **{reason: text for reason, text in SHORT_REASONS.items() if reason is not Reason.CERTIFIED},
}
"""How purchases count, or why they do not."""

COUNTING = frozenset({Standing.SOCIAL, Standing.CERTIFIED})

LAYOUTS: Mapping[str, LazyString] = {
    "procurement-hub": _l("Export of the procurement data hub"),
    "e-procurement": _l("Contract list of the e-procurement system"),
    "spending-ledger": _l("Accounting ledger: lines are added up"),
    "social-enterprise-list": _l("Official list of social enterprises"),
    "village-list": _l("Official list of village enterprises"),
    "self-support-list": _l("Official list of self-support enterprises"),
    "state-list": _l("State list with days of validity"),
    "cancellation-notices": _l("Notices of cancellation"),
    "name-digit-list": _l("Names with a digit, without headings"),
    "own-purchases": _l("Entry sheet or similar headings"),
    "own-enterprises": _l("Entry sheet or similar headings"),
    "own-spending": _l("Entry sheet or similar headings"),
    "own-plan": _l("Entry sheet or similar headings"),
}
"""The shipped layouts; those that people taught have names of their own."""

AMENDMENTS: Mapping[str, LazyString] = {
    AmendmentRule.FINAL: _l("Of the revisions of a contract the final one counts."),
    AmendmentRule.INCREMENTS: _l("Each row is an increase or decrease; their sum counts."),
    AmendmentRule.NONE: _l("Rows are no revisions of each other: each counts."),
}
"""How the revisions of one contract line count."""


def tell_differences(subject: ImportSubject, stored: LayoutDraft, typed: LayoutDraft) -> list[Change]:
    """Return what a layout says now beside what was typed, where they differ."""
    sides = [
        (str(_l("Name of the layout")), stored.name, typed.name),
        (str(_l("Unit of the amounts")), say_unit(stored.unit), say_unit(typed.unit)),
        (
            str(_l("How amendments count")),
            str(AMENDMENTS[stored.amendments]),
            str(AMENDMENTS[typed.amendments]),
        ),
        *(
            (heading, say_field(subject, before), say_field(subject, after))
            for (heading, before), (_heading, after) in zip(stored.columns, typed.columns, strict=True)
        ),
    ]
    return [Change(*side) for side in sides if side[1] != side[2]]


def say_field(subject: ImportSubject, field: str | None) -> str:
    """Return what a field is called on the entry sheet; what only some lists have keeps its own name."""
    if field is None:
        return NOTHING
    return next((column.heading for column in COLUMNS[subject] if column.field == field), field)


def say_layout(name: str) -> str:
    """Return what a layout is called: in words where it is shipped, else its own name."""
    return str(LAYOUTS.get(name, name))
