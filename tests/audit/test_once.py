"""A form that is sent twice does its act once."""

import pytest

from tests.factories import BY
from tracker.audit.acting import Acting
from tracker.audit.once import Outcome, do_once, find_outcome, new_key
from tracker.audit.queries import head
from tracker.audit.services import record_event

pytestmark = pytest.mark.usefixtures("any_app")


def act() -> int:
    """Do something that leaves an event, and return its number."""
    return record_event(BY, "test.act", "thing")


def test_the_same_key_does_the_act_once_and_gives_its_number_again() -> None:
    key = new_key()

    assert do_once(key, BY, act) == Outcome(1, is_repeat=False)
    assert do_once(key, BY, act) == Outcome(1, is_repeat=True)
    assert do_once(new_key(), BY, act) == Outcome(2, is_repeat=False)


def test_an_act_that_failed_can_be_done_again_with_its_key() -> None:
    key = new_key()

    def fail() -> int:
        act()
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        do_once(key, BY, fail)
    assert head() is None
    assert do_once(key, BY, act) == Outcome(1, is_repeat=False)


def test_the_outcome_of_another_persons_act_is_not_told() -> None:
    key = new_key()
    do_once(key, BY, act)

    assert find_outcome(key, Acting(2, BY.at)) is None
