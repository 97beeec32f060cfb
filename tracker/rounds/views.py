"""Pages of collection rounds: the list, the board of all departments, and a department's own page."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, require
from tracker.audit.acting import Acting
from tracker.audit.once import do_once
from tracker.audit.queries import history_of
from tracker.audit.wording import tell
from tracker.core.vocabulary import Measure
from tracker.departments.forms import clean
from tracker.departments.queries import list_departments
from tracker.purchases.closings import late_among
from tracker.purchases.forms import parse_number
from tracker.purchases.listing import Filter, Sort, list_purchases
from tracker.rounds import wording
from tracker.rounds.forms import (
    AnswerForm,
    ChangeForm,
    DecisionForm,
    PeriodForm,
    ReopeningForm,
    RoundForm,
    WithdrawalForm,
    propose,
    read_choices,
)
from tracker.rounds.models import Round
from tracker.rounds.queries import (
    BoardRow,
    Standing,
    build_board,
    find_doubts,
    find_round,
    list_asked,
    list_rounds,
)
from tracker.rounds.services import (
    Choice,
    FiguresChanged,
    NobodyAsked,
    NotAllowedNow,
    RoundDraft,
    RoundInUse,
    StaleRound,
    StaleSubmission,
    UnknownRound,
    change_round,
    confirm,
    open_round,
    reopen,
    send_back,
    submit,
    submit_by_file,
    withdraw_round,
)
from tracker.rounds.sheets import name_archive, name_sheet, write_sheet, write_sheets
from tracker.rounds.texts import say_days, say_period, write_reminder, write_request, write_title
from tracker.totals.periods import fields_of
from tracker.totals.queries import answer
from tracker.totals.questions import Question
from tracker.web.clock import today
from tracker.web.messages import tell_done
from tracker.web.requests import nearest_page

bp = Blueprint("rounds", __name__, url_prefix="/rounds")
ROUND = "/<int:round_id>"
DEPARTMENT = f"{ROUND}/departments/<int:department_id>"
ROWS = 200
OVERTAKEN = (StaleSubmission, NotAllowedNow, UnknownRound)


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room their words, and tell what the person may do."""
    return {
        "say": wording,
        "say_days": say_days,
        "say_period": say_period,
        "keeps_rounds": may(current_user, Act.KEEP_ROUNDS),
        "day_now": today(),
    }


@bp.get("")
def index() -> str:
    """List the rounds with how many departments have answered."""
    rows = list_rounds()
    page, page_count = nearest_page(len(rows), ROWS)
    shown = rows[(page - 1) * ROWS : page * ROWS]
    return render_template("rounds/index.html", rows=shown, page=page, page_count=page_count)


