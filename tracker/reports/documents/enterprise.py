"""The statement for a supplier as a document: by year, department and kind, certifications, each purchase."""

from dataclasses import replace

from tracker.core.business_number import format_number
from tracker.core.money import Unit, spell_won
from tracker.reports.document import (
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Line,
    Point,
    Points,
    Role,
    Section,
    Table,
    amount,
    centred,
    day,
    number,
    text,
)
from tracker.reports.documents.blocks import (
    author,
    basis_sheet,
    frame,
    own_notes,
    subject,
    sum_line,
    thousands,
)
from tracker.reports.requests import Content
from tracker.reports.wording import say_day, say_moment

STANDINGS = {
    "valid": "유효",
    "not_yet": "시작 전",
    "expired": "만료",
    "returned": "반납",
    "cancelled": "취소",
    "converted": "전환",
    "undated": "날짜 없음",
}


def compose(content: Content, sha256: str) -> Document:
    """Return the statement as a document."""
    document = frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    _facts(content),
                    basis_sheet(content),
                    *_summary(content),
                    *_certifications(content),
                    author(content),
                ]
            ),
            *([_purchases(content)] if content["annex"] else []),
        ),
    )
    years = content["years"]
    span = f"{years[0]}년도" if len(years) == 1 else f"{years[0]}~{years[-1]}년도"
    return replace(document, kicker=span)


def _facts(content: Content) -> Facts:
    basis, enterprise = content["basis"], content["enterprise"]
    registered = enterprise["business_number"]
    return Facts(
        title="거래 상대와 작성 기준",
        beside=f"작성일 {say_day(basis['frozen_on'])}",
        pairs=[
            ("업체명", enterprise["name"]),
            ("사업자등록번호", format_number(registered) if registered else "등록되지 않음"),
            ("대상 회계연도", ", ".join(f"{year}년" for year in content["years"])),
            (
                "집계 기준",
                "계약 기준, 기록된 모든 구매(취소된 것은 뺌). 인정 여부는 구매일의 인증 상태로 판정",
            ),
            ("자료 고정", f"{say_moment(basis['frozen_at'])}, 감사기록 제{basis['audit']['sequence']:,}호"),
        ],
    )


def _summary(content: Content) -> list[Block]:
    total, counted = content["summary"]["total"], content["summary"]["counted"]
    if not content["annex"]:
        return [Heading("거래 내역"), Points([Point("해당 기간의 구매 내역 없음")])]
    years = [f"{year}년" for year in content["years"]]
    return [
        Heading("거래 내역"),
        Points(
            [
                Point(
                    f"구매 {total['count']:,}건 {thousands(total['current'])}, "
                    f"그중 사회적경제기업 실적 {thousands(counted)}",
                    strong=thousands(total["current"]),
                ),
                Point(spell_won(total["current"]), 1),
            ]
        ),
        Table(
            key="by_year",
            sheet="연도별",
            title="연도별",
            columns=(
                Column("회계연도", 28),
                Column("건수", 16),
                Column("구매액", 28),
                Column("인정 실적", 28),
            ),
            lines=[
                *(
                    Line(
                        (
                            text(row["label"]),
                            number(row["count"]),
                            amount(row["current"]),
                            amount(row["counted"]),
                        )
                    )
                    for row in content["by_year"]
                ),
                Line(
                    (text("합계"), number(total["count"]), amount(total["current"]), amount(counted)),
                    Role.TOTAL,
                ),
            ],
            units=("건",),
            money=Unit.WON,
            notes=own_notes(content),
        ),
        Table(
            key="by_kind",
            sheet="구분별",
            title="물품·용역·공사",
            columns=(Column("구분", 40), Column("건수", 20), Column("구매액", 40)),
            lines=[
                *(
                    Line((text(row["label"]), number(row["count"]), amount(row["current"])))
                    for row in content["by_kind"]
                ),
                Line((text("합계"), number(total["count"]), amount(total["current"])), Role.TOTAL),
            ],
            units=("건",),
            money=Unit.WON,
        ),
        Table(
            key="by_department",
            sheet="부서별",
            title="부서별·연도별",
            columns=(
                Column("부서", 28),
                *(Column(year, 60 // len(years)) for year in years),
                Column("합계", 16),
            ),
            lines=[
                *(
                    Line(
                        (
                            text(row["label"]),
                            *(amount(each) for each in row["by_year"]),
                            amount(row["current"]),
                        )
                    )
                    for row in content["by_department"]
                ),
                Line(
                    (
                        text("합계"),
                        *(amount(row["current"]) for row in content["by_year"]),
                        amount(total["current"]),
                    ),
                    Role.TOTAL,
                ),
            ],
            money=Unit.WON,
        ),
    ]


def _certifications(content: Content) -> list[Block]:
    return [
        Heading("인증·지정"),
        Table(
            key="certifications",
            sheet="인증",
            title="등록부의 인증·지정",
            columns=(
                Column("유형", 20),
                Column("번호", 22),
                Column("기관", 22),
                Column("시작일", 13),
                Column("종료일", 13),
                Column("현재", 10),
            ),
            lines=[
                Line(
                    (
                        text(row["type"]),
                        text(row["number"] or ""),
                        text(row["authority"] or ""),
                        day(row["from"]) if row["from"] else centred("–"),
                        day(row["to"]) if row["to"] else centred("기한 없음"),
                        centred(STANDINGS[row["standing"]]),
                    ),
                    remark=row["subtype"] or "",
                )
                for row in content["certifications"]
            ],
            money=None,
            notes=(
                f"현재는 {say_day(content['basis']['frozen_on'])} 기준. 구매일의 인증은 구매 내역에 적음.",
            ),
        ),
    ]


def _purchases(content: Content) -> Section:
    columns = (
        Column("번호", 6),
        Column("구매일", 10),
        Column("부서", 13),
        Column("품목/계약명", 24),
        Column("구분", 6),
        Column("거래", 9),
        Column("구매일의 인증", 20),
        Column("금액", 12),
    )
    lines = [
        Line(
            (
                centred(line["id"]),
                day(line["day"]),
                text(line["department"]),
                subject(line),
                centred(line["kind"]),
                centred(line["nature"] if line["directness"] == "직접" else f"간접 {line['nature']}"),
                text(", ".join(line["certificates"]) or "없음"),
                amount(line["amount"]),
            )
        )
        for line in content["annex"]
    ]
    total = content["summary"]["total"]["current"]
    return Section(
        annex="붙임",
        title="구매 내역",
        is_wide=True,
        blocks=[
            Table(
                key="annex",
                sheet="구매내역",
                title=f"구매 {len(lines):,}건",
                columns=columns,
                lines=[*lines, sum_line(columns, total)],
                money=Unit.WON,
                is_long=True,
            )
        ],
    )
