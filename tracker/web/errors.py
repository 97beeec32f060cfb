"""What a person reads when something is refused or fails: what happened and what to do next."""

import sqlite3

from flask import Flask, current_app, render_template
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

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
EXPIRED = _l("The page has been open too long. Go back, reload it and send it again.")

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


def show_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    """Return the page for an HTTP error; redirects pass."""
    code = error.code or 500
    if code < 400:
        return error
    title, advice = TEXTS.get(code) or TEXTS[400 if code < 500 else 500]
    if isinstance(error, CSRFError):
        advice = EXPIRED
    content = {"code": code, "title": title, "advice": advice}
    if code >= InternalServerError.code:
        # Without the context of pages: that would ask the database who is signed in.
        return current_app.jinja_env.get_template("web/error.html").render(content), code
    return render_template("web/error.html", **content), code


def show_database_error(error: DBAPIError) -> tuple[str, int] | HTTPException:
    """Return 503 while the database is busy, full or away; any other fault is the program's."""
    current_app.logger.exception("database error", exc_info=error)
    code = getattr(error.orig, "sqlite_errorcode", None)
    is_temporary = code is None or code & 0xFF in _TEMPORARY_SQLITE_CODES
    return show_error(ServiceUnavailable() if is_temporary else InternalServerError())
