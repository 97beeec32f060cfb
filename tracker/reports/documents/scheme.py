"""The report on a scheme as a document: what counts, rates against targets, parts, plans, purchases."""

from collections.abc import Iterable

from tracker.core.growth import Note
from tracker.reports.document import (
    Block,
    Column,
    Document,
    Enclosures,
    Facts,
    Heading,
    Line,
    Notes,
    Role,
    Section,
    Table,
    amount,
    centred,
    percent,
    points,
    text,
)
from tracker.reports.documents.blocks import (
    LEDGER_TITLE,
    NONE,
    author,
    basis_facts,
    basis_sheet,
    by_kind_table,
    by_type_table,
    frame,
    ledger_section,
    own_notes,
    thousands,
    total_points,
)
from tracker.reports.documents.departments import departments
from tracker.reports.documents.explanation import explanation, one_offs
from tracker.reports.documents.plans import plan_table
from tracker.reports.requests import Content
from tracker.reports.wording import say_percent, say_prior_year

NO_TARGET = "목표 없음"
PLAN_TITLE = "구매계획"


def compose(content: Content, sha256: str) -> Document:
    """Return the report on a scheme as a document."""
    return frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    basis_facts(content),
                    basis_sheet(content),
                    Heading("집계 대상"),
                    _counted(content["scheme"]),
                    *_rates(content),
                    *_parts(content),
                    *explanation(content),
                    *_departments(content),
                    Enclosures((PLAN_TITLE, LEDGER_TITLE)),
                ]
            ),
            Section(
                annex="붙임 1",
                title=PLAN_TITLE,
                blocks=[
                    plan_table(content["plan"], "plan"),
                    plan_table(content["plan_next"], "plan_next"),
                    author(content),
                ],
            ),
            ledger_section(content, "붙임 2"),
        ),
    )


def _counted(scheme: Content) -> Facts:
    """Return what counts, and what is left out on both sides and why."""
    kinds = ", ".join(scheme["kinds"])
    if scheme["excluded_kinds"]:
        kinds += f" ({', '.join(scheme['excluded_kinds'])} 제외: 우선구매액과 총구매액 모두)"
    exclusions = " / ".join(
        f"{each['item']}({each['reason']}): 우선구매액 {thousands(each['eligible'])}, "
        f"총구매액 {thousands(each['spending'])}"
        for each in scheme["exclusions"]
    )
    pairs = [
        ("제도", f"{scheme['name']} ({'법정' if scheme['is_statutory'] else '자체 기준'})"),
        ("근거", " · ".join(part for part in (scheme["law"], scheme["notice"]) if part)),
        ("대상 기업", ", ".join(scheme["types"]) or "정하지 않음(우선구매액을 산출하지 않음)"),
        ("대상 구분", kinds),
        ("제외 통계목", exclusions or "없음"),
    ]
    if scheme["recipient"]:
        pairs.append(("제출처", scheme["recipient"]))
    if scheme["is_rule_changed"]:
        pairs.append(("전년 기준", "전년 실적은 전년의 집계 기준(대상·제외)에 따름"))
    return Facts(title="제도와 대상", pairs=pairs)


def _rates(content: Content) -> list[Block]:
    year, prior = f"{content['year']}년", say_prior_year(content)
    books = "(회계연도)" if content["basis"]["is_running"] else ""
    short = [row for row in content["rates"] if row["is_short"]]
    whole = content["rates"][-1]
    return [
        Heading("구매실적과 구매비율"),
        total_points(content, f"{content['scheme']['name']} 구매액"),
        Table(
            key="rates",
            sheet="구매비율",
            title=f"구분별 구매비율{books}",
            columns=(
                Column("구분", 10),
                Column(year, 14, "우선구매액"),
                Column(f"{content['year'] - 1}년", 14, "우선구매액"),
                Column(year, 15, "총구매액"),
                Column(f"{content['year'] - 1}년", 15, "총구매액"),
                Column(year, 9, "구매비율"),
                Column(f"{content['year'] - 1}년", 9, "구매비율"),
                Column("증감", 14, "구매비율"),
            ),
            lines=[_rate(row) for row in content["rates"]],
            units=("%", "%p"),
            notes=tuple(_rate_notes(content, prior)),
        ),
        Table(
            key="targets",
            sheet="목표",
            title="목표와 달성률",
            columns=(
                Column("구분", 14),
                Column("목표 비율", 14),
                Column("목표액", 20),
                Column("구매비율", 14),
                Column("달성률", 14),
                Column("부족액", 20),
            ),
            lines=[_target(row) for row in content["rates"]],
            units=("%",),
        ),
        *([_shortfalls(short)] if short else []),
        *one_offs(content, whole["rate"], whole["change"]),
    ]


