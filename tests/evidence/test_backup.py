"""A backup holds the evidence that has its row in it, and nothing else."""

import zipfile
from pathlib import Path

import pytest
from flask import Flask

from tests.evidence.papers import PDF, keep
from tests.factories import NOW, make_department, make_enterprise, make_purchase
from tracker.evidence.files import evidence_folder, open_intact, place_of
from tracker.evidence.queries import list_evidence
from tracker.operations.backup import DamagedBackup, back_up, restore
from tracker.operations.verification import verify_instance


@pytest.fixture
def purchase(any_app: Flask) -> int:
    """Return a purchase with a file, while somebody is sending another one."""
    assert any_app
    purchase = make_purchase(make_department(), make_enterprise())
    keep(purchase)
    for name in ("ab/" + "ab" * 32, ".incoming-x/0"):
        (evidence_folder() / name).parent.mkdir()
        (evidence_folder() / name).write_bytes(b"half a file")
    return purchase


@pytest.mark.long
def test_evidence_comes_back_with_the_backup(purchase: int, tmp_path: Path) -> None:
    (file,) = list_evidence(purchase)
    back_up(tmp_path / "backup.zip", NOW)
    place_of(file.sha256).unlink()
    restore(tmp_path / "backup.zip", NOW)

    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert [name for name in archive.namelist() if name.startswith("evidence")] == [
            f"evidence/{file.sha256[:2]}/{file.sha256}"
        ]
    with open_intact(file.sha256) as content:
        assert content.read() == PDF
    assert place_of(file.sha256).stat().st_mode & 0o777 == 0o600
    assert verify_instance()["evidence"] == []


@pytest.mark.long
def test_a_backup_whose_evidence_is_lost_is_refused(app: Flask, tmp_path: Path) -> None:
    assert app
    purchase = make_purchase(make_department(), make_enterprise())
    keep(purchase)
    place_of(list_evidence(purchase)[0].sha256).unlink()
    back_up(tmp_path / "backup.zip", NOW)

    with pytest.raises(DamagedBackup):
        restore(tmp_path / "backup.zip", NOW)
