"""Guessing gets slower in every process alike, and locks nobody out for good."""

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.client import Browser, Person, make_user
from tests.factories import NOW
from tracker.accounts.models import Throttle
from tracker.accounts.sessions import SignInRefused, sign_in
from tracker.accounts.throttle import ACCOUNT, ADDRESS, LIMITS, PAIR, TooManyAttempts, count_attempt
from tracker.config import ROOT
from tracker.core.vocabulary import Role
from tracker.extensions import db

OWN, STRANGE = "10.0.0.1", "203.0.113.9"
FREE = LIMITS[PAIR].free

GUESS = """
import sys
from datetime import datetime
from tracker import create_app
from tracker.accounts.sessions import SignInRefused, sign_in
from tracker.accounts.throttle import TooManyAttempts
from tracker.config import load_settings
guessed = 0
with create_app(load_settings() | {"SQLALCHEMY_DATABASE_URI": sys.argv[2]}).app_context():
    for number in range(10):
        try:
            sign_in("kim.minji", f"guess number {number}", datetime.fromisoformat(sys.argv[1]), "203.0.113.9")
        except SignInRefused:
            guessed += 1
        except TooManyAttempts:
            pass
print(guessed)
"""


@pytest.fixture
def person(any_app: Flask) -> Person:
    """Return an account on either database."""
    assert any_app
    return make_user()


def guess(person: Person, address: str, after: timedelta = timedelta()) -> None:
    """Try a wrong password."""
    with pytest.raises(SignInRefused):
        sign_in(person.login, "not the password", NOW + after, address)


def wait_of(person: Person, address: str, after: timedelta = timedelta()) -> timedelta:
    """Return how long the next attempt must wait."""
    with pytest.raises(TooManyAttempts) as refused:
        sign_in(person.login, person.password, NOW + after, address)
    return refused.value.wait


def test_a_few_mistakes_are_free_then_one_waits_longer_and_longer(person: Person) -> None:
    for _ in range(FREE):
        guess(person, STRANGE)
    after, waits = timedelta(), []
    for _ in range(8):
        wait = wait_of(person, STRANGE, after)
        waits.append(int(wait.total_seconds()))
        after += wait
        guess(person, STRANGE, after)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_even_the_right_password_waits_but_never_for_good(person: Person) -> None:
    for _ in range(FREE):
        guess(person, STRANGE)
    wait = wait_of(person, STRANGE)

    assert sign_in(person.login, person.password, NOW + wait, STRANGE)


def test_a_stranger_does_not_stop_the_owner_elsewhere(person: Person) -> None:
    for _ in range(FREE):
        guess(person, STRANGE)
    assert wait_of(person, STRANGE)

    assert sign_in(person.login, person.password, NOW, OWN)


@pytest.mark.long
def test_a_day_of_hammering_from_one_address_does_not_stop_the_owner_elsewhere(person: Person) -> None:
    after = timedelta()
    while after < timedelta(days=1):
        try:
            count_attempt(person.login, STRANGE, NOW + after)
        except TooManyAttempts as refused:
            after += refused.wait

    assert sign_in(person.login, person.password, NOW + after, OWN)


def test_very_many_addresses_slow_the_account_down_but_not_where_its_owner_is_known(person: Person) -> None:
    assert sign_in(person.login, person.password, NOW, OWN)
    for number in range(LIMITS[ACCOUNT].free):
        count_attempt(person.login, f"203.0.113.{number}", NOW)

    assert timedelta() < wait_of(person, "198.51.100.1") <= LIMITS[ACCOUNT].longest_wait
    assert sign_in(person.login, person.password, NOW, OWN)


def test_one_address_that_tries_many_accounts_is_slowed_down(person: Person) -> None:
    for number in range(LIMITS[ADDRESS].free):
        count_attempt(f"nobody{number}", STRANGE, NOW)

    assert timedelta() < wait_of(person, STRANGE) <= LIMITS[ADDRESS].longest_wait
    assert sign_in(person.login, person.password, NOW, OWN)


def test_success_forgets_the_mistakes_before_it(person: Person) -> None:
    for _ in range(3):
        for _ in range(FREE - 1):
            guess(person, OWN)
        assert sign_in(person.login, person.password, NOW, OWN)


def test_an_own_account_does_not_free_the_address_for_guessing_at_others(person: Person) -> None:
    mine = make_user("park.jiho")
    for number in range(LIMITS[ADDRESS].free - 1):
        count_attempt(f"nobody{number}", STRANGE, NOW)
    assert sign_in(mine.login, mine.password, NOW, STRANGE)
    count_attempt("nobody", STRANGE, NOW)

    assert wait_of(person, STRANGE)


def test_mistakes_are_forgotten_after_a_day_and_leave_nothing(person: Person) -> None:
    for _ in range(FREE):
        guess(person, STRANGE)
    guess(person, OWN, timedelta(days=2))
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(Throttle)) == 3
    for _ in range(FREE - 1):
        guess(person, STRANGE, timedelta(days=2))


def test_a_clock_that_was_set_back_makes_nobody_wait_longer(person: Person) -> None:
    for _ in range(FREE):
        guess(person, STRANGE)

    assert wait_of(person, STRANGE, -timedelta(days=300)) == LIMITS[PAIR].longest_wait


@pytest.mark.long
def test_unknown_logins_are_slowed_down_all_the_same_and_kept_nowhere(any_app: Flask) -> None:
    assert any_app
    nobody = Person(0, "my-secret-password", "x")
    for _ in range(FREE):
        guess(nobody, STRANGE)

    assert wait_of(nobody, STRANGE)
    assert not db.session.scalars(select(Throttle.key).where(Throttle.key.contains("secret"))).all()


def test_guesses_at_the_same_moment_get_no_further_than_one_after_another(
    any_app: Flask, person: Person
) -> None:
    together = threading.Barrier(12)
    through: list[str] = []

    def try_once() -> None:
        with any_app.app_context():
            together.wait(30)
            try:
                count_attempt(person.login, STRANGE, NOW)
                through.append("counted")
            except TooManyAttempts:
                pass
            db.session.remove()

    threads = [threading.Thread(target=try_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(through) == FREE


@pytest.mark.long
def test_several_processes_together_get_no_further_than_one(any_app: Flask, person: Person) -> None:
    assert person
    url = any_app.config["SQLALCHEMY_DATABASE_URI"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GUESS, NOW.isoformat(), url],
            env={"TRACKER_INSTANCE": str(any_app.config["INSTANCE"]), "PATH": ""},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    guesses = [int(process.communicate()[0]) for process in processes]

    # The control: were each process to count for itself, there would be four times as many.
    assert sum(guesses) == FREE < 4 * FREE


@pytest.mark.usefixtures("app")
def test_the_page_says_how_long_to_wait(client: Browser) -> None:
    person = make_user()
    for _ in range(FREE):
        assert client.sign_in(person._replace(password="not the password")).status_code == 401
    answer = client.sign_in(person)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert "30초 뒤에 다시 시도하세요" in answer.text


@pytest.mark.usefixtures("app")
def test_the_proxys_address_is_not_taken_from_a_header(client: Browser) -> None:
    person = make_user("lee.suhyun", Role.ADMIN)
    for number in range(FREE):
        token = client.token("/login")
        client.post(
            "/login",
            data={"login": person.login, "password": "x", "csrf_token": token},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )

    assert client.sign_in(person).status_code == 429
