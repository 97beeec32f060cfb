"""Lists of enterprises: what they add, what they change, and how editions differ."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, business_number, make_enterprise
from tests.imports.files import codes_of, write_text
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise
from tracker.extensions import db
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import Differences, ImportResult
from tracker.imports.services import preview, take_in, undo_batch

HEADINGS = ("업체명", "사업자등록번호", "소재지", "인증유형", "인증번호", "인증일", "만료일", "상태")
NUMBER = business_number(1)


@pytest.fixture(autouse=True)
def _database(any_app: Flask) -> None:
    """Every list is taken in on each database."""


def take(
    folder: Path, *rows: list[str], headings: tuple[str, ...] = HEADINGS, **options: object
) -> ImportResult:
    path = write_text(folder / f"{len(list(folder.iterdir()))}.csv", [headings, *rows])
    return take_in(path, ImportSubject.ENTERPRISES, ImportOptions(**options), BY)  # type: ignore[arg-type]


def row(
    name: str = "함께",
    number: str = NUMBER,
    *,
    address: str = "",
    type_: str = "사회적기업",
    certificate: str = "제2020-1호",
    start: str = "2020-03-01",
    end: str = "",
    status: str = "",
) -> list[str]:
    return [name, number, address, type_, certificate, start, end, status]


def certifications() -> list[tuple[str, str | None, date | None, date | None]]:
    rows = db.session.scalars(select(Certification).order_by(Certification.id))
    return [(each.type, each.number, each.valid_from, each.valid_to) for each in rows]


def events() -> list[tuple[CertificationEventKind, date]]:
    rows = db.session.scalars(select(CertificationEvent).order_by(CertificationEvent.id))
    return [(each.kind, each.happened_on) for each in rows]


def names() -> list[str]:
    return list(db.session.scalars(select(Enterprise.name).order_by(Enterprise.id)))


def test_one_row_for_each_certification_makes_one_enterprise(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        row(),
        row(type_="여성기업", certificate="2024-7", start="2024-01-01", end="2026-12-31"),
        row("둘째", business_number(2), type_="", certificate="", start=""),
    )

    assert (result.imported, result.new_enterprises, codes_of(result)) == (3, 2, [])
    assert names() == ["함께", "둘째"]
    assert certifications() == [
        ("social", "제2020-1호", date(2020, 3, 1), None),
        ("women_owned", "2024-7", date(2024, 1, 1), date(2026, 12, 31)),
    ]
    assert list(check_batches()) == []


def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    take(tmp_path, row(address="행복로 1"))

    again = take(tmp_path, row(address="행복로 1"), [])

    assert (again.imported, again.skipped, again.batch) == (0, {"duplicate": 1, "blank": 1}, None)
    assert len(certifications()) == 1


def test_what_a_list_says_anew_is_changed_and_what_it_leaves_out_stays(tmp_path: Path) -> None:
    take(tmp_path, row(address="행복로 1"))

    result = take(tmp_path, row("함께하는", address="", end="2029-12-31"))

    enterprise = db.session.scalars(select(Enterprise)).one()
    assert (enterprise.name, enterprise.address) == ("함께하는", "행복로 1")
    assert codes_of(result) == ["name_differs"]
    assert certifications() == [("social", "제2020-1호", date(2020, 3, 1), date(2029, 12, 31))]


def test_a_new_number_or_a_later_term_is_a_certification_of_its_own(tmp_path: Path) -> None:
    women = {"type_": "여성기업", "certificate": "7"}
    take(tmp_path, row(**women, start="2020-01-01", end="2022-12-31"))

    take(tmp_path, row(**women, start="2023-01-01", end="2025-12-31"))
    take(tmp_path, row(type_="여성기업", certificate="8", start="2026-01-01", end="2028-12-31"))
    take(tmp_path, row(**women, start="2020-01-02", end="2022-12-31"))

    assert [start for _, _, start, _ in certifications()] == [
        date(2020, 1, 2),
        date(2023, 1, 1),
        date(2026, 1, 1),
    ]


def test_a_dated_row_completes_an_undated_certification(tmp_path: Path) -> None:
    take(tmp_path, row(certificate="", start=""))

    take(tmp_path, row())

    assert certifications() == [("social", "제2020-1호", date(2020, 3, 1), None)]


def test_a_name_is_enough_and_a_number_completes_it(tmp_path: Path) -> None:
    make_enterprise("㈜함께", number=None)

    take(tmp_path, row("함께", ""))
    take(tmp_path, row("함께"))
    take(tmp_path, row("함께", business_number(2)))

    numbers = db.session.scalars(select(Enterprise.business_number).order_by(Enterprise.id)).all()
    assert numbers == [NUMBER, business_number(2)]


def test_like_named_enterprises_at_two_addresses_are_left_to_a_person(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        row("늘푸른환경", "", address="강릉시"),
        row("(유)늘푸른환경", "", address="원주시"),
        accept_valid=True,
    )

    assert codes_of(result) == ["enterprise_ambiguous"]
    assert (result.imported, result.rejected, names()) == (1, 1, ["늘푸른환경"])


def test_words_for_types_are_understood_and_regional_ones_kept(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        row(type_="인증사회적기업"),
        row(type_="지역형 예비사회적기업", certificate="지역-1", start="2025-01-01", end="2027-12-31"),
        row(type_="(예비)사회적기업", certificate="예비-2", start="2025-01-01", end="2027-12-31"),
        row(type_="대기업"),
        accept_valid=True,
    )

    kept = db.session.scalars(select(Certification.subtype).order_by(Certification.id)).all()
    assert [type_code for type_code, *_ in certifications()] == ["social", "preliminary", "preliminary"]
    assert kept == [None, "지역형", None]
    assert codes_of(result) == ["type_unknown"]


def test_unusual_terms_are_warned_of_and_reversed_dates_refused(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        row(type_="여성기업", start="2024-01-01", end="2026-12-31"),
        row(type_="장애인기업", start="2024-01-01", end="2027-01-01"),
        row(type_="장애인기업", certificate="9", start="2024-01-01", end="2027-01-02"),
        row(type_="예비사회적기업", start="2024-01-01"),
        accept_valid=True,
    )
    reversed_dates = take(tmp_path, row(start="2024-01-02", end="2024-01-01"))

    assert [(problem.row, problem.code) for problem in result.problems] == [
        (4, "unusual_term"),
        (5, "unusual_term"),
    ]
    assert codes_of(reversed_dates) == ["dates_reversed"]


def test_a_status_becomes_an_event_once(tmp_path: Path) -> None:
    headings = (*HEADINGS, "상태일")
    cancelled = [*row(status="인증취소"), "2025-05-01"]

    take(tmp_path, cancelled, headings=headings)
    again = take(tmp_path, cancelled, [], headings=headings)

    assert events() == [(CertificationEventKind.CANCELLED, date(2025, 5, 1))]
    assert again.imported == 0


@pytest.mark.long
def test_a_status_needs_a_day_from_which_it_holds(tmp_path: Path) -> None:
    undated = take(tmp_path, row(status="반납"))
    by_end = take(tmp_path, row(status="반납", end="2025-06-30"))
    expired = take(tmp_path, row("둘째", business_number(2), status="만료", end="2025-06-30"))
    valid = take(tmp_path, row("셋째", business_number(3), status="유효"))
    strange = take(tmp_path, row("넷째", business_number(4), status="휴면"))
    by_edition = take(
        tmp_path,
        row("다섯째", business_number(5), status="취소"),
        type="social",
        edition=date(2026, 1, 31),
    )

    assert [codes_of(each) for each in (undated, by_end, expired, valid, strange, by_edition)] == [
        ["status_undated"], [], [], [], ["status_unknown"], [],
    ]  # fmt: skip
    assert events() == [
        (CertificationEventKind.RETURNED, date(2025, 6, 30)),
        (CertificationEventKind.CANCELLED, date(2026, 1, 31)),
    ]


def test_an_edition_is_compared_with_what_was_registered(tmp_path: Path) -> None:
    take(tmp_path, row("남는곳", business_number(1)), row("바뀌는곳", business_number(2), certificate="2"))
    take(tmp_path, row("사라진곳", business_number(3), certificate="3"))
    take(tmp_path, row("만료된곳", business_number(4), certificate="4", end="2021-12-31"))
    make_enterprise("무관한곳")

    result = take(
        tmp_path,
        row("남는곳", business_number(1), type_=""),
        row("바뀌는곳", business_number(2), certificate="2", end="2030-12-31", type_=""),
        row("새로운곳", business_number(5), certificate="5", type_=""),
        type="social",
        edition=date(2026, 1, 31),
    )

    assert result.differences == Differences(new=["새로운곳"], gone=["사라진곳"], changed=["바뀌는곳"])
    assert "사라진곳" in names()
    assert result.imported == 2


def test_the_next_equal_edition_differs_in_nothing(tmp_path: Path) -> None:
    rows = [row(f"기업{n}", "", certificate="", start="") for n in range(3)]
    first = take(tmp_path, *rows, type="social", edition=date(2026, 1, 31))

    repeated = take(tmp_path, *rows, *rows[:2], type="social", edition=date(2026, 2, 28))
    same_file = take(tmp_path, *rows, type="social", edition=date(2026, 1, 31))

    assert first.differences
    assert len(first.differences.new) == 3
    assert repeated.differences == Differences()
    assert (repeated.skipped, repeated.imported) == ({"duplicate": 5}, 0)
    assert repeated.edition not in {None, first.edition}
    assert same_file.already_imported
    assert same_file.differences == Differences()


def test_rows_that_name_nobody_are_refused(tmp_path: Path) -> None:
    result = take(tmp_path, row("", ""), row("", business_number(9)), row("함께", "개인"))

    assert codes_of(result) == ["cell_missing", "cell_missing", "number_unreadable"]


def test_a_preview_of_a_list_stores_nothing(tmp_path: Path) -> None:
    path = write_text(tmp_path / "list.csv", [HEADINGS, row(), row(type_="여성기업", end="2022-12-31")])

    result = preview(path, ImportSubject.ENTERPRISES, ImportOptions(), BY)

    assert (result.imported, result.new_enterprises) == (2, 1)
    assert names() == []


def test_enterprises_stay_when_their_batch_is_taken_back(tmp_path: Path) -> None:
    batch = take(tmp_path, row()).batch
    assert batch

    undone = undo_batch(batch, "목록 착오", BY)

    assert (undone.reversed_purchases, undone.withdrawn_figures, names()) == (0, 0, ["함께"])
