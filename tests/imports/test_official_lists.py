"""Official lists of enterprises: recognised by their headings, their types known, like names told apart."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, business_number, make_department, make_enterprise, make_purchase
from tests.imports.files import Cells, adds_up, codes_of, write_text, write_workbook
from tracker.core.certification import Standing
from tracker.core.eligibility import Reason
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise
from tracker.enterprises.queries import list_certifications
from tracker.extensions import db
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import Differences, ImportResult
from tracker.imports.services import take_in
from tracker.purchases.models import Verdict

MINISTRY = (
    "지역", "인증번호", "기관명", "사업내용", "사회적목적실현유형", "사회서비스분야", "사업자등록번호",
    "대표자", "소재지", "홈페이지", "인증일자", "인증회차",
)  # fmt: skip
STATE = (
    "인증번호", "사업자번호 (본점,지점)", "인증상태", "기업명", "업종", "실적시작일(인증일자)",
    "실적종료일(실적인정)", "인증취소일(실적불인정)",
)  # fmt: skip
VILLAGE = ("연번", "시도", "시군구", "소재지", "마을기업명", "유형", "주 업종", "주 생산품 또는 서비스명")
SELF_SUPPORT = ("자활기업", "자활기업구분", "시도 시군구", "주소", "업종")
NUMBER = business_number(1)


@pytest.fixture(autouse=True)
def _database(app: Flask) -> None:
    """Every list has a database to go into."""


def take(path: Path, **options: object) -> ImportResult:
    return take_in(path, ImportSubject.ENTERPRISES, ImportOptions(**options), BY)  # type: ignore[arg-type]


def take_rows(folder: Path, *rows: Cells, **options: object) -> ImportResult:
    return take(write_text(folder / f"{len(list(folder.iterdir()))}.csv", rows), **options)


def take_lines(folder: Path, text: str, **options: object) -> ImportResult:
    path = folder / f"{len(list(folder.iterdir()))}.csv"
    path.write_text(text, "utf-8")
    return take(path, **options)


def registered() -> list[Enterprise]:
    return list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))


def certified() -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Enterprise.name, Certification.type).join(Enterprise).order_by(Certification.id)
    )
    return [(name, type_code) for name, type_code in rows]


def verdicts() -> list[tuple[str, Reason, bool, int | None]]:
    rows = db.session.scalars(select(Verdict).order_by(Verdict.id))
    return [(each.type, each.reason, each.is_eligible, each.replaced_in) for each in rows]


def events() -> list[tuple[str | None, CertificationEventKind, date]]:
    rows = db.session.execute(
        select(Certification.number, CertificationEvent.kind, CertificationEvent.happened_on)
        .join(Certification)
        .order_by(CertificationEvent.id)
    )
    return [(number, kind, day) for number, kind, day in rows]


def test_the_ministrys_list_stands_below_a_preamble(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "list.xlsx",
        [
            ["사회적기업 인증 현황"],
            ["(2026년 6월 말 기준)"],
            [],
            MINISTRY,
            [
                "서울", "제2023-247호", "㈜함께", "청소", "일자리제공형", "청소", NUMBER, "김함께",
                "서울특별시 강남구 학동로 1", "hamkke.kr", date(2023, 6, 1), "23-2",
            ],
        ],
    )  # fmt: skip

    result = take(path)

    assert (result.layout, result.header_row, result.imported) == ("social-enterprise-list", 4, 1)
    assert codes_of(result) == []
    [enterprise] = registered()
    assert (enterprise.name, enterprise.business_number, enterprise.items) == ("㈜함께", NUMBER, "청소")
    [certification] = enterprise.certifications
    assert (certification.type, certification.number) == ("social", "제2023-247호")
    assert (certification.valid_from, certification.valid_to) == (date(2023, 6, 1), None)


def test_a_state_list_tells_terms_and_cancellations(tmp_path: Path) -> None:
    result = take_rows(
        tmp_path,
        ["장애인 표준사업장 인증 현황"],
        STATE,
        ["제1호", NUMBER, "인증", "유지", "제조", "2020-03-01", "", ""],
        ["제2호", business_number(2), "인증취소", "취소", "제조", "2020-03-01", "2025-04-30", "2025-05-01"],
        ["제3호", business_number(3), "반납", "반납", "제조", "2020-03-01", "2025-04-30", "2025-05-01"],
        ["제4호", business_number(4), "", "날짜만", "제조", "2020-03-01", "", "2025-05-01"],
        type="standard_workplace",
    )

    assert (result.layout, result.header_row, codes_of(result)) == ("state-list", 2, [])
    assert [type_code for _, type_code in certified()] == ["standard_workplace"] * 4
    assert events() == [
        ("제2호", CertificationEventKind.CANCELLED, date(2025, 5, 1)),
        ("제3호", CertificationEventKind.RETURNED, date(2025, 5, 1)),
        ("제4호", CertificationEventKind.CANCELLED, date(2025, 5, 1)),
    ]
    cancelled = list_certifications(registered()[1].id)[0]
    assert cancelled.standing_on(date(2025, 4, 30)) is Standing.VALID
    assert cancelled.standing_on(date(2025, 5, 1)) is not Standing.VALID


def test_certifications_of_no_type_are_not_lost_silently(tmp_path: Path) -> None:
    result = take_rows(
        tmp_path,
        STATE,
        ["제1호", NUMBER, "인증", "유지", "제조", "2020-03-01", "", ""],
        ["", "", "", "이름뿐"],
    )

    assert codes_of(result) == ["type_missing"]
    assert (result.imported, result.rejected, registered()) == (0, 1, [])


def test_a_village_list_says_the_type_in_its_headings(tmp_path: Path) -> None:
    row = ["1", "서울", "강남구", "서울시 강남구 일원로 1", "문화예술\n곁애", "전통식품", "제조업", "된장"]

    result = take_rows(tmp_path, ["마을기업 현황(2025. 12. 31.)"], VILLAGE, row)

    assert (result.layout, codes_of(result)) == ("village-list", [])
    assert [(each.name, each.items) for each in registered()] == [("문화예술 곁애", "된장")]
    assert [type_code for _, type_code in certified()] == ["village"]


def test_the_type_chosen_must_be_the_lists_own(tmp_path: Path) -> None:
    row = ["1", "서울", "강남구", "서울시 강남구 일원로 1", "곁애", "전통식품", "제조업", "된장"]

    wrong = take_rows(tmp_path, VILLAGE, row, type="social")
    right = take_rows(tmp_path, VILLAGE, row, type="village", edition=date(2025, 12, 31))

    assert (codes_of(wrong), wrong.imported) == (["type_contradicts"], 0)
    assert right.differences == Differences(new=["곁애"])


def test_like_named_enterprises_of_two_counties_come_in_once_a_person_has_told_them_apart(
    tmp_path: Path,
) -> None:
    rows = [
        SELF_SUPPORT,
        ["늘푸른환경", "지역", "강원 고성군", "강원특별자치도 고성군 간성읍 수성로 97", "청소"],
        ["(유)늘푸른환경", "지역", "강원 영월군", "강원특별자치도 영월군 영월읍 은행나무길 13", "청소"],
    ]

    asked = take_rows(tmp_path, *rows)
    assert (asked.layout, asked.imported, codes_of(asked)) == (
        "self-support-list",
        0,
        ["enterprise_ambiguous"],
    )
    assert "고성군" in asked.problems[0].parameters["candidates"]  # type: ignore[operator]
    assert take_rows(tmp_path, *rows, accept_valid=True).imported == 1
    still = take_rows(tmp_path, rows[0], rows[2])
    assert codes_of(still) == ["enterprise_ambiguous"]

    make_enterprise("(유)늘푸른환경", number=None, address="강원특별자치도 영월군 영월읍 은행나무길 13")
    told = take_rows(tmp_path, *rows)

    assert (told.imported, told.skipped, codes_of(told)) == (1, {"duplicate": 1}, [])
    assert certified() == [("늘푸른환경", "self_support"), ("(유)늘푸른환경", "self_support")]


def test_a_business_number_tells_like_named_enterprises_apart(tmp_path: Path) -> None:
    headings = ("업체명", "사업자등록번호", "소재지", "인증유형")
    take_rows(tmp_path, headings, ["늘푸른환경", "", "강원도 고성군 1", "자활기업"])

    result = take_rows(tmp_path, headings, ["늘푸른환경", NUMBER, "강원도 영월군 2", "자활기업"])

    assert (result.imported, codes_of(result)) == (1, ["namesake"])
    assert [each.business_number for each in registered()] == [None, NUMBER]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("서울시 강남구 일원로 1", "서울특별시 강남구 학동로 2"),
        ("충북 청주시 1", "충청북도 청주시 2"),
        ("하안동 37", "경기 광명시 하안동 38"),
    ],
)
def test_an_enterprise_may_move_within_its_county_between_editions(
    tmp_path: Path, before: str, now: str
) -> None:
    make_enterprise("곁애", number=None, address=before)

    result = take_rows(tmp_path, ("업체명", "소재지", "유형"), ["㈜곁애", now, "마을기업"])

    assert codes_of(result) == []
    assert [(each.name, each.address) for each in registered()] == [("곁애", now)]


def test_a_note_in_a_name_is_pointed_out_and_replaces_no_name(tmp_path: Path) -> None:
    headings = ("사업자등록번호", "기업명", "인증유형")
    noted = "(본점변경) 22년4차_본점변경_폐업220310_협동조합이노밸류"
    make_enterprise("협동조합이노밸류", number=NUMBER)

    result = take_rows(
        tmp_path, headings, [NUMBER, noted, "사회적기업"], [business_number(2), noted, "사회적기업"]
    )

    assert codes_of(result) == ["name_differs", "name_with_note", "name_with_note"]
    assert [each.name for each in registered()] == ["협동조합이노밸류", noted]


def test_startups_are_a_type_that_is_no_social_economy(tmp_path: Path) -> None:
    result = take_rows(tmp_path, ("업체명", "인증유형", "인증일"), ["새싹", "창업기업", "2025-11-13"])

    assert (codes_of(result), certified()) == ([], [("새싹", "startup")])


def test_notices_name_nobody_and_are_refused(tmp_path: Path) -> None:
    result = take_rows(
        tmp_path,
        ("공고번호", "게시일", "제목", "관서", "구분", "첨부파일명"),
        ["1", "2026-09-10", "사회적기업 인증 취소 공고", "목포지청", "cancellation_notice", "공고.pdf"],
    )

    assert (result.layout, result.is_refused) == ("cancellation-notices", True)
    assert codes_of(result) == ["column_missing", "names_in_titles"]
    assert adds_up(result)


def test_names_with_digits_need_no_headings(tmp_path: Path) -> None:
    result = take_lines(tmp_path, "크린서비스청0\n카페20\n\n두손2\n모어댄1\n크린서비스청0\n")

    assert (result.layout, result.header_row) == ("name-digit-list", 0)
    assert (result.rows_read, result.imported, result.skipped) == (6, 4, {"duplicate": 1, "blank": 1})
    assert [each.name for each in registered()] == ["크린서비스청", "카페2", "두손", "모어댄"]
    assert certified() == [
        ("크린서비스청", "social"),
        ("카페2", "social"),
        ("두손", "disabled_owned"),
    ]


def test_names_with_digits_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    names = [f"{letter}기업0" for letter in "가나다라마바사아자차카타파하" * 5]
    late = take_lines(tmp_path, "\n".join([*names, "어느곳7", "숫자없음"]), type="social")
    numbers = take_lines(tmp_path, "100\n200\n")
    alone = take_lines(tmp_path, "기업0\n")

    assert codes_of(late) == ["type_unknown", "type_unknown"]
    assert [codes_of(numbers), codes_of(alone)] == [["header_not_found"], ["header_not_found"]]


def test_names_that_differ_in_their_company_form_do_not_change_with_every_edition(tmp_path: Path) -> None:
    lines = "행복한밥상0\n유한회사행복한밥상0\n좋은이웃0\n"
    take_lines(tmp_path, lines, type="social", edition=date(2023, 7, 16))

    again = take_lines(tmp_path, lines + "좋은이웃0\n", type="social", edition=date(2023, 7, 17))

    assert again.differences == Differences()


def test_who_is_gone_from_an_edition_stays_and_purchases_keep_their_verdicts(tmp_path: Path) -> None:
    make_purchase(make_department(), make_enterprise("사라진곳", ("social", date(2020, 1, 1), None)))
    judged = verdicts()

    result = take_lines(tmp_path, "새곳0\n다른곳0\n", type="social", edition=date(2026, 6, 30))

    assert result.differences == Differences(new=["새곳", "다른곳"], gone=["사라진곳"])
    assert certified()[0] == ("사라진곳", "social")
    assert events() == []
    assert verdicts() == judged