@bp.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Open a round: first of which days and until when, then the letter, which may be changed."""
    asked = request.form if request.method == "POST" else request.args
    about = PeriodForm(MultiDict(asked if "period" in asked else propose(today())))
    form = RoundForm()
    if not about.validate():
        return render_template("rounds/new.html", about=about, form=None), 400
    period, with_affiliated = about.days(), about.with_affiliated.data
    if request.method != "POST":
        form.title.data = write_title(period)
        form.request.data = write_request(
            form.title.data, period, about.due_on.data, with_affiliated=with_affiliated
        )
    elif form.validate():
        by = acting_person()
        draft = RoundDraft(
            title=form.title.data,
            period=period,
            with_affiliated=with_affiliated,
            due_on=about.due_on.data,
            request=_letter(form),
        )
        try:
            outcome = do_once(form.key.data, by, lambda: open_round(draft, by))
        except NobodyAsked:
            form.form_errors.append(_("No department is open in this period. Choose other days."))
        else:
            tell_done(
                _("The round is open; every department finds it on its start page."),
                is_repeat=outcome.is_repeat,
            )
            return redirect(url_for("rounds.detail", round_id=outcome.number))
    page = render_template(
        "rounds/new.html",
        about=about,
        form=form,
        period=period,
        departments=list_asked(period, with_affiliated=with_affiliated),
    )
    return page, 422 if form.errors else 200


@bp.get(ROUND)
def detail(round_id: int) -> str:
    """Show how far every department is."""
    return _show_board(_get_round(round_id), DecisionForm())


@bp.route(f"{ROUND}/edit", methods=["GET", "POST"])
def edit(round_id: int) -> ResponseReturnValue:
    """Change title, deadline or letter; where somebody was faster, show both versions."""
    asked = _get_round(round_id)
    form = ChangeForm(obj=asked)
    if not form.is_submitted():
        return _show_edit(asked, form)
    if not form.validate():
        return _show_edit(asked, form), 422
    by, version = acting_person(), form.version.data

    def change() -> int:
        change_round(round_id, form.title.data, form.due_on.data, _letter(form), version, by)
        return round_id

    try:
        outcome = do_once(form.key.data, by, change)
    except (StaleRound, UnknownRound):
        stored = _get_round(round_id)
        form.take_version(stored.version)
        return _show_edit(stored, form, stored=stored), 409
    tell_done(_("The round has been changed."), is_repeat=outcome.is_repeat)
    return redirect(url_for("rounds.detail", round_id=round_id))


@bp.post(f"{ROUND}/withdraw")
def withdraw(round_id: int) -> ResponseReturnValue:
    """Take a round back that should not have been opened."""
    asked, form = _get_round(round_id), WithdrawalForm()
    if not form.validate():
        return _show_edit(asked, ChangeForm(None, obj=asked), form), 422
    by = acting_person()

    def take_back() -> int:
        withdraw_round(round_id, form.reason.data, form.version.data, by)
        return round_id

    try:
        do_once(form.key.data, by, take_back)
    except StaleRound:
        stored = _get_round(round_id)
        form.take_version(stored.version)
        form.form_errors.append(_("Somebody else changed the round meanwhile. Look at it and try again."))
        return _show_edit(stored, ChangeForm(None, obj=stored), form), 409
    except RoundInUse:
        form.form_errors.append(_("Departments are confirmed in this round, so it stays."))
        return _show_edit(asked, ChangeForm(None, obj=asked), form), 409
    flash(_("The round has been withdrawn."), "success")
    return redirect(url_for("rounds.index"))


@bp.post(f"{ROUND}/decide")
def decide(round_id: int) -> ResponseReturnValue:
    """Confirm, send back or submit by file for the departments that were ticked, all of them or none."""
    asked, form = _get_round(round_id), DecisionForm()
    choices = read_choices(request.form.getlist("chosen"))
    act = _act(form, choices)
    if not form.validate() or act is None:
        form.form_errors.append(_("Choose what is to be done."))
    elif not choices:
        form.form_errors.append(_("Tick the departments first."))
    elif form.act.data == "return" and not form.remark.data:
        form.remark.errors = [_("Write what is to be mended.")]
    if form.errors or act is None:
        return _show_board(asked, form, choices), 422
    by = acting_person()
    try:
        outcome = do_once(form.key.data, by, lambda: act(by))
    except FiguresChanged as error:
        names = {row.id: row.name for row in list_departments()}
        form.form_errors.append(
            _(
                "Something was recorded after submitting, so nothing was confirmed. Have these submit anew: "
                "%(names)s",
                names=", ".join(names[each] for each in error.department_ids),
            )
        )
        return _show_board(asked, form, choices), 409
    except OVERTAKEN:
        form.form_errors.append(
            _("Somebody else acted on one of these meanwhile. Nothing was changed: look again and choose.")
        )
        return _show_board(_get_round(round_id), form), 409
    tell_done(str(wording.DONE[form.act.data]) % {"count": outcome.number}, is_repeat=outcome.is_repeat)
    if department_id := parse_number(request.form.get("department")):
        return redirect(url_for("rounds.department", round_id=round_id, department_id=department_id))
    return redirect(url_for("rounds.detail", round_id=round_id, **_filter()))


@bp.get(DEPARTMENT)
def department(round_id: int, department_id: int) -> ResponseReturnValue:
    """Show what is recorded for a department in the period, and how its answer stands."""
    return _show_department(_get_round(round_id), department_id)


@bp.post(f"{DEPARTMENT}/submit")
def submit_answer(round_id: int, department_id: int) -> ResponseReturnValue:
    """Submit what is recorded, or 해당 없음 where nothing is."""
    require(Act.WRITE_PURCHASES, department_id)
    asked, form = _get_round(round_id), AnswerForm()
    row = _get_row(asked, department_id)
    if not form.validate():
        return _show_department(asked, department_id), 422
    by, choice = acting_person(), Choice(row.id, form.version.data)
    is_by_file = form.is_by_file.data and may(current_user, Act.KEEP_ROUNDS)
    try:
        outcome = do_once(
            form.key.data, by, lambda: submit(choice, form.seen.data, by, is_by_file=is_by_file)
        )
    except (FiguresChanged, *OVERTAKEN):
        notice = _("Something has changed since you opened this page. Nothing was submitted: look again.")
        return _show_department(_get_round(round_id), department_id, notice), 409
    tell_done(
        _("Submitted. The team confirms it, or sends it back with a remark."), is_repeat=outcome.is_repeat
    )
    return redirect(url_for("rounds.department", round_id=round_id, department_id=department_id))


@bp.post(f"{DEPARTMENT}/reopen")
def reopen_answer(round_id: int, department_id: int) -> ResponseReturnValue:
    """Open a closed period again for one department."""
    asked, form = _get_round(round_id), ReopeningForm()
    row = _get_row(asked, department_id)
    if not form.validate():
        return _show_department(asked, department_id, reopening=form), 422
    by = acting_person()
    try:
        outcome = do_once(
            form.key.data, by, lambda: reopen(Choice(row.id, form.version.data), form.reason.data, by)
        )
    except OVERTAKEN:
        notice = _("Somebody else acted on this meanwhile. Nothing was changed: look again.")
        return _show_department(_get_round(round_id), department_id, notice, form), 409
    tell_done(
        _("The period is open again for the department; it has to submit anew."), is_repeat=outcome.is_repeat
    )
    return redirect(url_for("rounds.department", round_id=round_id, department_id=department_id))


@bp.get(f"{DEPARTMENT}/sheet")
def sheet(round_id: int, department_id: int) -> ResponseReturnValue:
    """Give away a department's entry sheet, with what is recorded in it."""
    asked = _get_round(round_id)
    row = _get_row(asked, department_id)
    name = name_sheet(asked, row.department)
    return send_file(write_sheet(asked, department_id), as_attachment=True, download_name=name)


