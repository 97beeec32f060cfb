"""What documents of several kinds have in common: their frame, basis, comparisons and list of purchases."""

from collections.abc import Callable, Iterable, Sequence

from tracker.core.growth import Note
from tracker.core.money import Unit, spell_won
from tracker.reports.charts import column_chart
from tracker.reports.document import (
    Approval,
    Author,
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Form,
    Line,
    Medium,
    Point,
    Points,
    Role,
    Section,
    Table,
    amount,
    centred,
    day,
    number,
    percent,
    text,
)
from tracker.reports.requests import Content
from tracker.reports.texts import texts_of
from tracker.reports.wording import (
    say_amount,
    say_day,
    say_moment,
    say_month,
    say_note,
    say_percent,
    say_prior_year,
)

NONE = Cell(Form.NOTE, Note.NONE)
"""Nothing to tell, which is neither 0 nor unknown."""
MOVERS = 3
LEDGER_TITLE = "구매 내역"
NAME_WIDTH, NARROW_WIDTH = 22, 10
OVERLAP = (
    "여러 인증을 가진 기업의 구매는 각 유형에 모두 넣고 합계에는 한 번만 넣으므로 "
    "유형별 금액의 합은 합계보다 클 수 있음."
)


def frame(content: Content, sha256: str, sections: Sequence[Section]) -> Document:
    """Return the document with these sections, an approval box before them where one is asked for."""
    basis, posts = content["basis"], texts_of(content).approval
    first, *others = sections
    if posts:
        blocks = (Approval(posts), *first.blocks)
        first = Section(blocks=blocks, annex=first.annex, title=first.title, is_wide=first.is_wide)
    return Document(
        title=content["title"],
        kicker=f"{content['year']}년도",
        mark="잠정" if basis["is_provisional"] else "",
        subject=content["subject"],
        body=" ".join(part for part in (content["institution"], content["department"]) if part),
        number=content["number"],
        sha256=sha256,
        frozen_at=basis["frozen_at"],
        sections=(first, *others),
    )


def author(content: Content) -> Author:
    """Return 작성자, to be written in by hand where the institution names none."""
    return texts_of(content).author or Author()


def own_notes(content: Content) -> tuple[str, ...]:
    """Return the remarks in the institution's own words."""
    return texts_of(content).notes


def basis_facts(content: Content) -> Facts:
    """Return what the figures of a report on the ledger rest on."""
    basis, department = content["basis"], content["department"]
    span = f"{say_day(basis['from'])} ~ {say_day(basis['to'])}"
    year = f" ({content['year']} 회계연도)" if basis["is_by_fiscal_year"] else ""
    against = f"{say_day(basis['against_from'])} ~ {say_day(basis['against_to'])}"
    tax = " · ".join(f"{row['label']} {thousands(row['amount'])}" for row in basis["tax"])
    excluded = " · ".join(
        f"{row['directness']} {row['nature']} {row['count']:,}건 {thousands(row['amount'])}"
        for row in basis["excluded"]
    )
    register, audit, late = basis["register"], basis["audit"], basis.get("late")
    pairs = [
        ("집계 기간", f"{span}{year}, 비교: {against}"),
        (
            "집계 기준",
            f"{basis['basis']} 기준, 직접 구매만 집계. "
            "구매일(계약일, 계약이 없으면 최초 지출일)의 인증 상태로 판정",
        ),
        ("보고 범위", f"{basis['scope']}{f', {department}와 그 소속 부서' if department else ''}"),
        ("부가가치세", tax or "해당 없음"),
        ("집계 제외", f"간접 구매, 위탁·보조·출연{f': {excluded}' if excluded else '(해당 내역 없음)'}"),
    ]
    if late and late["count"]:
        told = f"{late['count']:,}건 {thousands(late['amount'])}"
        pairs.append(("마감 후 입력", f"확정(마감) 뒤에 입력·정정된 구매 {told} 포함"))
    enterprises, certifications = register["enterprises"], register["certifications"]
    pairs += [
        (
            "인증 현황",
            f"{say_day(basis['frozen_on'])} 현재 등록부"
            f"(기업 {enterprises:,}개, 인증·지정 {certifications:,}건)",
        ),
        ("근거 법령", ", ".join(basis["laws"])),
        (
            "자료 고정",
            f"{say_moment(basis['frozen_at'])}, 감사기록 제{audit['sequence']:,}호({audit['hash'][:16]})",
        ),
    ]
    return Facts(title="작성 기준", beside=f"작성일 {say_day(basis['frozen_on'])}", pairs=pairs)


def basis_sheet(content: Content) -> Table:
    """Return what paper says of VAT and of what is left out, as numbers for a workbook."""
    basis = content["basis"]
    late = basis.get("late")
    lines = [Line((text(row["label"]), Cell(Form.TEXT, ""), amount(row["amount"]))) for row in basis["tax"]]
    lines += [
        Line(
            (
                text(f"집계 제외: {row['directness']} {row['nature']}"),
                number(row["count"]),
                amount(row["amount"]),
            )
        )
        for row in basis["excluded"]
    ]
    if late and late["count"]:
        lines.append(Line((text("마감 후 입력 포함"), number(late["count"]), amount(late["amount"]))))
    return Table(
        key="basis",
        sheet="과세·제외",
        title="부가가치세와 집계 제외",
        columns=(Column("구분", 30), Column("건수", 10), Column("금액", 20)),
        lines=lines,
        units=("건",),
        medium=Medium.SHEET,
    )


