"""Nobody gets in without signing in: every address is closed unless it is named here."""

from datetime import timedelta
from typing import cast

from flask import Flask, Request, abort, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from tracker.accounts.models import User
from tracker.accounts.permissions import require_permission
from tracker.accounts.queries import find_by_access_token, find_signed_in
from tracker.audit.acting import Acting
from tracker.extensions import login_manager
from tracker.web.clock import now
from tracker.web.requests import SAFE_METHODS, is_for_programs

OPEN_ENDPOINTS = frozenset(
    {
        "accounts.enter_code",
        "accounts.sign_in",
        "api-docs.openapi_json",
        "bootstrap.static",
        "static",
        "web.health",
        "web.language",
    }
)
# The signed cookie carries when it was used last; it is written anew this often.
SEEN = "seen"
SEEN_EVERY = timedelta(minutes=1)
# With a first password only these; everything else waits until it is changed.
FIRST_STEPS = frozenset({"accounts.password", "accounts.sign_out", "accounts.sign_out_everywhere"})


def init_access(app: Flask) -> None:
    """Close every address of the application to people who are not signed in."""
    login_manager.init_app(app)
    app.before_request(require_sign_in)
    app.before_request(check_permission)


def check_permission() -> None:
    """Hold every page that is not open to all to the table of permissions."""
    if request.endpoint not in OPEN_ENDPOINTS:
        require_permission()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_signed_in(token: str) -> User | None:
    """Return the account whose session the cookie names, unless nobody has used it for too long."""
    user = find_signed_in(token, now())
    if user is None or not _is_in_use():
        return None
    user.session_token = token
    return user


def enter(token: str) -> None:
    """Let the cookie carry the token of a new session, and of what it carried before only the language."""
    chosen = session.get("language")
    session.clear()
    if chosen:
        session["language"] = chosen
    session[SEEN] = int(now().timestamp())
    login_user(load_signed_in(token))


def _is_in_use() -> bool:
    """Return whether the cookie was used lately, and note in it that it is used now.

    It stands in the cookie, not in the database: looking at a page writes nothing and waits for no writer.
    """
    seen, moment = session.get(SEEN), int(now().timestamp())
    idle = cast("timedelta", current_app.config["SESSION_IDLE"]).total_seconds()
    if not isinstance(seen, int) or moment - seen >= idle:
        return False
    if moment - seen >= SEEN_EVERY.total_seconds():
        session[SEEN] = moment
    return True


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_program(asked: Request) -> User | None:
    """Return the account whose access token a request to the API carries; tokens open no pages."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if not is_for_programs(asked.path) or scheme.lower() != "bearer":
        return None
    user = find_by_access_token(token.strip())
    if user:
        user.is_program = True
    return user


def acting_person() -> Acting:
    """Return the person who is signed in, acting now."""
    return Acting(current_user.id, now())


def require_sign_in() -> Response | None:
    """Send strangers to the sign-in page, or answer 401 where no page is asked for."""
    if request.endpoint in OPEN_ENDPOINTS:
        return None
    if not current_user.is_authenticated:
        if request.method not in SAFE_METHODS or is_for_programs(request.path):
            abort(401)
        here = request.full_path.rstrip("?")
        return redirect(url_for("accounts.sign_in", next=here if here != "/" else None))
    if current_user.is_program:
        return None
    if current_user.must_change_password and request.endpoint not in FIRST_STEPS:
        if is_for_programs(request.path):
            abort(403)
        return redirect(url_for("accounts.password"))
    return None
