"""A throw-away PostgreSQL server of the test process, and migrated databases on it.

It listens on a socket in its own folder, under /tmp because its user must reach it, and on no network port.
The kernel interrupts it when the test process dies, however that happens.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tracker import create_app
from tracker.config import load_settings
from tracker.extensions import db
from tracker.operations.database import upgrade_database

PROGRAMS = Path("/usr/lib/postgresql")
OWNER = "postgres"
PORT = 5432  # Here a part of the socket's name only.
# One database for all tests, as it was migrated before each: making a new one takes ten times as long.
MIGRATED = "migrated"
KEEP = """
CREATE SCHEMA kept;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
    END LOOP;
END $$;
CREATE TABLE kept.number AS
    SELECT sequencename, coalesce(last_value, start_value) AS value, last_value IS NOT NULL AS is_used
    FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$ DECLARE name text; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
    FOR name IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
        WHERE tgenabled = 'D' AND NOT tgisinternal LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', name);
    END LOOP;
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, value, is_used) FROM kept.number;
END $$;
"""
CONFIGURATION = f"""
listen_addresses = ''
port = {PORT}
max_connections = 60
fsync = off
synchronous_commit = off
full_page_writes = off
"""


class Server:
    """A running PostgreSQL server, known by the folder of its socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, database: str) -> str:
        """Return what SQLAlchemy connects to."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self._folder}&port={PORT}"

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Give the URL of a new database; afterwards it is dropped, whoever is still connected."""
        self.execute(f"CREATE DATABASE {name}")
        yield self.url(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run statements as the owner, outside a transaction."""
        with psycopg.connect(
            host=str(self._folder), port=PORT, user=OWNER, dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in an empty folder, and stop and remove it in the end."""
    programs = max(PROGRAMS.glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
    if programs is None:
        pytest.fail(f"There is no PostgreSQL in {PROGRAMS}: bin/setup --dev installs it.")
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgresql-", dir="/tmp"))
    as_owner = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
        shutil.chown(folder, OWNER, OWNER)
        as_owner += [f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups"]
    data = folder / "data"
    options = [f"--username={OWNER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [*as_owner, programs / "initdb", "--pgdata", data, *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    with (data / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(CONFIGURATION)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*as_owner, programs / "postgres", "-D", data, "-k", folder], stdout=log, stderr=log, cwd=folder
        )
    try:
        _wait_until_ready(
            process, [str(programs / "pg_isready"), "--quiet", f"--host={folder}", f"--port={PORT}"]
        )
        yield Server(folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(folder)


def _wait_until_ready(process: subprocess.Popen[bytes], is_ready: list[str]) -> None:
    while subprocess.run(is_ready, check=False).returncode != 0:
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail("The PostgreSQL server ended before it was ready.")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Return the server of this test process, started when a test first needs it."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the name of a database that the migrations made and that can be restored to that."""
    postgresql_server.execute(f"CREATE DATABASE {MIGRATED}")
    settings = load_settings({"TRACKER_INSTANCE": str(tmp_path_factory.mktemp("postgresql"))})
    settings["SQLALCHEMY_DATABASE_URI"] = postgresql_server.url(MIGRATED)
    with create_app(settings).app_context():
        upgrade_database()
        db.engine.dispose()
    postgresql_server.execute(KEEP, MIGRATED)
    return MIGRATED


@pytest.fixture(scope="session")
def shared_postgresql_url(postgresql_server: Server) -> str:
    """Return where each test's migrated database will be."""
    return postgresql_server.url(MIGRATED)


@pytest.fixture
def empty_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """Return the URL of a database without tables."""
    with postgresql_server.database("empty") as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: Server, migrated_postgresql: str) -> str:
    """Return the URL of the migrated database, with nothing in it but what the migrations put there."""
    postgresql_server.execute("SELECT kept.restore()", migrated_postgresql)
    return postgresql_server.url(migrated_postgresql)
