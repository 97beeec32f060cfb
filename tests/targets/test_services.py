"""Setting rules, targets, deadlines, budgets and plans: audited, told of others' changes, adding up."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, make_department
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import DeadlineKind, Kind
from tracker.extensions import db
from tracker.targets.queries import (
    Exclusion,
    budget_history,
    budgets_by_department,
    code_of_scheme,
    find_scheme,
    list_budgets,
    list_deadlines,
    list_plan,
    list_rule_years,
    list_scheme_names,
    list_schemes,
    list_targets,
    sum_plan,
)
from tracker.targets.services import (
    AlreadySet,
    DeadlineDraft,
    NotTheWhole,
    PlanDraft,
    RuleDraft,
    Stale,
    StaleBudgets,
    TargetDraft,
    UnknownRow,
    add_deadline,
    change_deadline,
    change_plan_line,
    copy_plan,
    copy_year,
    plan_purchases,
    record_budget,
    record_budgets,
    remove_deadline,
    remove_plan_line,
    save_rule,
    set_target,
    share_target,
)
from tracker.targets.sharing import share_out

RULE = RuleDraft(scheme="women", fiscal_year=2026, types=("women_owned",), kinds=(Kind.GOODS, Kind.SERVICES))
DEADLINE = DeadlineDraft(
    fiscal_year=2026, due_on=date(2027, 1, 15), kind=DeadlineKind.INTERNAL, title="내부 마감"
)


@pytest.fixture
def office(any_app: Flask) -> int:  # noqa: ARG001
    """Return a department."""
    return make_department("총무과")


@pytest.fixture
def plan(office: int) -> PlanDraft:
    """Return a line of a plan."""
    return PlanDraft(
        fiscal_year=2026,
        department_id=office,
        scheme="social_enterprise",
        item="복사용지",
        kind=Kind.GOODS,
        amount=1_200_000,
        quantity=Decimal(50),
        unit="상자",
        planned_month=3,
    )


def events(action: str) -> list[dict[str, object]]:
    rows = db.session.scalars(
        select(AuditEvent.body).where(AuditEvent.action == action).order_by(AuditEvent.sequence)
    )
    return [json.loads(body) for body in rows]


def seen(draft: TargetDraft) -> int | None:
    return next(
        (
            row.version
            for row in list_targets(draft.fiscal_year, draft.scheme)
            if (row.department_id, row.kind) == (draft.department_id, draft.kind or "")
        ),
        None,
    )


@pytest.mark.usefixtures("office")
def test_known_schemes_are_there_from_the_start() -> None:
    schemes = {row.code: row for row in list_schemes(2025)}

    assert schemes["social_enterprise"].rule.types == ("social",)
    assert not schemes["social_economy"].is_statutory
    assert Kind.WORKS not in schemes["severe_disability"].rule.predicate.kinds
    assert schemes["sme"].rule.types == ()


@pytest.mark.usefixtures("office")
def test_a_year_without_rules_of_its_own_takes_those_of_the_nearest_before() -> None:
    save_rule(RULE, None, BY)

    used = {year: find_scheme("women", year) for year in (2020, 2025, 2026, 2030)}

    assert {year: row and row.rule.fiscal_year for year, row in used.items()} == {
        2020: 2025,
        2025: 2025,
        2026: 2026,
        2030: 2026,
    }


@pytest.mark.usefixtures("office")
def test_a_rule_is_changed_only_as_it_was_seen() -> None:
    save_rule(RULE, None, BY)
    changed = replace(RULE, exclusions=(Exclusion("401", "시설비"),))
    save_rule(changed, 1, BY)

    with pytest.raises(Stale):
        save_rule(RULE, 1, BY)
    with pytest.raises(Stale):
        save_rule(RULE, None, BY)
    with pytest.raises(UnknownRow):
        save_rule(replace(RULE, scheme="none"), None, BY)
    scheme = find_scheme("women", 2026)
    assert scheme
    assert (scheme.rule.exclusions, scheme.rule.version) == ((Exclusion("401", "시설비"),), 2)
    assert events("scheme_rule.save")[1]["changes"] == {"excluded_items": ["[]", '[["401", "시설비"]]']}


def test_targets_are_set_changed_and_removed(office: int) -> None:
    draft = TargetDraft(scheme="women", fiscal_year=2026, kind=Kind.GOODS, rate=Decimal("0.05"), ground="법")
    own = TargetDraft(scheme="women", fiscal_year=2026, department_id=office, amount=3_000)
    for each in (draft, own):
        set_target(each, None, BY)
    with pytest.raises(Stale):
        set_target(draft, None, BY)
    set_target(replace(draft, rate=Decimal("0.06")), seen(draft), BY)
    set_target(replace(draft, rate=Decimal("0.06")), seen(draft), BY)
    set_target(replace(own, amount=None), seen(own), BY)

    assert [(row.department_id, row.kind, row.rate) for row in list_targets(2026)] == [
        (None, "goods", Decimal("0.06"))
    ]
    assert len(events("target.set")) == 4


@pytest.mark.usefixtures("office")
def test_a_target_of_nothing_stays_nothing() -> None:
    set_target(TargetDraft(scheme="women", fiscal_year=2026), None, BY)

    assert list_targets(2026) == []
    assert events("target.set") == []


def test_the_parts_of_a_target_add_up_to_the_whole(office: int) -> None:
    other = make_department("재무과")
    with pytest.raises(UnknownRow):
        share_target("social_economy", 2026, {office: 1}, "작년 실적", BY)
    set_target(TargetDraft(scheme="social_economy", fiscal_year=2026, amount=60), None, BY)
    with pytest.raises(NotTheWhole) as refused:
        share_target("social_economy", 2026, {office: 20, other: 41}, "작년 실적", BY)
    share_target("social_economy", 2026, {office: 50, other: 10}, "작년 실적", BY)
    share_target("social_economy", 2026, {office: 20, other: 40}, "총구매액", BY)

    assert refused.value.difference == 1
    assert {row.department_id: row.amount for row in list_targets(2026)} == {None: 60, office: 20, other: 40}
    assert len(list_targets(2026, "social_economy", [office])) == 2


@pytest.mark.usefixtures("office")
def test_a_year_is_carried_forward_once() -> None:
    add_deadline(replace(DEADLINE, fiscal_year=2025, due_on=date(2024, 2, 29)), BY)
    add_deadline(replace(DEADLINE, fiscal_year=2025, due_on=date(2026, 2, 27)), BY)
    copy_year(2025, 2026, BY)

    with pytest.raises(AlreadySet):
        copy_year(2025, 2026, BY)
    before, after = list_schemes(2025), list_schemes(2026)
    assert [row.rule._replace(fiscal_year=2026) for row in before] == [row.rule for row in after]
    assert [(row.scheme, row.kind, row.rate) for row in list_targets(2026)] == [
        (row.scheme, row.kind, row.rate) for row in list_targets(2025)
    ]
    due = {row.due_on for row in list_deadlines(date(2027, 1, 1), date(2027, 12, 31))}
    assert due == {date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 30), date(2027, 2, 27)}


@pytest.mark.usefixtures("office")
def test_deadlines_are_changed_and_struck_out() -> None:
    number = add_deadline(DEADLINE, BY)
    change_deadline(number, replace(DEADLINE, title="마감 연장"), 1, BY)
    with pytest.raises(Stale):
        change_deadline(number, DEADLINE, 1, BY)
    with pytest.raises(Stale):
        remove_deadline(number, 1, BY)

    [row] = list_deadlines(date(2027, 1, 15), date(2027, 1, 15))
    assert (row.title, row.scheme_name, row.version) == ("마감 연장", None, 2)
    remove_deadline(number, 2, BY)
    assert list_deadlines(date(2027, 1, 15), date(2027, 1, 15)) == []


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    "act",
    [
        lambda: change_deadline(99, DEADLINE, 1, BY),
        lambda: remove_deadline(99, 1, BY),
        lambda: remove_plan_line(99, 1, BY),
    ],
)
def test_what_is_not_there_cannot_be_changed(act: Callable[[], None]) -> None:
    with pytest.raises(UnknownRow):
        act()


def test_a_budget_is_replaced_and_its_change_told(office: int) -> None:
    record_budget(office, 2026, 74_200, "본예산", BY)
    record_budget(office, 2026, 80_000, "1회 추경", BY)

    assert budgets_by_department(2026) == {office: 80_000}
    assert [event["amount"] for event in events("budget.record")] == [[None, 74_200], [74_200, 80_000]]


def test_only_budgets_that_differ_are_recorded_and_only_as_they_were_seen(office: int) -> None:
    other = make_department("민원과")
    assert record_budgets(2026, {office: 5, other: 7}, {}, "본예산", BY) == 2
    seen = {department: row.id for department, row in list_budgets(2026).items()}
    assert record_budgets(2026, {office: 5, other: 9}, seen, "제1회 추경", BY) == 1
    with pytest.raises(StaleBudgets) as stale:
        record_budgets(2026, {office: 1, other: 1}, seen, "늦은 입력", BY)

    assert list(stale.value.standing) == [other]
    assert budgets_by_department(2026) == {office: 5, other: 9}
    assert [(row.amount, row.amount_before, row.reason) for row in budget_history(other, 2026)] == [
        (9, 7, "제1회 추경"),
        (7, None, "본예산"),
    ]


@pytest.mark.usefixtures("office")
def test_years_with_rules_or_targets_are_told() -> None:
    set_target(TargetDraft(scheme="women", fiscal_year=2030, rate=Decimal("0.1")), None, BY)

    assert list_rule_years() == [2025, 2030]


@pytest.mark.usefixtures("office")
def test_a_scheme_is_found_by_its_name_or_the_beginning_of_one_name() -> None:
    names = list_scheme_names()
    called = (
        "women",
        "여성기업제품 우선구매",
        "사회적기업",
        "사회적 협동조합",
        "협동조합 제품",
        "장애인",
        "없음",
    )

    assert [code_of_scheme(text, names) for text in called] == [
        "women", "women", "social_enterprise", "social_coop", "coop", None, None,
    ]  # fmt: skip


def test_shares_go_by_weight_and_nobody_has_one_without(office: int) -> None:
    assert share_out(100, {office: 2, 8: 1, 9: -5}) == {office: 67, 8: 33}
    assert share_out(100, {office: 0}) == share_out(100, {}) == {}


def test_a_plan_is_written_changed_and_carried_forward(office: int, plan: PlanDraft) -> None:
    first, second = plan_purchases([plan, replace(plan, item="청소", scheme="self_support")], BY)
    change_plan_line(first, replace(plan, amount=2_000_000), 1, BY)
    remove_plan_line(second, 1, BY)
    with pytest.raises(Stale):
        change_plan_line(first, plan, 1, BY)
    copied = copy_plan(2026, 2027, [office], BY)

    assert [(row.item, row.amount, row.quantity) for row in list_plan(2027, scheme="social_enterprise")] == [
        ("복사용지", 2_000_000, Decimal(50))
    ]
    assert len(copied) == 1
    assert copy_plan(2026, 2027, [office], BY) == copy_plan(2030, 2031, [office], BY) == []
    assert sum_plan(2026) == {(office, "social_enterprise"): (1, 2_000_000)}