def prior_name(content: Content) -> str:
    """Return what a report calls the time that it compares with."""
    return "전년 동기" if say_prior_year(content).endswith("동기") else "전년"


def thousands(won: int) -> str:
    """Return an amount in a sentence."""
    return f"{say_amount(won, Unit.THOUSAND)}천원"


def say_growth(row: Content) -> str:
    """Return the growth of a row in brackets, without its sign: (46.8%), (신규)."""
    if row["growth"] is None:
        return f"({say_note(row['note'])})"
    return f"({say_percent(row['growth'].removeprefix('-'))}%)"


def say_against(row: Content, name: str) -> str:
    """Return how a row stands to last year's, in words."""
    if row["difference"] is None:
        return f"{name} 자료 없음"
    if not row["difference"]:
        return f"{name}과 같음"
    way = "증가" if row["difference"] > 0 else "감소"
    return f"{name} 대비 {thousands(abs(row['difference']))}{say_growth(row)} {way}"


def figures(row: Content) -> tuple[Cell, Cell, Cell, Cell]:
    """Return this year, last year, difference and growth in won."""
    return _compared(row, amount)


def counts(row: Content) -> tuple[Cell, Cell, Cell, Cell]:
    """Return the same of a number of something."""
    return _compared(row, number)


def _compared(row: Content, cell: Callable[[int | None], Cell]) -> tuple[Cell, Cell, Cell, Cell]:
    return (
        cell(row["current"] if row.get("is_recorded", True) else None),
        cell(row["prior"]),
        NONE if row["difference"] is None else cell(row["difference"]),
        percent(row["growth"], row["note"] or Note.NO_DATA),
    )


def comparison_columns(
    content: Content, first: str, *, with_share: bool = False, with_count: bool = False
) -> list[Column]:
    """Return the heads of a table that holds this year against last."""
    narrow = ["증감률", *(["구성비"] if with_share else []), *(["건수"] if with_count else [])]
    wide = [f"{content['year']}년", say_prior_year(content), "증감액"]
    width = (100 - NAME_WIDTH - NARROW_WIDTH * len(narrow)) // len(wide)
    return [
        Column(first, NAME_WIDTH),
        *(Column(label, width) for label in wide),
        *(Column(label, NARROW_WIDTH) for label in narrow),
    ]


def comparison_table(
    content: Content,
    key: str,
    sheet: str,
    title: str,
    first: str,
    rows: Iterable[tuple[Content, str, str]],
    notes: tuple[str, ...] = (),
    *,
    with_share: bool = True,
) -> Table:
    """Return this year against last by rows, each with its label and remark, and the total below them."""
    total = content["summary"]["total"]
    whole = total | {"share": "100.0" if total["current"] else "0.0"}

    def line(row: Content, label: str, remark: str, role: Role) -> Line:
        share = (percent(row["share"]),) if with_share else ()
        return Line((text(label), *figures(row), *share, number(row["count"])), role, remark)

    return Table(
        key=key,
        sheet=sheet,
        title=title,
        columns=comparison_columns(content, first, with_share=with_share, with_count=True),
        lines=[
            *(line(row, label, remark, Role.BODY) for row, label, remark in rows),
            line(whole, "합계" if with_share else "합계(중복 제외)", "", Role.TOTAL),
        ],
        units=("%", "건"),
        notes=notes,
    )


def by_type_table(content: Content, beside: str = "") -> Table:
    """Return the comparison by type, with this remark below those that are not social economy."""
    return comparison_table(
        content,
        "by_type",
        "유형별",
        "유형별",
        "유형",
        (
            (row, row["label"], beside if beside and not row["is_social_economy"] else "")
            for row in content["by_type"]
        ),
        (OVERLAP,),
        with_share=False,
    )


def by_kind_table(content: Content) -> Table:
    """Return the comparison of goods, services and works."""
    return comparison_table(
        content,
        "by_kind",
        "구분별",
        "물품·용역·공사",
        "구분",
        ((row, row["label"], "") for row in content["by_kind"]),
    )


def by_month_table(content: Content) -> Table:
    """Return the comparison by month."""
    return comparison_table(
        content,
        "by_month",
        "월별",
        "월별",
        "월",
        ((row, say_month(row["key"], content["year"]), "") for row in content["by_month"]),
    )


def month_chart(content: Content, description: str) -> Figure:
    """Return both years' months as a chart."""
    year, rows = content["year"], content["by_month"]
    names = (f"{year}년", f"{year - 1}년")
    return Figure(
        chart=column_chart(
            [say_month(row["key"], year) for row in rows],
            [(names[0], [row["current"] for row in rows]), (names[1], [row["prior"] or 0 for row in rows])],
        ),
        title=f"{names[0]}과 {names[1]}의 월별 구매액",
        description=description,
    )


