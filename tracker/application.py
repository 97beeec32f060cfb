"""Putting the rooms together into one Flask application."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker.accounts.access import init_access
from tracker.api.views import init_api
from tracker.config import ROOT, load_settings
from tracker.departments.queries import name_institution
from tracker.extensions import babel, csrf, db, migrate
from tracker.web.errors import init_errors
from tracker.web.filters import FILTERS
from tracker.web.headers import init_headers
from tracker.web.logs import init_logs
from tracker.web.navigation import init_navigation, select_language
from tracker.web.requests import init_requests

ROOMS_WITH_TABLES = (
    "audit", "jobs", "departments", "accounts", "targets", "enterprises", "spending", "purchases", "imports",
    "reports", "rounds", "evidence",
)  # fmt: skip
ROOMS_WITH_TASKS: tuple[str, ...] = ("imports", "reports")
ROOMS_WITH_PAGES: tuple[str, ...] = (
    "web", "accounts", "audit", "purchases", "enterprises", "totals", "targets", "monitoring", "jobs",
    "departments", "spending", "imports", "reports", "rounds", "evidence", "admin",
)  # fmt: skip


def build_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return the application; `settings` override those of the environment."""
    configuration = load_settings() | {"CLOCK": lambda: datetime.now(UTC)} | (settings or {})
    app = Flask(
        "tracker",
        instance_path=str(configuration["INSTANCE"]),
        template_folder=str(ROOT / "templates"),
        static_folder="web/static",
    )
    app.config.from_mapping(configuration)
    if proxies := app.config["PROXIES"]:
        # What a header says of the browser's address counts only when the settings say that a proxy wrote it.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    for room in ROOMS_WITH_TABLES:
        import_module(f"tracker.{room}.models")
    db.init_app(app)
    migrate.init_app(app, db)
    babel.init_app(app, locale_selector=select_language)
    Bootstrap5(app)
    init_requests(app)
    init_access(app)
    # After the guard: a stranger is sent to sign in before anything else is asked of the request.
    csrf.init_app(app)
    init_headers(app)
    init_errors(app)
    init_logs(app)
    init_navigation(app)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["institution"] = lambda: name_institution(app.config["INSTITUTION"])
    for room in ROOMS_WITH_TASKS:
        import_module(f"tracker.{room}.tasks")
    for room in ROOMS_WITH_PAGES:
        app.register_blueprint(import_module(f"tracker.{room}.views").bp)
    init_api(app)
    return app
