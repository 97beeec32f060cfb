"""Signing in and out, and the own account; the pages on which an admin keeps everybody's accounts."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from math import ceil

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from tracker.accounts import second_factor, services, sessions
from tracker.accounts.access import acting_person, enter
from tracker.accounts.forms import (
    AccountForm,
    ChangeForm,
    CodeForm,
    FilterForm,
    PasswordForm,
    RemoveFactorForm,
    SignInForm,
)
from tracker.accounts.handouts import Handout, headings, write_handouts
from tracker.accounts.passwords import (
    MINIMUM_LENGTH,
    FirstPassword,
    PasswordRefused,
    TooBusy,
    Weakness,
    make_first_password,
)
from tracker.accounts.queries import PAGE, AccountRow, find_row, list_accounts, open_sessions
from tracker.accounts.throttle import TooManyAttempts
from tracker.audit.acting import Acting
from tracker.audit.forms import ActForm
from tracker.audit.once import Outcome, do_once
from tracker.audit.queries import history_of
from tracker.audit.wording import Change, tell
from tracker.departments.queries import list_departments, name_institution
from tracker.imports.account_rows import PEOPLE, plan_accounts
from tracker.imports.forms import ShortListFileForm, ShortListForm
from tracker.web.clock import now
from tracker.web.destinations import own_page
from tracker.web.errors import show_error
from tracker.web.requests import is_number, origin

bp = Blueprint("accounts", __name__)

users = Blueprint("users", __name__, url_prefix="/admin/users")
bp.record_once(lambda setup: setup.app.register_blueprint(users))

AWAITING = "awaiting_code"
NEW_FACTOR = "new_factor"


@bp.errorhandler(TooBusy)
def too_busy(_error: TooBusy) -> ResponseReturnValue:
    """Send people away for a minute where too many passwords are being checked."""
    return show_error(ServiceUnavailable())


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Ask for login and password, then go on to the page that was asked for."""
    destination = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(destination)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    try:
        begun = sessions.sign_in(form.login.data, form.password.data, now(), origin())
    except sessions.SignInRefused:
        form.form_errors.append(_("Login or password is wrong. Check both and try again."))
        return render_template("accounts/sign_in.html", form=form), 401
    except TooManyAttempts as error:
        return _ask_to_wait("accounts/sign_in.html", form, error.wait)
    if begun.needs_code:
        session[AWAITING] = begun.token
        return redirect(url_for(".enter_code", next=None if destination == "/" else destination))
    enter(begun.token)
    return redirect(destination)


@bp.route("/login/code", methods=["GET", "POST"])
def enter_code() -> str | Response | tuple[str, int]:
    """Ask for the code of the second factor after the password was right."""
    destination = own_page(request.args.get("next"))
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/code.html", form=form)
    try:
        token = sessions.enter_code(session.get(AWAITING, ""), form.code.data, now(), origin())
    except sessions.SignInExpired:
        session.pop(AWAITING, None)
        flash(_("That took too long. Sign in again."), "warning")
        return redirect(url_for(".sign_in", next=None if destination == "/" else destination))
    except sessions.WrongCode:
        form.code.errors = [
            _("This is not the code that the app shows now. Wait for the next one and enter that.")
        ]
        return render_template("accounts/code.html", form=form), 401
    except TooManyAttempts as error:
        return _ask_to_wait("accounts/code.html", form, error.wait)
    enter(token)
    return redirect(destination)


@bp.post("/logout")
def sign_out() -> Response:
    """End the session on the server and forget its cookie."""
    sessions.sign_out(current_user.get_id(), acting_person())
    logout_user()
    return redirect(url_for(".sign_in"))


@bp.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """End all sessions of the account, this one too."""
    services.sign_out_account(current_user.id, acting_person())
    logout_user()
    flash(_("You are signed out everywhere. Sign in again to go on."), "success")
    return redirect(url_for(".sign_in"))


