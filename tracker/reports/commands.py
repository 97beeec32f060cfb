"""`tracker report`: freeze, list, render and verify compliance reports."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from flask_babel import gettext as _

from tracker.accounts.commands import acting, as_option
from tracker.core.business_number import normalise
from tracker.core.periods import SEOUL, Period
from tracker.core.vocabulary import ReportState
from tracker.departments.commands import department_named
from tracker.enterprises.queries import find_by_number
from tracker.reports.batch import (
    NoDepartments,
    batch_name,
    batch_pdf,
    batch_zip,
    freeze_sheets,
    get_batch,
    say_frozen,
)
from tracker.reports.contents import ANNEX, name_characters
from tracker.reports.differences import IncomparableReports, compare_reports
from tracker.reports.life import ImpossibleStep, ReasonNeeded, Step
from tracker.reports.printing import FontMissing, PrintingFailed
from tracker.reports.queries import (
    AlteredReport,
    UnknownReport,
    get_intact_snapshot,
    list_reports,
)
from tracker.reports.refusals import say_no_sheets, say_refused
from tracker.reports.renderers import Format, Rendering
from tracker.reports.renderings import render_once
from tracker.reports.requests import (
    InconsistentReport,
    OneOff,
    RefusedRequest,
    ReportKind,
    ReportRequest,
    ReportScope,
    parse_one_off,
)
from tracker.reports.services import create_report
from tracker.reports.verification import Verification, verify_report
from tracker.web.terminal import Refused, Unusable, json_option, print_json, say

COMPARED = ("change", "before", "after", "difference")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def report() -> None:
    """Freeze, render and verify compliance reports."""


@report.command()
@click.option("--year", type=click.IntRange(1901, 2999), required=True, help="The fiscal year (회계연도).")
@click.option(
    "--kind",
    type=click.Choice([str(each) for each in ReportKind]),
    default=str(ReportKind.ANNUAL),
    show_default=True,
)
@click.option("--from", "start", type=DAY, help="First day; the year is then a label only.")
@click.option("--to", "end", type=DAY, help="Last day, together with --from.")
@click.option(
    "--scope",
    type=click.Choice([str(each) for each in ReportScope]),
    default=str(ReportScope.STATUTORY),
    show_default=True,
    help="Own departments only, or corporations and funded institutes too.",
)
@click.option("--department", help="Only this department and those below it: name, code or path.")
@click.option("--scheme", help="The scheme (제도), by its code.")
@click.option("--enterprise", help="The supplier, by its business registration number.")
@click.option(
    "--without",
    multiple=True,
    metavar="NAME=WHAT",
    help="Tell the rate without this one-off item too: purchases (#12) or budget items, by commas.",
)
@as_option
@json_option
def create(
    year: int,
    kind: str,
    start: datetime | None,
    end: datetime | None,
    scope: str,
    department: str | None,
    scheme: str | None,
    enterprise: str | None,
    without: tuple[str, ...],
    as_login: str,
    as_json: bool,
) -> None:
    """Freeze a report as a snapshot with its SHA-256."""
    if (start is None) != (end is None):
        raise Unusable(_("Give --from and --to together."))
    by = acting(as_login)
    try:
        request = ReportRequest(
            year=year,
            kind=ReportKind(kind),
            period=Period(start.date(), end.date()) if start and end else None,
            scope=ReportScope(scope),
            department_id=department_named(department) if department else None,
            scheme=scheme,
            enterprise_id=_enterprise_id(enterprise) if enterprise else None,
            one_offs=tuple(_one_off(each) for each in without),
        )
        created = create_report(request, by)
    except RefusedRequest as error:
        raise Unusable(say_refused(error)) from error
    except ValueError as error:
        raise Unusable(str(error)) from error
    except InconsistentReport as error:
        raise Refused(
            _("The figures do not add up (%(faults)s). Run tracker verify first.", faults=str(error))
        ) from error
    if as_json:
        print_json({"id": created.id, "sha256": created.sha256})
    else:
        click.echo(_("Report %(id)s is frozen. SHA-256 %(sha256)s", id=created.id, sha256=created.sha256))


@report.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the frozen reports."""
    rows = list_reports()
    if as_json:
        print_json({"reports": [row._asdict() for row in rows]})
        return
    for row in rows:
        click.echo(f"{row.id}  {row.frozen_at:%Y-%m-%d}  {row.sha256[:12]}  {row.title}")


