"""Laws of eligibility that hold for every certification and day."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.certification import Certificate, Standing, StatusEvent, standing_on
from tracker.core.eligibility import Reason, judge
from tracker.core.vocabulary import CertificationEventKind

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ONE_DAY = timedelta(days=1)
ENDINGS = (
    CertificationEventKind.RETURNED,
    CertificationEventKind.CANCELLED,
    CertificationEventKind.CONVERTED,
    CertificationEventKind.EXPIRED,
)

days = st.dates(date(2015, 1, 1), date(2030, 12, 31))
events = st.builds(StatusEvent, st.sampled_from(CertificationEventKind), days)


@st.composite
def certificates(draw: st.DrawFn, with_events: bool = True) -> Certificate:
    valid_from, valid_to = sorted((draw(days), draw(days)))
    return Certificate(
        id=draw(st.integers(1, 1000)),
        type=draw(st.sampled_from(["social", "village", "women_owned"])),
        number=draw(st.none() | st.just("제2023-247호")),
        valid_from=draw(st.none() | st.just(valid_from)),
        valid_to=draw(st.none() | st.just(valid_to)),
        events=tuple(draw(st.lists(events, max_size=4))) if with_events else (),
        is_social_economy=draw(st.booleans()),
    )


@given(certificates(with_events=False), days)
def test_without_events_the_dates_alone_decide(certificate: Certificate, day: date) -> None:
    is_within = certificate.valid_from is not None and (
        certificate.valid_from <= day and (certificate.valid_to is None or day <= certificate.valid_to)
    )

    assert (standing_on(certificate, day) is Standing.VALID) is is_within


@given(days, st.integers(0, 2000))
def test_first_and_last_day_count_and_the_days_beside_them_do_not(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    certificate = Certificate(
        id=1,
        type="social",
        number=None,
        valid_from=first,
        valid_to=last,
        events=(),
        is_social_economy=True,
    )
    edges = (first - ONE_DAY, first, last, last + ONE_DAY)

    assert [judge([certificate], day).is_social for day in edges] == [False, True, True, False]


@given(certificates(), days, st.sampled_from(ENDINGS), st.integers(1, 3000))
def test_what_happens_later_never_changes_an_earlier_day(
    certificate: Certificate, day: date, ending: CertificationEventKind, later: int
) -> None:
    happened = StatusEvent(ending, day + timedelta(days=later))
    ended = replace(certificate, events=(*certificate.events, happened))

    assert judge([ended], day) == judge([certificate], day)


@given(certificates(), days, st.sampled_from(ENDINGS))
def test_the_day_after_an_ending_event_is_not_valid(
    certificate: Certificate, day: date, ending: CertificationEventKind
) -> None:
    ended = replace(certificate, valid_from=date(2000, 1, 1), events=(StatusEvent(ending, day),))

    assert standing_on(ended, day + ONE_DAY) is not Standing.VALID


@given(st.lists(certificates(), max_size=6), days)
def test_a_judgement_has_one_verdict_a_type_and_agrees_with_the_standings(
    held: list[Certificate], day: date
) -> None:
    judgement = judge(held, day)
    valid = {each.type for each in held if standing_on(each, day) is Standing.VALID}

    assert [verdict.type for verdict in judgement.verdicts] == sorted({each.type for each in held})
    assert set(judgement.types) == valid
    assert judgement.is_certified is bool(valid)
    assert (judgement.reason is Reason.CERTIFIED) is bool(valid)
    assert (judgement.reason is Reason.UNREGISTERED) is (not held)
