"""The annual report as a document: a summary, five tables, and two annexes."""

from collections.abc import Iterable

from tracker.reports.document import (
    Block,
    Column,
    Document,
    Enclosures,
    Heading,
    Line,
    Medium,
    Role,
    Section,
    Table,
    amount,
    percent,
    points,
    text,
)
from tracker.reports.documents.blocks import (
    LEDGER_TITLE,
    NONE,
    OVERLAP,
    author,
    basis_facts,
    basis_sheet,
    by_kind_table,
    by_month_table,
    by_type_table,
    comparison_columns,
    counts,
    figures,
    frame,
    ledger_section,
    month_chart,
    movers,
    own_notes,
    prior_name,
    total_points,
)
from tracker.reports.documents.departments import departments
from tracker.reports.documents.explanation import explanation, one_offs
from tracker.reports.documents.plans import plan_table, results_table
from tracker.reports.requests import Content
from tracker.reports.texts import texts_of
from tracker.reports.wording import say_prior_year

CROSS_TITLE = "부서별·유형별 구매실적"
PLAN_TITLE = "구매계획"
LEDGER_NOTE = (
    "번호는 구매 원장의 고유 번호임. 계약이 없는 소액 지출은 최초 지출일을 적음. △는 계약 취소나 감액."
)


def compose(content: Content, sha256: str) -> Document:
    """Return the annual report as a document."""
    return frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    *_summary(content),
                    *_plan(content),
                    *_parts(content),
                    *(explanation(content) if "explained" in content else []),
                    Enclosures((CROSS_TITLE, PLAN_TITLE, LEDGER_TITLE)),
                ]
            ),
            Section(annex="붙임 1", title=CROSS_TITLE, blocks=_cross(content), is_wide=True),
            Section(annex="붙임 2", title=PLAN_TITLE, blocks=_plans(content)),
            ledger_section(content, "붙임 3", (LEDGER_NOTE,)),
        ),
    )


def _summary(content: Content) -> list[Block]:
    texts = texts_of(content)
    return [
        basis_facts(content),
        basis_sheet(content),
        Heading("구매실적 총괄"),
        total_points(content, texts.say("사회적경제기업 제품 구매액")),
        Table(
            key="summary",
            sheet="총괄",
            title=texts.say("사회적경제 합계(자체 기준)"),
            columns=comparison_columns(content, "구분"),
            lines=list(_summary_lines(content["summary"])),
            units=("%", "건", "개"),
        ),
        Table(
            key="statutory",
            sheet="법정통보",
            title="법정 통보 실적: 사회적기업(인증) 제품",
            columns=comparison_columns(content, "구분"),
            lines=list(_statutory_lines(content)),
            units=("%",),
            notes=(*_statutory_notes(content), *own_notes(content)),
        ),
        *_one_offs(content),
    ]


def _one_offs(content: Content) -> list[Block]:
    rate = content["statutory"]["rate"]
    return one_offs(content, rate["current"], rate["change"]) if rate and content.get("one_offs") else []


def _plan(content: Content) -> list[Block]:
    """Return what became of the year's plan; a report frozen before plans stood in it says nothing."""
    if "plan" not in content:
        return []
    return [
        Heading("구매계획 대비 실적(사회적기업 제품)"),
        results_table(content["plan"], content["statutory"]["total"]["current"]),
    ]


def _plans(content: Content) -> list[Block]:
    plans = [plan_table(content[name], name) for name in ("plan_next", "plan") if name in content]
    return [*plans, author(content)]


def _summary_lines(summary: Content) -> Iterable[Line]:
    yield Line((text("구매액"), *figures(summary["total"])), Role.TOTAL)
    if summary["full_year"]:
        yield Line((text("(참고) 회계연도 전체"), *figures(summary["full_year"])), Role.BESIDE)
    for name, label in (
        ("purchases", "구매 건수"),
        ("enterprises", "거래 기업 수"),
        ("departments", "구매 부서 수"),
        ("of_departments", "전체 부서 수"),
    ):
        yield Line((text(label), *counts(summary["participation"][name])))


