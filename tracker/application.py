"""Putting the rooms together into one Flask application."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from flask import Flask

from tracker.config import ROOT, load_settings
from tracker.extensions import babel, csrf, db, login_manager, migrate

ROOMS_WITH_TABLES = (
    "audit", "departments", "accounts", "enterprises", "spending", "purchases", "imports", "reports",
)  # fmt: skip
ROOMS_WITH_PAGES: tuple[str, ...] = ()


def build_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return the application; `settings` override those of the environment."""
    configuration = load_settings() | {"CLOCK": lambda: datetime.now(UTC)} | (settings or {})
    app = Flask(
        "tracker", instance_path=str(configuration["INSTANCE"]), template_folder=str(ROOT / "templates")
    )
    app.config.from_mapping(configuration)
    for room in ROOMS_WITH_TABLES:
        import_module(f"tracker.{room}.models")
    db.init_app(app)
    migrate.init_app(app, db)
    babel.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    for room in ROOMS_WITH_PAGES:
        app.register_blueprint(import_module(f"tracker.{room}.views").bp)
    return app
