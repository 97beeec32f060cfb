"""A backup is whole, restores to the same figures, and is refused when anything in it was altered."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, current_app
from sqlalchemy import select, update

from tests.factories import BY, NOW, make_department, make_enterprise, make_purchase
from tracker.config import DATABASE_FILE
from tracker.extensions import db, writing
from tracker.operations.backup import MANIFEST, DamagedBackup, UnusableBackup, back_up, restore
from tracker.operations.commands import backup, restore_command
from tracker.operations.verification import verify_instance
from tracker.purchases.models import Purchase
from tracker.purchases.services import reverse_purchase


@pytest.fixture
def file(any_app: Flask, tmp_path: Path) -> Path:
    """Return a backup of an instance with one purchase of 1,888 won and an uploaded file."""
    make_purchase(make_department("총무과"), make_enterprise("함께"), 1_888)
    uploads = Path(any_app.config["INSTANCE"]) / "uploads"
    uploads.mkdir()
    (uploads / "purchases.xlsx").write_bytes(b"as it came")
    file = tmp_path / "backup.zip"
    back_up(file, NOW)
    return file


def standing() -> list[int]:
    return list(db.session.scalars(select(Purchase.amount).where(~Purchase.is_reversed)))


def repacked(file: Path, name: str, content: bytes) -> Path:
    """Return a backup that differs in one file, its manifest left as it was."""
    other = file.with_name(f"{file.stem}-repacked.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for entry in source.namelist():
            target.writestr(entry, content if entry == name else source.read(entry))
        if name not in source.namelist():
            target.writestr(name, content)
    return other


@pytest.mark.long
def test_a_restored_instance_is_what_was_backed_up(file: Path) -> None:
    reverse_purchase(1, 1, "잘못 입력", BY)
    uploaded = Path(current_app.config["INSTANCE"]) / "uploads" / "purchases.xlsx"
    uploaded.unlink()
    assert standing() == []

    restore(file, NOW)

    assert standing() == [1_888]
    assert uploaded.read_bytes() == b"as it came"
    assert {name: found for name, found in verify_instance().items() if found} == {}


def test_a_backup_is_for_its_owner_only_and_names_what_it_holds(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        names = set(archive.namelist())

    assert file.stat().st_mode & 0o777 == 0o600
    assert names == {*manifest["files"], MANIFEST}
    assert {"audit.key", "secret.key", "audit-head", "uploads/purchases.xlsx"} <= names


@pytest.mark.long
def test_what_was_there_before_is_kept(app: Flask, tmp_path: Path) -> None:
    back_up(tmp_path / "backup.zip", NOW)
    make_department("총무과")

    kept = restore(tmp_path / "backup.zip", NOW)

    assert kept
    assert (kept / DATABASE_FILE).exists()
    assert kept.parent == Path(app.config["INSTANCE"])


@pytest.mark.long
def test_what_others_are_writing_is_not_in_the_backup(app: Flask, tmp_path: Path) -> None:
    make_department("총무과")
    with sqlite3.connect(Path(app.config["INSTANCE"]) / DATABASE_FILE) as other:
        other.execute("UPDATE department SET name = '재무과'")
        back_up(tmp_path / "backup.zip", NOW)
        other.rollback()
    restore(tmp_path / "backup.zip", NOW)

    assert {finding for found in verify_instance().values() for finding in found} == set()


@pytest.mark.parametrize(
    "name", ["audit.key", "uploads/purchases.xlsx", "../outside", "uploads/../../x", "x"]
)
def test_an_altered_backup_is_refused_and_changes_nothing(file: Path, name: str) -> None:
    reverse_purchase(1, 1, "잘못 입력", BY)
    other = repacked(file, name, b"altered")
    if name not in ("audit.key", "uploads/purchases.xlsx"):
        with zipfile.ZipFile(other) as archive:
            manifest = json.loads(archive.read(MANIFEST))
        manifest["files"][name] = "0" * 64
        other = repacked(other, MANIFEST, json.dumps(manifest).encode())

    with pytest.raises(UnusableBackup):
        restore(other, NOW)

    assert standing() == []


@pytest.mark.parametrize(
    "manifest",
    [b"{", b"{}", b'{"database": "oracle", "files": {}}', b'{"database": "sqlite", "files": {}}', b"[]"],
)
def test_a_backup_without_a_sound_manifest_is_refused(app: Flask, tmp_path: Path, manifest: bytes) -> None:  # noqa: ARG001
    file = tmp_path / "backup.zip"
    back_up(file, NOW)

    with pytest.raises(UnusableBackup):
        restore(repacked(file, MANIFEST, manifest), NOW)


@pytest.mark.long
def test_a_ledger_altered_before_the_backup_is_found(app: Flask, tmp_path: Path) -> None:
    make_purchase(make_department("총무과"), make_enterprise("함께"), 1_888)
    with writing():
        db.session.execute(update(Purchase).values(amount=1))
        db.session.commit()
    back_up(tmp_path / "backup.zip", NOW)

    with pytest.raises(DamagedBackup) as refused:
        restore(tmp_path / "backup.zip", NOW)

    assert ("purchase", 1) in {(each.subject, each.subject_id) for each in refused.value.findings}
    assert sorted(path.name for path in Path(app.config["INSTANCE"]).glob("*restore*")) == []


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])  # type: ignore[arg-type]


def test_the_commands_say_what_they_did(app: Flask, tmp_path: Path) -> None:
    make_purchase(make_department("총무과"), make_enterprise("함께"), 1_888)
    saved = run(backup, tmp_path / "backup.zip")
    restored = run(restore_command, tmp_path / "backup.zip")
    nowhere = run(backup, tmp_path / "missing" / "backup.zip")
    (tmp_path / "none.zip").write_bytes(b"no backup")
    unusable = run(restore_command, tmp_path / "none.zip")
    with writing():
        db.session.execute(update(Purchase).values(amount=1))
        db.session.commit()
    run(backup, tmp_path / "damaged.zip")
    damaged = run(restore_command, tmp_path / "damaged.zip")

    assert app
    assert [each.exit_code for each in (saved, restored, nowhere, unusable, damaged)] == [0, 0, 2, 2, 1]
    assert "before-restore" in restored.stderr
    assert "purchase 1: amount is 1" in damaged.stderr


@pytest.mark.postgresql
def test_without_the_programs_of_postgresql_that_is_said(
    postgresql_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert postgresql_app
    monkeypatch.setenv("PATH", str(tmp_path))

    assert run(backup, tmp_path / "backup.zip").exit_code == 2


@pytest.mark.postgresql
def test_a_backup_of_the_other_database_is_refused(app: Flask, postgresql_app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        back_up(tmp_path / "backup.zip", NOW)
    with postgresql_app.app_context(), pytest.raises(UnusableBackup):
        restore(tmp_path / "backup.zip", NOW)
