"""Applications to test against: each test has its own migrated database."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.client import Browser, make_user
from tests.factories import BY, NOW
from tracker import create_app
from tracker.audit.acting import Acting
from tracker.config import DATABASE_FILE, load_settings
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.operations.database import upgrade_database

pytest_plugins = ["tests.postgresql"]


def build_test_app(instance: Path, **settings: object) -> Flask:
    """Return an application on its own instance folder, its clock standing still."""
    environment = {"TRACKER_INSTANCE": str(instance)}
    app = create_app(load_settings(environment) | {"TESTING": True, "CLOCK": lambda: NOW} | settings)
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def migrated_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance folder whose SQLite database was made by the migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    with build_test_app(folder).app_context():
        upgrade_database()
        db.engine.dispose()
    return folder


@pytest.fixture
def instance(migrated_instance: Path, tmp_path: Path) -> Path:
    """Return an empty instance folder with a database of its own."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(migrated_instance / DATABASE_FILE, folder / DATABASE_FILE)
    return folder


@pytest.fixture
def app(instance: Path) -> Iterator[Flask]:
    """Return the application on SQLite, with its context pushed."""
    yield from _running(build_test_app(instance))


@pytest.fixture
def postgresql_app(tmp_path: Path, postgresql_url: str) -> Iterator[Flask]:
    """Return the application on a migrated PostgreSQL database of its own."""
    yield from _running(build_test_app(tmp_path / "instance", SQLALCHEMY_DATABASE_URI=postgresql_url))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_app(request: pytest.FixtureRequest) -> Flask:
    """Return the application on each database in turn."""
    app: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "postgresql_app")
    return app


@pytest.fixture
def client(app: Flask) -> Browser:
    """Return a browser that nobody has signed in with."""
    return _browser(app)


@pytest.fixture
def as_user(app: Flask) -> Callable[..., Browser]:
    """Return a function that signs in with an account of a role and gives the browser."""

    def browse(role: Role = Role.STAFF, department_id: int | None = None) -> Browser:
        browser = _browser(app)
        browser.sign_in(make_user(f"{role}.{department_id or 0}", role, department_id))
        return browser

    return browse


@pytest.fixture
def by() -> Acting:
    """Return the system account acting at the standing clock's time."""
    return BY


def _browser(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


def _running(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
