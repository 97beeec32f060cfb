"""Backing an instance up while it runs, and putting a backup back after everything in it was checked."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

from flask import current_app
from sqlalchemy import URL, inspect, text
from sqlalchemy.engine import make_url

from tracker.audit.head import FILE as HEAD_FILE
from tracker.audit.integrity import Finding
from tracker.config import DATABASE_FILE
from tracker.evidence.files import place_of
from tracker.extensions import db

MANIFEST = "manifest.json"
POSTGRESQL_FILE = "tracker.dump"
KEYS = ("audit.key", "secret.key")
# What people brought in; everything else in the folder can be made again.
FOLDERS = ("uploads", "evidence")
# The tables that name files of evidence; a database of an older version has not all of them.
NAMING = ("evidence_version", "report_scan", "report_logo")
PIECE = 1024 * 1024


class UnusableBackup(ValueError):
    """The file is no whole backup of this kind of database; the text says what is wrong."""


class DamagedBackup(ValueError):
    """The file is whole, but what it holds does not pass the checks."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(len(findings))
        self.findings = findings


def back_up(file: Path, at: datetime) -> None:
    """Write database, keys and files of one moment into a ZIP with the SHA-256 of each; OSError as usual.

    People go on working meanwhile. The file appears when it is whole, readable by its owner only.
    """
    instance = Path(current_app.config["INSTANCE"])
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:
        whole = Path(scratch) / "backup.zip"
        with (
            _private(whole) as target,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            sums = {}
            # The head of the audit chain first: the copied chain may be longer than it says, never shorter.
            parts = [*_head(instance, Path(scratch))]
            database, named = _copy_database(Path(scratch))
            for name, path in (*parts, (database.name, database), *_files(instance, named)):
                archive.write(path, name)
                sums[name] = _sha256(path)
            manifest = {
                "version": version("tracker"),
                "made_at": at.isoformat(),
                "database": db.engine.dialect.name,
                "files": sums,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2, sort_keys=True))
        whole.replace(file)


def restore(file: Path, at: datetime) -> Path | None:
    """Put a backup in the place of this instance, and return where what was there before is kept.

    The program must not be running. Everything is checked before anything is replaced: the file's own sums,
    then the whole of the instance in it, brought to the program's version. Raises UnusableBackup and
    DamagedBackup; nothing has changed then.
    On PostgreSQL the database is replaced in one transaction and checked afterwards; nothing is kept aside.
    """
    instance = Path(current_app.config["INSTANCE"])
    dialect = db.engine.dialect.name
    with tempfile.TemporaryDirectory(dir=instance, prefix=".restore-") as scratch:
        unpacked = Path(scratch)
        _unpack(file, dialect, unpacked)
        if dialect == "sqlite":
            _check(unpacked)
            db.session.remove()
            db.engine.dispose()
            return _replace(instance, unpacked, at)
        _load_postgresql(unpacked / POSTGRESQL_FILE)
        (unpacked / POSTGRESQL_FILE).unlink()
        _replace(instance, unpacked, at)
    return None


def _head(instance: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    if (instance / HEAD_FILE).exists():
        yield HEAD_FILE, Path(shutil.copy(instance / HEAD_FILE, scratch))


def _copy_database(scratch: Path) -> tuple[Path, Sequence[str]]:
    """Return a copy of the database, and the hashes of the evidence that has its row in it."""
    if db.engine.dialect.name == "sqlite":
        copy = scratch / DATABASE_FILE
        source = Path(current_app.config["INSTANCE"]) / DATABASE_FILE
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True)) as running,
            closing(sqlite3.connect(copy)) as target,
        ):
            # In one step: a copy in steps begins anew with every write of others.
            running.backup(target)
            tables = [name for (name,) in target.execute("SELECT name FROM sqlite_master")]
            return copy, [sha256 for (sha256,) in target.execute(_ask_for_named(tables))]
    dump = scratch / POSTGRESQL_FILE
    with db.engine.connect() as connection:
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run_postgresql("pg_dump", "--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={dump}")
        tables = inspect(connection).get_table_names()
        return dump, connection.scalars(text(_ask_for_named(tables))).all()


