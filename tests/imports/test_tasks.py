"""Long files and batches are dealt with by jobs, for whom they were asked and as that person agreed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.client import make_user
from tests.factories import BY, NOW, make_department, make_enterprise
from tests.imports.files import import_purchases, purchase_row
from tests.imports.pages import usual_file
from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.previews import Preview, begin_preview, find_preview, tell
from tracker.imports.services import OutcomeChanged, TakenInBefore, preview, take_in
from tracker.imports.tasks import PREVIEW, TAKE_IN, UNDO
from tracker.imports.uploads import keep_upload, uploaded
from tracker.jobs.models import JobState
from tracker.jobs.progress import Cancelled
from tracker.jobs.queries import JobRow, find_job
from tracker.jobs.services import enqueue
from tracker.jobs.worker import run_next_job
from tracker.purchases.drafts import PurchaseDraft, facts_of
from tracker.purchases.models import Purchase
from tracker.purchases.services import correct_purchase


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return the department of the usual row."""
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    return make_department("총무과")


@pytest.fixture
def person(office: int) -> Acting:  # noqa: ARG001
    """Return a member of the team."""
    return Acting(make_user().id, NOW)


def begin(path: Path, by: Acting) -> Preview:
    """Return the preview of a file that is dealt with as a long one."""
    with path.open("rb") as file:
        sha256 = keep_upload(file, NOW)
    options = ImportOptions()
    return begin_preview(sha256, path.name, ImportSubject.PURCHASES, options, by, is_long=True)


def told(path: Path, by: Acting) -> tuple[Preview, str]:
    """Return the preview of a file that was looked at, and its seal."""
    looked = tell(begin(path, by), db.session.get_one(User, by.actor_id), by)
    assert looked.told
    return looked, looked.told.seal


def run(task: str, by: Acting, **parameters: object) -> JobRow:
    """Have a job done, and return what became of it."""
    number = enqueue(task, parameters, by)
    run_next_job()
    db.session.rollback()
    job = find_job(number, by.actor_id)
    assert job
    return job


def count_purchases() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Purchase.is_reversed.is_(False))) or 0


def test_a_fault_deep_in_a_long_file_is_told_by_its_preview(person: Acting, tmp_path: Path) -> None:
    path = usual_file(tmp_path)
    path.write_bytes(path.read_bytes() + '총무과,"닫히지 않은'.encode())
    begun = begin(path, person)

    job = run(PREVIEW, person, preview=begun.id)

    looked = find_preview(begun.id, person.actor_id)
    assert job.result == {"endpoint": "imports.preview", "values": {"preview_id": begun.id}}
    assert looked
    assert looked.unreadable
    assert looked.unreadable.code == "quote_unclosed"


def test_a_job_takes_in_what_was_agreed_to(person: Acting, tmp_path: Path) -> None:
    looked, seal = told(usual_file(tmp_path), person)

    job = run(TAKE_IN, person, preview=looked.id, seal=seal)

    assert job.result == {"endpoint": "imports.detail", "values": {"batch_id": 1, "preview": looked.id}}
    assert count_purchases() == 1


@pytest.mark.long
def test_a_job_shows_what_has_changed_instead_of_doing_it(person: Acting, tmp_path: Path) -> None:
    looked, seal = told(usual_file(tmp_path, purchase_row(), purchase_row(금액=7)), person)
    import_purchases(usual_file(tmp_path, purchase_row(), name="other.csv"))

    job = run(TAKE_IN, person, preview=looked.id, seal=seal)

    renewed = find_preview(looked.id, person.actor_id)
    assert job.result["values"] == {"preview_id": looked.id, "changed": 1}
    assert count_purchases() == 1
    assert renewed
    assert renewed.told
    assert (renewed.told.account["imported"], renewed.told.batch) == (1, None)


def test_what_is_agreed_to_is_done_once_and_only_as_told(person: Acting, tmp_path: Path) -> None:
    path, options = usual_file(tmp_path), ImportOptions(accept_valid=True)
    seal = preview(path, ImportSubject.PURCHASES, options, person).seal()

    first = take_in(path, ImportSubject.PURCHASES, options, person, seal=seal, key="k")
    with pytest.raises(TakenInBefore) as before:
        take_in(path, ImportSubject.PURCHASES, options, person, seal=seal, key="k")
    repeat = preview(path, ImportSubject.PURCHASES, options, person)
    with pytest.raises(OutcomeChanged):
        take_in(path, ImportSubject.PURCHASES, options, person, seal=repeat.seal(), key="other")

    assert before.value.batch_id == first.batch
    assert count_purchases() == 1


def test_a_cancelled_import_leaves_nothing(person: Acting, tmp_path: Path) -> None:
    def cancel(rows: int) -> None:
        assert rows == 1
        assert db.session.scalar(select(func.count()).select_from(Purchase)) == 1
        raise Cancelled

    with pytest.raises(Cancelled):
        take_in(usual_file(tmp_path), ImportSubject.PURCHASES, ImportOptions(), person, report=cancel)

    assert count_purchases() == 0


def test_a_file_that_is_kept_no_more_is_asked_for_again(person: Acting, tmp_path: Path) -> None:
    looked, seal = told(usual_file(tmp_path), person)
    uploaded(looked.sha256).unlink()

    job = run(TAKE_IN, person, preview=looked.id, seal=seal)

    assert (job.state, job.result["failure"]) == (JobState.FAILED, "refused")
    assert "다시 올리세요" in job.result["message"]


def test_an_account_that_was_disabled_takes_nothing_in(person: Acting, tmp_path: Path) -> None:
    looked, seal = told(usual_file(tmp_path), person)
    with transaction():
        db.session.get_one(User, person.actor_id).is_enabled = False

    job = run(TAKE_IN, person, preview=looked.id, seal=seal)

    assert "권한이 없습니다" in job.result["message"]
    assert count_purchases() == 0


def test_a_job_takes_a_batch_back_once(person: Acting, tmp_path: Path) -> None:
    batch = import_purchases(usual_file(tmp_path)).batch

    jobs = [run(UNDO, person, batch=batch, reason="잘못 올림") for _ in range(2)]

    assert [job.result for job in jobs] == [{"endpoint": "imports.detail", "values": {"batch_id": batch}}] * 2
    assert count_purchases() == 0


def test_a_job_names_what_stands_in_the_way_of_taking_back(person: Acting, tmp_path: Path) -> None:
    batch = import_purchases(usual_file(tmp_path)).batch
    assert batch
    facts = facts_of(db.session.get_one(Purchase, 1))
    correct_purchase(1, PurchaseDraft(facts=replace(facts, amount=9)), 1, "오기", BY)

    job = run(UNDO, person, batch=batch, reason="잘못 올림")

    assert job.result["message"].endswith(": 1")
    assert count_purchases() == 1


def test_a_clerk_takes_back_no_batch_of_others(office: int, tmp_path: Path) -> None:
    batch = import_purchases(usual_file(tmp_path)).batch
    clerk = Acting(make_user("the.clerk", Role.CLERK, office).id, NOW)

    for number in (batch, 99):
        job = run(UNDO, clerk, batch=number, reason="내 것이 아님")
        assert "권한이 없습니다" in job.result["message"]
    assert count_purchases() == 1
