"""Making the database where there is none, and telling whether it has the current form."""

from enum import StrEnum
from pathlib import Path

import flask_migrate
from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from tracker.config import DATABASE_FILE, ROOT
from tracker.extensions import db, writing

MIGRATIONS = ROOT / "migrations"


class Age(StrEnum):
    """What the form of a database is against the one that the program needs."""

    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def prepare_database() -> None:
    """Create an empty instance's database; one that is there is left as it is."""
    file = Path(current_app.config["INSTANCE"]) / DATABASE_FILE
    if db.engine.dialect.name == "sqlite":
        is_missing = not file.exists()
    else:
        is_missing = not inspect(db.engine).has_table("alembic_version")
    if is_missing:
        upgrade_database()


def age_of_database() -> Age:
    """Return whether the database is of the program's version."""
    found = _find_revision()
    known = {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    if found == max(known):
        return Age.CURRENT
    return Age.OLDER if found is None or found in known else Age.NEWER


def _find_revision() -> str | None:
    """Return the version that the database says it has; None while it was never brought to any."""
    try:
        with db.engine.connect() as connection:
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except OperationalError as error:
        # Making a SQLite database that was broken off leaves an empty file.
        if "no such table" in str(error):
            return None
        raise


def upgrade_database() -> None:
    """Bring the database to the newest version; a SQLite file that is not there is made."""
    if db.engine.dialect.name == "sqlite":
        # The program opens its database only where one is (mode=rw): here one is made on purpose.
        (Path(current_app.config["INSTANCE"]) / DATABASE_FILE).touch(mode=0o600)
    with writing():
        flask_migrate.upgrade(directory=str(MIGRATIONS))
