"""`tracker work`."""

import os
import signal

import click

from tracker.jobs.worker import work as work_until
from tracker.web.terminal import say


@click.command("work")
@click.option(
    "--parent", type=int, hidden=True, help="End when this process, which started the worker, ends."
)
def work(parent: int | None) -> None:
    """Do queued jobs, one after the other, until told to stop."""
    signals: list[int] = []
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda number, _frame: signals.append(number))
    say("Waiting for jobs …")
    work_until(lambda: bool(signals) or (parent is not None and os.getppid() != parent))
