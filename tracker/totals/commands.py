"""`tracker totals`: purchases against the year before, at the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from unicodedata import east_asian_width

import click
from flask_babel import gettext as _

from tracker.core.growth import Note
from tracker.core.money import format_won
from tracker.core.names import normalise_heading
from tracker.core.periods import Period
from tracker.core.vocabulary import Basis, Measure, Word
from tracker.departments.commands import department_named
from tracker.enterprises.queries import type_codes_by_name
from tracker.totals.answers import FigureNotExplained, explain, write_json
from tracker.totals.queries import Answer, PurchaseBehind, TotalRow, answer
from tracker.totals.questions import By, Question, Side
from tracker.totals.wording import say_title
from tracker.web.terminal import Refused, Unusable, json_option


class WordChoice(click.Choice[str]):
    """One of the words of a closed list, given by its stored value."""

    def __init__(self, words: type[Word]) -> None:
        self.words = {str(word): word for word in words}
        super().__init__(list(self.words))

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Word:
        """Return the word itself."""
        return self.words[super().convert(value, param, ctx)]


DAY = click.DateTime(["%Y-%m-%d"])
YEAR = click.IntRange(1900, 2999)


@click.command("totals")
@click.option("--year", type=YEAR, required=True, help="The fiscal year (회계연도).")
@click.option("--against", type=YEAR, help="The year to compare with; the year before unless given.")
@click.option("--from", "start", type=DAY, help="First day, by the date of the basis; --year only names it.")
@click.option("--to", "end", type=DAY, help="Last day, together with --from.")
@click.option("--same-period", type=DAY, help="Count both fiscal years up to this day.")
@click.option("--of", type=WordChoice(Measure), default="social", help="Which purchases count.")
@click.option("--basis", type=WordChoice(Basis), default="contract", help="By contract or payment.")
@click.option("--by", type=WordChoice(By), default="department", help="What the rows are.")
@click.option("--department", help="Only this department and those below it: name, code or path.")
@click.option("--type", "type_name", help="Only purchases that count in this type: code or name.")
@click.option("--digits", type=click.IntRange(0, 6), default=1, help="Decimals of the growth in percent.")
@click.option("--explain", "explained", is_flag=True, help="List the purchases behind every figure.")
@json_option
def totals(
    year: int,
    against: int | None,
    start: datetime | None,
    end: datetime | None,
    same_period: datetime | None,
    of: Measure,
    basis: Basis,
    by: By,
    department: str | None,
    type_name: str | None,
    digits: int,
    explained: bool,
    as_json: bool,
) -> None:
    """Purchases against the year before."""
    if (start is None) != (end is None):
        raise Unusable(_("Give --from and --to together."))
    try:
        question = Question(
            year=year,
            against=against,
            period=Period(start.date(), end.date()) if start and end else None,
            same_period=same_period.date() if same_period else None,
            of=of,
            basis=basis,
            by=by,
            department_id=department_named(department) if department else None,
            type=_type_code(type_name) if type_name else None,
        )
    except ValueError as error:
        raise Unusable(str(error)) from error
    found = answer(question)
    try:
        _print(found, digits, explained=explained, as_json=as_json)
    except FigureNotExplained as error:
        raise Refused(_("The purchases behind “%(label)s” do not add up to it.", label=error)) from error


def _print(found: Answer, digits: int, *, explained: bool, as_json: bool) -> None:
    lines = explain(found) if explained else None
    if as_json:
        for piece in write_json(found, digits, lines):
            click.echo(piece, nl=False)
        click.echo()
        return
    for text in _table(found, digits):
        click.echo(text)
    if lines is not None:
        labels = {row.key: row.label for row in found.rows}
        for side, line in lines:
            click.echo(_line_text(side, line, labels))
        click.echo(_("Every figure equals the sum of its purchases."))


def _type_code(name: str) -> str:
    codes = type_codes_by_name()
    if normalise_heading(name) not in codes:
        known = ", ".join(sorted(set(codes.values())))
        raise Unusable(_("There is no type “%(name)s”. Known: %(known)s", name=name, known=known))
    return codes[normalise_heading(name)]


def _table(found: Answer, digits: int) -> Iterator[str]:
    question = found.question
    yield f"{say_title(question)} · {question.basis.korean} 기준"
    yield f"{question.year}년 {_span(found.period)} / {question.prior_year}년 {_span(found.against)}"
    yield "(단위: 원, %)"
    heads = [question.by.korean.removesuffix("별"), f"{question.year}년", f"{question.prior_year}년"]
    cells = [[*heads, "증감", "증감률", "건수"]]
    cells += [_cells(row, digits) for row in (*found.rows, found.total)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    for position, line in enumerate(cells):
        if position in (1, len(cells) - 1):
            yield rule
        yield _aligned(line, widths)
    if found.rows_overlap:
        yield "※ 한 구매가 여러 유형에 들 수 있어 유형별 금액의 합은 합계보다 클 수 있습니다."
    for row in found.rows:
        if row.succession:
            kind, before, after = row.succession
            changes = " · ".join(
                text
                for text in (before and f"{', '.join(before)} →", after and f"→ {', '.join(after)}")
                if text
            )
            yield f"※ {row.label}: 조직개편({'분리' if kind == 'split' else '통합·승계'}) {changes}"


def _cells(row: TotalRow, digits: int) -> list[str]:
    told = row.comparison
    notes = {Note.NEW: "신규", Note.NONE: "–", Note.NO_DATA: "자료 없음", None: ""}
    return [
        row.label,
        format_won(told.current) if row.is_recorded else "자료 없음",
        "자료 없음" if told.prior is None else format_won(told.prior),
        "–" if told.difference is None else format_won(told.difference),
        told.growth_text(digits) or notes[told.note],
        f"{row.count:,}",
    ]


def _line_text(side: Side, line: PurchaseBehind, labels: Mapping[str, str]) -> str:
    name = line.contract_name or line.item or ""
    rows = ", ".join(labels.get(key, key) for key in line.keys)
    where = "당해" if side is Side.CURRENT else "비교"
    return (
        f"{where} [{rows}] #{line.id} {line.day.isoformat()} {line.department} {line.enterprise} "
        f"{name} {line.kind.korean} {format_won(line.amount)}"
    )


def _span(period: Period) -> str:
    return f"{_date(period.start)} ~ {_date(period.end)}"


def _date(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}."


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    blanks = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    return "  ".join([cells[0] + blanks[0], *map(str.__add__, blanks[1:], cells[1:])])
