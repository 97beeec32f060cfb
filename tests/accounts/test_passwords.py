"""Which passwords are taken, and how they are kept."""

import threading
import unicodedata

import pytest

from tracker.accounts.passwords import (
    MINIMUM_LENGTH,
    PARALLEL_HASHES,
    WAITING_HASHES,
    PasswordRefused,
    TooBusy,
    Weakness,
    check_new_password,
    hash_password,
    is_password,
    make_first_password,
)

COMMON = (
    "1234567890", "qwertyuiop", "1q2w3e4r5t", "password12", "PASSWORD12", "Password1234!", "!!iloveyou!!",
    "비밀번호1234", "qlalfqjsgh12", "대한민국2026!!", "dkssudgktpdy1", "gongmuwon123", "11111111111",
    "ababababab", "abcdefghijkl", "9876543210", "8901234567", "1qaz2wsx3edc", "가나가나가나가나가나",
)  # fmt: skip
GOOD = ("가을 하늘 높은 날에", "correct horse battery", "summer rain 2026", "사과세개배두개감", "x7#kQ!v92z")


@pytest.mark.parametrize("password", COMMON)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_new_password(password)

    assert refused.value.weakness is (Weakness.COMMON if len(password) >= MINIMUM_LENGTH else Weakness.LENGTH)


@pytest.mark.parametrize("password", GOOD)
def test_a_long_password_needs_no_special_characters(password: str) -> None:
    if len(password) >= MINIMUM_LENGTH:
        check_new_password(password, "kim.minji")


@pytest.mark.parametrize(("password", "weakness"), [("x7#kQ!v92", "length"), ("x7#kQ!v9" * 26, "length")])
def test_too_short_and_too_long_are_refused(password: str, weakness: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_new_password(password)

    assert refused.value.weakness == weakness


def test_a_password_with_the_login_in_it_is_refused() -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_new_password("봄비 Kim.MinJi 가을비", "kim.minji")

    assert refused.value.weakness is Weakness.LOGIN


def test_the_length_counts_characters_as_they_are_read() -> None:
    nine = unicodedata.normalize("NFD", "가나다라마바사아자")

    assert len(nine) > MINIMUM_LENGTH
    with pytest.raises(PasswordRefused):
        check_new_password(nine)


def test_a_first_password_is_checked_like_any_other() -> None:
    first = make_first_password()

    check_new_password(first.text)
    assert first.hash.startswith("$argon2id$")
    assert is_password(first.text, first.hash)
    assert not is_password(first.text + "x", first.hash)


@pytest.mark.long
def test_many_hashes_at_once_wait_for_their_turn_or_are_sent_away() -> None:
    count = 4 * (PARALLEL_HASHES + WAITING_HASHES)
    together = threading.Barrier(count)
    done: list[bool] = []

    def hash_one() -> None:
        together.wait(30)
        try:
            hash_password("가을 하늘 높은 날에")
            done.append(True)
        except TooBusy:
            done.append(False)

    threads = [threading.Thread(target=hash_one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == count
    assert done.count(True) >= PARALLEL_HASHES
    # The control: nobody is sent away where there is no rush.
    assert hash_password("가을 하늘 높은 날에")
