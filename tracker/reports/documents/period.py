"""The report on an evaluation period as a document: purchases, participation, indicators, why it changed."""

from dataclasses import replace

from tracker.core.growth import Note
from tracker.reports.document import (
    Block,
    Cell,
    Column,
    Document,
    Enclosures,
    Form,
    Heading,
    Line,
    Point,
    Points,
    Role,
    Section,
    Table,
    centred,
    number,
    percent,
    text,
)
from tracker.reports.documents.blocks import (
    LEDGER_TITLE,
    NONE,
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
    movers,
    own_notes,
    prior_name,
    total_points,
)
from tracker.reports.documents.departments import reorganised, succession
from tracker.reports.documents.explanation import explanation
from tracker.reports.requests import Content
from tracker.reports.texts import texts_of
from tracker.reports.wording import say_day, say_prior_year


def compose(content: Content, sha256: str) -> Document:
    """Return the report on a period as a document."""
    basis = content["basis"]
    document = frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    basis_facts(content),
                    basis_sheet(content),
                    *_summary(content),
                    *_indicators(content),
                    *_parts(content),
                    *_participation(content),
                    *explanation(content),
                    Enclosures((LEDGER_TITLE,)),
                ]
            ),
            ledger_section(content, "붙임"),
        ),
    )
    return replace(document, kicker=f"{say_day(basis['from'])} ~ {say_day(basis['to'])}")


def _summary(content: Content) -> list[Block]:
    summary = content["summary"]
    part = summary["participation"]
    names = (("purchases", "구매 건수"), ("enterprises", "거래 기업 수"), ("departments", "구매 부서 수"))
    return [
        Heading("구매실적 총괄"),
        total_points(content, texts_of(content).say("사회적경제기업 제품 구매액")),
        Table(
            key="summary",
            sheet="총괄",
            title="구매와 참여",
            columns=comparison_columns(content, "구분"),
            lines=[
                Line((text("구매액"), *figures(summary["total"])), Role.TOTAL),
                *(Line((text(label), *counts(part[name]))) for name, label in names),
                Line((text("전체 부서 수"), *counts(part["of_departments"]))),
            ],
            units=("%", "건", "개"),
            notes=own_notes(content),
        ),
    ]


def _indicators(content: Content) -> list[Block]:
    rows = content["indicators"]
    if not rows:
        return [Heading("그 밖의 지표"), Points([Point("입력된 지표 없음")])]
    return [
        Heading("그 밖의 지표"),
        Table(
            key="indicators",
            sheet="지표",
            title="기관의 그 밖의 지표",
            columns=(
                Column("분야", 13),
                Column("지표", 25),
                Column("단위", 8),
                Column("이번 기간", 13),
                Column("이전 기간", 13),
                Column("증감률", 10),
                Column("근거", 22),
            ),
            lines=[
                Line(
                    (
                        text(row["field"]),
                        text(row["name"]),
                        centred(row["unit"]),
                        _value(row["value"]),
                        centred("자료 없음") if row["value_before"] is None else _value(row["value_before"]),
                        percent(row["growth"], Note.NONE),
                        text(row["evidence"]),
                    )
                )
                for row in rows
            ],
            money=None,
            units=("%",),
        ),
    ]


def _value(value: str) -> Cell:
    """Return a cell of a figure that may have decimals."""
    return number(int(value)) if value.lstrip("-").isdigit() else Cell(Form.PERCENT, value)


def _parts(content: Content) -> list[Block]:
    social = [row for row in content["by_type"] if row["is_social_economy"]]
    return [
        Heading("유형별·구분별·월별 구매실적"),
        *movers("유형", social, prior_name(content)),
        by_type_table(content, "중복"),
        by_kind_table(content),
        by_month_table(content),
    ]


def _participation(content: Content) -> list[Block]:
    part, taking, name = content["summary"]["participation"], content["taking_part"], prior_name(content)
    all_of_them = part["departments"]["current"] == part["of_departments"]["current"]
    told = [
        Point(
            f"구매 부서 {part['departments']['current']:,}개 / "
            f"전체 {part['of_departments']['current']:,}개{' (모든 부서 참여)' if all_of_them else ''}"
        )
    ]
    for label, names in (
        (f"{name}에는 없었고 이번에 구매한 부서", taking["newly"]),
        (f"{name}에는 있었고 이번에 구매가 없는 부서", taking["no_longer"]),
        ("두 기간 모두 구매가 없는 부서", taking["never"]),
    ):
        if names:
            told.append(Point(f"{label}: {', '.join(names)}", 1))
    return [
        Heading("부서별 참여와 구매실적"),
        Points(told),
        Table(
            key="by_department",
            sheet="부서별",
            title="부서별(구매가 없는 부서 포함)",
            columns=(
                Column("부서", 26),
                Column("이번 기간", 17),
                Column(say_prior_year(content), 17),
                Column("증감액", 16),
                Column("증감률", 10),
                Column("건수", 7),
                Column("이전 건수", 7),
            ),
            lines=[
                *(
                    Line(
                        (
                            text(row["label"]),
                            *figures(row),
                            number(row["count"]),
                            NONE if row["prior_count"] is None else number(row["prior_count"]),
                        ),
                        remark=succession(row["succession"]),
                    )
                    for row in content["by_department"]
                ),
                Line(
                    (
                        text("합계"),
                        *figures(content["summary"]["total"]),
                        number(part["purchases"]["current"]),
                        NONE if part["purchases"]["prior"] is None else number(part["purchases"]["prior"]),
                    ),
                    Role.TOTAL,
                ),
            ],
            units=("%", "건"),
        ),
        *reorganised(content, name),
    ]
