"""Departments in documents: what a reorganisation did to them, and what each of them bought."""

from tracker.reports.document import Block, Heading, Notes
from tracker.reports.documents.blocks import comparison_table, movers, prior_name
from tracker.reports.requests import Content


def succession(found: Content | None) -> str:
    """Return what stands below a department's name after a reorganisation."""
    if not found:
        return ""
    before, after = (", ".join(found[name]) for name in ("predecessors", "successors"))
    kind = "분리" if found["kind"] == "split" else "통합·승계"
    return f"{kind}: {before}{' →' if before else ''}{f' → {after}' if after else ''}"


def departments(content: Content) -> list[Block]:
    """Return what each department bought, and which moved most."""
    rows, name = content["by_department"], prior_name(content)
    return [
        Heading("부서별 구매실적"),
        *movers("부서", rows, name),
        comparison_table(
            content,
            "by_department",
            "부서별",
            "부서별(구매가 없는 부서 포함)",
            "부서",
            ((row, row["label"], succession(row["succession"])) for row in rows),
        ),
        *reorganised(content, name),
    ]


def reorganised(content: Content, name: str) -> list[Block]:
    """Return whose last year it is, where departments were reorganised."""
    if not any(row["succession"] for row in content["by_department"]):
        return []
    return [
        Notes(
            [
                f"조직개편으로 통합·승계된 부서의 {name} 실적은 이전 부서의 실적임. "
                f"나눌 수 없는 분리의 {name} 실적은 이전 부서에 그대로 둠."
            ]
        )
    ]
