"""What no page of the program sends is read as plain text, or not at all; it never fails the program."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import EnvironBuilder

from tests.api.programs import make_program
from tests.client import Browser, make_user
from tests.factories import make_department, make_enterprise, make_purchase
from tests.purchases.pages import fields_of
from tracker.extensions import db
from tracker.purchases.models import Purchase, PurchaseRevision
from tracker.web.requests import LONGEST_NAME, PlainRequest

UNSEEN = "\x00\x01\x08\x0b\x0c\x0e\x1b\x1f\x7f\x80\x85\x9f"
BAD_NAMES = ["lines-²-kind", f"lines-{'9' * 5_000}-kind", "lines-\x00-kind", "lines-٣-kind"]


@pytest.fixture
def browser(any_app: Flask) -> Browser:
    """Return the browser of the team, on a server that shows its faults as pages."""
    any_app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = any_app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(make_user())
    return browser


def read(**options: Any) -> PlainRequest:
    """Return the request as the program reads it."""
    return PlainRequest(EnvironBuilder(**options).get_environ())


def test_control_characters_of_a_form_never_reach_the_database(browser: Browser) -> None:
    make_purchase(make_department(), make_enterprise())
    page = "/purchases/1/reverse"
    fields = fields_of(browser.get(page).text)
    answer = browser.post(page, data=fields | {"key": f"a{UNSEEN}b", "reason": f"중복{UNSEEN} 입력"})

    assert answer.status_code == 302
    assert db.session.get_one(Purchase, 1).is_reversed
    assert db.session.get_one(PurchaseRevision, (1, 2)).change == "중복 입력"


def test_control_characters_of_an_address_never_reach_the_database(browser: Browser) -> None:
    make_purchase(make_department(), make_enterprise(), contract_name="사무용품")

    for page in (
        "/purchases?text=%00",
        "/enterprises?q=%00",
        "/totals?department=%00",
        "/imports?subject=%00",
    ):
        assert browser.get(page).status_code < 500, page
    assert "사무용품" in browser.get("/purchases?text=사무%00용품&fiscal_year=").text


def test_control_characters_of_json_never_reach_the_database(any_app: Flask) -> None:
    program = make_program(any_app)
    body = {"department_id": make_department(), "enterprise_id": make_enterprise(), "amount": 1}
    purchase = program.post("/purchases", body | {"paid_on": "2026-05-01", "item": f"복사{UNSEEN}용지"})

    assert purchase["item"] == "복사용지"
    program.post("/purchases", body | {"paid_on": "2026-05-01\x00", UNSEEN: 1}, 422)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_no_page_gives_are_left_aside(browser: Browser, name: str) -> None:
    page = f"/spending/{make_department()}/2026/edit"
    fields = fields_of(browser.get(page).text)

    assert browser.post(page, data=fields | {name: "goods"}).status_code == 422


def test_the_library_of_forms_fails_at_such_names(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainRequest, "parameter_storage_class", ImmutableMultiDict)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(make_user())
    page = f"/spending/{make_department()}/2026/edit"
    fields = fields_of(browser.get(page).text)

    assert browser.post(page, data=fields | {"lines-²-kind": "goods"}).status_code == 500


def test_text_stays_as_it_was_typed() -> None:
    typed = "가나다\tA\r\nB 😀 ﻿ \u00a0 \u200b"
    sent = read(method="POST", data={"text": typed, "a" * LONGEST_NAME: "1", "a" * (LONGEST_NAME + 1): "1"})

    assert sent.form.to_dict() == {"text": typed, "a" * LONGEST_NAME: "1"}


def test_a_file_keeps_its_content_and_a_plain_name() -> None:
    content = b"\x00\x01\x02"
    sent = read(method="POST", data={"file": (io.BytesIO(content), "a\x01b.pdf")})

    files = sent.files
    try:
        assert [(name, file.filename) for name, file in files.items()] == [("file", "ab.pdf")]
        assert files["file"].read() == content
    finally:
        sent.close()


def test_an_address_may_say_a_name_more_than_once() -> None:
    asked: Request = read(query_string="p=1&p=2%00&%00=3")

    assert asked.args.to_dict(flat=False) == {"p": ["1", "2"]}


def test_a_number_too_large_for_a_row_leads_nowhere(as_user: Callable[[], Browser]) -> None:
    browser = as_user()

    assert browser.get(f"/admin/departments/{2**31}").status_code == 404
    assert browser.get(f"/jobs/{10**30}").status_code == 404
