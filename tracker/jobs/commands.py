"""`tracker work`."""

import click

from tracker.jobs.worker import work as work_until_stopped
from tracker.web.terminal import say


@click.command("work")
@click.option(
    "--parent", type=int, hidden=True, help="End when this process, which started the worker, ends."
)
def work(parent: int | None) -> None:
    """Do queued jobs, one after the other, until told to stop."""
    say("Waiting for jobs …")
    work_until_stopped(parent)