@bp.route("/account/password", methods=["GET", "POST"])
def password() -> str | Response:
    """Let the signed-in person choose a new password, and show where the account is open."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            token = sessions.change_password(form.current.data, form.new.data, acting_person(), origin())
        except sessions.WrongPassword:
            form.current.errors = [_("This is not your current password.")]
        except PasswordRefused as error:
            form.new.errors = [_say(error.weakness)]
        else:
            enter(token)
            flash(_("Your password has been changed."), "success")
            return redirect(url_for("web.index"))
    return render_template(
        "accounts/password.html",
        form=form,
        minimum=MINIMUM_LENGTH,
        open_sessions=open_sessions(current_user.id, now(), current_user.get_id()),
    )


@bp.route("/account/second-factor", methods=["GET", "POST"])
def factor() -> str | Response:
    """Set up the second factor: show its secret, and take it once a first code is right."""
    if current_user.factor_seed:
        return render_template("accounts/factor_on.html", form=RemoveFactorForm())
    seed = session.setdefault(NEW_FACTOR, second_factor.new_seed())
    form = CodeForm()
    if form.validate_on_submit():
        try:
            sessions.enable_factor(seed, form.code.data, acting_person())
        except sessions.WrongCode:
            form.code.errors = [
                _("This is not the code that the app shows now. Wait for the next one and enter that.")
            ]
        else:
            session.pop(NEW_FACTOR)
            flash(_("From now on signing in asks for a code from the app."), "success")
            return redirect(url_for(".factor"))
    issuer = name_institution(current_app.config["INSTITUTION"])
    size, path = second_factor.draw_square(second_factor.address_of(seed, current_user.login, issuer))
    return render_template(
        "accounts/factor.html", form=form, secret=second_factor.secret_of(seed), size=size, path=path
    )


@bp.post("/account/second-factor/remove")
def remove_factor() -> str | Response:
    """Take the second factor away, with the password."""
    form = RemoveFactorForm()
    if form.validate_on_submit():
        try:
            sessions.disable_factor(form.current.data, acting_person())
        except sessions.WrongPassword:
            form.current.errors = [_("This is not your current password.")]
        else:
            flash(_("From now on signing in asks for the password only."), "success")
            return redirect(url_for(".factor"))
    return render_template("accounts/factor_on.html", form=form)


@users.get("")
def index() -> str | tuple[str, int]:
    """List the accounts that the filter finds."""
    form = FilterForm(request.args)
    form.offer(list_departments())
    if not form.validate():
        return render_template("accounts/index.html", form=form, rows=None), 400
    wanted = form.wanted()
    page = max(form.page.data or 1, 1)
    rows, number = list_accounts(wanted, page)
    return render_template(
        "accounts/index.html", form=form, rows=rows, number=number, page=page, page_count=ceil(number / PAGE)
    )


@users.route("/new", methods=["GET", "POST"])
def create() -> str | Response | tuple[str, int]:
    """Add an account and show its first password this once."""
    form = AccountForm()
    form.offer(list_departments())
    if not form.validate_on_submit():
        return render_template("accounts/create.html", form=form), 422 if form.errors else 200
    draft, first, by = form.draft(form.login.data), make_first_password(), acting_person()
    try:
        made = do_once(form.key.data, by, lambda: services.add_account(draft, first, by).id)
    except services.DuplicateLogin:
        form.login.errors = [_("Another account has this login. Choose another.")]
        return render_template("accounts/create.html", form=form), 422
    return _hand_out(made, first)


@users.route("/<int:account_id>", methods=["GET", "POST"])
def edit(account_id: int) -> str | Response | tuple[str, int]:
    """Show an account with its history; change name, role and department."""
    row = find_row(account_id) or abort(404)
    stored = {"name": row.name, "role": row.role, "department": row.department_id, "version": row.version}
    form = ChangeForm(data=stored)
    departments = list_departments()
    form.offer(departments)
    conflict: list[Change] | None = None
    if form.validate_on_submit():
        draft, version, by = form.draft(row.login), _version(form), acting_person()
        try:
            made = do_once(
                form.key.data, by, lambda: int(services.change_account(account_id, draft, version, by))
            )
        except services.StaleAccount:
            row = find_row(account_id) or abort(404)
            conflict = _differences(row, draft, {each.id: each.path for each in departments})
            form.version.data = row.version
        except services.OwnAccount:
            form.role.errors = [_("You cannot take your own role away. Ask another admin.")]
        else:
            _say_done(_("The account has been changed."), is_repeat=made.is_repeat)
            return redirect(url_for(".edit", account_id=account_id))
    page = render_template(
        "accounts/edit.html",
        form=form,
        row=row,
        conflict=conflict,
        act=ActForm(formdata=None),
        sessions=open_sessions(account_id, now()),
        history=tell(history_of("account", account_id)),
    )
    return page, 409 if conflict is not None else 422 if form.errors else 200


@users.post("/<int:account_id>/disable")
def disable(account_id: int) -> Response:
    """Take the account out of use, at once."""
    return _settle(
        account_id, services.disable_account, _("The account is out of use; nobody is signed in with it.")
    )


@users.post("/<int:account_id>/enable")
def enable(account_id: int) -> Response:
    """Take the account into use again."""
    return _settle(account_id, services.enable_account, _("The account is in use again."))


@users.post("/<int:account_id>/sign-out")
def sign_out_account(account_id: int) -> Response:
    """End all sessions of the account."""
    return _settle(account_id, services.sign_out_account, _("The account is signed out everywhere."))


@users.post("/<int:account_id>/reset")
def reset(account_id: int) -> str | Response:
    """Give the account a first password again and show it this once."""
    form = ActForm()
    if not form.validate():
        abort(400)
    first, by = make_first_password(), acting_person()

    def act() -> int:
        services.reset_account(account_id, first, by)
        return account_id

    try:
        made = do_once(form.key.data, by, act)
    except services.UnknownAccount:
        abort(404)
    except services.OwnAccount:
        flash(_("For your own account change the password."), "warning")
        return redirect(url_for(".edit", account_id=account_id))
    return _hand_out(made, first)


@users.route("/import", methods=["GET", "POST"])
def upload() -> str | tuple[str, int]:
    """Read a list of people from a file and show what it would add."""
    form = ShortListFileForm()
    if form.validate_on_submit() and (lines := form.read(PEOPLE)):
        carried = ShortListForm.carrying(lines)
        return render_template("accounts/plan.html", form=carried, plan=plan_accounts(lines))
    page = render_template("accounts/upload.html", form=form, names=PEOPLE.usual_headings())
    return page, 422 if form.errors else 200


@users.post("/import/confirm")
def confirm() -> str | Response | tuple[str, int]:
    """Add the accounts of a list that was looked at, all or none; show their first passwords this once."""
    form = ShortListForm()
    try:
        lines = form.restore(PEOPLE) if form.validate() else abort(400)
    except ValueError:
        abort(400)
    by = acting_person()
    plan = plan_accounts(lines)
    drafts = [each.draft for each in plan.accounts]
    firsts = [make_first_password() for _each in drafts]

    def add() -> int:
        if plan.problems:
            raise _ListRefused
        services.add_accounts(drafts, firsts, by)
        return len(drafts)

    try:
        made = do_once(form.key.data, by, add)
    except (_ListRefused, services.DuplicateLogin):
        # What was right in the preview is not any more.
        return render_template("accounts/plan.html", form=form, plan=plan_accounts(lines)), 409
    if made.is_repeat:
        _say_done("", is_repeat=True)
        return redirect(url_for(".index"))
    handouts = [
        Handout(each.department or "", each.draft.name, each.draft.login, first.text)
        for each, first in zip(plan.accounts, firsts, strict=True)
    ]
    return _show_handouts(handouts)


class _ListRefused(Exception):
    """The list has faults."""


def _settle(account_id: int, act: Callable[[int, Acting], None], done: str) -> Response:
    """Do what may be done again and again, and come back to the account."""
    try:
        act(account_id, acting_person())
    except services.UnknownAccount:
        abort(404)
    except services.OwnAccount:
        flash(_("You cannot take your own account out of use. Ask another admin."), "warning")
    else:
        flash(done, "success")
    return redirect(url_for(".edit", account_id=account_id))


def _hand_out(made: Outcome, first: FirstPassword) -> str | Response:
    """Show the first password of one account, unless it was shown already."""
    if made.is_repeat:
        _say_done("", is_repeat=True)
        return redirect(url_for("users.edit", account_id=made.number))
    row = find_row(made.number)
    assert row
    return _show_handouts([Handout(row.department or "", row.name, row.login, first.text)])


def _show_handouts(handouts: list[Handout]) -> str:
    return render_template(
        "accounts/handouts.html",
        handouts=handouts,
        headings=headings(),
        file=b64encode(write_handouts(handouts)).decode(),
    )


def _say_done(done: str, *, is_repeat: bool) -> None:
    if is_repeat:
        flash(
            _("This was done already. A first password is shown only once; reset the account for another."),
            "warning",
        )
    else:
        flash(done, "success")


def _version(form: ChangeForm) -> int:
    text = form.version.data or ""
    return int(text) if is_number(text) else 0


def _differences(row: AccountRow, draft: services.AccountDraft, paths: dict[int, str]) -> list[Change]:
    """Return what stands there now beside what was typed."""
    place = (
        _("None") if each is None else paths.get(each, "–")
        for each in (row.department_id, draft.department_id)
    )
    pairs = (
        (_("Name"), row.name, draft.name),
        (_("Role"), row.role.korean, draft.role.korean),
        (_("Department"), *place),
    )
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]


def _ask_to_wait(template: str, form: SignInForm | CodeForm, wait: timedelta) -> Response:
    """Answer 429 with how long to wait; nobody is locked out for good."""
    seconds = ceil(wait.total_seconds())
    form.form_errors.append(
        _("Too many attempts in vain. Wait %(count)s seconds, then try again.", count=seconds)
    )
    answer = make_response(render_template(template, form=form), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _say(weakness: Weakness) -> str:
    texts = {
        Weakness.LENGTH: _("A password has at least %(count)s characters.", count=MINIMUM_LENGTH),
        Weakness.COMMON: _(
            "This password is among those tried first. Choose another, a sentence for example."
        ),
        Weakness.LOGIN: _("Your login stands in this password. Choose one without it."),
        Weakness.SAME: _("This is your password already. Choose another."),
    }
    return str(texts[weakness])
