"""The main entries of the program and its two languages, as every page shows them."""

from importlib.metadata import version
from typing import NamedTuple

from flask import Flask, current_app, has_request_context, request, session, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from tracker.web.requests import is_for_programs

LANGUAGES = ("ko", "en")
ENTRIES = (
    ("web.index", _l("Home")),
    ("purchases.index", _l("Purchases")),
    ("enterprises.index", _l("Enterprises")),
    ("imports.index", _l("Take in a file")),
    ("rounds.index", _l("Collection")),
    ("totals.index", _l("Totals")),
    ("monitoring.index", _l("Monitoring")),
    ("reports.index", _l("Reports")),
    ("admin.index", _l("Administration")),
)


class Entry(NamedTuple):
    """One entry of the main navigation."""

    address: str
    label: str
    is_current: bool


def navigation() -> list[Entry]:
    """Return the entries whose pages exist, that of the page's own room marked."""
    return [
        Entry(url_for(endpoint), str(label), _room() == endpoint.partition(".")[0])
        for endpoint, label in ENTRIES
        if endpoint in current_app.view_functions
    ]


def _room() -> str | None:
    """Return whose entry leads to this page; what is set up stands below administration."""
    is_set_up = request.path.startswith("/admin") or request.blueprint == "spending"
    return "admin" if is_set_up else request.blueprint


def select_language() -> str:
    """Return the language the person chose, or a program asks for; Korean to begin with."""
    if has_request_context() and is_for_programs(request.path):
        return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    chosen = session.get("language") if has_request_context() else None
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def language() -> str:
    """Return the code of the page's language."""
    return str(get_locale())


def language_address(code: str) -> str:
    """Return where the page is switched to another language, and comes back to."""
    is_page = request.method == "GET" and request.url_rule is not None
    return url_for("web.language", code=code, next=request.full_path.rstrip("?") if is_page else None)


def init_navigation(app: Flask) -> None:
    """Give the templates what every page shows."""
    app.jinja_env.globals.update(
        navigation=navigation,
        language=language,
        language_address=language_address,
        version=version("tracker"),
    )
