"""Signing in and out, and the own account; the pages on which an admin keeps everybody's accounts."""

from datetime import timedelta
from math import ceil

from flask import (
    Blueprint,
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

from tracker.accounts import second_factor, sessions
from tracker.accounts.access import acting_person, enter
from tracker.accounts.forms import CodeForm, PasswordForm, RemoveFactorForm, SignInForm
from tracker.accounts.passwords import MINIMUM_LENGTH, PasswordRefused, TooBusy, Weakness
from tracker.accounts.queries import open_sessions
from tracker.accounts.throttle import TooManyAttempts
from tracker.departments.queries import name_institution
from tracker.web.clock import now
from tracker.web.destinations import own_page
from tracker.web.errors import show_error
from tracker.web.requests import origin

bp = Blueprint("accounts", __name__)

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
    sessions.sign_out_everywhere(current_user.id, acting_person())
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
