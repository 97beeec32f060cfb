"""The figures of an annual report against those reckoned from the plain rows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from tests.factories import BY, NOW, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, counted, enter_ledger, enter_spending, reckon
from tracker.core.periods import Period
from tracker.core.vocabulary import Kind
from tracker.departments.services import reorganise
from tracker.extensions import db, transaction
from tracker.reports.catalogue import build_report, recipe_of
from tracker.reports.figures import question_of
from tracker.reports.kinds.annual import find_faults
from tracker.reports.requests import InconsistentReport, ReportRequest, ReportScope
from tracker.totals.queries import answer

YEAR = ReportRequest(year=2025)


@pytest.fixture
def ledger(any_app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger, on each database."""
    return enter_ledger()


def figures(rows: list[dict[str, Any]], name: str = "label") -> dict[str, tuple[int, int | None]]:
    return {row[name]: (row["current"], row["prior"]) for row in rows}


@pytest.mark.usefixtures("ledger")
def test_the_total_stands_against_the_year_before() -> None:
    content = build_report(YEAR, NOW)

    assert content["summary"]["total"] == {
        "key": "",
        "label": "합계",
        "current": reckon(2025),
        "prior": reckon(2024),
        "difference": 2_231_066,
        "growth": "222.1",
        "note": None,
        "count": len(counted(2025)),
        "is_recorded": True,
        "succession": None,
    }
    assert reckon(2025) == 3_235_566
    assert content["summary"]["full_year"] is None


@pytest.mark.usefixtures("ledger")
def test_every_department_of_the_scope_is_listed_those_without_purchases_with_0() -> None:
    rows = build_report(YEAR, NOW)["by_department"]

    assert figures(rows) == {
        name: (reckon(2025, department=name), reckon(2024, department=name))
        for name in ("총무과", "복지과", "민원과")
    }
    assert figures(rows)["민원과"] == (0, 0)
    assert [str(row["share"]) for row in rows] == ["100.0", "0.0", "0.0"]


@pytest.mark.usefixtures("ledger")
def test_types_overlap_and_kinds_and_months_add_up() -> None:
    content = build_report(YEAR, NOW)
    by_type = figures(content["by_type"])

    assert {name: by_type[name] for name in ("사회적기업", "마을기업", "협동조합", "자활기업")} == {
        name: (reckon(2025, type_name=name), reckon(2024, type_name=name))
        for name in ("사회적기업", "마을기업", "협동조합", "자활기업")
    }
    assert by_type["마을기업"] == (2_000_500, 0)
    assert figures(content["by_kind"]) == {
        kind.korean: (reckon(2025, kind=kind), reckon(2024, kind=kind))
        for kind in (Kind.GOODS, Kind.SERVICES, Kind.WORKS)
    }
    assert figures(content["by_month"], "key") == {
        f"2025-{month:02}": (reckon(2025, month=month), reckon(2024, month=month)) for month in range(1, 13)
    }


@pytest.mark.usefixtures("ledger")
def test_the_cross_table_holds_a_purchase_in_each_of_its_types_and_once_in_the_total() -> None:
    cross = build_report(YEAR, NOW)["cross"]
    columns = cross["columns"]
    shown = {
        row["label"]: {name: amount for name, amount in zip(columns, row["amounts"], strict=True) if amount}
        for row in cross["rows"]
    }

    assert shown == {
        "총무과": {"사회적기업": 3_235_067, "마을기업": 2_000_500},
        "복지과": {"사회적기업": -500, "협동조합": 999},
    }
    assert [row["total"] for row in cross["rows"]] == [3_235_067, 499]
    assert [dict(zip(columns, row["prior_amounts"], strict=True))["협동조합"] for row in cross["rows"]] == [
        0,
        4_500,
    ]
    assert [row["prior_total"] for row in cross["rows"]] == [1_000_000, 4_500]
    assert dict(zip(columns, cross["totals"], strict=True))["사회적기업"] == 3_234_567


def test_the_annex_is_the_list_of_purchases_that_count(ledger: Ledger) -> None:
    annex = build_report(YEAR, NOW)["annex"]

    assert [(line["id"], line["day"], line["enterprise"], line["amount"], line["tax"]) for line in annex] == [
        (ledger.purchases[row], row.day.isoformat(), row.supplier, row.amount, str(row.tax))
        for row in sorted(counted(2025), key=lambda row: row.day)
    ]


