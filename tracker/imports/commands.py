"""`tracker import`, `tracker template` and `tracker batches`."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from tracker.accounts.commands import acting, as_option
from tracker.core.money import format_won
from tracker.core.names import normalise_heading
from tracker.enterprises.queries import type_codes_by_name
from tracker.imports.entry_sheets import write_entry_sheet
from tracker.imports.layouts import layout_names
from tracker.imports.learnt_layouts import learnt_layouts
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.problems import explain_unreadable
from tracker.imports.queries import BatchRow, list_batches
from tracker.imports.reading import UnreadableFile
from tracker.imports.results import ImportResult
from tracker.imports.services import AlreadyUndone, UndoRefused, UnknownBatch, preview, take_in, undo_batch
from tracker.web.terminal import Refused, Unusable, json_option, print_json, say

FILE = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
YEAR = click.IntRange(1990, 2100)
SHOWN_PROBLEMS = 20
LONGEST_REASON = 300

layout_option = click.option(
    "--layout", metavar="NAME", help="Do not guess it; learnt ones have the name that was given."
)
department_option = click.option("--department", metavar="NAME", help="Where the file names none.")
year_option = click.option("--year", type=YEAR, help="The fiscal year where the file names none.")
create_option = click.option(
    "--create-missing", is_flag=True, help="Make departments and enterprises that are not there."
)
accept_option = click.option("--accept-valid", is_flag=True, help="Take in the rows without errors.")
reason_option = click.option(
    "--reason", default="", metavar="TEXT", help="Why purchases of closed periods come late."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Tell what would happen, store nothing.")


@click.group("import")
def import_group() -> None:
    """Take in enterprises, purchases, spending or the yearly plan from a spreadsheet or a text file."""


@import_group.command()
@click.argument("file", type=FILE)
@click.option("--type", "type_name", metavar="CODE", help="The type where the file names none.")
@click.option("--edition", type=DAY, help="With --type: the file is the whole list on this day.")
@layout_option
@accept_option
@dry_run_option
@as_option
@json_option
def enterprises(
    file: Path,
    type_name: str | None,
    edition: datetime | None,
    layout: str | None,
    as_login: str,
    *,
    accept_valid: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add and update enterprises with their certifications, one row for each."""
    if edition and not type_name:
        raise Unusable(_("--edition needs --type: which list is this?"))
    options = ImportOptions(
        type=_type_code(type_name) if type_name else None,
        edition=edition.date() if edition else None,
        layout=_layout(layout, ImportSubject.ENTERPRISES),
        accept_valid=accept_valid,
    )
    _run(file, ImportSubject.ENTERPRISES, options, as_login, dry_run=dry_run, as_json=as_json)


