"""What a report says in HTML and JSON, all of it from its snapshot."""

import re
from datetime import date
from html import unescape

import pytest

from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, enter_ledger, enter_spending
from tracker.core.periods import Period
from tracker.core.vocabulary import Kind
from tracker.departments.services import reorganise
from tracker.extensions import db
from tracker.purchases.models import Purchase
from tracker.purchases.services import reverse_purchase
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import ReportRequest, ReportScope
from tracker.reports.services import create_report

EVIL = "<script>alert(1)</script>&\"' onload=x <img src=//evil.test/x>"


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


def html_of(request: ReportRequest) -> str:
    """Freeze the report and return it as HTML."""
    snapshot = get_intact_snapshot(create_report(request, BY).id)
    return render_report(snapshot, Format.HTML).data.decode()


def rows_of(html: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table whose caption has the words, by the text of their head."""
    table = re.search(rf"<caption>(?:(?!</caption>).)*{re.escape(heading)}.*?</table>", html, re.S)
    assert table, heading
    found: dict[str, list[str]] = {}
    for row in re.findall(r"<tr.*?</tr>", table[0], re.S):
        cells = [
            re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", cell))).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        found[cells[0]] = cells[1:]
    return found


def test_json_is_the_frozen_content_itself(ledger: Ledger) -> None:
    assert ledger
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)

    assert render_report(snapshot, Format.JSON).data == snapshot.content.encode()


@pytest.mark.usefixtures("ledger")
def test_amounts_stand_in_thousands_with_the_official_sign_for_less() -> None:
    html = html_of(ReportRequest(year=2025))

    assert rows_of(html, "부서별")["총무과"] == ["3,235", "1,000", "2,235", "223.5", "100.0", "2"]
    assert rows_of(html, "부서별")["복지과"] == ["0", "5", "△4", "△88.9", "0.0", "2"]
    assert rows_of(html, "부서별")["민원과"] == ["0", "0", "0", "–", "0.0", "0"]
    assert rows_of(html, "유형별")["마을기업"] == ["2,001", "0", "2,001", "신규", "1"]
    assert rows_of(html, "유형별")["합계(중복 제외)"] == ["3,236", "1,005", "2,231", "222.1", "4"]
    assert rows_of(html, "월별")["7월"][:3] == ["△1", "0", "△1"]


@pytest.mark.usefixtures("ledger")
def test_the_annex_lists_purchases_in_won_and_ends_with_the_total() -> None:
    html = html_of(ReportRequest(year=2025))

    assert "2,000,500" in html
    assert "△500" in html
    assert ">3,235,566<" in html
    assert "사회적기업, 마을기업" in html
    assert "2025. 12. 31." in html


def test_a_running_year_says_so_and_is_provisional(ledger: Ledger) -> None:
    make_purchase(ledger.departments["총무과"], ledger.suppliers["함께"], 700_000, date(2026, 2, 1))

    html = html_of(ReportRequest(year=2026))

    assert "잠정" in html
    assert "전년 동기" in html
    assert "2026. 11. 24." in html


def test_a_closed_year_states_its_rate(ledger: Ledger) -> None:
    enter_spending(ledger, 2025, 100_000_000)
    enter_spending(ledger, 2024, 80_000_000)

    html = html_of(ReportRequest(year=2025))

    assert "잠정" not in html
    assert rows_of(html, "사회적기업(인증) 제품")["구매비율"][:3] == ["3.23", "1.25", "1.98%p"]


@pytest.mark.usefixtures("ledger")
def test_a_period_says_why_it_has_no_rate() -> None:
    html = html_of(ReportRequest(year=2025, period=Period(date(2025, 6, 1), date(2025, 8, 31))))

    assert "구매비율을 산출하지 않음" in html
    assert "2025. 6. 1. ~ 2025. 8. 31." in html


def test_a_department_and_the_wider_scope_are_named(ledger: Ledger) -> None:
    html = html_of(
        ReportRequest(year=2025, scope=ReportScope.EVALUATION, department_id=ledger.departments["시설공단"])
    )

    assert "행복구 시설공단" in html
    assert "출자·출연기관 포함" in html


def test_a_period_over_new_year_names_the_year_of_each_month(ledger: Ledger) -> None:
    assert ledger
    html = html_of(ReportRequest(year=2025, period=Period(date(2024, 9, 1), date(2025, 8, 31))))

    assert "2024. 9월" in rows_of(html, "월별")
    assert "3월" in rows_of(html, "월별")


@pytest.mark.usefixtures("ledger")
def test_without_a_year_before_nothing_is_compared() -> None:
    html = html_of(ReportRequest(year=2024))

    assert rows_of(html, "부서별")["총무과"] == ["1,000", "자료 없음", "–", "자료 없음", "99.6", "1"]
    assert "전년 자료 없음" in html


@pytest.mark.usefixtures("app")
def test_a_body_without_purchases_has_a_document_without_figures() -> None:
    make_department("총무과")

    html = html_of(ReportRequest(year=2025))

    assert "자료 없음" in html
    assert "해당 없음" in html


def test_reorganised_departments_are_explained(ledger: Ledger) -> None:
    old = [ledger.departments[name] for name in ("총무과", "복지과")]
    new = make_department("행정지원과", valid_from=date(2026, 1, 1))
    reorganise(old, [new], date(2026, 1, 1), BY)
    split = [make_department(name, valid_from=date(2026, 1, 1)) for name in ("민원1과", "민원2과")]
    reorganise([ledger.departments["민원과"]], split, date(2026, 1, 1), BY)
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 5_000, date(2025, 3, 1))
    for department in (new, *split):
        make_purchase(department, ledger.suppliers["함께"], 1_000, date(2026, 3, 1))

    html = html_of(ReportRequest(year=2026))

    assert re.search("통합·승계: 총무과, 복지과", html)
    assert "분리:" in html
    assert "조직개편으로" in html


def test_an_unclassified_purchase_has_its_own_row(ledger: Ledger) -> None:
    make_purchase(
        ledger.departments["총무과"],
        ledger.suppliers["함께"],
        9_000,
        date(2025, 3, 1),
        kind=Kind.UNCLASSIFIED,
        contract_name=None,
        item="복사지",
    )

    html = html_of(ReportRequest(year=2025))

    assert rows_of(html, "물품·용역·공사")["미분류"][0] == "9"
    assert "복사지" in html


def test_what_was_typed_is_text_in_the_document(app: object) -> None:
    assert app
    make_institution(EVIL)
    department = make_department(EVIL[:60])
    enterprise = make_enterprise(EVIL, ("social", SINCE, None))
    make_purchase(department, enterprise, 1_000, date(2025, 3, 1), contract_name=EVIL, item=EVIL)

    html = html_of(ReportRequest(year=2025))

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.usefixtures("ledger")
def test_html_is_one_file_that_asks_for_nothing() -> None:
    html = html_of(ReportRequest(year=2025))

    assert not re.findall(r"""(?:src|url)\s*[=(]|href="(?!#)""", html)
    assert "<script" not in html
    assert '<html lang="ko">' in html


def test_a_rendering_is_made_of_the_snapshot_alone(ledger: Ledger) -> None:
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)
    before = render_report(snapshot, Format.HTML).data
    for purchase in db.session.query(Purchase).filter(Purchase.id.in_(list(ledger.purchases.values()))).all():
        reverse_purchase(purchase.id, purchase.version, "취소", BY)

    assert render_report(get_intact_snapshot(snapshot.id), Format.HTML).data == before


def test_what_moved_most_is_named_in_words(ledger: Ledger) -> None:
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 600_000, date(2025, 3, 1))

    html = re.sub(r"\s+", " ", html_of(ReportRequest(year=2025)))

    assert "증가: 총무과 2,235천원(223.5%), 민원과 600천원(신규)" in html
    assert "감소: 복지과 4천원(88.9%)" in html
    assert "금3,835,566원(금삼백팔십삼만오천오백육십육원)" in html
