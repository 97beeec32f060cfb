"""What counts, in which types, and why."""

from datetime import date, timedelta

import pytest

from tracker.core.certification import Certificate, StatusEvent
from tracker.core.eligibility import Reason, Record, TypeVerdict, counts_in, judge
from tracker.core.vocabulary import CertificationEventKind, Directness, Measure, Nature

DAY = date(2024, 5, 10)


def certificate(
    type_: str = "social",
    valid_from: date | None = date(2023, 11, 21),
    valid_to: date | None = date(2026, 11, 20),
    *events: StatusEvent,
    id_: int | None = 1,
    is_social_economy: bool = True,
) -> Certificate:
    return Certificate(id_, type_, "제2023-247호", valid_from, valid_to, events, is_social_economy)


def test_a_valid_certification_counts_and_says_by_which_number_and_dates() -> None:
    judgement = judge([certificate()], DAY)

    assert judgement.verdicts == (
        TypeVerdict(
            type="social",
            certificate_id=1,
            is_eligible=True,
            was_social_economy=True,
            reason=Reason.CERTIFIED,
            parameters={"number": "제2023-247호", "valid_from": "2023-11-21", "valid_to": "2026-11-20"},
        ),
    )
    assert (judgement.is_social, judgement.is_certified, judgement.reason) == (True, True, Reason.CERTIFIED)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2023, 11, 20), Reason.NOT_YET),
        (date(2023, 11, 21), Reason.CERTIFIED),
        (date(2026, 11, 20), Reason.CERTIFIED),
        (date(2026, 11, 21), Reason.EXPIRED),
    ],
)
def test_the_purchase_date_decides_with_both_ends_included(day: date, reason: Reason) -> None:
    judgement = judge([certificate()], day)

    assert (judgement.day, judgement.reason) == (day, reason)
    assert judgement.is_certified is (reason is Reason.CERTIFIED)


def test_a_later_cancellation_does_not_touch_an_earlier_purchase() -> None:
    cancelled_on = date(2024, 5, 11)
    cancelled = certificate(
        "social",
        date(2023, 11, 21),
        None,
        StatusEvent(CertificationEventKind.CANCELLED, cancelled_on),
    )

    assert judge([cancelled], DAY).is_social
    assert judge([cancelled], cancelled_on).verdicts[0].parameters == {
        "number": "제2023-247호",
        "valid_from": "2023-11-21",
        "event_on": "2024-05-11",
    }


def test_each_type_has_its_own_verdict() -> None:
    judgement = judge(
        [
            certificate("women_owned", is_social_economy=False, id_=2),
            certificate("village", valid_to=date(2024, 5, 9), id_=3),
            certificate("social"),
        ],
        DAY,
    )

    assert judgement.types == ("social", "women_owned")
    assert [(verdict.type, verdict.reason) for verdict in judgement.verdicts] == [
        ("social", Reason.CERTIFIED),
        ("village", Reason.EXPIRED),
        ("women_owned", Reason.CERTIFIED),
    ]


def test_a_type_outside_the_social_economy_is_certified_but_not_social() -> None:
    judgement = judge([certificate("women_owned", is_social_economy=False)], DAY)

    assert (judgement.is_social, judgement.is_certified) == (False, True)


def test_an_expired_social_type_beside_a_valid_other_is_not_social() -> None:
    judgement = judge(
        [certificate(valid_to=date(2024, 5, 9)), certificate("women_owned", is_social_economy=False)], DAY
    )

    assert (judgement.is_social, judgement.is_certified, judgement.reason) == (False, True, Reason.CERTIFIED)


def test_of_several_certifications_of_one_type_a_valid_one_wins() -> None:
    older = certificate(valid_from=date(2020, 1, 1), valid_to=None, id_=1)
    newer_but_over = certificate(valid_from=date(2023, 1, 1), valid_to=date(2024, 1, 1), id_=2)

    assert [verdict.certificate_id for verdict in judge([older, newer_but_over], DAY).verdicts] == [1]


def test_of_several_that_do_not_hold_the_one_that_started_last_explains() -> None:
    first = certificate(valid_from=date(2018, 1, 1), valid_to=date(2020, 1, 1), id_=1)
    second = certificate(valid_from=date(2021, 1, 1), valid_to=date(2024, 1, 1), id_=2)
    undated = certificate(valid_from=None, id_=3)

    assert judge([second, undated, first], DAY).verdicts[0].certificate_id == 2


def test_the_overall_reason_is_the_one_that_explains_best() -> None:
    undated = certificate("coop", None)
    expired = certificate("village", valid_to=date(2024, 5, 9))

    assert judge([undated, expired], DAY).reason is Reason.EXPIRED
    assert judge([undated], DAY).reason is Reason.UNDATED


def test_an_enterprise_without_certifications_is_unregistered() -> None:
    judgement = judge([], DAY)

    assert (judgement.verdicts, judgement.types, judgement.reason) == ((), (), Reason.UNREGISTERED)
    assert not judgement.is_certified


def test_a_judgement_can_be_told_from_another_by_its_hash() -> None:
    assert len({judge([certificate()], DAY), judge([certificate()], DAY), judge([], DAY)}) == 2


@pytest.mark.parametrize(
    ("measure", "is_social", "is_certified", "counts"),
    [
        (Measure.SOCIAL, True, True, True),
        (Measure.SOCIAL, False, True, False),
        (Measure.CERTIFIED, False, True, True),
        (Measure.CERTIFIED, False, False, False),
        (Measure.ALL, False, False, True),
    ],
)
def test_a_direct_purchase_counts_by_its_verdict(
    measure: Measure, is_social: bool, is_certified: bool, counts: bool
) -> None:
    assert (
        counts_in(
            measure,
            is_social=is_social,
            is_certified=is_certified,
            directness=Directness.DIRECT,
            nature=Nature.PURCHASE,
        )
        is counts
    )


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize(
    ("directness", "nature"),
    [
        (Directness.INDIRECT, Nature.PURCHASE),
        (Directness.DIRECT, Nature.CONSIGNMENT),
        (Directness.DIRECT, Nature.SUBSIDY),
        (Directness.INDIRECT, Nature.CONTRIBUTION),
    ],
)
def test_what_is_not_bought_directly_counts_in_everything_recorded_only(
    measure: Measure, directness: Directness, nature: Nature
) -> None:
    counted = counts_in(measure, is_social=True, is_certified=True, directness=directness, nature=nature)

    assert counted is (measure is Measure.ALL)


def test_a_record_judges_every_day_as_if_it_were_asked_alone() -> None:
    kind = CertificationEventKind
    certificates = [
        certificate("social", date(2023, 1, 5), date(2023, 2, 10), id_=1),
        certificate("social", date(2023, 2, 20), None, StatusEvent(kind.CANCELLED, date(2023, 3, 1)), id_=2),
        certificate("coop", date(2023, 1, 20), None, StatusEvent(kind.EXPIRED, date(2023, 2, 15)), id_=3),
        certificate("village", None, None, id_=4),
    ]
    record = Record(certificates)
    days = [date(2023, 1, 1) + timedelta(days=number) for number in range(80)]

    assert [record.on(day).verdicts for day in days] == [judge(certificates, day).verdicts for day in days]
