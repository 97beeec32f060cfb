"""A database of another version than the program: refused, yet backed up, restored, brought up."""

import os
import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import select, text

from tests.factories import make_department, make_enterprise, make_purchase
from tracker.config import DATABASE_FILE
from tracker.extensions import db, writing
from tracker.operations.database import MIGRATIONS, Age, age_of_database
from tracker.purchases.models import Purchase

COMMAND = Path(sys.executable).with_name("tracker")
BEFORE_LOGOS, BEFORE_EVIDENCE = "0016", "0009"


def run_on(app: Flask, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the command on this test's instance, as a person would."""
    environment = os.environ | {"TRACKER_INSTANCE": str(app.config["INSTANCE"])}
    if db.engine.dialect.name == "postgresql":
        environment["DATABASE_URL"] = app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.remove()
    db.engine.dispose()
    return subprocess.run([COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=120)


def downgrade(revision: str) -> None:
    with writing():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision=revision)
    db.engine.dispose()


def call_it(revision: str) -> None:
    with writing(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})


@pytest.mark.usefixtures("app")
def test_the_age_of_a_database_is_told_by_its_version() -> None:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""
    assert age_of_database() is Age.CURRENT
    for revision, age in ((head, Age.CURRENT), ("0001", Age.OLDER), ("9999", Age.NEWER)):
        call_it(revision)
        assert age_of_database() is age

    for done in ("DELETE FROM alembic_version", "DROP TABLE alembic_version"):
        with writing(), db.engine.begin() as connection:
            connection.execute(text(done))
        assert age_of_database() is Age.OLDER


def test_commands_refuse_an_older_database_in_one_sentence(any_app: Flask) -> None:
    call_it(BEFORE_LOGOS)

    told = run_on(any_app, "totals", "--year", "2026", "--json")

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert "tracker backup" in told.stderr
    assert "tracker db upgrade" in told.stderr
    assert "이전 버전" in told.stderr


@pytest.mark.long
@pytest.mark.parametrize("command", ["serve", "work"])
def test_what_runs_on_refuses_it_too(app: Flask, command: str) -> None:
    call_it(BEFORE_LOGOS)

    told = run_on(app, command)

    assert told.returncode == 2
    assert "tracker db upgrade" in told.stderr


@pytest.mark.long
def test_a_newer_database_is_called_newer_and_left_alone(app: Flask, tmp_path: Path) -> None:
    call_it("9999")

    for arguments in (("totals", "--year", "2026"), ("db", "upgrade")):
        told = run_on(app, *arguments)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.count("\n") == 1
        assert "더 새로운 버전" in told.stderr
    assert run_on(app, "backup", tmp_path / "backup.zip").returncode == 0


@pytest.mark.long
def test_an_older_database_is_backed_up_brought_up_and_restored(any_app: Flask, tmp_path: Path) -> None:
    make_purchase(make_department("총무과"), make_enterprise("함께"), 1_888)
    db.session.remove()
    downgrade(BEFORE_EVIDENCE)

    saved = run_on(any_app, "backup", tmp_path / "backup.zip")
    assert (saved.returncode, saved.stdout) == (0, "")
    restored = run_on(any_app, "restore", tmp_path / "backup.zip")

    assert restored.returncode == 0, restored.stderr
    if db.engine.dialect.name == "postgresql":
        assert run_on(any_app, "db", "upgrade").returncode == 0
    assert run_on(any_app, "verify").returncode == 0
    assert db.session.scalar(select(Purchase.amount)) == 1_888


@pytest.mark.usefixtures("app")
def test_a_database_that_cannot_be_read_is_not_called_older() -> None:
    db.session.remove()
    db.engine.dispose()
    (Path(current_app.config["INSTANCE"]) / DATABASE_FILE).write_bytes(b"no database " * 1_000)

    with pytest.raises(Exception, match="not a database"):
        age_of_database()
