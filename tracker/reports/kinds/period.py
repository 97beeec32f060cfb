"""The report on an evaluation period (평가기간 보고서): purchases, who took part, and other indicators."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from tracker.reports.explanation import explain, find_explanation_faults
from tracker.reports.figures import ask
from tracker.reports.gathering import find_gathered_faults, gather, social_types
from tracker.reports.indicators import list_indicators
from tracker.reports.requests import Content, ReportRequest
from tracker.web.clock import korean_day

SUBJECT = "사회적경제기업 제품 구매 및 지표 실적보고서"
LAWS = ("사회적기업 육성법 제12조",)


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of a report on a period against the like period a year earlier.

    The institution's other indicators are those entered for the year in which the period ends.
    """
    question = ask(request, korean_day(frozen_at))
    gathered = gather(request, question, SUBJECT, frozen_at, LAWS)
    before = Counter(line["department_key"] for line in gathered.before or ())
    year = question.current.shown.end.year
    rows = [
        row | {"prior_count": None if row["prior"] is None else before[row["key"]]}
        for row in gathered.content["by_department"]
    ]
    return gathered.content | {
        "by_department": rows,
        "taking_part": {
            "newly": [row["label"] for row in rows if row["count"] and row["prior_count"] == 0],
            "no_longer": [row["label"] for row in rows if not row["count"] and row["prior_count"]],
            "never": [row["label"] for row in rows if not row["count"] and not row["prior_count"]],
        },
        "explained": explain(question, gathered.lines, gathered.before, social_types(gathered.content)),
        "indicators": [row.plain() for row in list_indicators(year)],
        "indicator_year": year,
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_gathered_faults(content)
    yield from find_explanation_faults(content)
