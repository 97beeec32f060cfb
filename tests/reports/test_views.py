"""The pages of reports as a person sees and follows them."""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.reports.ledger import ROWS, SINCE, Ledger, enter_ledger, enter_spending
from tracker.core.periods import Period
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction
from tracker.jobs.worker import run_next_job
from tracker.purchases.services import reverse_purchase
from tracker.reports.queries import count_reports, get_snapshot
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


@pytest.fixture
def browser(ledger: Ledger, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return a signed-in member of the team over the small ledger."""
    return as_user()


def texts_of(page: str) -> str:
    """Return the page's text, runs of blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def rows_of(page: str) -> list[list[str]]:
    """Return the texts of the cells of all tables of the page."""
    return [
        [texts_of(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", page, re.S)
    ]


def hidden_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that freezes."""
    form = re.search(r'<form method="post" action="/reports/new".*?</form>', page, re.S)
    assert form
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)"[^>]*value="([^"]*)"', form[0])
    } | dict(re.findall(r'name="(csrf_token)"[^>]*value="([^"]+)"', form[0]))


def freeze(browser: Browser, address: str = "/reports/new?year=2025", **changes: str) -> str:
    """Freeze what the page shows, and return where the person is led."""
    answer = browser.post("/reports/new", data=hidden_of(browser.get(address).text) | changes)
    assert answer.status_code == 302, answer.text
    return answer.location


@pytest.mark.long
def test_the_annual_report_takes_four_actions_from_home(browser: Browser) -> None:
    home = browser.get("/").text
    assert 'href="/reports"' in home
    assert 'href="/reports/new"' in browser.get("/reports").text  # 1
    detail = freeze(browser, "/reports/new")  # 2, 3

    made = browser.submit(detail, to=f"{detail}/render", format="pdf")  # 4
    assert "/jobs/" in browser.get(made.location).text
    job_id = run_next_job()

    state = browser.get(f"/jobs/{job_id}.json").json
    assert state
    assert (state["state"], state["result"]) == ("done", detail)
    assert browser.get(f"{detail}/download?format=pdf").data.startswith(b"%PDF")


def test_the_preview_shows_last_years_figures_and_stores_nothing(browser: Browser) -> None:
    page = browser.get("/reports/new").text

    assert ["총무과", "3,235", "1,000", "2,235", "+223.5%", "2"] in rows_of(page)
    assert ["민원과", "0", "0", "0", "–", "0"] in rows_of(page)
    assert ["마을기업", "2,001", "0", "2,001", "신규", "1"] in rows_of(page)
    assert ["합계", "3,236", "1,005", "2,231", "+222.1%", "4"] in rows_of(page)
    assert count_reports() == 0


def test_every_figure_of_the_preview_opens_the_purchases_behind_it(browser: Browser) -> None:
    page = browser.get("/reports/new?year=2025").text
    links = re.findall(r'<td class="num"><a href="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 10

    for link, figure in links:
        behind = browser.get(unescape(link))
        assert behind.status_code == 200
        total = int(rows_of(behind.text)[-1][-1].replace(",", ""))
        assert abs(total - int(figure.replace(",", "")) * 1000) <= 500


def test_scope_department_and_days_are_taken_over(browser: Browser, ledger: Ledger) -> None:
    agency = ledger.departments["시설공단"]
    detail = freeze(
        browser,
        f"/reports/new?year=2025&scope=evaluation&department={agency}&from=2025-01-01&to=2025-09-30",
    )
    content = json.loads(get_snapshot(1).content)

    assert detail == "/reports/1"
    assert content["summary"]["total"]["current"] == 7_000_000
    assert content["question"]["period"] == ["2025-01-01", "2025-09-30"]
    assert "시설공단" in browser.get(detail).text


@pytest.mark.parametrize(
    "question",
    [
        "year=x",
        "year=1900",
        "year=2025&from=2025-01-01",
        "year=2025&from=2025-02-01&to=2025-01-01",
        "year=2025&from=0001-01-01&to=2025-01-01",
        "year=2025&department=99999",
        "year=2025&scope=all",
        "year=2025&kind=none",
        "year=2025&kind=scheme",
        "year=2025&kind=scheme&scheme=none",
        "year=2025&kind=department",
        "year=2025&kind=period",
        "year=2025&kind=period&from=2025-01-01",
        "year=2025&kind=enterprise&enterprise=123-45-67890",
        "year=2025&kind=enterprise&enterprise=없는 곳",
        "year=2025&kind=enterprise",
        "year=2025&kind=districts",
        "year=2025&without=백신",
    ],
)
def test_a_report_that_makes_no_sense_is_sent_back_with_its_fault(browser: Browser, question: str) -> None:
    answer = browser.get(f"/reports/new?{question}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_what_cannot_be_frozen_is_not(browser: Browser) -> None:
    fields = hidden_of(browser.get("/reports/new?year=2025").text)

    assert browser.post("/reports/new", data=fields | {"year": "1900"}).status_code == 400
    assert browser.post("/reports/new", data=fields | {"seen": "x"}).status_code == 400
    assert browser.post("/reports/new", data=fields | {"csrf_token": "x"}).status_code == 400
    assert count_reports() == 0


def test_figures_other_than_those_seen_are_shown_again_before_they_are_frozen(
    browser: Browser, ledger: Ledger
) -> None:
    fields = hidden_of(browser.get("/reports/new?year=2025").text)
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 9_000, date(2025, 3, 1))

    answer = browser.post("/reports/new", data=fields)

    assert answer.status_code == 409
    assert ["민원과", "9", "0", "9", "신규", "1"] in rows_of(answer.text)
    assert count_reports() == 0
    assert browser.post("/reports/new", data=hidden_of(answer.text)).location == "/reports/1"
    assert "3,245" in browser.get("/reports/1").text


def test_a_form_that_is_sent_twice_freezes_once(browser: Browser, ledger: Ledger) -> None:
    fields = hidden_of(browser.get("/reports/new?year=2025").text)
    first = browser.post("/reports/new", data=fields)
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 9_000, date(2025, 3, 1))

    second = browser.post("/reports/new", data=fields)

    assert (first.location, second.location) == ("/reports/1", "/reports/1")
    assert count_reports() == 1


def test_figures_that_do_not_add_up_are_not_frozen(browser: Browser) -> None:
    with transaction():
        db.session.execute(text("UPDATE purchase_rollup SET amount = amount + 1"))

    answer = browser.post("/reports/new", data=hidden_of(browser.get("/reports/new?year=2025").text))

    assert answer.status_code == 409
    assert "annex.amount" in answer.text
    assert count_reports() == 0


@pytest.mark.long
def test_the_list_names_number_period_author_and_state(browser: Browser) -> None:
    freeze(browser)
    freeze(browser, "/reports/new?year=2026")

    rows = rows_of(browser.get("/reports").text)

    assert rows[1][0] == "2026-0002"
    assert rows[1][-1] == "잠정"
    assert rows[2][0] == "2025-0001"
    assert rows[2][2:7] == [
        "2025. 1. 1. ~ 2025. 12. 31.",
        "3,236",
        "+222.1%",
        "2026. 11. 24. 09:00",
        "김민지",
    ]
    assert rows[2][-1] == "확정 대기"
    assert get_snapshot(1).sha256[:12] == rows[2][7]


@pytest.mark.long
def test_a_long_list_has_pages(browser: Browser) -> None:
    for _ in range(21):
        create_report(ReportRequest(year=2025, period=Period(date(2025, 1, 1), date(2025, 1, 2))), BY)

    assert len(rows_of(browser.get("/reports").text)) == 21
    assert len(rows_of(browser.get("/reports?page=2").text)) == 2
    for page in ("0", "3", "x"):
        assert browser.get(f"/reports?page={page}").status_code == 404


def test_an_empty_list_says_what_to_do(browser: Browser, as_user: Callable[..., Browser]) -> None:
    assert "보고서 만들기" in browser.get("/reports").text
    assert 'href="/reports/new"' not in as_user(Role.AUDITOR).get("/reports").text


def test_the_page_of_a_report_shows_its_frozen_figures(browser: Browser, ledger: Ledger) -> None:
    enter_spending(ledger, 2025, 100_000_000)
    enter_spending(ledger, 2024, 80_000_000)
    detail = freeze(browser)
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 9_000, date(2025, 3, 1))

    page = browser.get(detail).text

    assert ["민원과", "0", "0", "0", "–", "0"] in rows_of(page)
    assert ["합계", "3,236", "1,005", "2,231", "+222.1%", "4"] in rows_of(page)
    assert "3.23 %" in texts_of(page)
    assert "+1.98%p" in page
    assert get_snapshot(1).sha256 in page
    assert "2025-0001" in page


def test_a_report_of_a_year_without_data_says_so(browser: Browser) -> None:
    page = browser.get(freeze(browser, "/reports/new?year=2023")).text

    assert "자료 없음" in page
    assert ["합계", "자료 없음", "자료 없음", "–", "자료 없음", "0"] in rows_of(page)


def test_every_figure_of_a_report_opens_the_frozen_purchases_behind_it(
    browser: Browser, ledger: Ledger
) -> None:
    detail = freeze(browser)
    for number in ledger.purchases.values():
        reverse_purchase(number, 1, "취소", BY)
    page = browser.get(detail).text
    links = re.findall(r'<td class="num"><a href="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 20

    for link, figure in links:
        rows = rows_of(browser.get(unescape(link)).text)
        total = int(rows[-1][-1].replace(",", ""))
        assert total == sum(int(row[-1].replace(",", "")) for row in rows[1:-1])
        assert abs(total - int(figure.replace(",", "")) * 1000) <= 500


@pytest.mark.parametrize(
    "question", ["by=type&key=none", "by=x&key=1", "by=department", "page=2", "by=annex"]
)
def test_there_are_no_purchases_behind_a_figure_that_is_not_there(browser: Browser, question: str) -> None:
    freeze(browser)

    assert browser.get(f"/reports/1/purchases?{question}").status_code == 404


def test_the_document_is_shown_under_a_policy_that_lets_only_its_own_style_act(browser: Browser) -> None:
    answer = browser.get(f"{freeze(browser)}/document")
    policy = answer.headers["Content-Security-Policy"]

    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; "
        r"base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
        policy,
    )
    assert "사회적경제기업 제품 우선구매 실적보고서" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("html", "text/html; charset=utf-8"),
        ("json", "application/json"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_files_are_named_as_offices_name_them(browser: Browser, form: str, kind: str) -> None:
    answer = browser.get(f"{freeze(browser)}/download?format={form}")

    assert answer.content_type == kind
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    named = re.search("filename\\*=UTF-8''(.+)", answer.headers["Content-Disposition"])
    assert named
    assert unquote(named[1]) == f"2025년도_행복구_사회적경제기업제품_구매실적.{form}"


@pytest.mark.long
def test_names_of_files_say_department_days_and_that_figures_are_provisional(
    browser: Browser, ledger: Ledger
) -> None:
    slashed = make_department("정보/통신 과")
    for address, name in (
        (
            f"year=2025&department={ledger.departments['복지과']}",
            "2025년도_행복구_복지과_사회적경제기업제품_구매실적",
        ),
        (f"year=2025&department={slashed}", "2025년도_행복구_정보통신과_사회적경제기업제품_구매실적"),
        ("year=2026", "2026년도_행복구_사회적경제기업제품_구매실적_잠정"),
        (
            "year=2025&from=2025-01-01&to=2025-06-30",
            "2025년도_행복구_사회적경제기업제품_구매실적_20250101-20250630",
        ),
    ):
        detail = freeze(browser, f"/reports/new?{address}")
        assert f"{name}.json" in unquote(
            browser.get(f"{detail}/download?format=json").headers["Content-Disposition"]
        )


@pytest.mark.long
def test_a_pdf_is_made_once_and_kept(browser: Browser) -> None:
    detail = freeze(browser)
    asked = browser.submit(detail, to=f"{detail}/render", format="pdf")
    assert asked.location.startswith(f"{detail}?job=")
    assert "job-progress" in browser.get(asked.location).text
    run_next_job()
    assert f'href="{detail}/download?format=pdf"' in browser.get(asked.location).text
    first = browser.get(f"{detail}/download?format=pdf")

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(detail).text)
    assert token
    again = browser.post(f"{detail}/render", data={"format": "pdf", "csrf_token": token[1]})

    assert again.location == f"{detail}/download?format=pdf"
    assert run_next_job() is None
    assert first.content_type == "application/pdf"
    assert "구매실적.pdf" in unquote(first.headers["Content-Disposition"])


def test_a_file_that_was_not_made_yet_leads_back(browser: Browser) -> None:
    detail = freeze(browser)

    assert browser.get(f"{detail}/download?format=pdf").location == detail
    assert browser.get(f"{detail}/download?format=doc").status_code == 404
    assert browser.submit(detail, to=f"{detail}/render", format="doc").status_code == 404
    assert (
        browser.submit(detail, to=f"{detail}/render", format="html").location
        == f"{detail}/download?format=html"
    )


def test_a_cancelled_pdf_can_be_made_after_all(browser: Browser) -> None:
    detail = freeze(browser)
    waiting = browser.submit(detail, to=f"{detail}/render", format="pdf").location
    job_id = waiting.rpartition("=")[2]
    browser.submit(waiting, to=f"/jobs/{job_id}/cancel")
    run_next_job()

    page = browser.get(waiting).text

    assert "취소" in page
    assert f'action="{detail}/render"' in page


@pytest.mark.long
def test_without_the_font_the_person_reads_what_to_do(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = freeze(browser)
    for script, said in (("printf 'Other\\n/none'", "fonts-nanum"), ("exit 7", "exit status 7")):
        folder = tmp_path_factory.mktemp("path")
        (folder / "fc-match").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "fc-match").chmod(0o700)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

        waiting = browser.submit(detail, to=f"{detail}/render", format="pdf").location
        run_next_job()

        assert said in browser.get(waiting).text


@pytest.mark.long
def test_characters_that_the_pdf_lacks_are_named(browser: Browser, ledger: Ledger) -> None:
    enterprise = make_enterprise("온정 😀", ("social", SINCE, None))
    make_purchase(ledger.departments["총무과"], enterprise, 1_000, date(2025, 3, 1))
    detail = freeze(browser)
    browser.submit(detail, to=f"{detail}/render", format="pdf")
    run_next_job()

    assert "😀 (U+1F600)" in browser.get(detail).text


def test_a_report_that_holds_says_so(browser: Browser) -> None:
    page = browser.get(f"{freeze(browser)}/verify").text

    assert "notice-success" in page
    assert texts_of(page).count("3,235,566") == 2


@pytest.mark.long
def test_what_the_ledger_says_differently_today_is_named_with_links(browser: Browser, ledger: Ledger) -> None:
    detail = freeze(browser)
    gone = ledger.purchases[ROWS[0]]
    reverse_purchase(gone, 1, "중복", BY)
    new = make_purchase(
        ledger.departments["민원과"],
        ledger.suppliers["함께"],
        9_000,
        date(2025, 3, 1),
        contract_name="<b>청소</b>",
    )

    page = browser.get(f"{detail}/verify").text

    assert rows_of(page)[1] == [
        str(gone),
        "2025. 3. 2.",
        "총무과",
        "함께",
        "사무용품 구매",
        "보고서에는 있으나 지금은 집계되지 않음",
        "-1,234,567",
    ]
    assert rows_of(page)[-1] == ["합계", "-1,225,567"]
    assert f'href="/purchases/{new}"' in page
    assert "&lt;b&gt;청소" in page
    assert "2,009,999" in page


def test_of_an_altered_report_only_that_is_shown(browser: Browser) -> None:
    detail = freeze(browser)
    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = replace(content, '총무과', '정무과')"))

    for place in ("", "/document", "/purchases", "/download?format=json", "/download?format=pdf"):
        assert browser.get(f"{detail}{place}").location == f"{detail}/verify"
    page = browser.get(f"{detail}/verify").text
    assert "notice-danger" in page
    assert "정무과" not in page
    assert "정무과" not in browser.get("/reports").text
    assert rows_of(browser.get("/reports").text)[1][-1] == "변조됨"


def test_a_report_altered_while_its_pdf_waits_is_not_printed(browser: Browser) -> None:
    detail = freeze(browser)
    waiting = browser.submit(detail, to=f"{detail}/render", format="pdf").location
    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = replace(content, '총무과', '정무과')"))
    run_next_job()

    state = browser.get(f"/jobs/{waiting.rpartition('=')[2]}.json").json

    assert state
    assert state["state"] == "failed"
    assert "1" in state["message"]


@pytest.mark.parametrize("place", ["", "/verify", "/document", "/purchases", "/download?format=json"])
def test_a_report_that_does_not_exist_is_not_found(browser: Browser, place: str) -> None:
    assert browser.get(f"/reports/7{place}").status_code == 404


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.ADMIN])
def test_others_read_reports_and_make_none(
    browser: Browser, as_user: Callable[..., Browser], role: Role
) -> None:
    detail = freeze(browser)
    other = as_user(role)

    assert other.get(detail).status_code == 200
    assert other.get(f"{detail}/download?format=json").status_code == 200
    assert other.get("/reports/new").status_code == 403
    assert other.submit(detail, to="/reports/new", year="2025").status_code == 403


def test_a_job_of_somebody_else_is_not_shown(browser: Browser, as_user: Callable[..., Browser]) -> None:
    detail = freeze(browser)
    waiting = browser.submit(detail, to=f"{detail}/render", format="pdf").location

    assert "job-progress" not in as_user(Role.AUDITOR).get(waiting).text
    assert browser.get(f"{detail}?job=x").status_code == 200
