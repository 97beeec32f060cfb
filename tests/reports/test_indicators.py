"""Indicators of an evaluation period: entered, changed and struck out by the team, read by all."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from tests.client import Browser
from tests.factories import BY
from tests.reports.test_views import rows_of, texts_of
from tracker.core.vocabulary import Role
from tracker.reports.indicators import (
    IndicatorDraft,
    StaleIndicator,
    UnknownIndicator,
    add_indicator,
    change_indicator,
    find_indicator,
    list_indicators,
    remove_indicator,
)

PAGE = "/reports/indicators"
TYPED = {
    "year": "2026",
    "field": "일자리",
    "name": "취업 연계",
    "unit": "명",
    "value": "1,888",
    "value_before": "1286",
    "evidence": "명부",
}


def hidden(page: str) -> dict[str, str]:
    """Return key and version of the form on a page."""
    import re

    return dict(re.findall(r'name="(key|version|csrf_token)"[^>]*value="([^"]*)"', page.split("</form>")[-2]))


def send(browser: Browser, page: str, **changes: str) -> object:
    """Fill in the form on a page and send it."""
    import re

    text = browser.get(page).text
    form = text[text.index('class="form-sheet"') :]
    found = dict(re.findall(r'name="(key|version|csrf_token)"[^>]*value="([^"]*)"', form.split("</form>")[0]))
    return browser.post(page, data=TYPED | found | changes)


def test_an_indicator_is_entered_changed_and_struck_out(app: Flask, as_user: Callable[..., Browser]) -> None:
    assert app
    browser = as_user()
    assert "아직" in texts_of(browser.get(PAGE).text)

    assert send(browser, f"{PAGE}/new?year=2026").status_code == 302  # type: ignore[attr-defined]
    page = browser.get(f"{PAGE}?year=2026").text
    assert ["일자리", "취업 연계", "명", "1,888", "1,286", "+46.81%", "명부"] in rows_of(page)

    answer = send(browser, f"{PAGE}/1", value="1,900.5", value_before="")
    assert answer.status_code == 302  # type: ignore[attr-defined]
    row = find_indicator(1)
    assert row
    assert (row.value, row.value_before, row.growth(), row.version) == (Decimal("1900.5"), None, None, 2)
    assert "자료 없음" in browser.get(PAGE).text

    found = hidden(browser.get(f"{PAGE}/1").text)
    stale = browser.post(f"{PAGE}/1", data=TYPED | found | {"version": "1", "name": "다른 이름"})
    assert stale.status_code == 409
    assert "다른 이름" in stale.text
    assert browser.post(f"{PAGE}/1/remove", data=found | {"version": "1"}).status_code == 409
    found = hidden(browser.get(f"{PAGE}/1").text)
    assert browser.post(f"{PAGE}/1/remove", data=found).status_code == 302
    assert browser.post(f"{PAGE}/1/remove", data=found | {"key": "0" * 32}).status_code in (400, 404)
    assert browser.get(f"{PAGE}/1").status_code == 404


def test_what_makes_no_sense_is_refused_at_its_field(app: Flask, as_user: Callable[..., Browser]) -> None:
    assert app
    browser = as_user()
    for name, value in (("value", "많음"), ("value", ""), ("name", ""), ("year", "19"), ("unit", "x" * 21)):
        answer = send(browser, f"{PAGE}/new", **{name: value})
        assert answer.status_code == 422, name  # type: ignore[attr-defined]
        assert f'id="{name}-error"' in answer.text  # type: ignore[attr-defined]
    add_indicator(DRAFT, BY)
    assert send(browser, f"{PAGE}/1", value="").status_code == 422  # type: ignore[attr-defined]
    assert browser.post(f"{PAGE}/1/remove", data={}).status_code == 400


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR])
def test_others_read_indicators_only(app: Flask, as_user: Callable[..., Browser], role: Role) -> None:
    assert app
    reader = as_user(role)
    assert "사회적경제팀" in reader.get(PAGE).text
    add_indicator(DRAFT, BY)
    page = reader.get(f"{PAGE}?year=2026").text

    assert "취업 연계" in page
    assert f"{PAGE}/1" not in page
    assert reader.get(f"{PAGE}/new").status_code == 403


DRAFT = IndicatorDraft(
    year=2026,
    field="일자리",
    name="취업 연계",
    unit="명",
    value=Decimal(1888),
    value_before=Decimal(1286),
    evidence="",
)


def test_a_change_of_nothing_leaves_no_trace_and_stale_ones_are_refused(app: Flask) -> None:
    assert app
    number = add_indicator(DRAFT, BY)
    change_indicator(number, DRAFT, 1, BY)
    assert [row.version for row in list_indicators(2026)] == [1]

    with pytest.raises(StaleIndicator):
        remove_indicator(number, 7, BY)
    with pytest.raises(UnknownIndicator):
        remove_indicator(99, 1, BY)
