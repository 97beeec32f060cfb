"""Settings from the environment and the instance folder, with defaults that work."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATABASE_FILE = "tracker.db"
MEGABYTE = 1024 * 1024


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds the database, the secrets and the rendered reports."""
    return Path(environ.get("TRACKER_INSTANCE") or ROOT / "instance").resolve()


def load_settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the Flask configuration; makes the instance folder and its secrets on first use."""
    folder = instance_folder(environ)
    folder.mkdir(parents=True, exist_ok=True)
    url = environ.get("DATABASE_URL") or f"sqlite:///file:{folder / DATABASE_FILE}?mode=rw&uri=true"
    return {
        "SECRET_KEY": read_or_make_secret(folder / "secret.key"),
        "AUDIT_KEY": read_or_make_secret(folder / "audit.key"),
        "INSTANCE": folder,
        "SQLALCHEMY_DATABASE_URI": url,
        "HOSTS": {"localhost", *(environ.get("TRACKER_HOSTS") or "").lower().replace(",", " ").split()},
        "PROXIES": int(environ.get("TRACKER_PROXIES") or 0),
        "INSTITUTION": environ.get("TRACKER_INSTITUTION", "○○구"),
        "LEDGER_ROWS_IN_PDF": int(environ.get("TRACKER_LEDGER_ROWS") or 1_000),
        "MAX_CONTENT_LENGTH": 64 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
        "SESSION_IDLE": timedelta(minutes=int(environ.get("TRACKER_IDLE_MINUTES") or 60)),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": environ.get("TRACKER_HTTPS") == "1",
        "BABEL_DEFAULT_LOCALE": "ko",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Seoul",
        "BOOTSTRAP_SERVE_LOCAL": True,
    }


def read_or_make_secret(path: Path) -> bytes:
    """Return the secret stored at `path`, made once with mode 0600 however many processes start together."""
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
            # Unlike a rename, a link never replaces the secret of a process that was faster.
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink()
    return path.read_bytes()
