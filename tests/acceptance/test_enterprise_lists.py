"""Real lists of enterprises: they go in with their own figures, or are refused with the reason."""

import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.conftest import Tracker
from tracker.config import DATABASE_FILE

SEH_EDITIONS = (
    ("seh_names_20230716_cp949.csv", "2023-07-16", 3_436, "cp949"),
    ("seh_names_20230717a_utf8.csv", "2023-07-17", 3_436, "utf-8"),
    ("seh_names_20230717b_utf8.csv", "2023-07-18", 3_439, "utf-8"),
)

pytestmark = pytest.mark.acceptance


@pytest.fixture
def lists(real_data: Path) -> Path:
    """Return the folder of lists."""
    return real_data / "lists"


def ask(tracker: Tracker, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query on the database as it is stored."""
    with sqlite3.connect(tracker.instance / DATABASE_FILE) as database:
        return database.execute(query).fetchall()


def certifications_by_type(tracker: Tracker) -> dict[object, object]:
    return dict(ask(tracker, "SELECT type, count(*) FROM certification GROUP BY type"))  # type: ignore[arg-type]


def codes(told: dict[str, list[dict[str, object]]]) -> Counter[object]:
    return Counter(problem["code"] for problem in told["problems"])


def test_a_directory_of_certifications_goes_in_whole_and_once(tracker: Tracker, lists: Path) -> None:
    take_in = ("import", "enterprises", str(lists / "sepp_directory_sample_certs.csv"))

    first = tracker.tell(*take_in)
    assert (first["rows_read"], first["imported"], first["new_enterprises"]) == (81, 81, 63)
    assert codes(first) == {"name_with_note": 29}
    assert certifications_by_type(tracker) == {
        "social": 57,
        "severe_disability": 8,
        "women_owned": 7,
        "social_coop": 5,
        "standard_workplace": 2,
        "startup": 2,
    }
    assert ask(
        tracker,
        "SELECT count(DISTINCT enterprise_id) FROM certification WHERE number = '제2019-140호'",
    ) == [(3,)]
    assert ask(tracker, "SELECT count(*) FROM certification WHERE valid_to = '2026-11-20'") == [(2,)]
    assert ask(
        tracker, "SELECT max(n) FROM (SELECT count(*) AS n FROM certification GROUP BY enterprise_id)"
    ) == [(3,)]

    again = tracker.tell(*take_in)
    assert (again["already_imported"], again["imported"]) == (True, 0)
    assert tracker.tell("verify")["intact"]


def test_a_citys_list_goes_in_with_its_five_types(tracker: Tracker, lists: Path) -> None:
    told = tracker.tell("import", "enterprises", str(lists / "gwangmyeong_171.csv"))

    assert (told["imported"], told["new_enterprises"], told["problems"]) == (171, 171, [])
    assert certifications_by_type(tracker) == {
        "coop": 104,
        "social_coop": 30,
        "social": 17,
        "preliminary": 14,
        "village": 6,
    }


def test_village_enterprises_go_in_by_their_lists_headings(tracker: Tracker, lists: Path) -> None:
    told = tracker.tell("import", "enterprises", str(lists / "village_enterprise_seoul_sample.csv"))

    assert (told["layout"], told["imported"], told["problems"]) == ("village-list", 39, [])
    assert certifications_by_type(tracker) == {"village": 39}
    assert ask(tracker, "SELECT count(*) FROM enterprise WHERE name = '문화예술 협동조합 곁애'") == [(1,)]


def test_like_named_self_reliance_enterprises_wait_for_a_person(
    tracker: Tracker, lists: Path, tmp_path: Path
) -> None:
    take_in = ("import", "enterprises", str(lists / "self_support_enterprise_sample.csv"))

    asked = tracker.tell(*take_in, expect=1)
    assert (asked["layout"], asked["rows_read"], asked["imported"]) == ("self-support-list", 42, 0)
    [problem] = asked["problems"]
    assert (problem["code"], problem["row"], problem["value"]) == (
        "enterprise_ambiguous",
        15,
        "(유)늘푸른환경",
    )
    assert "고성군" in problem["message"]

    assert tracker.tell(*take_in, "--accept-valid")["imported"] == 41

    told_apart = tmp_path / "told_apart.csv"
    told_apart.write_text(
        "업체명,사업자등록번호,소재지,인증유형\n"
        "(유)늘푸른환경,1048100015,강원특별자치도 영월군 영월읍 은행나무6길 13-18 1층,자활기업\n",
        "utf-8",
    )
    tracker.run("import", "enterprises", str(told_apart))
    rest = tracker.tell(*take_in)
    assert rest["imported"] + rest["skipped"]["duplicate"] == 42
    assert (rest["new_enterprises"], rest["problems"]) == (0, [])
    assert certifications_by_type(tracker) == {"self_support": 42}


def test_equal_editions_of_a_name_list_differ_in_nothing(tracker: Tracker, lists: Path) -> None:
    for file, edition, rows, encoding in SEH_EDITIONS:
        told = tracker.tell(
            "import", "enterprises", str(lists / file), "--type", "social", "--edition", edition
        )
        assert (told["layout"], told["rows_read"], told["encoding"]) == ("name-digit-list", rows, encoding)
        assert (told["rejected"], told["gone"], told["changed"]) == (0, [], [])
        if file == SEH_EDITIONS[0][0]:
            first = told
            stored = certifications_by_type(tracker)
            assert {"social": len(told["new"])} == stored
        else:
            assert (told["imported"], told["new"]) == (0, [])
    assert first["imported"] + first["skipped"]["duplicate"] == SEH_EDITIONS[0][2]
    assert certifications_by_type(tracker) == stored


def test_who_is_gone_from_an_edition_stays_and_what_was_bought_counts_on(
    tracker: Tracker, lists: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.csv"
    gone.write_text(
        "업체명,사업자등록번호,인증유형,인증일\n사라진곳,1048100015,사회적기업,2020-01-01\n", "utf-8"
    )
    bought = tmp_path / "bought.csv"
    bought.write_text("부서,업체명,계약일,금액,구분\n총무과,사라진곳,2023-03-02,1888,물품\n", "utf-8")
    tracker.run("import", "enterprises", str(gone))
    tracker.run("import", "purchases", str(bought), "--create-missing")
    before = json.dumps(ask(tracker, "SELECT * FROM purchase_verdict"))

    file, edition, _, _ = SEH_EDITIONS[0]
    told = tracker.tell("import", "enterprises", str(lists / file), "--type", "social", "--edition", edition)

    assert told["gone"] == ["사라진곳"]
    assert ask(tracker, "SELECT count(*) FROM enterprise WHERE name = '사라진곳'") == [(1,)]
    assert json.dumps(ask(tracker, "SELECT * FROM purchase_verdict")) == before
    assert tracker.tell("totals", "--year", "2023")["total"]["current"] == 1_888


def test_notices_are_refused_for_they_name_nobody(tracker: Tracker, lists: Path) -> None:
    told = tracker.tell(
        "import", "enterprises", str(lists / "moel_cancellation_notices_2026H2.csv"), expect=1
    )

    assert (told["rows_read"], told["rejected"], told["batch"]) == (24, 24, None)
    assert codes(told) == {"column_missing": 1, "names_in_titles": 1}
