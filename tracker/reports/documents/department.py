"""The sheet of a department as a document: what it confirms, with a place to sign."""

from collections.abc import Iterable

from tracker.core.money import Unit
from tracker.reports.document import (
    Block,
    Column,
    Document,
    Heading,
    Line,
    Medium,
    Paragraph,
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
    basis_facts,
    basis_sheet,
    by_kind_table,
    by_month_table,
    by_type_table,
    comparison_table,
    frame,
    own_notes,
    say_against,
    subject,
    thousands,
    total_points,
    type_names,
)
from tracker.reports.documents.blocks import prior_name as name_prior
from tracker.reports.requests import Content
from tracker.reports.wording import say_day, say_moment


def compose(content: Content, sha256: str) -> Document:
    """Return the sheet as a document: figures first, then the purchases."""
    return frame(
        content,
        sha256,
        (
            Section(
                blocks=[
                    basis_facts(content),
                    basis_sheet(content),
                    *_confirmation(content),
                    *(_parts(content) if content["annex"] or content["summary"]["total"]["prior"] else []),
                ]
            ),
            *([_purchases(content)] if content["annex"] else []),
        ),
    )


def _confirmation(content: Content) -> list[Block]:
    total, basis = content["summary"]["total"], content["basis"]
    span = f"{say_day(basis['from'])}부터 {say_day(basis['to'])}까지"
    told: list[Block] = [Heading("확인 사항")]
    if content["annex"]:
        told += [
            total_points(content, "사회적경제기업 제품 구매액"),
            Paragraph(
                f"위 부서는 {span} 사회적경제기업 제품 구매가 {total['count']:,}건 "
                f"{thousands(total['current'])}임을 확인합니다."
            ),
        ]
    else:
        told.append(
            Paragraph(
                f"해당 없음: 위 부서는 {span} 사회적경제기업 제품 구매 실적이 없음을 확인합니다. "
                f"({say_against(total, name_prior(content))})"
            )
        )
    everything = content["everything"]
    told.append(
        Table(
            key="confirmed",
            sheet="확인",
            title="기록된 구매와 지출",
            columns=(Column("구분", 40), Column("건수", 20), Column("금액", 40)),
            lines=[
                Line((text("기록된 전체 구매"), number(everything["count"]), amount(everything["current"]))),
                Line(
                    (text("사회적경제기업 제품 구매"), number(total["count"]), amount(total["current"])),
                    Role.TOTAL,
                ),
                Line((text("- 지출한 금액"), text(""), amount(content["paid"]))),
                Line((text("- 지출 기록이 없는 금액"), text(""), amount(content["unpaid"]))),
            ],
            units=("건",),
            notes=own_notes(content),
        )
    )
    if content["rounds"]:
        told.append(_rounds(content))
    return [*told, Heading("확인자"), _signature()]


def _signature() -> Table:
    return Table(
        key="signature",
        sheet="서명",
        title="서명",
        columns=(Column("구분", 16), Column("직급", 22), Column("성명", 28), Column("서명 또는 인", 34)),
        lines=[Line((text(who), text("\xa0"), text("\xa0"), text("\xa0"))) for who in ("담당자", "부서장")],
        money=None,
        medium=Medium.PAPER,
    )


def _rounds(content: Content) -> Table:
    return Table(
        key="rounds",
        sheet="제출",
        title="자료 제출 상태",
        columns=(
            Column("요청", 26),
            Column("부서", 18),
            Column("제출기한", 15),
            Column("상태", 15),
            Column("제출 시각", 20),
            Column("제출한 금액", 17),
        ),
        lines=[
            Line(
                (
                    text(row["title"]),
                    text(row["department"]),
                    day(row["due_on"]),
                    centred(_state(row)),
                    centred(say_moment(row["submitted_at"]) if row["submitted_at"] else "–"),
                    centred("–") if row["counted"] is None else amount(row["counted"]),
                ),
                remark="제출 뒤 변경" if row["is_changed"] else "",
            )
            for row in content["rounds"]
        ],
    )


def _state(row: Content) -> str:
    return f"{row['state']}(해당 없음)" if row["is_none"] else str(row["state"])


def _parts(content: Content) -> Iterable[Block]:
    yield Heading(f"{name_prior(content)} 대비 구매실적")
    yield by_type_table(content)
    yield by_kind_table(content)
    yield by_month_table(content)
    if len(content["by_department"]) > 1:
        yield comparison_table(
            content,
            "by_department",
            "부서별",
            "소속 부서별",
            "부서",
            ((row, row["label"], "") for row in content["by_department"]),
        )


def _purchases(content: Content) -> Section:
    types = type_names(content)
    total = content["summary"]["total"]["current"]
    columns = (
        Column("번호", 6),
        Column("구매일", 10),
        Column("업체", 17),
        Column("품목/계약명", 22),
        Column("구분", 6),
        Column("유형", 15),
        Column("금액", 11),
        Column("지출액", 11),
        Column("최근 지출일", 11),
    )
    lines = [
        Line(
            (
                centred(line["id"]),
                day(line["day"]),
                text(line["enterprise"]),
                subject(line),
                centred(line["kind"]),
                text(", ".join(types[code] for code in line["types"])),
                amount(line["amount"]),
                amount(line["paid"]),
                day(line["payments"][-1]["day"]) if line["payments"] else centred("–"),
            )
        )
        for line in content["annex"]
    ]
    whole = Line(
        (text("합계"), *(text("") for _ in range(5)), amount(total), amount(content["paid"]), text("")),
        Role.TOTAL,
    )
    return Section(
        annex="붙임",
        title="구매와 지출 내역",
        is_wide=True,
        blocks=[
            Table(
                key="annex",
                sheet="구매내역",
                title=f"구매 {len(content['annex']):,}건",
                columns=columns,
                lines=[*lines, whole],
                money=Unit.WON,
                is_long=True,
                notes=("지출액은 기록된 지출의 합임. △는 계약 취소나 감액, 반납.",),
            )
        ],
    )