@pytest.mark.usefixtures("ledger")
def test_the_basis_says_what_was_counted_what_not_and_how_tax_stands() -> None:
    basis = build_report(YEAR, NOW)["basis"]

    assert (basis["from"], basis["to"]) == ("2025-01-01", "2025-12-31")
    assert (basis["against_from"], basis["against_to"]) == ("2024-01-01", "2024-12-31")
    assert [(row["label"], row["amount"]) for row in basis["tax"]] == [
        ("과세 포함", 1_235_066),
        ("면세", 2_000_500),
    ]
    assert basis["excluded"] == [
        {"directness": "직접", "nature": "위탁", "amount": 40_000, "count": 1},
        {"directness": "간접", "nature": "구매", "amount": 300_000, "count": 1},
    ]
    assert basis["register"] == {"enterprises": 4, "certifications": 5}
    assert basis["audit"]["sequence"] > 0
    assert basis["frozen_on"] == "2026-11-24"
    assert basis["basis"] == "계약"
    assert not basis["is_provisional"]
    assert not basis["is_running"]


@pytest.mark.usefixtures("ledger")
def test_who_took_part_stands_against_the_year_before() -> None:
    participation = build_report(YEAR, NOW)["summary"]["participation"]

    assert {name: (row["current"], row["prior"]) for name, row in participation.items()} == {
        "purchases": (4, 2),
        "enterprises": (3, 2),
        "departments": (2, 2),
        "of_departments": (3, 3),
    }


def test_the_statutory_rate_is_that_of_certified_social_enterprises(ledger: Ledger) -> None:
    enter_spending(ledger, 2025, 100_000_000)
    enter_spending(ledger, 2024, 80_000_000)

    statutory = build_report(YEAR, NOW)["statutory"]

    assert figures(statutory["by_kind"]) == {
        "물품": (1_234_067, 1_000_000),
        "용역": (2_000_500, 0),
        "공사": (0, 0),
    }
    assert (statutory["total"]["current"], statutory["total"]["prior"]) == (3_234_567, 1_000_000)
    assert statutory["rate"]["spending"]["growth"] == "25.0"
    assert (statutory["rate"]["current"], statutory["rate"]["prior"]) == ("3.23", "1.25")
    assert statutory["rate"]["change"] == "1.98"


@pytest.mark.usefixtures("ledger")
def test_without_total_spending_there_is_no_rate_and_no_zero() -> None:
    rate = build_report(YEAR, NOW)["statutory"]["rate"]

    assert (rate["current"], rate["prior"], rate["change"]) == (None, None, None)
    assert rate["spending"]["current"] is None
    assert rate["spending"]["note"] == "no_data"


@pytest.mark.usefixtures("ledger")
def test_evaluation_counts_corporations_too() -> None:
    content = build_report(replace(YEAR, scope=ReportScope.EVALUATION), NOW)

    assert content["summary"]["total"]["current"] == reckon(2025) + 7_000_000
    assert figures(content["by_department"])["시설공단"] == (7_000_000, 0)
    assert content["basis"]["scope"] == "평가(출자·출연기관 포함)"


def test_a_report_about_one_department_names_it_and_counts_it_alone(ledger: Ledger) -> None:
    content = build_report(replace(YEAR, department_id=ledger.departments["복지과"]), NOW)

    assert content["department"] == "복지과"
    assert figures(content["by_department"]) == {"복지과": (499, 4_500)}


@pytest.mark.usefixtures("ledger")
def test_a_period_goes_by_days_against_the_same_days_and_has_no_rate() -> None:
    content = build_report(replace(YEAR, period=Period(date(2025, 6, 30), date(2025, 7, 1))), NOW)

    assert content["summary"]["total"]["current"] == 2_000_000
    assert content["summary"]["total"]["prior"] == 0
    assert (content["basis"]["against_from"], content["basis"]["against_to"]) == ("2024-06-30", "2024-07-01")
    assert content["statutory"]["rate"] is None


def test_while_the_year_runs_both_years_count_up_to_the_day_with_the_books_beside(ledger: Ledger) -> None:
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 700, date(2026, 11, 24))
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 30, date(2026, 11, 25))
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 5, date(2025, 11, 24))

    content = build_report(ReportRequest(year=2026), NOW)

    assert (content["summary"]["total"]["current"], content["summary"]["total"]["prior"]) == (700, 3_234_572)
    assert content["summary"]["full_year"]["current"] == 730
    assert content["summary"]["full_year"]["prior"] == reckon(2025) + 5
    assert content["basis"]["is_running"]
    assert content["basis"]["is_provisional"]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("frozen_at", "is_running", "is_provisional"),
    [
        (datetime(2025, 12, 30, 14, 59, tzinfo=UTC), True, True),
        (datetime(2025, 12, 30, 15, 0, tzinfo=UTC), False, True),
        (datetime(2026, 1, 20, 14, 59, tzinfo=UTC), False, True),
        (datetime(2026, 1, 20, 15, 0, tzinfo=UTC), False, False),
    ],
)
def test_figures_are_provisional_until_the_books_are_closed_by_the_day_in_korea(
    frozen_at: datetime, is_running: bool, is_provisional: bool
) -> None:
    basis = build_report(YEAR, frozen_at)["basis"]

    assert (basis["is_running"], basis["is_provisional"]) == (is_running, is_provisional)


