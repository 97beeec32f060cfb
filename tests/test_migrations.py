"""The migrations make what the models say, and can be taken back, on both databases."""

from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from tests.conftest import build_test_app
from tracker.extensions import db, writing
from tracker.operations.database import MIGRATIONS, prepare_database, upgrade_database


def test_migrated_database_has_the_form_of_the_models(any_app: Flask) -> None:
    assert any_app
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, db.metadata) == []


def test_migrations_go_down_to_nothing_and_up_again(any_app: Flask) -> None:
    assert any_app
    with writing():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        db.engine.dispose()
    upgrade_database()

    assert "purchase" in inspect(db.engine).get_table_names()


@pytest.mark.postgresql
def test_command_on_an_empty_postgresql_makes_the_tables(tmp_path: Path, empty_postgresql_url: str) -> None:
    with build_test_app(tmp_path, SQLALCHEMY_DATABASE_URI=empty_postgresql_url).app_context():
        prepare_database()
        prepare_database()

        assert inspect(db.engine).has_table("purchase")
        db.engine.dispose()
