"""The brief for the head of the institution (1쪽 보고): three figures, one chart, what rose and fell, why."""

from collections.abc import Iterable
from datetime import datetime

from tracker.reports.explanation import explain, find_explanation_faults
from tracker.reports.figures import ask
from tracker.reports.gathering import find_gathered_faults, gather, social_types
from tracker.reports.kinds.annual import LAWS, statutory_of
from tracker.reports.requests import Content, ReportRequest
from tracker.web.clock import korean_day

SUBJECT = "사회적경제기업 제품 구매실적 보고"


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of the brief: the figures of the annual report, without its long tables."""
    question = ask(request, korean_day(frozen_at))
    gathered = gather(request, question, SUBJECT, frozen_at, LAWS)
    return gathered.content | {
        "statutory": statutory_of(question),
        "explained": explain(question, gathered.lines, gathered.before, social_types(gathered.content)),
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_gathered_faults(content)
    yield from find_explanation_faults(content)
