"""Commands of those who run the program: demo, verify, serve, db."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from tracker.operations.backup import DamagedBackup, UnusableBackup, back_up, restore
from tracker.operations.database import upgrade_database
from tracker.operations.demo.district import DEFAULT_PURCHASES, NotEmpty, build_demo
from tracker.operations.server import serve_until_stopped
from tracker.operations.verification import verify_instance
from tracker.web.clock import now, today
from tracker.web.terminal import Refused, Unusable, json_option, print_json, say


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
    """Check everything: ledger, sums, batches, audit chain, snapshots, evidence. Exit code 1 on a finding."""
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


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything of this instance into one file, while people go on working."""
    try:
        back_up(file, now())
    except (OSError, UnusableBackup) as error:
        raise Unusable(_("The backup could not be written: %(reason)s", reason=error)) from error
    say(_("Backed up: %(file)s. It holds the keys: keep it as safe as the instance.", file=file))


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Put a backup in the place of this instance; stop the program first."""
    try:
        kept = restore(file, now())
    except UnusableBackup as error:
        raise Unusable(_("This backup cannot be used: %(reason)s", reason=error)) from error
    except DamagedBackup as error:
        for finding in error.findings:
            say(f"{finding.subject} {finding.subject_id or ''}: {finding.detail}")
        raise Refused(_("This backup does not pass the checks. Nothing has been changed.")) from error
    say(_("Restored. Run `tracker verify`."))
    if kept:
        say(_("What was here before is in %(folder)s.", folder=kept))


@click.command("bench")
@click.argument(
    "names",
    nargs=-1,
    metavar="[import|storing|totals|report]…",
    type=click.Choice(["import", "storing", "totals", "report"]),
)
@click.option(
    "--rows", type=click.IntRange(1, 500_000), help="Default: 10,000; 500, 2,000 and 5,000 for report."
)
@json_option
def bench(names: tuple[str, ...], rows: int | None, as_json: bool) -> None:
    """Measure the program against others on made-up data, in a folder of its own; nothing here is touched.

    import and totals against pandas, report (printing) against Chromium; storing compares the whole import
    with what SQLite alone takes to store the same rows.
    """
    from tracker.operations.bench import BENCHMARKS, measure
    from tracker.operations.bench_report import ROWS, find_chromium, measure_printing

    asked = names or (*BENCHMARKS, "report")
    outcomes = measure([name for name in asked if name in BENCHMARKS], rows or 10_000)
    if "report" in asked:
        if chromium := find_chromium():
            outcomes += measure_printing(chromium, (rows,) if rows else ROWS)
        else:
            say(_("Chromium is not installed, so the printing of reports is not measured."))
    if as_json:
        found = {
            each.name: {
                "rows": each.rows,
                "ours": each.ours._asdict(),
                "rival": each.rival._asdict(),
                "ratio": each.ratio,
                "ratio_on_the_clock": each.ratio_on_the_clock,
            }
            for each in outcomes
        }
        print_json(found)
        return
    for each in outcomes:
        clock = each.ratio_on_the_clock
        on_the_clock = "" if clock is None else f", {clock:.2f} times its time on the clock"
        told = f"{each.ratio:.2f} times the computing of {each.against}{on_the_clock}"
        click.echo(f"{each.name}, {each.rows:,} rows: {told}")
        for who, cost in (("tracker", each.ours), (each.against, each.rival)):
            wall = "" if cost.wall is None else f", {cost.wall:.2f} s on the clock"
            memory = "" if cost.memory is None else f", {cost.memory:.0f} MB"
            click.echo(f"  {who:<8} {cost.cpu:.3f} s of computing{wall}{memory}")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the program to browsers until it is told to stop."""
    say(f"http://{host}:{port}")
    serve_until_stopped(current_app._get_current_object(), host, port)  # type: ignore[attr-defined]
