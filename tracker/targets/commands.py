"""`tracker rates`: purchasing rates by scheme against their targets."""

import click
from flask_babel import gettext as _

from tracker.core.money import format_won
from tracker.core.rates import rate_text
from tracker.departments.commands import department_named
from tracker.targets.queries import list_schemes
from tracker.totals.rates import RateRow, as_object, rates_of
from tracker.web.terminal import Unusable, json_option, print_json


@click.command("rates")
@click.option("--year", type=click.IntRange(1900, 2999), required=True, help="The fiscal year (회계연도).")
@click.option("--scheme", help="Only this scheme (제도), by its code.")
@click.option("--department", help="Only this department and those below it: name, code or path.")
@click.option("--by", type=click.Choice(["department"]), help="Rows for each department too.")
@json_option
def rates(year: int, scheme: str | None, department: str | None, by: str | None, as_json: bool) -> None:
    """Purchasing rates and attainment by scheme and kind."""
    known = [row.code for row in list_schemes(year)]
    if scheme is not None and scheme not in known:
        raise Unusable(
            _("There is no scheme “%(scheme)s”. Known: %(known)s", scheme=scheme, known=", ".join(known))
        )
    rows = rates_of(
        year, scheme, department_named(department) if department else None, by_department=by is not None
    )
    if as_json:
        print_json({"year": year, "rows": [as_object(row) for row in rows]})
        return
    for row in rows:
        click.echo(_line(row))


def _line(row: RateRow) -> str:
    def percent(text: str | None) -> str:
        return "–" if text is None else f"{text}%"

    def won(amount: int | None) -> str:
        return "–" if amount is None else format_won(amount)

    target = percent(rate_text(row.target)) if row.target_amount is None else won(row.target_amount)
    place = f" · {row.department.name}" if row.department else ""
    return (
        f"{row.scheme.name} · {row.kind_name}{place}: {won(row.numerator)} / {won(row.denominator)} "
        f"= {percent(rate_text(row.rate))} (목표 {target}, 달성률 {percent(rate_text(row.attainment, 1))})"
    )
