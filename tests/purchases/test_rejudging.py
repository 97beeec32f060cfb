"""Judging a year again: what would change is listed, and changed only on purpose, in one act."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.core.eligibility import Reason
from tracker.core.periods import quarter
from tracker.core.vocabulary import CertificationEventKind, Directness, Role
from tracker.enterprises.queries import list_certifications
from tracker.enterprises.services import CertificationDraft, certify, record_status
from tracker.extensions import db, transaction
from tracker.purchases.closings import close_period, late_marks_of
from tracker.purchases.commands import rejudge
from tracker.purchases.history import find_record
from tracker.purchases.integrity import check_ledger
from tracker.purchases.rejudging import list_rejudged
from tracker.purchases.services import rejudge_year, reverse_purchase

CERTIFIED = ("social", date(2020, 1, 1), None)


class Year:
    """A year whose enterprises were certified, and cancelled, only after they had been judged."""

    def __init__(self) -> None:
        self.office = make_department("총무과")
        self.kept, self.late = make_enterprise("그대로", CERTIFIED), make_enterprise("나중에")
        self.gone = make_enterprise("취소된곳", CERTIFIED)
        make_purchase(self.office, self.kept, 1)
        self.bought = make_purchase(self.office, self.late, 20, date(2026, 2, 1))
        self.lost = make_purchase(self.office, self.gone, 300, date(2026, 5, 1))
        self.before = make_purchase(self.office, self.gone, 4_000, date(2026, 4, 30))
        self.indirect = make_purchase(self.office, self.late, 50_000, directness=Directness.INDIRECT)
        self.earlier = make_purchase(self.office, self.late, 600_000, date(2025, 12, 31))
        reversed_one = make_purchase(self.office, self.late, 7_000_000)
        reverse_purchase(reversed_one, 1, "착오", BY)
        certify(self.late, CertificationDraft(type="social", valid_from=date(2020, 1, 1)), BY)
        [row] = list_certifications(self.gone)
        assert row.certificate.id
        record_status(row.certificate.id, CertificationEventKind.CANCELLED, date(2026, 5, 1), None, BY)


@pytest.fixture
def year(any_app: Flask) -> Year:
    """Return that year, on each database."""
    assert any_app
    return Year()


def social(fiscal_year: int = 2026) -> int:
    """Return what the rollup counts as social economy, by contract."""
    db.session.rollback()
    statement = text(
        "SELECT coalesce(sum(amount), 0) FROM purchase_rollup WHERE measure = 'social' AND type = ''"
        " AND basis = 'contract' AND fiscal_year = :year"
    )
    return int(db.session.execute(statement, {"year": fiscal_year}).scalar_one())


def test_what_would_change_is_listed_and_nothing_is_changed(year: Year) -> None:
    found = list(list_rejudged(2026))

    assert [(each.purchase_id, each.amount, each.then.reason, each.now.reason) for each in found] == [
        (year.bought, 20, Reason.UNREGISTERED, Reason.CERTIFIED),
        (year.lost, 300, Reason.CERTIFIED, Reason.CANCELLED),
        (year.indirect, 50_000, Reason.UNREGISTERED, Reason.CERTIFIED),
    ]
    assert [(each.counted_then, each.counted_now) for each in found] == [(0, 20), (300, 0), (0, 0)]
    assert social() == 4_301
    assert [each.purchase_id for each in list_rejudged(2025)] == [year.earlier]


def test_applied_it_is_one_act_with_reason_revisions_and_right_sums(year: Year) -> None:
    closing = close_period(year.office, quarter(2026, 1), BY)
    assert closing

    done = rejudge_year(2026, "인증 자료 정비", BY)

    assert [each.purchase_id for each in done] == [year.bought, year.lost, year.indirect]
    assert (social(), social(2025)) == (4_021, 0)
    bought = find_record(year.bought)
    assert bought
    assert (bought.version, bought.reason, bought.is_social) == (2, Reason.CERTIFIED, True)
    assert [(each.reason, each.is_judged_anew) for each in bought.revisions] == [
        ("", False),
        ("인증 자료 정비", True),
    ]
    before = find_record(year.before)
    assert before
    assert (before.version, before.is_social) == (1, True)
    assert [mark.reason for mark in late_marks_of(year.bought)] == ["인증 자료 정비"]
    assert late_marks_of(year.lost) == []
    [event] = _last_events()
    assert (event["fiscal_year"], event["reason"], event["purchases"]) == (2026, "인증 자료 정비", 3)
    assert list(check_ledger()) == []
    assert rejudge_year(2026, "다시", BY) == []
    assert len(_last_events()) == 1


def _last_events() -> list[dict[str, object]]:
    rows = db.session.execute(text("SELECT body FROM audit_event WHERE action = 'purchase.rejudge'"))
    return [json.loads(body) for (body,) in rows]


def test_the_check_notices_a_verdict_that_was_changed_afterwards(year: Year) -> None:
    rejudge_year(2026, "인증 자료 정비", BY)
    with transaction():
        db.session.execute(
            text(
                "UPDATE purchase_verdict SET reason = 'returned' WHERE purchase_id = :lost AND judged_in = 2"
            ),
            {"lost": year.lost},
        )

    assert [(each.check, each.subject) for each in check_ledger()] == [("verdicts", "audit_event")]


def run(*words: str) -> tuple[int, str, str]:
    """Return the exit code and what the command printed, on both ways out."""
    result = CliRunner().invoke(rejudge, ["--year", "2026", *words])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("app")
def test_the_page_of_a_purchase_tells_of_it(as_user: Callable[..., Browser]) -> None:
    year = Year()
    rejudge_year(2026, "인증 자료 정비", BY)

    page = as_user(Role.STAFF).get(f"/purchases/{year.bought}").text

    assert "인증 자료 정비" in page
    assert "그때까지 등록된 인증으로 다시 판정했습니다." in page


@pytest.mark.usefixtures("app")
def test_the_command_lists_and_changes_only_with_a_reason() -> None:
    year = Year()

    assert [run("--apply")[0], run("--reason", "까닭")[0], run("--apply", "--reason", " ")[0]] == [2, 2, 2]
    code, listed, said = run()
    assert (code, listed.splitlines()[0]) == (
        0,
        f"{year.bought}  2026-02-01  20  나중에  인증 없음 → 사회적기업",
    )
    assert "취소된곳  사회적기업 → 사회적기업 취소" in listed
    assert "--apply" in said
    told = json.loads(run("--json")[1])
    assert (told["applied"], told["count"], told["counted"]) == (False, 3, {"then": 300, "now": 20})
    assert told["rows"][1] | {"enterprise": ""} == {
        "purchase": year.lost,
        "date": "2026-05-01",
        "amount": 300,
        "enterprise": "",
        "then": {
            "counts": True, "types": ["social"], "reason": "certified", "by_type": {"social": "certified"}
        },
        "now": {"counts": False, "types": [], "reason": "cancelled", "by_type": {"social": "cancelled"}},
    }  # fmt: skip
    assert social() == 4_301

    code, _, said = run("--apply", "--reason", "인증 자료 정비")
    assert (code, social()) == (0, 4_021)
    assert "다시 판정했습니다" in said
    code, listed, said = run()
    assert (code, said, len(listed.splitlines())) == (0, "", 1)
