"""Making the database where there is none, and telling whether it has the current form."""

from pathlib import Path

import flask_migrate
from flask import current_app
from sqlalchemy import inspect

from tracker.config import DATABASE_FILE, ROOT
from tracker.extensions import db, writing

MIGRATIONS = ROOT / "migrations"


def prepare_database() -> None:
    """Create an empty instance's database; one that is there is left as it is."""
    file = Path(current_app.config["INSTANCE"]) / DATABASE_FILE
    if db.engine.dialect.name == "sqlite":
        is_missing = not file.exists()
    else:
        is_missing = not inspect(db.engine).has_table("alembic_version")
    if is_missing:
        upgrade_database()


def upgrade_database() -> None:
    """Bring the database to the newest version; a SQLite file that is not there is made."""
    if db.engine.dialect.name == "sqlite":
        # The program opens its database only where one is (mode=rw): here one is made on purpose.
        (Path(current_app.config["INSTANCE"]) / DATABASE_FILE).touch(mode=0o600)
    with writing():
        flask_migrate.upgrade(directory=str(MIGRATIONS))
