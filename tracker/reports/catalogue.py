"""The kinds of reports there are: how each is built, checked and compared with the ledger again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tracker.core.money import Won
from tracker.reports.document import Document
from tracker.reports.documents import annual as annual_document
from tracker.reports.documents import brief as brief_document
from tracker.reports.documents import department as department_document
from tracker.reports.documents import districts as districts_document
from tracker.reports.documents import enterprise as enterprise_document
from tracker.reports.documents import period as period_document
from tracker.reports.documents import scheme as scheme_document
from tracker.reports.figures import annex_of, question_of
from tracker.reports.kinds import annual, brief, department, districts, enterprise, period, scheme
from tracker.reports.requests import (
    Content,
    IncompleteRequest,
    InconsistentReport,
    ReportKind,
    ReportRequest,
    ReportScope,
    SuperfluousRequest,
    plain_request,
)
from tracker.reports.text_blocks import resolve_texts
from tracker.reports.texts import with_texts
from tracker.totals.queries import answer


class Today(NamedTuple):
    """What a frozen report would hold now: the lines of its annex, and the total compared with, in won."""

    annex: Iterable[Content]
    prior: Won | None


def _asked_again(content: Content) -> Today:
    question = question_of(content)
    return Today(annex_of(question), answer(question).total.comparison.prior)


@dataclass(frozen=True)
class Recipe:
    """How a kind of report is made.

    asks: the attributes of ReportRequest that may not be None; takes: those that it may be about besides.
    build: the content, asked in the caller's one reading transaction. find_faults: the inner sums that fail.
    compose: the document, of the content and its SHA-256 alone. today: what it would hold today, to tell
    what changed since.
    """

    build: Callable[[ReportRequest, datetime], Content]
    find_faults: Callable[[Content], Iterable[str]]
    compose: Callable[[Content, str], Document]
    asks: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    today: Callable[[Content], Today] = _asked_again


SUBJECTS = ("period", "scope", "department_id", "scheme", "enterprise_id", "one_offs")

RECIPES: Mapping[ReportKind, Recipe] = {
    ReportKind.ANNUAL: Recipe(
        annual.build,
        annual.find_faults,
        takes=frozenset({"period", "scope", "department_id", "one_offs"}),
        compose=annual_document.compose,
    ),
    ReportKind.SCHEME: Recipe(
        scheme.build,
        scheme.find_faults,
        asks=frozenset({"scheme"}),
        takes=frozenset({"one_offs"}),
        compose=scheme_document.compose,
        today=lambda content: Today(*scheme.lines_today(content)),
    ),
    ReportKind.DEPARTMENT: Recipe(
        department.build,
        department.find_faults,
        asks=frozenset({"department_id"}),
        takes=frozenset({"period"}),
        compose=department_document.compose,
    ),
    ReportKind.PERIOD: Recipe(
        period.build,
        period.find_faults,
        asks=frozenset({"period"}),
        takes=frozenset({"scope"}),
        compose=period_document.compose,
    ),
    ReportKind.ENTERPRISE: Recipe(
        enterprise.build,
        enterprise.find_faults,
        asks=frozenset({"enterprise_id"}),
        compose=enterprise_document.compose,
        today=lambda content: Today(*enterprise.lines_today(content)),
    ),
    ReportKind.BRIEF: Recipe(
        brief.build,
        brief.find_faults,
        takes=frozenset({"period", "scope"}),
        compose=brief_document.compose,
    ),
    ReportKind.DISTRICTS: Recipe(
        districts.build,
        districts.find_faults,
        takes=frozenset({"period", "scope"}),
        compose=districts_document.compose,
    ),
}


def build_report(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of the report asked for.

    Raises IncompleteRequest when the kind needs more than the request names, SuperfluousRequest when it is
    not about something named, UnknownSubject for what is not there, InconsistentReport when the inner sums
    fail, ValueError for days outside 1900 to 2999.
    """
    recipe = RECIPES[request.kind]
    for name in SUBJECTS:
        is_named = getattr(request, name) not in (None, (), ReportScope.STATUTORY)
        if name in recipe.asks and not is_named:
            raise IncompleteRequest(name)
        if is_named and name not in recipe.asks | recipe.takes:
            raise SuperfluousRequest(name)
    content = recipe.build(request, frozen_at)
    if faults := list(recipe.find_faults(content)):
        raise InconsistentReport(", ".join(faults))
    content["request"] = plain_request(request)
    return with_texts(content, resolve_texts(request.year, request.kind))


def recipe_of(content: Content) -> Recipe:
    """Return how that report was made."""
    return RECIPES[ReportKind(content["kind"])]
