"""The `tracker` command. Each feature brings its own; one is loaded only when it is called."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module

import click

# Name → (where it lives, what it does). The help stands here, so that `tracker --help` loads nothing else.
COMMANDS = {
    "backup": ("tracker.operations.commands:backup", "Write everything into one file, while people work."),
    "batches": ("tracker.imports.commands:batches", "List what was imported; take one back whole."),
    "bench": ("tracker.operations.commands:bench", "Measure the program against pandas on made-up data."),
    "db": ("tracker.operations.commands:db_group", "Bring the database to the current version."),
    "demo": ("tracker.operations.commands:demo", "Fill an empty instance with a made-up district."),
    "import": (
        "tracker.imports.commands:import_group",
        "Take in enterprises, purchases, spending or the yearly plan from a file.",
    ),
    "rates": ("tracker.targets.commands:rates", "Purchasing rates by scheme against their targets."),
    "rejudge": (
        "tracker.purchases.commands:rejudge",
        "List verdicts that would change if judged again; change them.",
    ),
    "report": ("tracker.reports.commands:report", "Freeze, render and verify compliance reports."),
    "restore": ("tracker.operations.commands:restore_command", "Put a backup in place of this instance."),
    "round": (
        "tracker.rounds.commands:round_group",
        "Ask departments for their purchases, see who is missing.",
    ),
    "serve": ("tracker.operations.commands:serve", "Serve the program to browsers."),
    "template": ("tracker.imports.commands:template", "Write the program's own entry sheets."),
    "totals": ("tracker.totals.commands:totals", "Purchases against the year before."),
    "user": ("tracker.accounts.commands:user", "Add accounts, make and revoke tokens."),
    "verify": ("tracker.operations.commands:verify", "Check the whole instance."),
    "work": ("tracker.jobs.commands:work", "Do queued jobs until told to stop."),
}


# What works beside a database of another version: it keeps that, brings it up, or has one of its own.
ON_NEWER = frozenset({"backup", "bench", "restore"})
ON_OLDER = ON_NEWER | {"db"}


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and runs it inside the application."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, loaded now."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        _run_inside_application(command, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


def _run_inside_application(command: click.Command, name: str) -> None:
    if isinstance(command, click.Group):
        for member in command.commands.values():
            _run_inside_application(member, name)
    elif command.callback and not hasattr(command.callback, "__wrapped__"):
        command.callback = _inside_application(command.callback, name)


def _inside_application(callback: Callable[..., object], name: str) -> Callable[..., object]:
    @wraps(callback)
    def run(*args: object, **options: object) -> object:
        from tracker import create_app
        from tracker.operations.database import prepare_database

        app = create_app()
        with app.app_context():
            prepare_database()
            _refuse_other_version(name)
            return callback(*args, **options)

    return run


def _refuse_other_version(name: str) -> None:
    """Let a command end, with a word on what to do, where it cannot work on a database of this version."""
    from flask_babel import gettext as _

    from tracker.operations.database import Age, age_of_database
    from tracker.web.terminal import Unusable

    age = age_of_database()
    if age is Age.OLDER and name not in ON_OLDER:
        raise Unusable(
            _(
                "The database is of an older version than the program. "
                "Save it with `tracker backup FILE`, then bring it up with `tracker db upgrade`."
            )
        )
    if age is Age.NEWER and name not in ON_NEWER:
        raise Unusable(
            _(
                "The database is of a newer version than the program. "
                "Use the newer program, or restore a backup made with this one."
            )
        )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tracker")
def main() -> None:
    """Public purchasing from social-economy enterprises."""


if __name__ == "__main__":
    main()
