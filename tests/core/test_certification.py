"""How a certification stands at the edges of its dates and events."""

from datetime import date

import pytest

from tracker.core.certification import (
    Certificate,
    Standing,
    StatusEvent,
    Term,
    exceeds_usual_term,
    standing_on,
    valid_terms,
)
from tracker.core.vocabulary import CertificationEventKind as Event

START, END = date(2023, 3, 1), date(2026, 2, 28)
MIDDLE = date(2024, 6, 15)
DAY_BEFORE, DAY_AFTER = date(2024, 6, 14), date(2024, 6, 16)


def certificate(
    *events: tuple[Event, date], valid_from: date | None = START, valid_to: date | None = END
) -> Certificate:
    return Certificate(
        id=1,
        type="social",
        number="제2023-001호",
        valid_from=valid_from,
        valid_to=valid_to,
        events=tuple(StatusEvent(*each) for each in events),
        is_social_economy=True,
    )


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2023, 2, 28), Standing.NOT_YET),
        (START, Standing.VALID),
        (END, Standing.VALID),
        (date(2026, 3, 1), Standing.EXPIRED),
    ],
)
def test_both_the_first_and_the_last_day_are_valid(day: date, standing: Standing) -> None:
    assert standing_on(certificate(), day) is standing


def test_without_an_end_it_is_open() -> None:
    assert standing_on(certificate(valid_to=None), date(2099, 12, 31)) is Standing.VALID


def test_without_a_start_it_proves_nothing() -> None:
    assert standing_on(certificate(valid_from=None), MIDDLE) is Standing.UNDATED


@pytest.mark.parametrize(
    ("event", "standing"),
    [
        (Event.RETURNED, Standing.RETURNED),
        (Event.CANCELLED, Standing.CANCELLED),
        (Event.CONVERTED, Standing.CONVERTED),
    ],
)
def test_a_return_cancellation_or_conversion_ends_it_on_its_own_day(event: Event, standing: Standing) -> None:
    ended = certificate((event, MIDDLE))

    assert [standing_on(ended, day) for day in (DAY_BEFORE, MIDDLE, DAY_AFTER)] == [
        Standing.VALID,
        standing,
        standing,
    ]


def test_the_day_of_an_expiry_is_the_last_valid_day() -> None:
    ended = certificate((Event.EXPIRED, MIDDLE))

    assert [standing_on(ended, day) for day in (MIDDLE, DAY_AFTER)] == [Standing.VALID, Standing.EXPIRED]


def test_an_expiry_does_not_hide_an_earlier_cancellation_on_its_day() -> None:
    ended = certificate((Event.CANCELLED, DAY_BEFORE), (Event.EXPIRED, MIDDLE))

    assert standing_on(ended, MIDDLE) is Standing.CANCELLED


@pytest.mark.parametrize("revival", [Event.GRANTED, Event.RENEWED])
def test_a_later_grant_or_renewal_revives_it(revival: Event) -> None:
    revived = certificate((revival, DAY_AFTER), (Event.CANCELLED, DAY_BEFORE))

    assert [standing_on(revived, day) for day in (MIDDLE, DAY_AFTER)] == [Standing.CANCELLED, Standing.VALID]


def test_of_two_events_on_one_day_the_one_listed_last_decides() -> None:
    renewed = certificate((Event.EXPIRED, MIDDLE), (Event.RENEWED, MIDDLE))
    cancelled = certificate((Event.RENEWED, MIDDLE), (Event.CANCELLED, MIDDLE))

    assert standing_on(renewed, DAY_AFTER) is Standing.VALID
    assert standing_on(cancelled, DAY_AFTER) is Standing.CANCELLED


def test_a_revival_does_not_outlast_the_stored_end() -> None:
    assert standing_on(certificate((Event.RENEWED, END)), date(2026, 3, 1)) is Standing.EXPIRED


def test_an_event_before_the_stored_start_belongs_to_an_earlier_term() -> None:
    assert standing_on(certificate((Event.RETURNED, date(2022, 5, 1))), START) is Standing.VALID


def test_a_cancellation_on_the_first_day_leaves_no_valid_day() -> None:
    assert standing_on(certificate((Event.CANCELLED, START)), START) is Standing.CANCELLED


def test_a_cancellation_is_known_even_without_a_start() -> None:
    cancelled = certificate((Event.CANCELLED, MIDDLE), valid_from=None)

    assert [standing_on(cancelled, day) for day in (DAY_BEFORE, MIDDLE)] == [
        Standing.UNDATED,
        Standing.CANCELLED,
    ]


def test_valid_terms_are_the_days_between_the_stored_dates() -> None:
    assert valid_terms(certificate()) == [Term(START, END)]
    assert valid_terms(certificate(valid_to=None)) == [Term(START, None)]
    assert valid_terms(certificate(valid_to=date.max)) == [Term(START, None)]
    assert valid_terms(certificate(valid_from=None)) == []


def test_valid_terms_end_before_a_cancellation_on_an_expiry_and_go_on_with_a_renewal() -> None:
    renewed = certificate((Event.CANCELLED, DAY_BEFORE), (Event.RENEWED, DAY_AFTER))

    assert valid_terms(renewed) == [Term(START, date(2024, 6, 13)), Term(DAY_AFTER, END)]
    assert valid_terms(certificate((Event.EXPIRED, MIDDLE))) == [Term(START, MIDDLE)]
    assert valid_terms(certificate((Event.CANCELLED, START))) == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "usual_years", "exceeds"),
    [
        (START, END, 3, False),
        (START, START.replace(year=2026), 3, False),
        (START, date(2026, 3, 2), 3, True),
        (START, None, 3, True),
        (START, None, None, False),
        (None, END, 3, False),
    ],
)
def test_only_a_term_longer_than_usual_is_unusual(
    valid_from: date | None, valid_to: date | None, usual_years: int | None, exceeds: bool
) -> None:
    assert exceeds_usual_term(valid_from, valid_to, usual_years) is exceeds


@pytest.mark.parametrize(
    ("event", "ends_on"),
    [(Event.CANCELLED, MIDDLE), (Event.EXPIRED, DAY_AFTER), (Event.RENEWED, None), (Event.GRANTED, None)],
)
def test_an_event_tells_the_first_day_without(event: Event, ends_on: date | None) -> None:
    assert StatusEvent(event, MIDDLE).ends_on == ends_on
