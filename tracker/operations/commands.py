"""Commands of those who run the program: demo, verify, serve, db."""

import sys

import click
from flask import current_app

from tracker.operations.database import upgrade_database
from tracker.operations.demo.district import DEFAULT_PURCHASES, NotEmpty, build_demo
from tracker.operations.server import serve_until_stopped
from tracker.operations.verification import verify_instance
from tracker.web.clock import now, today
from tracker.web.terminal import Refused, json_option, print_json, say


@click.group("db")
def db_group() -> None:
    """Bring the database to the current version."""


@db_group.command("upgrade")
def upgrade() -> None:
    """Make or upgrade the tables; nothing happens when they are current."""
    upgrade_database()
    say("The database is at the current version.")


@click.command("demo")
@click.option("--purchases", type=click.IntRange(1, 1_000_000), default=DEFAULT_PURCHASES, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same district.")
@json_option
def demo(purchases: int, seed: int, as_json: bool) -> None:
    """Fill an empty instance with a made-up district, and print its sign-ins."""
    say("Entering the made-up district …")
    try:
        credentials = build_demo(purchases, seed, now(), today())
    except NotEmpty:
        raise Refused("This instance holds data already: the made-up district needs an empty one.") from None
    if as_json:
        print_json({"purchases": purchases, "accounts": [entry._asdict() for entry in credentials]})
        return
    click.echo(f"{purchases:,} purchases entered. Sign in as (passwords are random and must be changed):")
    for entry in credentials:
        click.echo(f"  {entry.login:<8} {entry.password:<20} {entry.name}")


@click.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """Check the whole instance: ledger, rollup, batches, audit chain, snapshots. Exit code 1 on a finding."""
    results = verify_instance()
    findings = [finding._asdict() for found in results.values() for finding in found]
    if as_json:
        print_json({"intact": not findings, "checks": list(results), "findings": findings})
    else:
        for name, found in results.items():
            click.echo(f"{name}: {'intact' if not found else f'{len(found)} findings'}")
            for finding in found:
                place = (
                    finding.subject
                    if finding.subject_id is None
                    else f"{finding.subject} {finding.subject_id}"
                )
                click.echo(f"  {place}: {finding.detail}")
    if findings:
        sys.exit(1)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the program to browsers until it is told to stop."""
    say(f"http://{host}:{port}")
    serve_until_stopped(current_app._get_current_object(), host, port)  # type: ignore[attr-defined]
