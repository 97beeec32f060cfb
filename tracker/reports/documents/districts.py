"""A city's institutions side by side as a document."""

from tracker.core.growth import Note
from tracker.reports.document import (
    Block,
    Column,
    Document,
    Enclosures,
    Heading,
    Line,
    Role,
    Section,
    Table,
    centred,
    number,
    percent,
    points,
    text,
)
from tracker.reports.documents.blocks import (
    LEDGER_TITLE,
    basis_facts,
    basis_sheet,
    by_kind_table,
    by_type_table,
    comparison_table,
    figures,
    frame,
    ledger_section,
    movers,
    own_notes,
    prior_name,
    total_points,
)
from tracker.reports.requests import Content
from tracker.reports.wording import say_prior_year

RATE_NOTE = "구매비율은 총구매액 가운데 사회적경제기업 제품의 비율(자체 기준)임."


def compose(content: Content, sha256: str) -> Document:
    """Return the comparison as a document."""
    return frame(
        content,
        sha256,
        (
            Section(blocks=[basis_facts(content), basis_sheet(content), *_districts(content)]),
            Section(blocks=[*_parts(content), Enclosures((LEDGER_TITLE,))]),
            ledger_section(content, "붙임"),
        ),
    )


def _districts(content: Content) -> list[Block]:
    rows, total = content["by_district"], content["summary"]["total"]
    part, name = content["summary"]["participation"], prior_name(content)
    with_rate = any(row["rate"] for row in rows)
    shares = (Column("구매비율", 9), Column("증감", 9)) if with_rate else ()

    def line(row: Content, took_part: str, role: Role = Role.BODY) -> Line:
        rates = (percent(row.get("rate"), Note.NO_DATA), points(row.get("change"))) if with_rate else ()
        return Line(
            (text(row["label"]), *figures(row), number(row["count"]), *rates, centred(took_part)), role
        )

    return [
        Heading("기관별 구매실적"),
        total_points(content, "사회적경제기업 제품 구매액"),
        *movers("기관", rows, name),
        Table(
            key="by_district",
            sheet="기관별",
            title="기관별 비교",
            columns=(
                Column("기관", 17),
                Column(f"{content['year']}년", 14),
                Column(say_prior_year(content), 14),
                Column("증감액", 13),
                Column("증감률", 9),
                Column("건수", 8),
                *shares,
                Column("구매 부서", 10),
            ),
            lines=[
                *(
                    line(
                        row | {"label": f"{row['label']}(직속)" if row["is_root"] else row["label"]},
                        f"{row['departments']:,}/{row['of_departments']:,}",
                    )
                    for row in rows
                ),
                line(
                    total,
                    f"{part['departments']['current']:,}/{part['of_departments']['current']:,}",
                    Role.TOTAL,
                ),
            ],
            units=("%", "건", "개"),
            notes=(
                "구매 부서는 구매가 있는 부서 수/전체 부서 수임.",
                *((RATE_NOTE,) if with_rate else ()),
                *own_notes(content),
            ),
        ),
    ]


def _parts(content: Content) -> list[Block]:
    return [
        Heading("유형별·구분별 구매실적"),
        by_type_table(content),
        by_kind_table(content),
        comparison_table(
            content,
            "by_department",
            "부서별",
            "부서별",
            "부서",
            ((row, row["label"], "") for row in content["by_department"]),
        ),
    ]