def movers(what: str, rows: Iterable[Content], name: str) -> list[Block]:
    """Return a point on the rows that rose and fell most; nothing where none moved."""
    known = sorted((row for row in rows if row["difference"]), key=lambda row: row["difference"])
    risen = [row for row in reversed(known) if row["difference"] > 0][:MOVERS]
    fallen = [row for row in known if row["difference"] < 0][:MOVERS]
    if not known:
        return []
    told = [Point(f"{name}보다 크게 달라진 {what}")]
    for way, found in (("증가", risen), ("감소", fallen)):
        if found:
            named = ", ".join(
                f"{row['label']} {thousands(abs(row['difference']))}{say_growth(row)}" for row in found
            )
            told.append(Point(f"{way}: {named}", 1))
    return [Points(told)]


def total_points(content: Content, what: str) -> Points:
    """Return the total in words, spelled out, and who took part."""
    summary, name = content["summary"], prior_name(content)
    total, part = summary["total"], summary["participation"]
    told = thousands(total["current"]) if total["is_recorded"] else "자료 없음"
    return Points(
        [
            Point(f"{what} {told}, {say_against(total, name)}", strong=told),
            *([Point(spell_won(total["current"]), 1)] if total["is_recorded"] else []),
            Point(
                f"구매 {part['purchases']['current']:,}건, 거래 기업 {part['enterprises']['current']:,}개, "
                f"구매 부서 {part['departments']['current']:,}개"
                f"(전체 {part['of_departments']['current']:,}개 부서)"
            ),
        ]
    )


def sum_line(columns: Sequence[Column], total: int) -> Line:
    """Return the last line of a list whose last column holds amounts."""
    return Line((text("합계"), *(text("") for _ in columns[2:]), amount(total)), Role.TOTAL)


def subject(line: Content) -> Cell:
    """Return what a purchase was for: its contract, else its item."""
    return text(line["contract_name"] or line["item"] or "")


def type_names(content: Content) -> dict[str, str]:
    """Return the names of the types that the report's purchases have, by code."""
    return content.get("type_names") or {row["key"]: row["label"] for row in content["by_type"]}


def ledger_section(content: Content, annex: str, notes: tuple[str, ...] = ()) -> Section:
    """Return the purchases behind the total as an annex, with who made it."""
    return Section(
        annex=annex,
        title=LEDGER_TITLE,
        blocks=[*_ledger_tables(content, notes), author(content)],
        is_wide=True,
    )


def _ledger_tables(content: Content, notes: tuple[str, ...]) -> list[Table]:
    """Return the purchases: in short on paper, with all that is known in a workbook."""
    annex, types = content["annex"], type_names(content)
    taxes = {row["key"]: row["label"] for row in content["basis"]["tax"]}
    title = f"{content['basis']['measure']} 제품 구매 {len(annex):,}건"
    total = content["summary"]["total"]["current"]

    def kinds_of(line: Content) -> Cell:
        return text(", ".join(types[code] for code in line["types"]))

    on_paper = (
        Column("번호", 50),
        Column("부서", 120),
        Column("계약일", 95),
        Column("업체", 180),
        Column("품목/계약명", 225),
        Column("구분", 50),
        Column("유형", 170),
        Column("금액", 110),
    )
    in_sheet = (
        Column("번호", 9),
        Column("부서", 18),
        Column("계약일", 13),
        Column("업체", 26),
        Column("품목", 24),
        Column("계약명", 34),
        Column("구분", 8),
        Column("유형", 26),
        Column("과세", 10),
        Column("금액", 16),
    )
    return [
        Table(
            key="annex",
            sheet="구매내역",
            title=title,
            columns=on_paper,
            lines=[
                *(
                    Line(
                        (
                            centred(line["id"]),
                            text(line["department"]),
                            day(line["day"]),
                            text(line["enterprise"]),
                            subject(line),
                            centred(line["kind"]),
                            kinds_of(line),
                            amount(line["amount"]),
                        )
                    )
                    for line in annex
                ),
                sum_line(on_paper, total),
            ],
            money=Unit.WON,
            notes=notes,
            is_long=True,
            medium=Medium.PAPER,
        ),
        Table(
            key="annex_sheet",
            sheet="구매내역",
            title=title,
            columns=in_sheet,
            lines=[
                *(
                    Line(
                        (
                            centred(line["id"]),
                            text(line["department"]),
                            day(line["day"]),
                            text(line["enterprise"]),
                            text(line["item"] or ""),
                            text(line["contract_name"] or ""),
                            centred(line["kind"]),
                            kinds_of(line),
                            centred(taxes[line["tax"]]),
                            amount(line["amount"]),
                        )
                    )
                    for line in annex
                ),
                sum_line(in_sheet, total),
            ],
            money=Unit.WON,
            notes=notes,
            is_long=True,
            medium=Medium.SHEET,
        ),
    ]
