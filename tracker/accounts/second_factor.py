"""The second factor: six digits from an app on the phone, from a secret that the database does not hold."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime

import pyotp
import segno

from tracker.extensions import audit_key

STEP_SECONDS = 30
# A phone's clock may be half a minute off, and typing takes its time.
TOLERATED_STEPS = 1


def new_seed() -> str:
    """Return what a new secret is derived from."""
    return secrets.token_urlsafe(24)


def secret_of(seed: str) -> str:
    """Return the secret as apps take it; it takes the seed and the key outside the database."""
    digest = hmac.new(audit_key(), f"second factor {seed}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


def find_step(seed: str, code: str, at: datetime, last_step: int | None = None) -> int | None:
    """Return the time step whose code this is, None for a wrong one or one that was used already."""
    totp = pyotp.TOTP(secret_of(seed), interval=STEP_SECONDS)
    digits = "".join(code.split())
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        is_right = hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())
        if is_right and (last_step is None or step > last_step):
            return step
    return None


def address_of(seed: str, login: str, issuer: str) -> str:
    """Return what the app reads from the square: secret, account and program."""
    return pyotp.TOTP(secret_of(seed), interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=issuer)


def draw_square(address: str) -> tuple[int, str]:
    """Return the size of the QR code and its dark modules as an SVG path."""
    rows = [bytes(row) for row in segno.make(address, error="m").matrix]
    return len(rows), "".join(_runs(rows))


def _runs(rows: list[bytes]) -> Iterator[str]:
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module:
                yield f"M{x} {y}h1v1h-1z"
