"""`tracker round`: open collection rounds, list them, see how far departments are."""

from datetime import date, datetime

import click
from flask_babel import gettext as _

from tracker.accounts.commands import acting, as_option
from tracker.core.money import format_won
from tracker.core.periods import Period
from tracker.rounds.models import State
from tracker.rounds.queries import BoardRow, build_board, find_round, list_rounds
from tracker.rounds.services import NobodyAsked, RoundDraft, open_round
from tracker.rounds.texts import write_request, write_title
from tracker.web.clock import today
from tracker.web.terminal import Refused, Unusable, json_option, print_json, say

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("round")
def round_group() -> None:
    """Ask departments for their purchases of a period, and see who is missing."""


@round_group.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the rounds, the newest first."""
    rows = list_rounds()
    told = [
        {
            "id": row.round.id,
            "title": row.round.title,
            "from": row.round.start_on,
            "to": row.round.end_on,
            "due": row.round.due_on,
            "asked": row.asked,
            **{state.value: row.numbers[state] for state in State},
        }
        for row in rows
    ]
    if as_json:
        print_json({"rounds": told})
        return
    for row in rows:
        numbers = " ".join(f"{state.korean} {row.numbers[state]}" for state in State)
        click.echo(f"{row.round.id}  {row.round.title}  ~{row.round.due_on}  {numbers}")


@round_group.command("open")
@click.option("--from", "start", type=DAY, required=True, help="First day asked for.")
@click.option("--to", "end", type=DAY, required=True, help="Last day.")
@click.option("--due", type=DAY, required=True, help="The internal deadline.")
@click.option("--title", help="The subject of the letter, where it is another than usual.")
@click.option("--with-affiliated", is_flag=True, help="Corporations and funded institutes too.")
@as_option
@json_option
def open_command(
    start: datetime,
    end: datetime,
    due: datetime,
    title: str | None,
    as_login: str,
    *,
    with_affiliated: bool,
    as_json: bool,
) -> None:
    """Open a round; every department that is open in the period is asked."""
    if end < start:
        raise Unusable(_("Give a first and a last day, the first not after the last."))
    period, due_on = Period(start.date(), end.date()), due.date()
    subject = (title or write_title(period))[:200]
    draft = RoundDraft(
        title=subject,
        period=period,
        with_affiliated=with_affiliated,
        due_on=due_on,
        request=write_request(subject, period, due_on, with_affiliated=with_affiliated),
    )
    try:
        round_id = open_round(draft, acting(as_login))
    except NobodyAsked as error:
        raise Refused(_("No department is open in this period. Choose other days.")) from error
    if as_json:
        print_json({"id": round_id, "title": subject, "request": draft.request})
    else:
        say(_("Round %(number)s is open.", number=round_id))
        click.echo(draft.request)


@round_group.command()
@click.argument("round_id", metavar="ID", type=click.INT)
@json_option
def board(round_id: int, *, as_json: bool) -> None:
    """Show how far every department is."""
    asked = find_round(round_id)
    if asked is None:
        raise Refused(_("There is no round %(number)s.", number=round_id))
    found = build_board(asked, today())
    if as_json:
        print_json(
            {
                "id": asked.id,
                "title": asked.title,
                "from": asked.start_on,
                "to": asked.end_on,
                "due": asked.due_on,
                "amount": found.whole.amount,
                "counted": found.whole.counted,
                "rows": [_as_json(row) for row in found.rows],
            }
        )
        return
    for row in found.rows:
        marks = " ".join(
            word
            for word, holds in (
                (_("Nothing to report"), row.is_none),
                (_("Changed after submitting"), row.is_changed),
            )
            if holds
        )
        click.echo(f"{row.department}  {row.state.korean}  {format_won(row.now.amount)}  {marks}".rstrip())


def _as_json(row: BoardRow) -> dict[str, object]:
    submitted_on: date | None = row.submitted_at.date() if row.submitted_at else None
    return {
        "department": row.department,
        "state": row.state.value,
        "none": row.is_none,
        "by_file": row.is_by_file,
        "changed": row.is_changed,
        "count": row.now.number,
        "amount": row.now.amount,
        "counted": row.now.counted,
        "submitted_amount": row.submitted.amount if row.submitted and row.has_answer else None,
        "submitted_on": submitted_on,
        "days_late": row.days_late,
        "late_entries": row.late.number,
    }
