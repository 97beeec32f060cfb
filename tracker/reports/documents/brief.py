"""The brief as a document of one page: three figures, one chart, three sentences."""

from collections.abc import Callable, Sequence

from tracker.reports.document import (
    Block,
    Document,
    Heading,
    Line,
    Notes,
    Point,
    Points,
    Role,
    Section,
    Table,
    percent,
    points,
    text,
)
from tracker.reports.documents.blocks import (
    NONE,
    comparison_columns,
    counts,
    figures,
    frame,
    month_chart,
    prior_name,
    say_against,
    say_growth,
    thousands,
)
from tracker.reports.documents.explanation import GROUPS
from tracker.reports.requests import Content
from tracker.reports.wording import say_day

# So long may a name in a sentence be, so that the page stays one.
LONGEST_NAME = 24


def compose(content: Content, sha256: str) -> Document:
    """Return the brief as a document that fits on one page."""
    return frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    *_figures(content),
                    month_chart(content, "단위 천원"),
                    *_sentences(content),
                    _basis(content),
                ]
            ),
        ),
    )


def _figures(content: Content) -> list[Block]:
    summary, rate = content["summary"], content["statutory"]["rate"]
    lines = [Line((text("사회적경제 구매액"), *figures(summary["total"])), Role.TOTAL)]
    if rate:
        shares = (percent(rate["current"]), percent(rate["prior"]), points(rate["change"]), NONE)
        lines.append(Line((text("사회적기업 구매비율"), *shares)))
    else:
        lines.append(Line((text("사회적기업 구매액"), *figures(content["statutory"]["total"]))))
    departments = summary["participation"]["departments"]
    lines.append(Line((text("구매 부서 수"), *counts(departments))))
    return [
        Heading("한눈에 보는 실적"),
        Table(
            key="summary",
            sheet="총괄",
            title="주요 수치",
            columns=comparison_columns(content, "구분"),
            lines=lines,
            units=("%", "개"),
            notes=("사회적기업은 인증사회적기업(법정 통보 대상)이고, 나머지는 자체 기준 합계임.",),
        ),
    ]


def _sentences(content: Content) -> list[Block]:
    """Return what rose, what fell and why, each as one sentence."""
    name = prior_name(content)
    social = [row for row in content["by_type"] if row["is_social_economy"]]
    sides = (social, content["by_department"])
    risen = [_most(rows, max, lambda amount: amount > 0) for rows in sides]
    fallen = [_most(rows, min, lambda amount: amount < 0) for rows in sides]
    return [
        Heading("무엇이 달라졌나"),
        Points(
            [
                Point(_moved("늘어난", risen, name)),
                Point(_moved("줄어든", fallen, name)),
                Point(_why(content, name)),
            ]
        ),
    ]


def _most(
    rows: Sequence[Content], pick: Callable[..., Content], holds: Callable[[int], bool]
) -> Content | None:
    moved = [row for row in rows if row["difference"] is not None and holds(row["difference"])]
    return pick(moved, key=lambda row: row["difference"]) if moved else None


def _moved(way: str, found: Sequence[Content | None], name: str) -> str:
    told = [
        f"{what} {_short(row['label'])} {thousands(abs(row['difference']))}{say_growth(row)}"
        for what, row in zip(("유형은", "부서는"), found, strict=True)
        if row
    ]
    return f"{name}보다 가장 많이 {way} {', '.join(told)}." if told else f"{name}보다 {way} 유형과 부서 없음."


def _why(content: Content, name: str) -> str:
    total, explained = content["summary"]["total"], content["explained"]
    suppliers, largest = explained["suppliers"], explained["largest"]
    if suppliers is None or not total["difference"]:
        why = f"구매액은 {say_against(total, name)}"
    else:
        rose = total["difference"] > 0
        groups = [(suppliers[group]["difference"], group, label) for group, label in GROUPS]
        difference, group, label = (max if rose else min)(groups)
        moved = f"{thousands(abs(difference))} {'증가' if difference > 0 else '감소'}"
        who = f"{label}({suppliers[group]['number']:,}개)"
        why = f"{say_against(total, name)}: {who}의 {moved} 영향이 가장 큼"
    if largest and largest[0]["amount"] > 0:
        item = largest[0]["contract_name"] or largest[0]["item"] or largest[0]["enterprise"]
        why += f", 가장 큰 구매는 {_short(item)} {thousands(largest[0]['amount'])}"
    return f"{why}."


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _basis(content: Content) -> Notes:
    basis = content["basis"]
    return Notes(
        [
            f"{say_day(basis['from'])} ~ {say_day(basis['to'])}, {basis['basis']} 기준, {basis['scope']}, "
            f"비교 {say_day(basis['against_from'])} ~ {say_day(basis['against_to'])}, "
            f"자료 고정 {say_day(basis['frozen_on'])}. △는 감소."
        ]
    )
