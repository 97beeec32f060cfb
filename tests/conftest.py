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


class SharedApp:
    """One application for many tests, for building one and its templates takes longer than most tests."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._configuration = dict(app.config)

    def empty_instance(self) -> Path:
        """Return the instance folder, emptied of all but the keys."""
        folder: Path = self._configuration["INSTANCE"]
        for entry in folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.suffix != ".key":
                entry.unlink()
        return folder

    def renewed(self) -> Flask:
        """Return the application with its settings as they were."""
        self._app.config.clear()
        self._app.config.update(self._configuration)
        return self._app


@pytest.fixture(scope="session")
def migrated_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance folder whose SQLite database was made by the migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    with build_test_app(folder).app_context():
        upgrade_database()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> SharedApp:
    """Return the application on SQLite that the tests of this process share."""
    return SharedApp(build_test_app(tmp_path_factory.mktemp("shared")))


@pytest.fixture(scope="session")
def shared_postgresql_app(tmp_path_factory: pytest.TempPathFactory, shared_postgresql_url: str) -> SharedApp:
    """Return the application on PostgreSQL that the tests of this process share."""
    folder = tmp_path_factory.mktemp("shared_postgresql")
    return SharedApp(build_test_app(folder, SQLALCHEMY_DATABASE_URI=shared_postgresql_url))


@pytest.fixture
def instance(shared_app: SharedApp, migrated_instance: Path) -> Path:
    """Return an instance folder with nothing in it but its keys and a migrated database."""
    folder = shared_app.empty_instance()
    shutil.copy(migrated_instance / DATABASE_FILE, folder / DATABASE_FILE)
    return folder


@pytest.fixture
def app(request: pytest.FixtureRequest, instance: Path, shared_app: SharedApp) -> Iterator[Flask]:
    """Return the application on SQLite, with its context pushed."""
    is_own = request.node.get_closest_marker("own_app")
    yield from _running(build_test_app(instance) if is_own else shared_app.renewed())


@pytest.fixture
def postgresql_app(postgresql_url: str, shared_postgresql_app: SharedApp) -> Iterator[Flask]:
    """Return the application on a migrated PostgreSQL database of the test's own."""
    assert postgresql_url
    shared_postgresql_app.empty_instance()
    yield from _running(shared_postgresql_app.renewed())


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