@report.command()
@click.argument("report_id", metavar="ID", type=int)
@click.option(
    "--format",
    "form",
    type=click.Choice([str(each) for each in Format]),
    default=str(Format.PDF),
    show_default=True,
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
def render(report_id: int, form: str, out: Path) -> None:
    """Render a frozen report to a file."""
    try:
        rendering = _printed(lambda: render_once(get_intact_snapshot(report_id), Format(form)))
    except UnknownReport as error:
        raise Unusable(_("There is no report %(id)s.", id=report_id)) from error
    _write(out, rendering.data)
    if rendering.missing_characters:
        named = name_characters(rendering.missing_characters)
        say(_("The report font does not have these characters: %(named)s", named=named))
    say(_("Written: %(file)s", file=out))
    if rendering.annex is not None:
        beside = out.with_name(f"{out.stem}_{ANNEX}{out.suffix}")
        _write(beside, rendering.annex)
        say(_("The list of purchases is long, so it stands in a file beside it: %(file)s", file=beside))


@report.command()
@click.argument("report_id", metavar="[ID]", type=int, required=False)
@json_option
def verify(report_id: int | None, as_json: bool) -> None:
    """Check a report, or all: unaltered, adding up, and what changed in the ledger since."""
    ids = [row.id for row in list_reports()] if report_id is None else [report_id]
    try:
        found = [verify_report(each) for each in ids]
    except UnknownReport as error:
        raise Unusable(_("There is no report %(id)s.", id=report_id)) from error
    if as_json:
        objects = [_as_object(each) for each in found]
        print_json({"reports": objects} if report_id is None else objects[0])
    else:
        for each in found:
            _tell(each)
    if not all(each.is_intact for each in found):
        raise click.exceptions.Exit(Refused.exit_code)


@report.command()
@click.argument("report_id", metavar="EARLIER", type=int)
@click.argument("other_id", metavar="LATER", type=int)
@json_option
def compare(report_id: int, other_id: int, as_json: bool) -> None:
    """Tell line by line what a later report of the same kind says differently."""
    try:
        found = compare_reports(report_id, other_id)
    except UnknownReport as error:
        raise Unusable(_("There is no report %(id)s.", id=error.args[0])) from error
    except AlteredReport as error:
        raise Refused(
            _("Report %(id)s was altered after it was frozen. Make a new one.", id=error.args[0])
        ) from error
    except IncomparableReports as error:
        raise Unusable(_("Only reports of the same kind can be compared.")) from error
    if as_json:
        print_json(
            {
                "from": report_id,
                "to": other_id,
                "figures": [each._asdict() for each in found.figures],
                "purchases": [
                    {"purchase": each.id} | {name: getattr(each, name) for name in COMPARED}
                    for each in found.purchases
                ],
                "before": found.before,
                "after": found.after,
                "difference": found.difference,
            }
        )
        return
    for figure in found.figures:
        click.echo(f"{figure.table} / {figure.row} / {figure.column}: {figure.before} → {figure.after}")
    for each in found.purchases:
        click.echo(f"  #{each.id}  {each.change}  {each.difference:+,}  {each.enterprise}")
    click.echo(
        _(
            "The total went from %(before)s to %(after)s won (%(difference)s).",
            before=f"{found.before:,}",
            after=f"{found.after:,}",
            difference=f"{found.difference:+,}",
        )
    )


@report.command()
@click.option("--year", type=click.IntRange(1901, 2999), required=True, help="The fiscal year (회계연도).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for PDF and ZIP.")
@click.option("--reason", help="Why new sheets take the place of those whose figures have changed.")
@as_option
@json_option
def batch(year: int, out: Path | None, reason: str | None, as_login: str, as_json: bool) -> None:
    """Freeze a sheet for every department of a year; give them as one PDF and as a ZIP of PDFs.

    Run again, only sheets whose figures have changed are replaced.
    """
    try:
        frozen = freeze_sheets(year, acting(as_login), reason)
    except (NoDepartments, ReasonNeeded, ImpossibleStep) as error:
        raise Refused(say_no_sheets(error)) from error
    except InconsistentReport as error:
        raise Refused(
            _("The figures do not add up (%(faults)s). Run tracker verify first.", faults=str(error))
        ) from error
    files = []
    if out:
        out.mkdir(parents=True, exist_ok=True)
        sheets = get_batch(frozen.numbers)
        for ending, make in (("pdf", batch_pdf), ("zip", batch_zip)):
            files.append(out / batch_name(sheets, ending))
            _write(files[-1], _printed(partial(make, sheets)).data)
    if as_json:
        print_json(
            {
                "year": year,
                "reports": frozen.numbers,
                "new": frozen.new,
                "replaced": frozen.replaced,
                "unchanged": frozen.unchanged,
                "files": [str(each) for each in files],
            }
        )
        return
    click.echo(say_frozen(len(frozen.new), len(frozen.replaced), len(frozen.unchanged)))


def _printed(make: Callable[[], Rendering]) -> Rendering:
    try:
        return make()
    except AlteredReport as error:
        raise Refused(
            _("Report %(id)s was altered after it was frozen. Make a new one.", id=error.args[0])
        ) from error
    except FontMissing as error:
        raise Refused(
            _("The font NanumGothic is missing. Install the package fonts-nanum and render again.")
        ) from error
    except PrintingFailed as error:
        raise Refused(_("The PDF could not be printed: %(reason)s", reason=str(error))) from error


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise Unusable(
            _("The file %(file)s cannot be written: %(reason)s", file=file, reason=error.strerror)
        ) from error


def _as_object(found: Verification) -> dict[str, object]:
    life = [
        {
            "state": step.state,
            "by": step.actor,
            "at": step.taken_at.isoformat(),
            "reason": step.reason,
            "superseded_by": step.successor_id,
        }
        for step in found.steps
    ]
    return {
        "id": found.id,
        "sha256": found.sha256,
        "intact": found.is_intact,
        "state": found.state,
        "steps": life,
        "faults": found.faults,
        "differences": [each._asdict() for each in found.differences],
        "difference": found.difference,
        "prior_difference": found.prior_difference,
    }


def _tell(found: Verification) -> None:
    if found.is_intact:
        click.echo(_("Report %(id)s is intact.", id=found.id))
    else:
        click.echo(_("Report %(id)s is not intact: %(faults)s", id=found.id, faults=", ".join(found.faults)))
    for step in found.steps:
        click.echo(f"  {_say_step(step)}")
    for each in found.differences:
        click.echo(f"  #{each.purchase}  {each.change}  {each.amount:+,}")
    if found.differences:
        click.echo(
            _("The ledger's total has changed by %(amount)s won since.", amount=f"{found.difference:+,}")
        )


def _enterprise_id(number: str) -> int:
    try:
        found = find_by_number(normalise(number))
    except ValueError as error:
        raise Unusable(str(error)) from error
    if found is None:
        raise Unusable(_("No enterprise has the business number %(number)s.", number=number))
    return found.id


def _one_off(text: str) -> OneOff:
    try:
        return parse_one_off(text)
    except ValueError as error:
        raise Unusable(
            _("A one-off item is written as NAME=#PURCHASE or NAME=BUDGET ITEM, not “%(text)s”.", text=text)
        ) from error


def _say_step(step: Step) -> str:
    told = {"moment": f"{step.taken_at.astimezone(SEOUL):%Y-%m-%d %H:%M}", "actor": step.actor}
    if step.state is ReportState.SUPERSEDED:
        return str(_("Superseded by report %(id)s on %(moment)s by %(actor)s.", id=step.successor_id, **told))
    return str(_("Confirmed on %(moment)s by %(actor)s.", **told))
