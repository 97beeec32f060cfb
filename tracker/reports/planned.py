"""구매계획 in reports: the lines of a year's plan, and what was bought of it by department."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tracker.core.money import Won
from tracker.core.rates import attainment, rate_text
from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import list_departments, subtree_ids
from tracker.reports.requests import Content, ReportScope
from tracker.targets.queries import list_plan


def plan_of(year: int, scope: ReportScope, scheme: str, department_id: int | None = None) -> Content:
    """Return the plan of a year under a scheme, of the departments in the scope of the report."""
    departments = list_departments()
    below = set(subtree_ids(department_id, departments)) if department_id else None
    within = {
        row.id
        for row in departments
        if (below is None or row.id in below)
        and (scope is ReportScope.EVALUATION or row.affiliation is Affiliation.OWN)
    }
    lines = [row for row in list_plan(year, scheme=scheme) if row.department_id in within]
    return {
        "year": year,
        "amount": sum(row.amount for row in lines),
        "lines": [
            {
                "id": row.id,
                "department_key": str(row.department_id),
                "department": row.department,
                "item": row.item,
                "kind": row.kind.korean,
                "quantity": row.quantity,
                "unit": row.unit,
                "month": row.planned_month,
                "amount": row.amount,
                "note": row.note,
            }
            for row in lines
        ],
    }


def compare_plan(plan: Content, departments: Sequence[Content], lines: Iterable[Content]) -> list[Content]:
    """Return by department what was planned and what was bought; those with neither are left out."""
    planned: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    names = {row["key"]: row["label"] for row in departments}
    for line in plan["lines"]:
        planned[line["department_key"]] += line["amount"]
        names.setdefault(line["department_key"], line["department"])
    for line in lines:
        bought[line["department_key"]] += line["amount"]
    return [
        {
            "key": key,
            "label": label,
            "planned": planned.get(key),
            "bought": bought[key],
            "attainment": reached(bought[key], planned[key]),
        }
        for key, label in names.items()
        if key in planned or key in bought
    ]


def find_plan_faults(content: Content) -> Iterable[str]:
    """Yield each plan whose lines are not its amount."""
    for name in ("plan", "plan_next"):
        if sum(line["amount"] for line in content[name]["lines"]) != content[name]["amount"]:
            yield f"{name}.amount"


def reached(bought: Won, planned: Won) -> str | None:
    """Return how much of the plan was bought, in %; None where nothing was planned."""
    return rate_text(attainment(bought, planned), 1)
