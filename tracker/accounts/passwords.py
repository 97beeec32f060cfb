"""Passwords: how long, how they are stored, and the first one of an account."""

import secrets
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200
# Each hash takes 64 MiB and a core for a moment: a rush of sign-ins waits instead of starving the pages.
PARALLEL_HASHES = 2

# Without characters that are taken for one another when read from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()
_slots = BoundedSemaphore(PARALLEL_HASHES)


class PasswordRefused(ValueError):
    """The new password is too short or too long."""


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    with _slots:
        return _hasher.hash(_normal(password))


def is_password(password: str, stored: str | None) -> bool:
    """Return whether the password is the stored one; without a stored one it takes as long to say no."""
    if stored is None:
        hash_password(password)
        return False
    with _slots:
        try:
            return _hasher.verify(stored, _normal(password))
        except VerifyMismatchError:
            return False


def check_new_password(password: str) -> None:
    """Raise PasswordRefused when the password is shorter or longer than allowed."""
    if not MINIMUM_LENGTH <= len(_normal(password)) <= MAXIMUM_LENGTH:
        raise PasswordRefused


def make_first_password() -> str:
    """Return a random password that can be read aloud: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _normal(password: str) -> str:
    # Some keyboards send 한 as one character, others as three.
    return unicodedata.normalize("NFC", password)
