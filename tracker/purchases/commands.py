"""`tracker rejudge`."""

from collections.abc import Iterable, Iterator

import click
from flask_babel import gettext as _

from tracker.accounts.commands import acting, as_option
from tracker.core.money import format_won
from tracker.enterprises.queries import list_types
from tracker.purchases.rejudging import Outcome, Rejudged, list_rejudged
from tracker.purchases.services import rejudge_year
from tracker.purchases.wording import SHORT_REASONS
from tracker.web.terminal import Unusable, json_option, print_json, say

YEAR = click.IntRange(1990, 2100)
LONGEST_REASON = 300


@click.command()
@click.option("--year", type=YEAR, required=True, help="The fiscal year.")
@click.option("--apply", "is_applied", is_flag=True, help="Change the verdicts; without it they are listed.")
@click.option("--reason", default="", metavar="TEXT", help="With --apply: why; it stays in the history.")
@as_option
@json_option
def rejudge(year: int, reason: str, as_login: str, *, is_applied: bool, as_json: bool) -> None:
    """List the purchases of a year that would be judged otherwise today; with --apply judge them so."""
    reason = reason.strip()
    if is_applied != bool(reason) or len(reason) > LONGEST_REASON:
        raise Unusable(_("To change verdicts give --apply and --reason, of up to 300 characters."))
    found = rejudge_year(year, reason, acting(as_login)) if is_applied else list_rejudged(year)
    if as_json:
        rows = list(found)
        print_json(
            {
                "year": year,
                "applied": is_applied,
                "reason": reason or None,
                "count": len(rows),
                "counted": {
                    "then": sum(each.counted_then for each in rows),
                    "now": sum(each.counted_now for each in rows),
                },
                "rows": [_row_as_json(each) for each in rows],
            }
        )
    else:
        _tell(found, is_applied=is_applied)


def _tell(found: Iterable[Rejudged], *, is_applied: bool) -> None:
    names = {row.code: row.name for row in list_types()}
    number = then = now = 0
    for each in found:
        number, then, now = number + 1, then + each.counted_then, now + each.counted_now
        click.echo("  ".join(_columns(each, names)))
    click.echo(
        _(
            "%(number)s purchases; of them %(then)s won count as social economy by their verdicts, "
            "%(now)s won by the certifications recorded now.",
            number=format_won(number),
            then=format_won(then),
            now=format_won(now),
        )
    )
    if is_applied:
        say(_("They have been judged again; each has a new revision with the reason."))
    elif number:
        say(_("Nothing was changed. To judge them again give --apply and --reason."))


def _columns(row: Rejudged, names: dict[str, str]) -> Iterator[str]:
    yield str(row.purchase_id)
    yield f"{row.purchased_on}"
    yield format_won(row.amount)
    yield row.enterprise
    yield f"{_say(row.then, names)} → {_say(row.now, names)}"


def _say(outcome: Outcome, names: dict[str, str]) -> str:
    counting = ", ".join(names[code] for code in outcome.counting)
    if counting:
        return counting
    said = ", ".join(f"{names[each.type]} {SHORT_REASONS[each.reason]}" for each in outcome.types)
    return said or str(SHORT_REASONS[outcome.reason])


def _row_as_json(row: Rejudged) -> dict[str, object]:
    return {
        "purchase": row.purchase_id,
        "date": row.purchased_on,
        "amount": row.amount,
        "enterprise": row.enterprise,
        "then": _outcome_as_json(row.then),
        "now": _outcome_as_json(row.now),
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "counts": outcome.is_social,
        "types": list(outcome.counting),
        "reason": outcome.reason,
        "by_type": {each.type: each.reason for each in outcome.types},
    }
