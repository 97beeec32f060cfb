"""구매계획 in reports: the lines of a year's plan, and what was bought of it by department."""

from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import list_departments
from tracker.reports.requests import Content, ReportScope
from tracker.targets.queries import list_plan


def plan_of(year: int, scope: ReportScope, scheme: str) -> Content:
    """Return the plan of a year under a scheme, of the departments in the scope of the report."""
    within = {
        row.id
        for row in list_departments()
        if scope is ReportScope.EVALUATION or row.affiliation is Affiliation.OWN
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
