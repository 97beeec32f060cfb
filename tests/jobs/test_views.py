"""The page of a job: how far it is, cancelling it, and the way to its result."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.factories import BY, NOW
from tests.jobs import tasks
from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.jobs.models import JobState
from tracker.jobs.progress import Progress
from tracker.jobs.services import claim_job, end_job, enqueue
from tracker.jobs.worker import run_next_job


@pytest.fixture
def browser(as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the person who asks for jobs."""
    tasks.done.clear()
    return as_user(Role.STAFF)


def ask(task: str = "tests.note") -> int:
    """Ask for a job as the person signed in, and return its number."""
    person = db.session.scalars(select(User.id).where(User.login == "staff.0")).one()
    return enqueue(task, {"what": 1}, Acting(person, NOW))


def told(browser: Browser, number: int) -> dict[str, Any]:
    """Return what the page's script is told."""
    found: dict[str, Any] = browser.get(f"/jobs/{number}.json").get_json()
    return found


def test_the_page_shows_how_far_a_job_is_and_renews_itself(browser: Browser) -> None:
    number = ask()
    claim_job("here:1", NOW)
    Progress(number).report(2_000, 10_000, "구매.xlsx")

    page = browser.get(f"/jobs/{number}").text

    assert re.search(r'<progress id="job-progress" value="2000" max="10000">', page)
    assert "2,000 / 10,000" in page
    assert "구매.xlsx" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert told(browser, number) == {
        "state": "running",
        "label": "진행 중",
        "done": 2_000,
        "total": 10_000,
        "text": "구매.xlsx",
        "result": None,
        "message": None,
    }


def test_a_job_that_is_done_leads_to_its_result(browser: Browser) -> None:
    number = ask()
    run_next_job()

    page = browser.get(f"/jobs/{number}").text

    assert 'href="/?from=job"' in page
    assert "refresh" not in page
    assert told(browser, number)["result"] == "/?from=job"
    assert 'href="/?from=job"' in browser.get("/jobs").text


@pytest.mark.parametrize(
    ("task", "said"),
    [("tests.refuse", "글꼴이 없습니다."), ("tests.fail", "문제가 발생했습니다.")],
)
def test_a_job_that_failed_says_what_to_do(browser: Browser, task: str, said: str) -> None:
    number = ask(task)
    run_next_job()

    assert said in browser.get(f"/jobs/{number}").text
    assert said in told(browser, number)["message"]


def test_a_failure_without_words_is_told_all_the_same(browser: Browser) -> None:
    number = ask()
    end_job(number, JobState.FAILED, {"failure": "from another version"}, NOW)

    assert "처리하지 못했습니다" in browser.get(f"/jobs/{number}").text


def test_cancelling_ends_the_job_and_is_told(browser: Browser) -> None:
    number = ask()

    answer = browser.submit(f"/jobs/{number}", f"/jobs/{number}/cancel")
    waiting = browser.get(answer.location).text
    run_next_job()

    assert answer.location == f"/jobs/{number}"
    assert "취소하는 중" in waiting
    assert "저장된 내용은 없습니다" in browser.get(f"/jobs/{number}").text
    assert tasks.done == []


def test_a_job_can_be_cancelled_while_another_process_writes(browser: Browser) -> None:
    number = ask()
    token = browser.token(f"/jobs/{number}")
    with db.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 0")
        other.rollback()
        connection = other.connection.driver_connection
        assert connection
        connection.execute("BEGIN IMMEDIATE")
        answer = browser.post(f"/jobs/{number}/cancel", data={"csrf_token": token})
        connection.execute("ROLLBACK")

    assert answer.status_code == 302
    assert Progress(number).is_cancel_asked()


def test_a_job_that_is_over_cannot_be_cancelled(browser: Browser) -> None:
    number, waiting = ask(), ask()
    run_next_job()

    browser.submit(f"/jobs/{waiting}", f"/jobs/{number}/cancel")

    assert told(browser, number)["state"] == "done"
    assert not Progress(number).is_cancel_asked()


def test_everybody_sees_the_own_jobs_only(browser: Browser) -> None:
    own = ask()
    other = enqueue("tests.note", {"what": 1}, BY)

    for address in (f"/jobs/{other}", f"/jobs/{other}.json", "/jobs/99"):
        assert browser.get(address).status_code == 404
    assert browser.submit(f"/jobs/{own}", f"/jobs/{other}/cancel").status_code == 404
    assert re.findall(r'href="/jobs/(\d+)"', browser.get("/jobs").text) == [str(own)]


def test_who_asked_for_nothing_is_told_so(browser: Browser) -> None:
    assert "진행했거나 진행 중인 작업이 없습니다" in browser.get("/jobs").text


def test_a_task_that_is_no_more_is_still_work(browser: Browser) -> None:
    ask("tests.gone")

    assert "백그라운드 작업" in browser.get("/jobs").text
