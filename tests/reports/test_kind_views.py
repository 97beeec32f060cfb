"""The pages on which reports of every kind are looked at before and after they are frozen."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from urllib.parse import unquote, urlencode

import pytest

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, enter_ledger, enter_spending
from tests.reports.test_views import freeze, hidden_of, rows_of, texts_of
from tracker.departments.services import add_department
from tracker.purchases.services import reverse_purchase
from tracker.reports.queries import count_reports


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger with total spending."""
    found = enter_ledger()
    enter_spending(found, 2025, 9_000_000)
    return found


@pytest.fixture
def browser(ledger: Ledger, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return a signed-in member of the team over the small ledger."""
    return as_user()


def asking(ledger: Ledger, kind: str) -> str:
    """Return the address of a preview."""
    about: dict[str, dict[str, object]] = {
        "scheme": {"scheme": "social_economy", "without": "특별=#1"},
        "department": {"department": ledger.departments["복지과"]},
        "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "enterprise": {"enterprise": "이음"},
        "brief": {},
    }
    asked: dict[str, object] = {"year": 2025, "kind": kind}
    return f"/reports/new?{urlencode(asked | about[kind])}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "file", "count"),
    [
        ("scheme", "2025년도_행복구_사회적경제합계(자체기준)_구매실적.json", "4"),
        ("department", "2025년도_행복구_복지과_사회적경제기업제품_구매실적_확인서.json", "2"),
        ("period", "2025년도_행복구_사회적경제기업제품_구매_및_지표_실적_20250101-20251231.json", "4"),
        ("enterprise", "2025년도_행복구_이음_거래내역_확인서.json", "2"),
        ("brief", "2025년도_행복구_사회적경제기업제품_구매실적_보고.json", "4"),
    ],
)
def test_every_kind_is_seen_frozen_read_and_taken_away(
    browser: Browser, ledger: Ledger, kind: str, file: str, count: str
) -> None:
    preview = browser.get(asking(ledger, kind))
    assert preview.status_code == 200
    assert [row for row in rows_of(preview.text) if row[0] == "합계" and row[-1] == count]

    detail = freeze(browser, asking(ledger, kind))
    page = browser.get(detail).text
    links = {unescape(link) for link in re.findall(r'href="(/reports/1/purchases[^"]*)"', page)}

    assert len(links) > 3
    assert all(browser.get(link).status_code == 200 for link in links)
    assert browser.get(f"{detail}/document").status_code == 200
    assert browser.get(f"{detail}/verify").status_code == 200
    assert file in unquote(browser.get(f"{detail}/download?format=json").headers["Content-Disposition"])
    assert "제목 2025년도 행복구" in texts_of(page)
    assert "1부. 끝." in texts_of(page)


def test_a_scheme_shows_rate_target_and_what_is_not_known(browser: Browser, ledger: Ledger) -> None:
    assert ["계", "3,236", "9,000", "35.95", "–", "목표 없음", "–"] in rows_of(
        browser.get(asking(ledger, "scheme")).text
    )
    small = browser.get("/reports/new?year=2025&kind=scheme&scheme=sme").text
    assert "자료 없음" in texts_of(small)


def test_districts_lead_to_their_purchases(as_user: Callable[..., Browser]) -> None:
    city = make_institution("행복시")
    supplier = make_enterprise("함께", ("social", SINCE, None))
    for name, amount in (("동구", 300), ("서구", 70)):
        body = add_department(name, parent_id=city, is_institution=True, by=BY)
        office = add_department(f"{name} 총무과", parent_id=body, by=BY)
        make_purchase(office, supplier, amount * 1_000, date(2025, 4, 1))
    make_department("경제과")
    browser = as_user()

    detail = freeze(browser, "/reports/new?year=2025&kind=districts")
    page = browser.get(detail).text
    [link] = [link for link in re.findall(r'href="([^"]*by=district[^"]*)"', page) if "key=2" in link]

    assert ["동구", "300", "자료 없음", "–", "자료 없음", "1"] in rows_of(page)
    assert rows_of(browser.get(unescape(link)).text)[-1] == ["합계", "300,000"]
    assert browser.get(f"{detail}/document").status_code == 200


def test_what_a_kind_is_not_about_is_left_out_and_unknown_items_are_refused(
    browser: Browser, ledger: Ledger
) -> None:
    brief = asking(ledger, "brief") + "&scheme=women&department=2&enterprise=없음"
    assert browser.get(brief).status_code == 200
    wrong = browser.get("/reports/new?year=2025&kind=annual&without=특별=999-99")
    assert wrong.status_code == 200
    address = "/reports/new?year=2025&kind=scheme&scheme=women&without=특별%3D999-99"
    assert browser.get(address).status_code == 400

    fields = hidden_of(browser.get(asking(ledger, "scheme")).text)
    reverse_purchase(1, 1, "취소", BY)
    answer = browser.post("/reports/new", data=fields)
    assert (answer.status_code, count_reports()) == (409, 0)
    assert 'role="alert"' in answer.text
