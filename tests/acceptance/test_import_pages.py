"""Real files on the pages of imports: seen first, taken in when confirmed, taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.client import Browser
from tests.factories import make_department
from tests.imports.pages import confirm, figures, hidden_fields, look, problem_cells
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.jobs.progress import Progress
from tracker.jobs.worker import run_next_job
from tracker.operations.verification import verify_instance
from tracker.purchases.models import Purchase

pytestmark = pytest.mark.acceptance


@pytest.fixture
def browser(as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of a member of the team."""
    make_department("총무과")
    return as_user(Role.STAFF)


def total() -> tuple[int, int]:
    """Return number and sum of the purchases that stand."""
    db.session.rollback()
    standing = select(func.count(), func.coalesce(func.sum(Purchase.amount), 0)).where(~Purchase.is_reversed)
    number, amount = db.session.execute(standing).one()
    return number, int(amount)


def done(browser: Browser, job: str) -> str:
    """Let a worker do the job that the address shows, and return where its page leads to."""
    run_next_job()
    return str(browser.get(f"{job}.json").get_json()["result"])


def test_the_hubs_export_is_looked_at_taken_in_and_taken_back(browser: Browser, real_data: Path) -> None:
    sent = look(browser, real_data / "procurement-hub-export.csv", create_missing="y")

    preview = done(browser, browser.get(sent).location)
    page = browser.get(preview).text
    assert figures(page) == ["2,226", "2,072", "154", "0"]
    assert "197,260,397,162원" in page
    assert "새로 등록할 업체 <strong>408</strong>" in page

    given_up = confirm(browser, preview).location
    Progress(int(given_up.rpartition("/")[2])).ask_to_cancel()
    run_next_job()
    assert total() == (0, 0)

    batch = done(browser, confirm(browser, preview).location).partition("?")[0]
    assert total() == (2_072, 197_260_397_162)
    assert figures(browser.get(batch).text) == ["2,226", "2,072", "154", "0"]
    assert {name: found for name, found in verify_instance().items() if found} == {}

    undone = browser.post(f"{batch}/undo", data=hidden_fields(browser.get(batch).text) | {"reason": "시험"})
    done(browser, undone.location)
    assert total() == (0, 0)


def test_a_file_without_amounts_says_which_column_is_missing(browser: Browser, real_data: Path) -> None:
    [path] = (real_data / "purchases").glob("*.csv")

    preview = done(browser, browser.get(look(browser, path)).location)
    page = browser.get(f"{preview}?severity=error").text

    assert figures(page) == ["9,722", "0", "0", "9,722"]
    assert "올릴 수 있는 행이 없습니다" in page
    assert "금액" in [row[1] for row in problem_cells(page)]


def test_a_citys_list_of_enterprises_needs_no_numbers(browser: Browser, real_data: Path) -> None:
    page = browser.get(look(browser, real_data / "lists" / "gwangmyeong_171.csv", subject="enterprises")).text

    assert figures(page)[0] == "171"
    assert 'class="agree"' in page


def test_a_list_of_bare_names_is_read_by_the_digit_behind_each(browser: Browser, real_data: Path) -> None:
    path = real_data / "lists" / "seh_names_20230716_cp949.csv"
    preview = done(browser, browser.get(look(browser, path, subject="enterprises")).location)

    page = browser.get(preview).text

    assert figures(page)[::3] == ["3,436", "0"]
    assert 'class="agree"' in page


def test_a_list_of_notices_is_refused_with_the_reason(browser: Browser, real_data: Path) -> None:
    path = real_data / "lists" / "moel_cancellation_notices_2026H2.csv"

    page = browser.get(look(browser, path, subject="enterprises")).text

    assert "업체 이름이 제목이나 첨부파일에만 있어" in page
    assert 'class="agree"' not in page