def _ask_for_named(tables: Collection[str]) -> str:
    """Return what asks for the hashes of the files that have their row, in those tables that are there."""
    asked = [f"SELECT sha256 FROM {each}" for each in NAMING if each in tables]  # noqa: S608
    return " UNION ".join(["SELECT '' WHERE 1 = 0", *asked]) + " ORDER BY 1"


def _files(instance: Path, named: Sequence[str]) -> Iterator[tuple[str, Path]]:
    for name in KEYS:
        yield name, instance / name
    # Evidence that is sent at this moment has a file and no row yet: with it the backup would not be whole.
    for path in (*sorted((instance / "uploads").rglob("*")), *map(place_of, named)):
        if path.is_file():
            yield path.relative_to(instance).as_posix(), path


def _unpack(file: Path, dialect: str, into: Path) -> None:
    with _opened(file) as archive:
        manifest = _manifest(archive)
        if manifest["database"] != dialect:
            raise UnusableBackup(f"it holds a {manifest['database']} database, this instance uses {dialect}")
        sums: Mapping[str, str] = manifest["files"]
        database = DATABASE_FILE if dialect == "sqlite" else POSTGRESQL_FILE
        needed = {database, *KEYS}
        lacking = needed - sums.keys()
        if lacking:
            raise UnusableBackup(f"{', '.join(sorted(lacking))} is missing")
        for name, expected in sums.items():
            if name not in needed | {HEAD_FILE} and not _is_inside_folders(name):
                raise UnusableBackup(f"it holds {name}, which no backup has")
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as packed, _private(path) as target:
                shutil.copyfileobj(packed, target, PIECE)
            if _sha256(path) != expected:
                raise UnusableBackup(f"{name} was altered")


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError) as error:
        raise UnusableBackup(f"it is damaged: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
        return {"database": str(manifest["database"]), "files": dict(manifest["files"])}
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableBackup("it has no readable manifest") from error


def _is_inside_folders(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] in FOLDERS and not {"..", "/"} & set(parts)


def _check(instance: Path) -> None:
    """Bring a whole SQLite instance to the program's version and check it, by the program itself."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - the program itself
            [Path(sys.executable).with_name("tracker"), *arguments],
            env=os.environ | {"TRACKER_INSTANCE": str(instance)},
            check=False,
            capture_output=True,
            text=True,
        )

    upgraded = run("db", "upgrade")
    checked = upgraded if upgraded.returncode else run("verify", "--json")
    try:
        findings = json.loads(checked.stdout)["findings"]
    except ValueError as error:
        raise UnusableBackup(f"its database cannot be read: {checked.stderr.strip()[-300:]}") from error
    if findings:
        raise DamagedBackup([Finding(**finding) for finding in findings])


def _replace(instance: Path, unpacked: Path, at: datetime) -> Path:
    """Move what is there aside and the checked files in."""
    before = instance / f"before-restore-{at:%Y%m%dT%H%M%SZ}"
    before.mkdir()
    names = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm", HEAD_FILE, *KEYS, *FOLDERS)
    for name in names:
        if (instance / name).exists():
            (instance / name).replace(before / name)
    for name in names:
        if (unpacked / name).exists():
            (unpacked / name).replace(instance / name)
    return before


def _load_postgresql(dump: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    _run_postgresql(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        str(dump),
    )


def _run_postgresql(program: str, *arguments: str) -> None:
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    command = [program, *arguments, f"--dbname={_address(url)}"]
    try:
        subprocess.run(  # noqa: S603 - a program of PostgreSQL with our own arguments
            command,
            env=os.environ | ({"PGPASSWORD": url.password} if url.password else {}),
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise UnusableBackup(f"{program} is not installed; install PostgreSQL's client programs") from error
    except subprocess.CalledProcessError as error:
        raise UnusableBackup(error.stderr.strip()) from error


def _address(url: URL) -> str:
    """Return the address for PostgreSQL's programs; the password goes by the environment."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
