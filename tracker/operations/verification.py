"""The check of a whole instance: `tracker verify`."""

from collections.abc import Callable, Iterator

from sqlalchemy import text

from tracker.audit.integrity import Finding, check_chain
from tracker.enterprises.integrity import check_editions
from tracker.evidence.integrity import check_evidence
from tracker.extensions import db
from tracker.imports.integrity import check_batches
from tracker.purchases.integrity import check_ledger
from tracker.reports.integrity import check_snapshots
from tracker.reports.logos import logo_hashes
from tracker.reports.scans import scan_hashes


def check_database() -> Iterator[Finding]:
    """Yield damage that the database itself reports; PostgreSQL enforces its keys at all times."""
    if db.session.get_bind().dialect.name != "sqlite":
        return
    for (message,) in db.session.execute(text("PRAGMA integrity_check")):
        if message != "ok":
            yield Finding("database", "file", None, message)
    for table, row, parent, _ in db.session.execute(text("PRAGMA foreign_key_check")):
        yield Finding("foreign_keys", table, row, f"names a row of {parent} that is not there")


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "database": check_database,
    "ledger": check_ledger,
    "batches": check_batches,
    "editions": check_editions,
    "audit": check_chain,
    "snapshots": check_snapshots,
    "evidence": lambda: check_evidence(scan_hashes() | logo_hashes()),
}


def verify_instance() -> dict[str, list[Finding]]:
    """Return what each check found, all of them read from one moment of the database."""
    return {name: list(check()) for name, check in CHECKS.items()}
