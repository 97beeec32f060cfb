"""What commands share: one JSON object on standard output, messages on standard error, exit codes."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class Refused(click.ClickException):
    """The data does not allow it; exit code 1."""

    exit_code = 1


class Unusable(click.ClickException):
    """Wrong usage, or a file that cannot be read; exit code 2."""

    exit_code = 2


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object; dates as ISO, decimals as plain strings."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def say(message: str) -> None:
    """Tell the person at the terminal something without mixing it into the result."""
    click.echo(message, err=True)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no JSON form")
