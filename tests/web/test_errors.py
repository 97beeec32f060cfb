"""What a person reads when something is refused or fails, and what stands on every response."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, abort, request

from tests.client import Browser
from tracker.config import DATABASE_FILE
from tracker.extensions import db
from tracker.web.headers import SECURITY_HEADERS

TITLES = {
    "400": "요청을 처리할 수 없습니다",
    "401": "로그인이 필요합니다",
    "403": "권한이 없습니다",
    "404": "페이지를 찾을 수 없습니다",
    "405": "이 방법으로는 할 수 없습니다",
    "409": "그 사이에 다른 사람이 변경했습니다",
    "413": "파일이 너무 큽니다",
    "500": "오류가 발생했습니다",
    "503": "지금은 이용할 수 없습니다",
}


@pytest.fixture
def failing(app: Flask) -> Iterator[Browser]:
    """Return a browser at an application that fails as `?fail=` says, before anything else happens."""

    def fail() -> None:
        code = request.args.get("fail")
        if code == "fault":
            raise ArithmeticError
        if code:
            abort(int(code))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.before_request_funcs[None].insert(0, fail)
    browser = app.test_client()
    assert isinstance(browser, Browser)
    yield browser
    app.before_request_funcs[None].remove(fail)


@pytest.mark.parametrize("code", TITLES)
def test_every_refusal_says_in_korean_what_happened(failing: Browser, code: str) -> None:
    answer = failing.get(f"/login?fail={code}")

    assert answer.status_code == int(code)
    assert TITLES[code] in answer.text
    assert 'href="/"' in answer.text


def test_rare_refusals_have_a_page_too(failing: Browser) -> None:
    assert TITLES["400"] in failing.get("/login?fail=418").text
    assert TITLES["500"] in failing.get("/login?fail=501").text


def test_a_fault_of_the_program_tells_nothing_about_it(failing: Browser) -> None:
    answer = failing.get("/login?fail=fault")

    assert answer.status_code == 500
    assert TITLES["500"] in answer.text
    assert "Arithmetic" not in answer.text


@pytest.mark.parametrize(
    "page",
    ["/login", "/", "/nowhere", "/static/theme.css", "/static/nowhere", "/health", "/lang/en", "/lang/xx"]
    + [f"/login?fail={code}" for code in (*TITLES, "fault")],
)
def test_every_response_carries_the_security_headers(failing: Browser, page: str) -> None:
    with failing.get(page) as answer:
        assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_pages_stay_in_no_cache(client: Browser, as_user: Callable[[], Browser]) -> None:
    for page in ("/login", "/health", "/nowhere"):
        assert client.get(page).headers["Cache-Control"] == "no-store"
    assert as_user().get("/").headers["Cache-Control"] == "no-store"
    with client.get("/static/theme.css") as answer:
        assert "no-store" not in answer.headers["Cache-Control"]


def test_a_page_that_is_too_large_to_take_is_refused_with_a_page(client: Browser, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    answer = client.post("/login", data={"login": "x" * 2_000})

    assert answer.status_code == 413
    assert TITLES["413"] in answer.text


def test_while_another_holds_the_database_a_person_is_asked_to_come_back(
    client: Browser, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.extensions.BUSY_TIMEOUT_MS", 10)
    db.engine.dispose()
    holder = sqlite3.connect(instance / DATABASE_FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = client.submit("/login", login="nobody", password="nothing at all")
    holder.close()

    assert answer.status_code == 503
    assert TITLES["503"] in answer.text
    assert client.submit("/login", login="nobody", password="nothing at all").status_code == 401


def test_without_its_database_the_program_still_answers(
    as_user: Callable[[], Browser], instance: Path
) -> None:
    browser = as_user()
    db.session.remove()
    db.engine.dispose()
    (instance / DATABASE_FILE).unlink()
    health = browser.get("/health")

    assert browser.get("/").status_code == 503
    assert health.status_code == 503
    assert health.json is not None
    assert health.json["database"] is False


def test_a_fault_in_a_statement_is_not_called_busy(failing: Browser) -> None:
    db.session.execute(db.text("DROP TABLE account_session"))
    db.session.commit()
    failing.get("/login")
    with failing.session_transaction() as carried:
        carried["_user_id"] = "a token"

    assert failing.get("/").status_code == 500
