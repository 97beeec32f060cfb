"""Signing in and out, and changing one's password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from tracker.accounts import services
from tracker.accounts.access import acting_person, load_signed_in
from tracker.accounts.forms import PasswordForm, SignInForm
from tracker.accounts.passwords import MINIMUM_LENGTH
from tracker.web.clock import now
from tracker.web.destinations import own_page

bp = Blueprint("accounts", __name__)


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
        token = services.sign_in(form.login.data, form.password.data, now())
    except services.SignInRefused:
        form.form_errors.append(_("Login or password is wrong. Check both and try again."))
        return render_template("accounts/sign_in.html", form=form), 401
    _carry(token)
    return redirect(destination)


@bp.post("/logout")
def sign_out() -> Response:
    """End the session on the server and forget its cookie."""
    services.sign_out(current_user.get_id(), acting_person())
    logout_user()
    return redirect(url_for("accounts.sign_in"))


@bp.route("/account/password", methods=["GET", "POST"])
def password() -> str | Response:
    """Let the signed-in person choose a new password."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            token = services.change_password(form.current.data, form.new.data, acting_person())
        except services.WrongPassword:
            form.current.errors = [_("This is not your current password.")]
        else:
            _carry(token)
            flash(_("Your password has been changed."), "success")
            return redirect(url_for("web.index"))
    return render_template("accounts/password.html", form=form, minimum=MINIMUM_LENGTH)


def _carry(token: str) -> None:
    """Let the cookie carry the token, and of what it carried before only the language."""
    chosen = session.get("language")
    session.clear()
    if chosen:
        session["language"] = chosen
    login_user(load_signed_in(token))
