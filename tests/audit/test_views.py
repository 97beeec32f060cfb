"""The pages of the trail: found by person, act, subject and day, told in words, paged by key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from tests.client import Browser, make_user
from tests.factories import BY, NOW, make_department, make_enterprise, make_purchase
from tracker.audit.acting import Acting
from tracker.audit.models import Access
from tracker.audit.queries import PAGE, Filter, history_of, list_accesses
from tracker.audit.services import record_access, record_event
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction

READERS = (Role.AUDITOR, Role.ADMIN, Role.STAFF)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", READERS)
def test_the_trail_tells_who_did_what(as_user: Callable[..., Browser], role: Role) -> None:
    office = make_department("총무과")
    make_purchase(office, make_enterprise(), 1_234_000)
    page = as_user(role).get("/admin/audit").text

    assert "구매 등록" in page
    assert "1,234,000" in page
    assert "시스템" in page
    assert "2026. 11. 24. 09:00" in page


def test_a_clerk_does_not_see_the_trail(as_user: Callable[..., Browser]) -> None:
    browser = as_user(Role.CLERK, make_department())

    assert browser.get("/admin/audit").status_code == 403
    assert browser.get("/admin/audit/access").status_code == 403


@pytest.fixture
def auditor(as_user: Callable[..., Browser]) -> Browser:
    """Return the auditor's browser, events of two people and two days behind it."""
    browser = as_user(Role.AUDITOR)
    person = make_user("lee.suhyun")
    for number, (who, moment) in enumerate(
        [
            (1, datetime(2026, 11, 20, 14, 59, tzinfo=UTC)),  # still the 20th in Korea
            (1, datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
            (person.id, datetime(2026, 11, 21, 14, 59, tzinfo=UTC)),
            (person.id, datetime(2026, 11, 21, 15, 0, tzinfo=UTC)),
        ]
    ):
        record_event(
            Acting(who, moment), "purchase.correct", "purchase", 100 + number, {"reason": f"사유{number}"}
        )
    return browser


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {0, 1, 2, 3}),
        ({"action": "purchase.correct"}, {0, 1, 2, 3}),
        ({"action": "account.add"}, set()),
        ({"actor": "1", "action": "purchase.correct"}, {0, 1}),
        ({"subject": "purchase", "number": "102"}, {2}),
        ({"subject": "report"}, set()),
        ({"from": "2026-11-21", "to": "2026-11-21"}, {1, 2}),
        ({"from": "2026-11-22", "subject": "purchase"}, {3}),
        ({"to": "2026-11-20", "subject": "purchase"}, {0}),
    ],
)
def test_the_trail_is_searched(auditor: Browser, asked: dict[str, str], found: set[int]) -> None:
    page = auditor.get("/admin/audit", query_string=asked).text

    assert {number for number in range(4) if f"사유{number}" in page} == found


def test_where_nothing_is_found_the_page_says_so(auditor: Browser) -> None:
    assert "기록이 없습니다" in auditor.get("/admin/audit?subject=report").text
    assert "기록이 없습니다" in auditor.get("/admin/audit/access?subject=report").text


@pytest.mark.parametrize("address", ["/admin/audit", "/admin/audit/access"])
@pytest.mark.parametrize(
    "asked",
    ["actor=x", "actor=999", "subject=x", "number=0", "number=99999999999", "from=x", "to=0001-01-01"],
)
def test_a_filter_that_cannot_be_read_is_told(auditor: Browser, address: str, asked: str) -> None:
    answer = auditor.get(f"{address}?{asked}")

    assert answer.status_code == 400
    assert "error-summary" in answer.text


@pytest.mark.parametrize("place", ["x", "", "-1", "１", "99999999999", "2147483648"])
def test_a_place_that_is_none_is_not_found(auditor: Browser, place: str) -> None:
    assert auditor.get("/admin/audit", query_string={"before": place}).status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(as_user: Callable[..., Browser]) -> None:
    browser = as_user(Role.AUDITOR)
    with transaction():
        for number in range(2 * PAGE + 10):
            record_event(BY, "purchase.correct", "purchase", 1, {"reason": f"<{number}>"})
    seen: list[int] = []
    address: str | None = "/admin/audit?subject=purchase"
    while address:
        page = browser.get(address).text
        seen += [int(part.split("&gt;")[0]) for part in page.split("&lt;")[1:]]
        address = (
            page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
            if 'rel="next"' in page
            else None
        )

    assert seen == list(reversed(range(2 * PAGE + 10)))


def test_a_page_asks_the_database_equally_often_for_few_and_many_events(
    as_user: Callable[..., Browser],
) -> None:
    browser = as_user(Role.AUDITOR)
    departments = [make_department(f"과{number}") for number in range(8)]
    supplier = make_enterprise()
    make_purchase(departments[0], supplier)
    with counted() as few:
        browser.get("/admin/audit?subject=purchase")
    for department in departments:
        make_purchase(department, supplier)
    with counted() as many:
        browser.get("/admin/audit?subject=purchase")

    assert 0 < len(few) == len(many)


