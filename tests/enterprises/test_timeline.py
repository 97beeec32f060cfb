"""The picture of certifications in time says what the core says."""

from datetime import date, timedelta

import pytest

from tests.factories import BY, make_enterprise
from tracker.core.vocabulary import CertificationEventKind as Event
from tracker.enterprises.queries import list_certifications
from tracker.enterprises.services import record_status
from tracker.enterprises.timeline import MOST_ROWS, SPAN, Timeline, build_timeline

TODAY = date(2026, 11, 24)

pytestmark = pytest.mark.usefixtures("app")


def share(percent: str) -> float:
    return float(percent.removesuffix("%"))


def drawn(
    *certified: tuple[str, date | None, date | None], events: tuple[tuple[Event, date], ...] = ()
) -> Timeline:
    enterprise = make_enterprise("함께", *certified)
    for kind, day in events:
        certification = list_certifications(enterprise)[0].certificate.id
        assert certification
        record_status(certification, kind, day, None, BY)
    return build_timeline(list_certifications(enterprise), TODAY)


def test_a_dated_certification_is_a_bar_between_its_days() -> None:
    picture = drawn(("women_owned", date(2024, 1, 1), date(2026, 12, 31)))

    [lane] = picture.lanes
    assert lane.stored == lane.valid[0]
    assert (lane.stored.x, lane.is_open) == ("0.00%", False)
    assert [tick.year for tick in picture.ticks] == [2024, 2025, 2026, 2027]
    assert share(lane.stored.width) == pytest.approx(SPAN, abs=0.2)
    assert 0 < share(picture.today_x) < SPAN


def test_an_open_one_runs_on_and_a_cancelled_one_stops() -> None:
    picture = drawn(("social", date(2020, 1, 1), None))
    stopped = drawn(("social", date(2020, 1, 1), None), events=((Event.CANCELLED, date(2023, 7, 1)),))

    assert picture.lanes[0].is_open
    [lane] = stopped.lanes
    assert not lane.is_open
    assert lane.stored
    assert share(lane.valid[0].width) < share(lane.stored.width)
    assert [mark.text for mark in lane.marks] == ["취소 2023. 7. 1."]


def test_without_a_first_day_there_is_no_bar() -> None:
    [lane] = drawn(("social", None, None)).lanes

    assert (lane.stored, lane.valid, lane.is_open) == (None, [], False)


def test_words_of_events_never_overlap() -> None:
    days = [date(2020, 1, 5) + timedelta(days=60 * step) for step in range(40)]
    [lane] = drawn(
        ("social", date(2020, 1, 1), None),
        events=tuple((Event.CANCELLED if at % 2 else Event.RENEWED, day) for at, day in enumerate(days)),
    ).lanes

    assert len(lane.marks) == 40
    assert 2 <= len([mark for mark in lane.marks if mark.text]) <= 4
    assert {mark.anchor for mark in lane.marks} == {"start", "end"}


def test_far_off_days_and_many_certifications_keep_the_picture_readable() -> None:
    many = [
        ("village", date(1952, 1, 1) + timedelta(days=400 * step), date(2090, 1, 1)) for step in range(25)
    ]
    picture = drawn(*many)

    assert (len(picture.lanes), picture.left_out) == (MOST_ROWS, 5)
    assert len(picture.ticks) <= 11
    assert all(0 <= share(lane.stored.x) <= SPAN for lane in picture.lanes if lane.stored)
