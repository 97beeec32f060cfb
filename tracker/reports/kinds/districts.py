"""A city's institutions side by side (기관별 비교): purchases, rates, departments taking part."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tracker.core.rates import purchasing_rate, rate_text
from tracker.reports.figures import ask, figure, points_between
from tracker.reports.gathering import find_gathered_faults, gather
from tracker.reports.requests import Content, ReportRequest, UnknownSubject
from tracker.spending.queries import spending_by_department
from tracker.totals.questions import Question, Side
from tracker.totals.scope import Scope
from tracker.web.clock import korean_day

SUBJECT = "기관별 사회적경제기업 제품 구매실적 비교"
LAWS = ("사회적기업 육성법 제12조",)


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the institutions below the root with what their departments bought; the root's own as one more.

    UnknownSubject where there is none below the root.
    """
    question = ask(request, korean_day(frozen_at))
    gathered = gather(request, question, SUBJECT, frozen_at, LAWS)
    bodies = {str(row.id): row.body_id for row in gathered.departments}
    names = {row.id: row.name for row in gathered.departments if row.id == row.body_id}
    if len(names) == 1:
        raise UnknownSubject("districts")
    rows_of_body = defaultdict(list)
    for row in gathered.content["by_department"]:
        rows_of_body[bodies[row["key"]]].append(row)
    spent = [_spent(question, side, bodies) for side in Side]
    root = gathered.departments[0].body_id
    order = [body for body in names if body != root] + [root]
    districts = []
    for body in order:
        rows = rows_of_body[body]
        if not rows and body == root:
            continue
        mine, then = (
            [line for line in side if bodies[line["department_key"]] == body]
            for side in (gathered.lines, gathered.before or ())
        )
        had_data = any(row["prior"] is not None for row in rows)
        is_recorded = any(row["is_recorded"] for row in rows)
        found = figure(str(body), names[body], mine, then if had_data else None, is_recorded=is_recorded)
        rates = [
            purchasing_rate(amount, spent[place].get(body))
            if amount is not None and question.period is None
            else None
            for place, amount in enumerate((found["current"] if is_recorded else None, found["prior"]))
        ]
        districts.append(
            found
            | {
                "is_root": body == root,
                "spending": spent[0].get(body) if question.period is None else None,
                "rate": rate_text(rates[0]),
                "prior_rate": rate_text(rates[1]),
                "change": points_between(*rates),
                "departments": sum(row["count"] > 0 for row in rows),
                "of_departments": len(rows),
            }
        )
    rows = [row | {"district": str(bodies[row["key"]])} for row in gathered.content["by_department"]]
    return gathered.content | {"by_department": rows, "by_district": districts}


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_gathered_faults(content)
    total, rows = content["summary"]["total"], content["by_district"]
    for column in ("current", "count"):
        if sum(row[column] for row in rows) != total[column]:
            yield f"by_district.{column}"
    if total["prior"] is not None and sum(row["prior"] or 0 for row in rows) != total["prior"]:
        yield "by_district.prior"


def _spent(question: Question, side: Side, bodies: dict[str, int]) -> dict[int, int]:
    """Return 총구매액 of the fiscal year by institution, of the departments in scope."""
    scope = Scope(replace(question, same_period=None))
    ids = scope.ids(side)
    found: dict[int, int] = defaultdict(int)
    year = question.year if side is Side.CURRENT else question.prior_year
    for (department_id, _kind), amount in spending_by_department(year).items():
        if ids is None or department_id in ids:
            found[bodies[str(department_id)]] += amount
    return dict(found)