def _rate(row: Content) -> Line:
    numerator, denominator = row["numerator"], row["denominator"]
    return Line(
        (
            text(row["label"]),
            amount(numerator["current"] if row["is_known"] else None),
            amount(numerator["prior"]),
            amount(denominator["current"]),
            amount(denominator["prior"]),
            percent(row["rate"]),
            percent(row["prior_rate"]),
            points(row["change"]),
        ),
        Role.BODY if row["key"] else Role.TOTAL,
    )


def _target(row: Content) -> Line:
    has_none = row["target"] is None and row["target_amount"] is None
    return Line(
        (
            text(row["label"]),
            centred(NO_TARGET) if has_none else percent(row["target"], Note.NONE),
            NONE if row["target_amount"] is None else amount(row["target_amount"]),
            percent(row["rate"]),
            NONE if has_none else percent(row["attainment"]),
            NONE if row["shortfall"] is None else amount(row["shortfall"]),
        ),
        Role.BODY if row["key"] else Role.TOTAL,
    )


def _shortfalls(rows: Iterable[Content]) -> Table:
    """Return what was missed, with an empty place for why."""
    return Table(
        key="shortfalls",
        sheet="미달",
        title="목표 미달과 미달 사유",
        columns=(Column("구분", 12), Column("달성률", 12), Column("부족액", 20), Column("미달 사유", 56)),
        lines=[
            Line(
                (
                    text(row["label"]),
                    percent(row["attainment"]),
                    NONE if row["shortfall"] is None else amount(row["shortfall"]),
                    text(""),
                )
            )
            for row in rows
        ],
        units=("%",),
        notes=("미달 사유는 제출 전에 적음.",),
    )


def _rate_notes(content: Content, prior: str) -> Iterable[str]:
    if any(row["denominator"]["current"] is None for row in content["rates"]):
        yield "총구매액이 입력되지 않은 구분은 구매비율을 산출하지 않음(자료 없음)."
    if any(row["exceeds"] for row in content["rates"]):
        yield "우선구매액이 총구매액보다 큰 구분이 있음: 총구매액 자료를 확인할 것."
    if content["basis"]["is_running"]:
        yield f"구매비율은 두 해 모두 회계연도 전체 기준(잠정)이고, 그 밖의 표는 {prior}과 비교함."
    yield from own_notes(content)


def _parts(content: Content) -> list[Block]:
    kinds = [row["label"] for row in content["by_kind"]]
    total = content["summary"]["total"]
    blocks: list[Block] = [
        Heading("조달 방식별·구분별 구매실적"),
        Table(
            key="by_procurement",
            sheet="조달방식",
            title="조달청 의뢰와 자체 구매",
            columns=(
                Column("구분", 16),
                *(Column(kind, 14) for kind in kinds),
                Column("계", 16),
                Column(say_prior_year(content), 16),
                Column("증감률", 10),
            ),
            lines=[
                *(
                    Line(
                        (
                            text(row["label"]),
                            *(amount(each) for each in row["by_kind"]),
                            amount(row["current"]),
                            amount(row["prior"]),
                            percent(row["growth"], row["note"] or Note.NO_DATA),
                        )
                    )
                    for row in content["by_procurement"]
                ),
                Line(
                    (
                        text("합계"),
                        *(amount(row["current"]) for row in content["by_kind"]),
                        amount(total["current"] if total["is_recorded"] else None),
                        amount(total["prior"]),
                        percent(total["growth"], total["note"] or Note.NO_DATA),
                    ),
                    Role.TOTAL,
                ),
            ],
            units=("%",),
            notes=("조달 방식을 적지 않은 구매는 미상으로 따로 적음.",),
        ),
        by_kind_table(content),
    ]
    if len(content["by_type"]) > 1:
        blocks.append(by_type_table(content))
    return blocks


def _departments(content: Content) -> list[Block]:
    rows = content["by_department"]
    blocks = departments(content)
    aimed = [row for row in rows if row["target"] is not None or row["target_amount"] is not None]
    if aimed:
        blocks.append(
            Table(
                key="department_targets",
                sheet="부서목표",
                title="부서별 목표와 달성률(목표가 있는 부서)",
                columns=(
                    Column("부서", 30),
                    Column("목표액", 18),
                    Column("구매액", 18),
                    Column("구매비율", 14),
                    Column("달성률", 14),
                ),
                lines=[
                    Line(
                        (
                            text(row["label"]),
                            NONE if row["target_amount"] is None else amount(row["target_amount"]),
                            amount(row["current"] if row["is_recorded"] else None),
                            percent(row["rate"]),
                            percent(row["attainment"]),
                        ),
                        remark=f"목표 비율 {say_percent(row['target'])}%" if row["target"] else "",
                    )
                    for row in aimed
                ],
                units=("%",),
            )
        )
    taking = content["summary"]["participation"]
    blocks.append(
        Notes(
            [
                f"구매 부서 {taking['departments']['current']:,}개 / "
                f"전체 {taking['of_departments']['current']:,}개 부서"
            ]
        )
    )
    return blocks
