"""구매계획 as tables: a year's plan line by line, and what was bought of it."""

from tracker.core.growth import Note
from tracker.reports.document import (
    Column,
    Line,
    Role,
    Table,
    amount,
    centred,
    percent,
    text,
)
from tracker.reports.documents.blocks import sum_line
from tracker.reports.requests import Content

NO_PLAN = "계획 없음"
PLAN_COLUMNS = (
    Column("부서", 18),
    Column("품목", 30),
    Column("구분", 9),
    Column("수량", 13),
    Column("구매 시기", 11),
    Column("계획액", 17),
)


def plan_table(plan: Content, key: str) -> Table:
    """Return the lines of a plan: department, item, kind, quantity, time and amount."""
    return Table(
        key=key,
        sheet=f"{plan['year']}계획",
        title=f"{plan['year']}년도 구매계획",
        columns=PLAN_COLUMNS,
        lines=[
            *(
                Line(
                    (
                        text(line["department"]),
                        text(line["item"]),
                        centred(line["kind"]),
                        centred(" ".join(part for part in (line["quantity"], line["unit"]) if part)),
                        centred(f"{line['month']}월" if line["month"] else "미정"),
                        amount(line["amount"]),
                    )
                )
                for line in plan["lines"]
            ),
            sum_line(PLAN_COLUMNS, plan["amount"]),
        ],
    )


def results_table(plan: Content, bought: int) -> Table:
    """Return by department what was planned and what was bought of it."""
    planned = plan["amount"] if plan["lines"] else None
    return Table(
        key="plan_results",
        sheet="계획대비",
        title=f"{plan['year']}년도 구매계획 대비 실적",
        columns=(Column("부서", 34), Column("계획액", 22), Column("실적액", 22), Column("이행률", 14)),
        lines=[
            *(
                _result(row["label"], row["planned"], row["bought"], row["attainment"])
                for row in plan["results"]
            ),
            _result("합계", planned, bought, plan["attainment"], Role.TOTAL),
        ],
        units=("%",),
    )


def _result(
    label: str, planned: int | None, bought: int, attainment: str | None, role: Role = Role.BODY
) -> Line:
    plan = centred(NO_PLAN) if planned is None else amount(planned)
    return Line((text(label), plan, amount(bought), percent(attainment, Note.NONE)), role)