def _statutory_lines(content: Content) -> Iterable[Line]:
    statutory = content["statutory"]
    rate, running = statutory["rate"], "(회계연도)" if content["basis"]["is_running"] else ""
    yield Line((text("사회적기업 제품 구매액"), *figures(statutory["total"])), Role.TOTAL)
    for row in statutory["by_kind"]:
        if row["count"] or row["prior"]:
            yield Line((text(f"- {row['label']}"), *figures(row)))
    if rate:
        shares = (percent(rate["current"]), percent(rate["prior"]), points(rate["change"]), NONE)
        yield Line((text(f"총구매액{running}"), *figures(rate["spending"])))
        yield Line((text(f"구매비율{running}"), *shares))


def _statutory_notes(content: Content) -> Iterable[str]:
    yield (
        "금액은 원 단위로 집계하고 표시할 때만 천원 미만을 반올림하므로 세부 금액의 합이 "
        f"합계와 다를 수 있음. △는 감소 또는 음수, 신규는 {prior_name(content)} 실적이 없던 것."
    )
    if not content["statutory"]["rate"]:
        yield "기간을 지정한 보고서는 총구매액이 회계연도 단위이므로 구매비율을 산출하지 않음."
    elif content["basis"]["is_running"]:
        yield (
            "구매비율은 회계연도 전체의 사회적기업 제품 구매액을 "
            "그 회계연도에 입력된 총구매액으로 나눈 값(잠정)임."
        )


def _parts(content: Content) -> list[Block]:
    social = [row for row in content["by_type"] if row["is_social_economy"]]
    return [
        Heading("유형별 구매실적"),
        *movers("유형", social, prior_name(content)),
        by_type_table(content, texts_of(content).say("사회적경제 외 인증(중복)")),
        Heading("구분별 구매실적"),
        by_kind_table(content),
        Heading("월별 구매실적"),
        month_chart(content, "단위 천원. 금액은 아래 표와 같음"),
        by_month_table(content),
        *departments(content),
    ]


def _cross(content: Content) -> list[Block]:
    cross, total = content["cross"], content["summary"]["total"]
    names = [*cross["columns"], "합계(중복 제외)"]
    years = (f"{content['year']}년", say_prior_year(content))

    def bought(label: str, amounts: Iterable[int], role: Role = Role.BODY) -> Line:
        return Line((text(label), *(amount(each) if each else NONE for each in amounts)), role)

    def both(label: str, row: Content, role: Role = Role.BODY) -> Line:
        current = [*row["amounts"], row["total"]]
        prior = row["prior_amounts"]
        before = [None] * len(current) if prior is None else [*prior, row["prior_total"]]
        pairs = zip(current, before, strict=True)
        return Line((text(label), *(amount(each) for pair in pairs for each in pair)), role)

    whole = {
        "amounts": cross["totals"],
        "total": total["current"],
        "prior_amounts": cross["prior_totals"],
        "prior_total": total["prior"],
    }
    return [
        Table(
            key="cross",
            sheet="부서×유형",
            title=f"{content['year']}년 부서별·유형별(구매가 있는 부서)",
            columns=[Column("부서", 13), *(Column(name, 87 // len(names)) for name in names)],
            lines=[
                *(
                    bought(row["label"], [*row["amounts"], row["total"]])
                    for row in cross["rows"]
                    if row["count"]
                ),
                bought("합계", [*cross["totals"], total["current"]], Role.TOTAL),
            ],
            medium=Medium.PAPER,
        ),
        Table(
            key="cross_years",
            sheet="부서×유형×연도",
            title="부서별·유형별·연도별 구매실적(구매가 있는 부서)",
            columns=[Column("부서", 20), *(Column(year, 15, name) for name in names for year in years)],
            lines=[*(both(row["label"], row) for row in cross["rows"]), both("합계", whole, Role.TOTAL)],
            notes=(OVERLAP,),
            medium=Medium.SHEET,
        ),
        author(content),
    ]