@import_group.command()
@click.argument("file", type=FILE)
@layout_option
@department_option
@year_option
@create_option
@accept_option
@reason_option
@dry_run_option
@as_option
@json_option
def purchases(
    file: Path,
    layout: str | None,
    department: str | None,
    year: int | None,
    reason: str,
    as_login: str,
    *,
    create_missing: bool,
    accept_valid: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in purchases, in any layout that is known or whose headings are."""
    if len(reason.strip()) > LONGEST_REASON:
        raise Unusable(_("Give a reason of up to 300 characters."))
    options = ImportOptions(
        late_reason=reason.strip(),
        layout=_layout(layout, ImportSubject.PURCHASES),
        department=department,
        year=year,
        create_missing=create_missing,
        accept_valid=accept_valid,
        institution=current_app.config["INSTITUTION"],
    )
    _run(file, ImportSubject.PURCHASES, options, as_login, dry_run=dry_run, as_json=as_json)


@import_group.command()
@click.argument("file", type=FILE)
@layout_option
@department_option
@year_option
@create_option
@accept_option
@dry_run_option
@as_option
@json_option
def spending(
    file: Path,
    layout: str | None,
    department: str | None,
    year: int | None,
    as_login: str,
    *,
    create_missing: bool,
    accept_valid: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in total spending by department, year, kind and 통계목."""
    options = ImportOptions(
        layout=_layout(layout, ImportSubject.SPENDING),
        department=department,
        year=year,
        create_missing=create_missing,
        accept_valid=accept_valid,
        institution=current_app.config["INSTITUTION"],
    )
    _run(file, ImportSubject.SPENDING, options, as_login, dry_run=dry_run, as_json=as_json)


@import_group.command()
@click.argument("file", type=FILE)
@layout_option
@department_option
@year_option
@create_option
@accept_option
@dry_run_option
@as_option
@json_option
def plan(
    file: Path,
    layout: str | None,
    department: str | None,
    year: int | None,
    as_login: str,
    *,
    create_missing: bool,
    accept_valid: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in the yearly plan: by department and scheme what is to be bought, and when."""
    options = ImportOptions(
        layout=_layout(layout, ImportSubject.PLAN),
        department=department,
        year=year,
        create_missing=create_missing,
        accept_valid=accept_valid,
        institution=current_app.config["INSTITUTION"],
    )
    _run(file, ImportSubject.PLAN, options, as_login, dry_run=dry_run, as_json=as_json)


@click.command()
@click.argument("subject", type=click.Choice([subject.value for subject in ImportSubject]))
@click.argument("file", type=FILE)
@json_option
def template(subject: str, file: Path, *, as_json: bool) -> None:
    """Write an entry sheet (XLSX) with lists to choose from and hints."""
    try:
        write_entry_sheet(file, ImportSubject(subject))
    except OSError as error:
        raise Unusable(_("The file cannot be written: %(reason)s", reason=error.strerror)) from error
    if as_json:
        print_json({"file": str(file), "subject": subject})
    else:
        say(_("The entry sheet is in %(file)s.", file=str(file)))


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def batches(context: click.Context, *, as_json: bool) -> None:
    """List what was imported; take one back whole."""
    if context.invoked_subcommand is None:
        context.invoke(list_command, as_json=as_json)


@batches.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List what was imported, the newest first."""
    rows = list_batches()
    if as_json:
        print_json({"batches": [_batch_as_json(row) for row in rows]})
        return
    for row in rows:
        state = _("taken back") if row.undone_at else ""
        columns = (
            row.id, f"{row.imported_at:%Y-%m-%d}", row.subject.korean, row.file, row.layout,
            format_won(row.imported), format_won(row.amount), state,
        )  # fmt: skip
        click.echo("  ".join(map(str, columns)).rstrip())


@batches.command()
@click.argument("batch_id", metavar="ID", type=click.INT)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the history.")
@as_option
@json_option
def undo(batch_id: int, reason: str, as_login: str, *, as_json: bool) -> None:
    """Take a batch back whole; departments and enterprises that it made stay."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Unusable(_("Give a reason of up to 300 characters."))
    try:
        undone = undo_batch(batch_id, reason.strip(), acting(as_login))
    except UnknownBatch as error:
        raise Refused(_("There is no batch %(number)s.", number=batch_id)) from error
    except AlreadyUndone as error:
        raise Refused(_("Batch %(number)s was taken back before.", number=batch_id)) from error
    except UndoRefused as error:
        changed = [obstacle.purchase_id for obstacle in error.obstacles]
        if as_json:
            print_json({"batch": batch_id, "undone": False, "changed_purchases": changed})
        numbers = ", ".join(map(str, changed))
        raise Refused(
            _("These purchases were changed since; reverse them first: %(numbers)s", numbers=numbers)
        ) from error
    if as_json:
        print_json(
            {
                "batch": undone.batch_id,
                "undone": True,
                "subject": undone.subject,
                "reversed": undone.reversed_purchases,
                "restored": undone.restored_purchases,
                "withdrawn": undone.withdrawn_figures,
            }
        )
    else:
        say(_("Batch %(number)s has been taken back.", number=batch_id))


def result_as_json(result: ImportResult) -> dict[str, object]:
    """Return the account of an import as design.md promises it; an edition's differences stand beside it."""
    shape: dict[str, object] = {
        "batch": result.batch,
        "subject": result.subject,
        "file": result.file,
        "layout": result.layout,
        "encoding": result.encoding,
        "header_row": result.header_row,
        "rows_read": result.rows_read,
        "imported": result.imported,
        "skipped": {"subtotal": 0, "blank": 0, "superseded_revision": 0, "duplicate": 0} | result.skipped,
        "rejected": result.rejected,
        "warnings": result.warnings,
        "amount": result.amount,
        "already_imported": result.already_imported,
        "amendments": result.amendments,
        "read_as": [
            {"party": party, "written": written, "meant": meant, "rows": rows}
            for party, written, meant, rows in result.read_as
        ],
        "new_departments": result.new_departments,
        "new_enterprises": result.new_enterprises,
        "problems": [
            {
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "code": problem.code,
                "message": problem.message,
                "severity": problem.severity,
            }
            for problem in result.problems
        ],
    }
    if result.differences:
        shape |= vars(result.differences) | {"edition": result.edition, "listed": result.listed}
    return shape


def _run(
    file: Path, subject: ImportSubject, options: ImportOptions, login: str, *, dry_run: bool, as_json: bool
) -> None:
    by = acting(login)
    try:
        result = (preview if dry_run else take_in)(file, subject, options, by)
    except UnreadableFile as error:
        raise Unusable(explain_unreadable(error)) from error
    except OSError as error:
        raise Unusable(_("The file cannot be opened: %(reason)s", reason=error.strerror)) from error
    if as_json:
        print_json(result_as_json(result))
    else:
        _tell(result, dry_run=dry_run)
    if result.is_refused:
        raise Refused(_("Nothing was stored. Correct the rows, or take in the valid ones (--accept-valid)."))


def _tell(result: ImportResult, *, dry_run: bool) -> None:
    for problem in result.problems[:SHOWN_PROBLEMS]:
        where = _("row %(row)s", row=problem.row or "–")
        say(f"{where}  {problem.column or ''}  {problem.value or ''}  {problem.message}")
    if len(result.problems) > SHOWN_PROBLEMS:
        codes = Counter(problem.code for problem in result.problems)
        say(", ".join(f"{code} {count}" for code, count in codes.most_common()))
    if result.already_imported:
        say(_("This file came in before."))
    if dry_run:
        say(_("Nothing was stored: this is what would happen."))
    click.echo(
        _(
            "%(read)s rows read: %(imported)s taken in for %(amount)s won, %(skipped)s left out, "
            "%(rejected)s refused.",
            read=format_won(result.rows_read),
            imported=format_won(result.imported),
            amount=format_won(result.amount),
            skipped=format_won(result.skipped.total()),
            rejected=format_won(result.rejected),
        )
    )


def _batch_as_json(row: BatchRow) -> dict[str, object]:
    return row._asdict() | {
        "imported_at": row.imported_at.isoformat(),
        "undone_at": row.undone_at and row.undone_at.isoformat(),
    }


def _layout(name: str | None, subject: ImportSubject) -> str | None:
    """Return the name of a layout, which must be one in which such files come."""
    names = [*layout_names(subject), *(layout.name for layout in learnt_layouts(subject))]
    if name is not None and name not in names:
        raise Unusable(
            _("There is no layout %(name)s. Known are: %(names)s.", name=name, names=", ".join(names))
        )
    return name


def _type_code(name: str) -> str:
    code = type_codes_by_name().get(normalise_heading(name))
    if code is None:
        raise Unusable(_("There is no type of certification %(name)s.", name=name))
    return code