@bp.get(f"{ROUND}/sheets")
def sheets(round_id: int) -> ResponseReturnValue:
    """Give away the entry sheets of all departments."""
    asked = _get_round(round_id)
    content = write_sheets(build_board(asked, today()))
    return send_file(content, as_attachment=True, download_name=name_archive(asked))


def _get_round(round_id: int) -> Round:
    return find_round(round_id) or abort(404)


def _get_row(asked: Round, department_id: int) -> BoardRow:
    rows = build_board(asked, today(), department_id).rows
    return rows[0] if rows else abort(404)


def _letter(form: RoundForm) -> str:
    """Return the letter with plain line ends."""
    return str(form.request.data).replace("\r\n", "\n").strip()


def _act(form: DecisionForm, choices: Sequence[Choice]) -> Callable[[Acting], int] | None:
    acts: dict[str, Callable[[Acting], int]] = {
        "confirm": lambda by: confirm(choices, by),
        "return": lambda by: send_back(choices, form.remark.data, by),
        "file": lambda by: submit_by_file(choices, by),
    }
    return acts.get(form.act.data or "")


def _filter() -> dict[str, Any]:
    """Return which departments the board shows, as its address says."""
    state, text = request.args.get("state", ""), clean(request.args.get("q")) or ""
    asked = {"state": state if state in list(Standing) else "", "q": text}
    return {name: value for name, value in asked.items() if value}


def _show_board(asked: Round, form: DecisionForm, chosen: Sequence[Choice] = ()) -> str:
    board, wanted = build_board(asked, today()), _filter()
    rows = [
        row
        for row in board.rows
        if (not wanted.get("state") or wanted["state"] in row.standings())
        and wanted.get("q", "") in row.department
    ]
    page, page_count = nearest_page(len(rows), ROWS)
    return render_template(
        "rounds/board.html",
        board=board,
        asked=asked,
        rows=rows[(page - 1) * ROWS : page * ROWS],
        wanted=wanted,
        page=page,
        page_count=page_count,
        form=form,
        chosen={f"{each.submission_id}.{each.version}" for each in chosen},
        standings=Standing,
        reminder=write_reminder(board, today()),
    )


def _show_edit(
    asked: Round, form: ChangeForm, withdrawal: WithdrawalForm | None = None, stored: Round | None = None
) -> str:
    return render_template(
        "rounds/edit.html",
        asked=asked,
        form=form,
        withdrawal=withdrawal or WithdrawalForm(None, version=asked.version),
        stored=stored,
    )


def _show_department(
    asked: Round, department_id: int, notice: str | None = None, reopening: ReopeningForm | None = None
) -> str:
    board = build_board(asked, today(), department_id)
    row = board.rows[0] if board.rows else abort(404)
    after = parse_number(request.args.get("after"))
    wanted = Filter(start=asked.start_on, end=asked.end_on, department_ids=[department_id])
    purchases, has_more = list_purchases(wanted, Sort.NEWEST, after)
    context: dict[str, Any] = {
        "form": AnswerForm(None, version=row.version, seen=row.now.marks),
        "decision": DecisionForm(None),
        "reopening": reopening or ReopeningForm(None),
    }
    context["reopening"].take_version(row.version)
    figures = [
        answer(Question(asked.end_on.year, period=board.period, of=of, department_id=department_id))
        for of in Measure
    ]
    return render_template(
        "rounds/department.html",
        asked=asked,
        board=board,
        row=row,
        figures=[(each.question.of, each.total, fields_of(each.question)) for each in figures],
        purchases=purchases,
        is_first=after is None,
        has_more=has_more,
        late=late_among([each.id for each in purchases]),
        doubts=find_doubts(department_id, board.period),
        history=tell(history_of("submission", row.id)),
        notice=notice,
        may_answer=may(current_user, Act.WRITE_PURCHASES, department_id),
        **context,
    )
