"""Editions of official lists: what sets one apart from the one before, and who is missing from the newest."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories import BY, business_number, make_department, make_enterprise, make_purchase
from tests.imports.files import write_text
from tracker.core.certification import Standing
from tracker.core.vocabulary import AbsenceDecision
from tracker.enterprises.comparison import DifferenceKind, compare, count_kinds
from tracker.enterprises.editions import (
    AbsenceDecided,
    EditionRow,
    absences_in,
    absences_of,
    decide_absence,
    find_edition,
    find_neighbour,
    list_editions,
)
from tracker.enterprises.integrity import check_editions
from tracker.enterprises.models import Edition, EditionMember, Enterprise
from tracker.enterprises.queries import list_certifications
from tracker.extensions import db, transaction
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import ImportResult
from tracker.imports.services import take_in, undo_batch
from tracker.purchases.models import Verdict

HEADINGS = ("업체명", "사업자등록번호", "대표자", "소재지", "인증번호", "인증일", "만료일", "상태")
JANUARY, JUNE, DECEMBER = date(2026, 1, 31), date(2026, 6, 30), date(2026, 12, 31)
Row = Sequence[str]


@pytest.fixture
def folder(any_app: Flask, tmp_path: Path) -> Path:
    """Return a folder for files, on each database."""
    assert any_app
    return tmp_path


def row(
    serial: int,
    name: str,
    representative: str = "김",
    address: str = "행복로 1",
    *,
    number: str = "",
    start: str = "2020-01-01",
    end: str = "2027-12-31",
    status: str = "",
) -> Row:
    return [
        name, business_number(serial), representative, address, number or f"제{serial}호", start, end, status
    ]  # fmt: skip


def take(folder: Path, day: date | None, *rows: Row, **options: bool) -> ImportResult:
    path = write_text(folder / f"{len(list(folder.iterdir()))}.csv", [HEADINGS, *rows])
    chosen = ImportOptions(type="preliminary", edition=day, **options)  # type: ignore[arg-type]
    return take_in(path, ImportSubject.ENTERPRISES, chosen, BY)


def edition(result: ImportResult) -> EditionRow:
    assert result.edition
    found = find_edition(result.edition)
    assert found
    return found


def differences(result: ImportResult) -> list[tuple[str, str, list[str]]]:
    """Return what sets an edition apart from the one before: kind, name, fields."""
    now = edition(result)
    before = find_neighbour(now, is_later=False)
    assert before
    return [
        (each.kind.value, each.enterprise, [change.field for change in each.changes])
        for each in compare(before, now)
    ]


def asked(result: ImportResult) -> list[tuple[str, bool]]:
    return [(each.enterprise, each.is_open) for each in absences_in(edition(result), 0, 99)]


def enterprise(name: str) -> int:
    return db.session.scalars(select(Enterprise.id).where(Enterprise.name == name)).one()


FIRST = (
    row(1, "그대로"),
    row(2, "이름바꿈"),
    row(3, "대표바꿈"),
    row(4, "이사"),
    row(5, "갱신"),
    row(6, "새번호"),
    row(7, "끝남", end="2026-03-31"),
    row(8, "취소됨"),
    row(9, "빠짐"),
)
SECOND = (
    row(1, "㈜그대로"),
    row(2, "이름바꾼곳"),
    row(3, "대표바꿈", "박"),
    row(4, "이사", address="행복로  1 2층"),
    row(5, "갱신", end="2029-12-31"),
    row(6, "새번호", number="제6-2호", start="2026-02-01", end="2029-01-31"),
    row(7, "끝남", end="2026-03-31"),
    row(8, "취소됨", status="취소"),
    row(10, "새로오름", start="2026-05-01"),
)


def test_two_editions_differ_by_kind_and_field(folder: Path) -> None:
    first = take(folder, JANUARY, *FIRST)
    second = take(folder, JUNE, *SECOND)

    assert differences(second) == [
        ("new", "새로오름", []),
        ("gone", "빠짐", []),
        ("expired", "끝남", []),
        ("expired", "취소됨", ["status"]),
        ("renewed", "갱신", ["valid_to"]),
        ("renewed", "새번호", ["number", "valid_from", "valid_to"]),
        ("changed", "대표바꿈", ["representative"]),
        ("changed", "이름바꾼곳", ["name"]),
        ("changed", "이사", ["address"]),
    ]
    found = compare(edition(first), edition(second))
    assert count_kinds(found) == {
        DifferenceKind.NEW: 1,
        DifferenceKind.GONE: 1,
        DifferenceKind.EXPIRED: 2,
        DifferenceKind.RENEWED: 2,
        DifferenceKind.CHANGED: 3,
    }
    assert find_neighbour(edition(first), is_later=False) is None
    assert [each.day for each in list_editions(None, 0, 9)] == [JUNE, JANUARY]
    assert (edition(second).members, edition(second).absent) == (9, 1)
    kept = db.session.scalars(select(EditionMember.representative)).all()
    assert not {"김", "박"} & set(kept)
    assert [*check_editions(), *check_batches()] == []


def test_an_edition_that_changes_nothing_is_one_and_a_repeat_is_none(folder: Path) -> None:
    take(folder, JANUARY, *FIRST)
    same = take(folder, JUNE, *FIRST, FIRST[0])
    again = take(folder, JUNE, *FIRST, FIRST[0])

    assert (same.imported, same.batch is not None) == (0, True)
    assert differences(same) == [("expired", "끝남", [])]
    assert (again.already_imported, again.edition) == (True, None)
    assert [(each.day, each.members) for each in list_editions("preliminary", 0, 9)] == [
        (JUNE, 9), (JANUARY, 9),
    ]  # fmt: skip


def test_a_list_without_a_column_says_nothing_about_it(folder: Path) -> None:
    take(folder, JANUARY, *FIRST)
    path = write_text(
        folder / "names.csv", [("업체명", "인증번호"), ("그대로", "제1호"), ("이사", "제4-2호")]
    )

    second = take_in(path, ImportSubject.ENTERPRISES, ImportOptions(type="preliminary", edition=JUNE), BY)

    assert [each for each in differences(second) if each[0] != "gone"] == [("renewed", "이사", ["number"])]


def test_a_second_certification_and_one_that_is_dropped_are_told(folder: Path) -> None:
    branch = row(1, "그대로", number="제1-2호", start="2021-01-01")
    take(folder, JANUARY, row(1, "그대로"))
    more = take(folder, JUNE, row(1, "그대로"), branch)
    fewer = take(folder, DECEMBER, row(1, "그대로"))

    assert differences(more) == [("renewed", "그대로", [])]
    assert differences(fewer) == [("expired", "그대로", [])]
    assert asked(fewer) == []


@pytest.mark.long
def test_who_is_missing_is_asked_about_once_and_stays(folder: Path) -> None:
    make_enterprise("이미끝남", ("preliminary", date(2020, 1, 1), date(2025, 12, 31)), number=None)
    make_enterprise("아직아님", ("preliminary", date(2026, 7, 1), None), number=None)
    take(folder, JANUARY, row(1, "남음"), row(2, "빠짐"))
    june = take(folder, JUNE, row(1, "남음"))
    december = take(folder, DECEMBER, row(1, "남음"))

    assert asked(june) == [("빠짐", True)]
    assert asked(december) == [("빠짐", True), ("아직아님", True)]
    assert [(each.day, each.absent) for each in list_editions(None, 0, 9)] == [
        (DECEMBER, 2), (JUNE, 1), (JANUARY, 0),
    ]  # fmt: skip
    [question] = absences_of(enterprise("빠짐"))
    assert (question.day, question.label) == (JUNE, "예비사회적기업 제2호")
    [certification] = list_certifications(enterprise("빠짐"))
    assert certification.standing_on(DECEMBER) is Standing.VALID

    back = take(folder, date(2027, 1, 31), row(1, "남음"), row(2, "빠짐"), row(3, "또"))
    assert (asked(june), absences_of(enterprise("빠짐"))) == ([("빠짐", False)], [])
    with pytest.raises(AbsenceDecided):
        decide_absence(question.id, AbsenceDecision.STILL_VALID, None, None, BY)
    gone_again = take(folder, date(2027, 2, 28), row(1, "남음"), row(3, "또"))
    assert asked(back) == [("아직아님", True)]
    assert asked(gone_again) == [("빠짐", True), ("아직아님", True)]


def test_a_decision_is_kept_and_an_ending_becomes_a_status(folder: Path) -> None:
    office = make_department()
    take(folder, JANUARY, row(1, "남음"), row(2, "취소"), row(3, "유효"))
    for name in ("취소", "유효"):
        make_purchase(office, enterprise(name), 1_000, date(2026, 6, 1))
    judged = [(each.type, each.is_eligible, each.replaced_in) for each in db.session.scalars(select(Verdict))]
    june = take(folder, JUNE, row(1, "남음"))
    cancelled, valid = sorted(
        absences_in(edition(june), 0, 99), key=lambda each: each.enterprise, reverse=True
    )

    decide_absence(cancelled.id, AbsenceDecision.CANCELLED, date(2026, 5, 1), "공고 제9호", BY)
    decide_absence(valid.id, AbsenceDecision.STILL_VALID, None, None, BY)

    [ended] = list_certifications(enterprise("취소"))
    assert [ended.standing_on(date(2026, 4, 30)), ended.standing_on(date(2026, 5, 1))] == [
        Standing.VALID,
        Standing.CANCELLED,
    ]
    assert [(each.note, each.happened_on) for each in ended.events] == [("공고 제9호", date(2026, 5, 1))]
    assert list_certifications(enterprise("유효"))[0].events == ()
    assert [each.is_open for each in absences_in(edition(june), 0, 99)] == [False, False]
    with pytest.raises(AbsenceDecided):
        decide_absence(valid.id, AbsenceDecision.CANCELLED, JUNE, None, BY)
    # What lists and decisions say later rewrites no earlier verdict.
    after = [(each.type, each.is_eligible, each.replaced_in) for each in db.session.scalars(select(Verdict))]
    assert after == judged == [("preliminary", True, None)] * 2
    # The next list lacks the one that was said to be valid, too: it is asked about anew, the other is not.
    assert asked(take(folder, DECEMBER, row(1, "남음"))) == [("유효", True)]


def test_an_edition_that_arrives_late_takes_its_place_and_changes_nothing_newer(folder: Path) -> None:
    take(folder, JANUARY, row(1, "남음"), row(2, "빠짐"))
    december = take(folder, DECEMBER, row(1, "새이름", "박", "새길 2", end="2029-12-31"))
    assert [kind for kind, *_ in differences(december)] == ["gone", "renewed"]

    june = take(
        folder,
        JUNE,
        row(1, "옛이름", "이", "옛길 1", end="2028-12-31", status="취소"),
        row(4, "반년만"),
    )

    assert differences(june) == [
        ("new", "반년만", []),
        ("gone", "빠짐", []),
        ("expired", "새이름", ["name", "representative", "address", "valid_to", "status"]),
    ]
    assert [(kind, name) for kind, name, _ in differences(december)] == [
        ("gone", "반년만"),
        ("renewed", "새이름"),
    ]
    kept = db.session.get_one(Enterprise, enterprise("새이름"))
    assert (kept.representative, kept.address) == ("박", "새길 2")
    [certification] = list_certifications(kept.id)
    assert (certification.certificate.valid_to, certification.events) == (date(2029, 12, 31), ())
    # The newest list is the one to ask by.
    assert asked(june) == []
    assert asked(december) == [("반년만", True), ("빠짐", True)]


@pytest.mark.long
def test_a_batch_taken_back_takes_its_edition_out(folder: Path) -> None:
    first = take(folder, JANUARY, row(1, "남음"), row(2, "빠짐"))
    wrong = take(folder, JUNE, row(1, "남음"))
    [question] = absences_of(enterprise("빠짐"))
    last = take(folder, DECEMBER, row(1, "남음"), row(2, "빠짐"))
    assert wrong.batch

    undo_batch(wrong.batch, "다른 명단", BY)

    assert find_neighbour(edition(last), is_later=False) == edition(first)
    assert edition(wrong).withdrawn_at
    assert absences_of(enterprise("빠짐")) == []
    with pytest.raises(AbsenceDecided):
        decide_absence(question.id, AbsenceDecision.STILL_VALID, None, None, BY)
    assert list(check_editions()) == []
    unlisted = take(folder, None, row(5, "명단아님"))
    assert unlisted.batch
    undo_batch(unlisted.batch, "착오", BY)
    for result in (first, last):
        assert result.batch
        undo_batch(result.batch, "착오", BY)
    assert [each.absent for each in list_editions(None, 0, 9)] == [0, 0, 0]


@pytest.mark.long
def test_a_row_that_cannot_be_read_makes_nobody_gone(folder: Path) -> None:
    take(folder, JANUARY, row(1, "남음"), row(2, "못읽음"))
    unread = row(2, "못읽음", start="2020-13-45")

    june = take(folder, JUNE, row(1, "남음"), unread, unread, row(3, "모름", end="언제"), accept_valid=True)

    assert june.differences
    assert (june.differences.gone, edition(june).unread) == ([], 3)
    assert (differences(june), asked(june)) == ([], [])
    assert differences(take(folder, DECEMBER, row(1, "남음"), row(2, "못읽음"))) == []
    refused = take(folder, date(2027, 1, 1), row(1, "남음"), unread)
    assert (refused.batch, refused.listed, refused.edition) == (None, 0, None)
    nothing = take(folder, date(2027, 1, 1), unread, accept_valid=True)
    assert (nothing.batch, nothing.listed) == (None, 0)


@pytest.mark.usefixtures("app")
def test_the_check_notices_members_that_were_changed(tmp_path: Path) -> None:
    take(tmp_path, JANUARY, row(1, "남음"), row(2, "빠짐"))

    def found(statement: str) -> list[str]:
        with transaction():
            db.session.execute(text(statement))
        return [each.detail for each in check_editions()]

    assert found("UPDATE edition_member SET address = '다른 곳' WHERE row_number = 2") == [
        "its members are not those that came in"
    ]
    assert found("UPDATE edition SET digest = 'x'") == [
        "its digest is not the one recorded",
        "its members are not those that came in",
    ]
    for table in ("edition_absence", "edition_member", "edition"):
        with transaction():
            db.session.execute(text(f"DELETE FROM {table}"))
    assert [each.detail for each in check_editions()] == ["is missing"]
    assert db.session.scalars(select(Edition)).all() == []