@pytest.mark.usefixtures("ledger")
def test_a_year_compared_with_none_has_no_data_rather_than_zero() -> None:
    content = build_report(ReportRequest(year=2024), NOW)

    assert content["summary"]["total"]["prior"] is None
    assert content["summary"]["total"]["note"] == "no_data"
    assert content["summary"]["participation"]["purchases"]["prior"] is None
    assert all(row["prior_amounts"] is None for row in content["cross"]["rows"])


def test_a_merged_department_answers_for_those_before_it(ledger: Ledger) -> None:
    old = [ledger.departments[name] for name in ("총무과", "복지과")]
    new = make_department("행정지원과", valid_from=date(2026, 1, 1))
    reorganise(old, [new], date(2026, 1, 1), BY)
    make_purchase(new, ledger.suppliers["함께"], 100, date(2026, 2, 1))

    rows = build_report(ReportRequest(year=2026), NOW)["by_department"]
    [merged] = [row for row in rows if row["label"] == "행정지원과"]

    assert (merged["current"], merged["prior"]) == (100, 3_234_567)
    assert merged["succession"]["predecessors"] == ("총무과", "복지과")


@pytest.mark.usefixtures("any_app")
def test_a_body_without_any_purchase_has_a_report_of_zeros() -> None:
    make_institution()
    make_department("총무과")
    make_enterprise("함께", ("social", SINCE, None))

    content = build_report(YEAR, NOW)

    assert content["annex"] == []
    assert content["cross"]["rows"] == []
    assert not content["summary"]["total"]["is_recorded"]


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_the_question_can_be_asked_again() -> None:
    for request in (
        YEAR,
        ReportRequest(year=2026),
        replace(YEAR, period=Period(date(2025, 1, 1), date(2025, 3, 31))),
        replace(YEAR, scope=ReportScope.EVALUATION),
    ):
        content = build_report(request, NOW)

        assert answer(question_of(content)).total.comparison.current == content["summary"]["total"]["current"]


def _off_by_one(content: dict[str, Any], place: str) -> None:
    """Change one figure of the report by a won (or a count by one)."""
    if place in ("by_kind", "by_month", "by_department"):
        content[place][0]["current"] += 1
    elif place.endswith((".count", ".prior")):
        name, field = place.split(".")
        content[name][0][field] += 1
    elif place == "annex":
        content["annex"][0]["amount"] += 1
    elif place == "lost":
        content["annex"].pop()
    elif place == "tax":
        content["basis"]["tax"][0]["amount"] += 1
    elif place == "type":
        content["by_type"][0]["current"] += 1
    elif place == "cross":
        content["cross"]["rows"][0]["amounts"][0] += 1
    elif place == "cross prior":
        content["cross"]["rows"][0]["prior_amounts"][0] += 1
    else:
        content["cross"]["rows"][0]["total"] += 1


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("by_kind", "by_kind.current"),
        ("by_month", "by_month.current"),
        ("by_department", "by_department.current"),
        ("by_kind.count", "by_kind.count"),
        ("by_month.prior", "by_month.prior"),
        ("annex", "annex.amount"),
        ("lost", "annex.count"),
        ("tax", "basis.tax"),
        ("type", "by_type.social"),
        ("cross", "by_type.social"),
        ("cross prior", "by_type.social.prior"),
        ("cross total", "cross.total"),
    ],
)
def test_a_figure_that_is_off_by_one_is_named(place: str, fault: str) -> None:
    content = build_report(YEAR, NOW)
    assert not list(find_faults(content))

    _off_by_one(content, place)

    assert fault in list(find_faults(content))


def test_figures_that_do_not_add_up_are_not_frozen(ledger: Ledger) -> None:
    assert ledger
    with transaction():
        db.session.execute(text("UPDATE purchase_rollup SET amount = amount + 1"))

    with pytest.raises(InconsistentReport, match=r"annex\.amount"):
        build_report(YEAR, NOW)


@pytest.mark.usefixtures("ledger")
def test_an_annual_report_of_earlier_days_still_holds_and_can_be_shown() -> None:
    content = build_report(YEAR, NOW)
    later = {"explained", "one_offs", "plan", "plan_next", "request", "texts"}
    earlier = {name: part for name, part in content.items() if name not in later}

    assert list(find_faults(earlier)) == []
    assert recipe_of(content).compose(earlier | {"number": "1", "title": "보고서"}, "0" * 64).tables