def test_an_event_leads_to_what_it_is_about(as_user: Callable[..., Browser], app: Flask) -> None:
    record_event(BY, "purchase.correct", "purchase", 7)
    app._got_first_request = False
    if "purchases.detail" not in app.view_functions:
        app.add_url_rule("/purchases/<int:purchase_id>", "purchases.detail", str)
    browser = as_user(Role.AUDITOR)

    assert 'href="/purchases/7"' in browser.get("/admin/audit").text


def test_an_event_leads_nobody_to_a_page_that_is_closed_to_them(as_user: Callable[..., Browser]) -> None:
    person = make_user("lee.suhyun")

    assert f'href="/admin/users/{person.id}"' in as_user(Role.ADMIN).get("/admin/audit").text
    assert "/admin/users" not in as_user(Role.STAFF).get("/admin/audit").text


def test_one_subjects_history_is_its_own_newest_first(any_app: Flask) -> None:
    assert any_app
    for number in (1, 2, 1):
        record_event(BY, "test.act", "thing", number)
    record_event(BY, "test.act", "other", 1)
    rows = history_of("thing", 1)

    assert [(row.sequence, row.actor, row.subject_id) for row in rows] == [(3, "시스템", 1), (1, "시스템", 1)]
    assert [row.sequence for row in history_of("thing", 1, before=3)] == [1]
    assert [row.sequence for row in history_of("thing", 1, limit=1)] == [3]


def test_what_a_person_did_stays_under_the_name_after_leaving(any_app: Flask) -> None:
    assert any_app
    person = make_user("lee.suhyun")
    record_event(Acting(person.id, NOW), "test.act", "thing", 1)
    with transaction():
        db.session.execute(text("UPDATE account SET is_enabled = false WHERE login = 'lee.suhyun'"))

    assert history_of("thing", 1)[0].actor == "김민지"


def test_looks_at_personal_data_are_recorded_and_searched(as_user: Callable[..., Browser]) -> None:
    browser = as_user(Role.AUDITOR)
    person = make_user("lee.suhyun")
    record_access(BY, "10.0.0.7", Access.VIEW, "enterprise", 3, "representative, phone")
    record_access(Acting(person.id, NOW), "10.0.0.8", Access.DOWNLOAD, "purchase", 5, "계약서.pdf")
    page = browser.get("/admin/audit/access").text

    assert "10.0.0.7" in page
    assert "대표자, 전화" in page
    assert "계약서.pdf" in page
    for asked, expected in (
        ("access=view", "10.0.0.7"),
        (f"actor={person.id}", "10.0.0.8"),
        ("subject=enterprise&number=3", "10.0.0.7"),
    ):
        found = browser.get(f"/admin/audit/access?{asked}").text
        assert [origin for origin in ("10.0.0.7", "10.0.0.8") if origin in found] == [expected]


def test_looks_are_paged_by_key(as_user: Callable[..., Browser]) -> None:
    browser = as_user(Role.AUDITOR)
    with transaction():
        for number in range(PAGE + 1):
            record_access(BY, f"10.0.0.{number}", Access.VIEW, "enterprise", 3, "phone")
    first = browser.get("/admin/audit/access").text
    second = browser.get(first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text

    assert ">10.0.0.0<" not in first
    assert ">10.0.0.0<" in second
    assert 'rel="next"' not in second


def test_a_look_is_recorded_in_the_middle_of_reading(any_app: Flask) -> None:
    assert any_app
    assert history_of("thing", 1) == []
    record_access(BY, "10.0.0.7", Access.VIEW, "enterprise", 3, "phone")

    assert [row.what for row in list_accesses(Filter())[0]] == ["phone"]


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("app", "UPDATE access_record SET what = ''"),
        ("app", "DELETE FROM access_record"),
        ("app", "INSERT OR REPLACE INTO access_record SELECT * FROM access_record"),
        *(
            pytest.param("postgresql_app", statement, marks=pytest.mark.postgresql)
            for statement in (
                "UPDATE access_record SET what = ''",
                "DELETE FROM access_record",
                "TRUNCATE access_record",
            )
        ),
    ],
)
def test_the_record_of_looks_cannot_be_changed(
    request: pytest.FixtureRequest, database: str, statement: str
) -> None:
    request.getfixturevalue(database)
    record_access(BY, "10.0.0.7", Access.VIEW, "enterprise", 3, "phone")

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))


def test_reading_the_trail_changes_nothing(auditor: Browser, instance: Path) -> None:
    before = db.session.scalar(text("SELECT max(sequence) FROM audit_event"))
    kept = (instance / "audit-head").read_bytes()
    auditor.get("/admin/audit")
    db.session.rollback()

    assert db.session.scalar(text("SELECT max(sequence) FROM audit_event")) == before
    assert (instance / "audit-head").read_bytes() == kept
