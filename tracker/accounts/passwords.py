"""Passwords: which are taken, how they are stored, and the first one of an account."""

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import BoundedSemaphore
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from tracker.accounts.common_passwords import is_common

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200
# Each hash takes 64 MiB and a core for a moment: a rush of sign-ins waits instead of starving the pages,
# and what would wait too long is sent away.
PARALLEL_HASHES = 2
WAITING_HASHES = 3

# Without characters that are taken for one another when read from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()
# A first password is drawn at random from 2^59 and is soon gone: there is nothing to guess, and fifty of them
# are made at once.
_light_hasher = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
_slots = BoundedSemaphore(PARALLEL_HASHES)
_queue = BoundedSemaphore(PARALLEL_HASHES + WAITING_HASHES)


class Weakness(StrEnum):
    """Why a new password is not taken."""

    LENGTH = "length"
    COMMON = "common"
    LOGIN = "login"
    SAME = "same"


class PasswordRefused(ValueError):
    """The new password is not taken; `weakness` says why."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness)
        self.weakness = weakness


class TooBusy(Exception):
    """So many passwords are being checked that this one would wait too long."""


class FirstPassword(NamedTuple):
    """A password to hand over, and its hash to store."""

    text: str
    hash: str


def hash_password(password: str) -> str:
    """Return the argon2id hash to store. Raises TooBusy."""
    with _turn():
        return _hasher.hash(_normal(password))


def is_password(password: str, stored: str | None) -> bool:
    """Return whether the password is the stored one; without a stored one it takes as long to say no.

    Raises TooBusy.
    """
    if stored is None:
        hash_password(password)
        return False
    with _turn():
        try:
            return _hasher.verify(stored, _normal(password))
        except VerifyMismatchError:
            return False


def check_new_password(password: str, login: str = "") -> None:
    """Raise PasswordRefused when the password is too short or long, too common, or built from the login."""
    text = _normal(password)
    if not MINIMUM_LENGTH <= len(text) <= MAXIMUM_LENGTH:
        raise PasswordRefused(Weakness.LENGTH)
    if is_common(text):
        raise PasswordRefused(Weakness.COMMON)
    if login and login.casefold() in text.casefold():
        raise PasswordRefused(Weakness.LOGIN)


def make_first_password() -> FirstPassword:
    """Return a random password that can be read aloud: three groups of four, 59 bits."""
    text = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return FirstPassword(text, _light_hasher.hash(text))


@contextmanager
def _turn() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise TooBusy
    try:
        with _slots:
            yield
    finally:
        _queue.release()


def _normal(password: str) -> str:
    # Some keyboards send 한 as one character, others as three.
    return unicodedata.normalize("NFC", password)
