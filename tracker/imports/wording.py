"""Saying in words what a preview or batch keeps as codes."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.core.eligibility import Reason
from tracker.imports.results import Standing
from tracker.purchases.wording import SHORT_REASONS

SKIPPED: Mapping[str, LazyString] = {
    "duplicate": _l("Recorded already"),
    "superseded_revision": _l("Amended by a later revision"),
    "subtotal": _l("Subtotals"),
    "blank": _l("Blank rows"),
    "header": _l("Repeated headings"),
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
    "own-purchases": _l("Entry sheet or similar headings"),
    "own-enterprises": _l("Entry sheet or similar headings"),
    "own-spending": _l("Entry sheet or similar headings"),
    "own-plan": _l("Entry sheet or similar headings"),
}
