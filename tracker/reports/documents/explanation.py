"""What moved since last year, as blocks: kinds, suppliers, certifications, largest items, one-off items."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from tracker.core.rates import rate_text
from tracker.reports.document import (
    Block,
    Column,
    Heading,
    Line,
    Point,
    Points,
    Role,
    Table,
    amount,
    centred,
    day,
    number,
    percent,
    points,
    text,
)
from tracker.reports.documents.blocks import NONE, prior_name, subject, thousands
from tracker.reports.requests import Content
from tracker.reports.wording import say_percent, say_prior_year

GROUPS = (("kept", "계속 거래한 기업"), ("new", "새로 거래한 기업"), ("lost", "거래가 없어진 기업"))


def explanation(content: Content) -> list[Block]:
    """Return why the total differs from last year's: a heading, points and tables."""
    explained, name = content["explained"], prior_name(content)
    told = [Heading(f"{name} 대비 변동 요인")]
    if explained["suppliers"] is None:
        return [*told, Points([Point(f"{name} 자료가 없어 비교하지 않음")]), _largest(content)]
    return [
        *told,
        Points([*_suppliers(explained["suppliers"]), *_certified(explained["certified"], name)]),
        Table(
            key="explained",
            sheet="변동요인",
            title="증감의 내역",
            columns=(
                Column("구분", 28),
                Column("기업 수", 10),
                Column(f"{content['year']}년", 18),
                Column(say_prior_year(content), 18),
                Column("증감액", 18),
            ),
            lines=list(_split(content)),
            units=("개",),
            notes=("구분별 합과 기업별 합이 각각 합계와 같음.",),
        ),
        _largest(content),
    ]


def one_offs(content: Content, rate: str | None, change: str | None) -> list[Block]:
    """Return the rate as it is, beside the rate without each named one-off item; nothing without any."""
    found = content["one_offs"]
    if not found:
        return []
    rows = [*found["rows"], *([found["all"]] if len(found["rows"]) > 1 else [])]
    return [
        Table(
            key="one_offs",
            sheet="일회성제외",
            title="일회성 구매를 뺀 구매비율",
            columns=(
                Column("구분", 30),
                Column("뺀 우선구매액", 18),
                Column("뺀 총구매액", 18),
                Column("구매비율", 12),
                Column("전년 대비", 12),
            ),
            lines=[
                Line((text("모두 넣은 비율"), NONE, NONE, percent(rate), points(change)), Role.TOTAL),
                *(
                    Line(
                        (
                            text(f"{row['name']} 제외"),
                            amount(row["eligible"]),
                            amount(row["spending"]),
                            percent(row["rate"]),
                            points(row["change"]),
                        )
                    )
                    for row in rows
                ),
            ],
            units=("%",),
        )
    ]


def _suppliers(suppliers: Content) -> Iterable[Point]:
    told = ", ".join(
        f"{label} {suppliers[group]['number']:,}개 {_signed(suppliers[group]['difference'])}"
        for group, label in GROUPS
    )
    yield Point(told)
    for group, label in (("largest_new", "새로 거래"), ("largest_lost", "거래 없어짐")):
        if suppliers[group]:
            yield Point(f"{label}(큰 순): {_ranked(suppliers[group])}", 1)


def _certified(certified: Content, name: str) -> Iterable[Point]:
    begun, ended = certified["begun"], certified["ended"]
    yield Point(
        f"새로 인증·지정된 기업 {begun['number']:,}개에서 구매 {thousands(begun['current'])}"
        if begun["number"]
        else "새로 인증·지정되어 거래한 기업 없음"
    )
    if begun["largest"]:
        yield Point(_ranked(begun["largest"]), 1)
    if not ended["number"]:
        yield Point("거래 기업 중 인증·지정이 끝난 기업 없음")
        return
    yield Point(
        f"인증·지정이 끝난 기업 {ended['number']:,}개: {name} {thousands(ended['prior'])}, "
        f"이번 실적 {thousands(ended['current'])}, 끝난 뒤 구매(실적 제외) {thousands(ended['uncounted'])}"
    )
    yield Point(_ranked(ended["largest"]), 1)


def _ranked(rows: Sequence[Content]) -> str:
    return ", ".join(f"{row['label']} {thousands(row['amount'])}" for row in rows)


def _signed(won: int) -> str:
    return f"{'+' if won > 0 else ''}{thousands(won)}"


def _split(content: Content) -> Iterable[Line]:
    total, suppliers = content["summary"]["total"], content["explained"]["suppliers"]

    def line(label: str, count: int | None, row: Content, role: Role = Role.BODY) -> Line:
        return Line(
            (
                text(label),
                NONE if count is None else number(count),
                amount(row["current"]),
                amount(row["prior"]),
                NONE if row["difference"] is None else amount(row["difference"]),
            ),
            role,
        )

    for row in content["by_kind"]:
        yield line(row["label"], None, row)
    for group, label in GROUPS:
        yield line(label, suppliers[group]["number"], suppliers[group])
    yield line("합계", None, total, Role.TOTAL)


def _largest(content: Content) -> Table:
    explained, name = content["explained"], prior_name(content)
    total = content["summary"]["total"]["current"]
    sides = ((f"{content['year']}년", "largest"), (name, "largest_before"))
    return Table(
        key="largest",
        sheet="큰구매",
        title="금액이 가장 큰 구매 5건",
        columns=(
            Column("구분", 10),
            Column("구매일", 16),
            Column("부서", 15),
            Column("업체", 21),
            Column("품목/계약명", 24),
            Column("금액", 14),
        ),
        lines=[
            Line(
                (
                    centred(side),
                    day(line["day"]),
                    text(line["department"]),
                    text(line["enterprise"]),
                    subject(line),
                    amount(line["amount"]),
                )
            )
            for side, group in sides
            for line in explained[group]
        ],
        notes=tuple(_weight(explained["largest"], total)),
    )


def _weight(largest: Sequence[Content], total: int) -> Iterable[str]:
    if largest and total > 0:
        share = rate_text(Fraction(sum(line["amount"] for line in largest), total), 1) or ""
        yield f"올해 {len(largest)}건이 구매액의 {say_percent(share)}%임."
