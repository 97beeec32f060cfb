"""The start page, the languages, the sign of life, and how lightly the web process starts."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date

from tests.client import Browser
from tests.factories import make_department, make_enterprise, make_purchase


def test_home_shows_this_year_so_far_against_the_same_days_of_last_year(
    as_user: Callable[[], Browser],
) -> None:
    department = make_department()
    enterprise = make_enterprise("함께", ("social", date(2020, 1, 1), None))
    make_purchase(department, enterprise, 1_286_000, date(2025, 11, 24))
    make_purchase(department, enterprise, 9_000_000, date(2025, 11, 25))
    make_purchase(department, enterprise, 1_888_000, date(2026, 11, 24))
    page = as_user().get("/").text

    assert "2026. 11. 24." in page
    assert "+46.8%" in page
    assert "1,888" in page
    assert "9,000" not in page


def test_home_of_an_empty_instance_says_what_to_do(as_user: Callable[[], Browser]) -> None:
    page = as_user().get("/").text

    assert "아직 등록된 구매가 없습니다" in page
    assert "자료 없음" in page


def test_the_language_is_switched_and_comes_back_to_the_page(client: Browser) -> None:
    assert '<html lang="ko">' in client.get("/login?next=/totals").text
    switched = client.get("/lang/en?next=/login?next%3D/totals")

    assert switched.location == "/login?next=/totals"
    assert '<html lang="en">' in client.get("/login").text
    assert "Password" in client.get("/login").text
    client.get("/lang/ko")
    assert "비밀번호" in client.get("/login").text


def test_the_language_outlasts_signing_in(as_user: Callable[[], Browser]) -> None:
    browser = as_user()
    browser.get("/lang/en")

    assert "Sign out" in browser.get("/").text
    browser.submit("/", "/logout")
    assert "Sign in" in browser.get("/login").text


def test_an_unknown_language_is_not_found(client: Browser) -> None:
    assert client.get("/lang/xx").status_code == 404


def test_health_says_that_the_database_is_reachable(client: Browser) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["database"] is True


def test_the_web_process_starts_without_the_heavy_packages() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from tracker import create_app; create_app(); "
            "print(sorted({'pandas', 'numpy', 'weasyprint', 'xlsxwriter'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout.strip() == "[]"
