"""What a person reads when something is refused or fails: what happened and what to do next."""

import sqlite3
from collections.abc import Mapping

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from tracker.web.requests import UnknownHost, is_for_programs

TEXTS = {
    400: (_l("The request could not be read"), _l("Go back, check what you entered and try again.")),
    401: (_l("Please sign in"), _l("You are not signed in any more. Sign in and repeat the step.")),
    403: (_l("Not allowed"), _l("Your account may not do this. Ask the social-economy team if you need it.")),
    404: (_l("Page not found"), _l("The address is wrong, or what stood here is gone.")),
    405: (_l("Not possible this way"), _l("Start again from the page itself.")),
    409: (
        _l("Somebody else changed this meanwhile"),
        _l("Nothing of yours has been saved. Open the page again, look at the changes and enter yours."),
    ),
    413: (_l("The file is too large"), _l("Divide it into smaller files and upload them one by one.")),
    500: (
        _l("Something went wrong"),
        _l("Nothing has been saved. Try again; if it stays so, tell the administrator the time."),
    ),
    503: (
        _l("Not available at the moment"),
        _l("The database is busy, full or out of reach. Nothing has been saved. Try again in a minute."),
    ),
}
UNKNOWN_HOST = _l(
    "The program does not answer under this name. Its administrator can add it (TRACKER_HOSTS)."
)
EXPIRED = _l("The page has been open too long. Go back, reload it and send it again.")

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    500: "fault",
    503: "unavailable",
}
"""What a program reads instead of a page, in words that stay."""
TEXTS_FOR_PROGRAMS = {
    400: _l("The request could not be read. Compare it with /api/v1/openapi.json."),
    401: _l("Sign in, or send a valid access token as “Authorization: Bearer …”."),
    404: _l("There is nothing at this address."),
    405: _l("This address does not take this method. Compare it with /api/v1/openapi.json."),
    413: _l("The request is too large."),
    422: _l("Some values cannot be taken. See the fields."),
}
NO_TOKEN = _l("Send the token of a page in the header X-CSRFToken, or use an access token.")

_TEMPORARY_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}


def init_errors(app: Flask) -> None:
    """Answer every refusal and fault with a page of the program."""
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(OperationalError, show_database_error)


def show_error(error: HTTPException) -> ResponseReturnValue:
    """Return the page for an HTTP error, or what a program is told; redirects pass."""
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if is_for_programs(request.path):
        return tell_error(code, NO_TOKEN if isinstance(error, CSRFError) else None)
    title, advice = TEXTS.get(code) or TEXTS[400 if code < 500 else 500]
    if isinstance(error, CSRFError):
        advice = EXPIRED
    if isinstance(error, UnknownHost):
        advice = UNKNOWN_HOST
    content = {"code": code, "title": title, "advice": advice}
    if code >= InternalServerError.code:
        # Without the context of pages: that would ask the database who is signed in.
        return current_app.jinja_env.get_template("web/error.html").render(content), code
    return render_template("web/error.html", **content), code


def tell_error(
    status: int,
    message: LazyString | str | None = None,
    fields: Mapping[str, object] | None = None,
    code: str | None = None,
    **details: object,
) -> tuple[dict[str, object], int, dict[str, str]]:
    """Return a refusal as programs read it: a code that stays, a sentence, and what is wrong by field."""
    known = status if status in CODES else 400 if status < 500 else 500
    said = message or TEXTS_FOR_PROGRAMS.get(known) or TEXTS[known][1]
    told = {"code": code or CODES[known], "message": str(said), "fields": fields or {}}
    return told | details, status, {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def show_database_error(error: DBAPIError) -> ResponseReturnValue:
    """Return 503 while the database is busy, full or away; any other fault is the program's."""
    current_app.logger.exception("database error", exc_info=error)
    code = getattr(error.orig, "sqlite_errorcode", None)
    is_temporary = code is None or code & 0xFF in _TEMPORARY_SQLITE_CODES
    return show_error(ServiceUnavailable() if is_temporary else InternalServerError())
