"""Layouts of files: shipped ones for what other systems export, and those that people taught once."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.factories import BY, make_department, make_enterprise
from tests.imports.files import adds_up, codes_of, import_purchases, preview_purchases, write_text
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import ContractMethod, Kind
from tracker.extensions import db
from tracker.imports.commands import import_group
from tracker.imports.learnt_layouts import (
    LayoutDraft,
    NameTaken,
    StaleLayout,
    UnknownLayout,
    change_layout,
    find_learnt,
    learn_layout,
    list_learnt,
    retire_layout,
)
from tracker.imports.models import AmendmentRule, ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import ImportResult
from tracker.imports.services import take_in, undo_batch
from tracker.purchases.models import Purchase
from tracker.spending.queries import spending_by_kind

pytestmark = pytest.mark.usefixtures("office")

ODD = ("순번", "집행과", "거래상대", "집행명칭", "집행한 날", "합의금액", "회차", "계약 No")
COLUMNS = (
    ("순번", None),
    ("집행과", "department"),
    ("거래상대", "enterprise"),
    ("집행명칭", "contract_name"),
    ("집행한 날", "contracted_on"),
    ("합의금액", "amount"),
    ("회차", "amendment"),
    ("계약 No", "contract_number"),
)
DRAFT = LayoutDraft(name="집행 대장", columns=COLUMNS, unit=1_000, amendments=AmendmentRule.FINAL)


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return the department of the usual row; its enterprise is registered."""
    make_enterprise("함께")
    return make_department("총무과")


def learn(draft: LayoutDraft = DRAFT, subject: ImportSubject = ImportSubject.PURCHASES) -> int:
    return learn_layout(subject, draft, 1, BY)


def odd_file(folder: Path, *rows: tuple[object, ...], headings: tuple[str, ...] = ODD) -> Path:
    """Return a file in the layout that is to be learnt; rows are (amount, amendment) of one contract."""
    lines = [
        (number, "총무과", "함께", f"구매 {amount}", "2026-03-02", amount, amendment, "가-1")
        for number, (amount, amendment) in enumerate(rows or [(5, "00")], start=1)
    ]
    return write_text(folder / "대장.csv", [["우리 구 집행 대장"], [], headings, *lines])


def amounts() -> list[int]:
    db.session.rollback()
    standing = select(Purchase.amount).where(~Purchase.is_reversed).order_by(Purchase.id)
    return list(db.session.scalars(standing))


@pytest.mark.long
def test_what_was_learnt_once_is_recognised_by_its_headings(tmp_path: Path) -> None:
    assert codes_of(preview_purchases(odd_file(tmp_path))) == ["header_not_found"]

    learn()
    result = import_purchases(odd_file(tmp_path))

    assert (result.layout, result.header_row, result.amendments) == ("집행 대장", 3, AmendmentRule.FINAL)
    assert (result.imported, result.amount) == (1, 5_000)
    assert amounts() == [5_000]
    # A unit that the file states itself goes before.
    stated = odd_file(tmp_path, (7, "01"), headings=(*ODD[:5], "합의금액(원)", *ODD[6:]))
    assert preview_purchases(stated).amount == 7
    # Further columns and another order make it no other file, a missing one does.
    other = write_text(tmp_path / "다른.csv", [["메모", *reversed(ODD)], ["", *reversed(("1", *range(7)))]])
    assert preview_purchases(other).layout == "집행 대장"
    fewer = write_text(tmp_path / "적은.csv", [ODD[1:6], ["총무과", "함께", "구매", "2026-03-02", "5"]])
    assert preview_purchases(fewer).layout is None
    assert preview_purchases(fewer, layout="집행 대장").imported == 1


def test_exactly_the_headings_learnt_go_before_shipped_layouts_others_do_not(tmp_path: Path) -> None:
    own = ("부서", "업체명", "계약일", "금액", "실제 금액")
    row = ("총무과", "함께", "2026-03-02", "1", "2")
    fields = ("department", "enterprise", "contracted_on", None, "amount")
    learn(replace(DRAFT, columns=tuple(zip(own, fields, strict=True)), unit=None))

    assert preview_purchases(write_text(tmp_path / "가.csv", [own, row])).amount == 2
    assert preview_purchases(write_text(tmp_path / "나.csv", [(*own, "비고"), (*row, "")])).amount == 2
    assert preview_purchases(write_text(tmp_path / "다.csv", [own[:4], row[:4]])).amount == 1
    assert preview_purchases(write_text(tmp_path / "가.csv", [own, row]), layout="own-purchases").amount == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("rule", "taken", "later"),
    [
        (AmendmentRule.FINAL, [30], [45]),
        (AmendmentRule.INCREMENTS, [20, 30], [20, 30, 45]),
        (AmendmentRule.NONE, [20, 30], [20, 30, 45]),
    ],
)
def test_amendments_count_as_the_layout_says_never_both_ways(
    tmp_path: Path, rule: AmendmentRule, taken: list[int], later: list[int]
) -> None:
    learn(replace(DRAFT, unit=None, amendments=rule))

    first = import_purchases(odd_file(tmp_path, (20, "00"), (30, "01")))
    assert (amounts(), adds_up(first)) == (taken, True)
    second = import_purchases(odd_file(tmp_path, (20, "00"), (30, "01"), (45, "02")))
    assert (amounts(), adds_up(second)) == (later, True)

    # What an increment holds already is not counted again as one.
    again = import_purchases(odd_file(tmp_path, (99, "01")))
    assert again.skipped["superseded_revision"] == (0 if rule is AmendmentRule.NONE else 1)
    assert second.batch
    undo_batch(second.batch, "시험", BY)


def test_a_contract_counted_as_increments_is_not_counted_as_a_final_revision_too(tmp_path: Path) -> None:
    number = learn(replace(DRAFT, unit=None, amendments=AmendmentRule.INCREMENTS))
    import_purchases(odd_file(tmp_path, (20, "00"), (30, "01")))
    change_layout(number, replace(DRAFT, unit=None), 1, BY)

    assert codes_of(preview_purchases(odd_file(tmp_path, (50, "02")))) == [
        "kind_unknown",
        "revision_ambiguous",
    ]


def test_layouts_are_changed_replaced_and_retired_and_the_trail_tells(tmp_path: Path) -> None:
    first = learn()
    with pytest.raises(NameTaken):
        learn(replace(DRAFT, columns=COLUMNS[:6]))
    for name in ("own-purchases", "procurement-hub"):
        with pytest.raises(NameTaken):
            learn(replace(DRAFT, name=name))
    second = learn(replace(DRAFT, unit=None))  # the same headings again

    spending = (("집행과", "department"), ("합의금액", "amount"))
    other = learn(replace(DRAFT, name="지출", columns=spending), ImportSubject.SPENDING)
    with pytest.raises(NameTaken):
        change_layout(other, replace(DRAFT, columns=spending), 1, BY)
    with pytest.raises(NameTaken):
        change_layout(other, replace(DRAFT, name="own-plan", columns=spending), 1, BY)
    change_layout(second, replace(DRAFT, name="대장", unit=1), 1, BY)
    with pytest.raises(StaleLayout):
        change_layout(second, DRAFT, 1, BY)
    with pytest.raises(UnknownLayout):
        change_layout(first, DRAFT, 2, BY)
    assert [(row.id, row.draft.name, bool(row.retired_at)) for row in list_learnt()] == [
        (second, "대장", False),
        (other, "지출", False),
        (first, "집행 대장", True),
    ]
    retire_layout(second, 2, BY)
    with pytest.raises(UnknownLayout):
        retire_layout(99, 1, BY)

    assert preview_purchases(odd_file(tmp_path)).layout is None
    assert find_learnt(99) is None
    told = [
        (event.action, event.subject_id, json.loads(event.body).get("changes"))
        for event in db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == "layout").order_by(AuditEvent.sequence)
        )
    ]
    assert told == [
        ("layout.learn", first, None),
        ("layout.retire", first, None),
        ("layout.learn", second, None),
        ("layout.learn", other, None),
        ("layout.change", second, {"name": ["집행 대장", "대장"], "won_a_unit": [None, 1]}),
        ("layout.retire", second, None),
    ]


def test_contract_lists_of_e_procurement_are_known(tmp_path: Path) -> None:
    make_enterprise("나눔", number="2208162517")
    path = write_text(
        tmp_path / "계약목록.csv",
        [
            [
                "번호", "업무구분명", "통합계약번호", "계약명", "수요기관", "계약기관", "계약체결일자",
                "계약체결방법명", "총계약금액", "금차계약금액", "업체명", "사업자등록번호",
            ],
            [
                1, "일반용역", "R26TE01", "청소 용역", "총무과", "총무과", "2026/03/02",
                "수의계약", "36,000,000", "12,000,000", "나눔", "220-81-62517",
            ],
        ],
    )  # fmt: skip

    result = import_purchases(path)
    purchase = db.session.scalars(select(Purchase)).one()

    assert (result.layout, result.imported, result.amount) == ("e-procurement", 1, 12_000_000)
    assert (purchase.kind, purchase.method) == (Kind.SERVICES, ContractMethod.NEGOTIATED)
    assert purchase.contract_number == "R26TE01"


def take_ledger(folder: Path, *rows: tuple[object, ...], item: str = "통계목명") -> ImportResult:
    headings = ["회계연도", "부서명", item, "구분", "지출일자", "적요", "지출금액"]
    path = write_text(folder / "원장.csv", [["세출 원장"], headings, *rows])
    return take_in(path, ImportSubject.SPENDING, ImportOptions(), BY)


def test_lines_of_a_ledger_are_added_up_and_alike_only_where_all_of_them_is(
    office: int, tmp_path: Path
) -> None:
    rows = [
        ("2026", "총무과", "사무관리비", "물품", "2026-01-05", "복사용지", "1,000"),
        ("2026", "총무과", "사무관리비", "물품", "2026-02-05", "복사용지", "1,000"),
        ("2026", "총무과", "사무관리비", "물품", "2026-02-06", "반납", "△300"),
        ("", "소계", "", "", "", "", "1,700"),
        ("2026", "총무과", "공공운영비", "용역", "2026-02-06", "청소", "5,000"),
        ("2026", "총무과", "공공운영비", "용역", "2026-02-06", "청소", "5,000"),
        ("", "합계", "", "", "", "", "11,700"),
    ]

    result = take_ledger(tmp_path, *rows)

    assert (result.layout, result.imported, result.amount) == ("spending-ledger", 5, 11_700)
    assert codes_of(result) == ["duplicate_likely"]
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 1_700, Kind.SERVICES: 10_000}
    assert take_ledger(tmp_path, *rows[:1], item="편성목").layout == "spending-ledger"


def test_the_command_line_recognises_and_takes_layouts_by_name(tmp_path: Path) -> None:
    learn()
    path = str(odd_file(tmp_path))

    def say(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(import_group, [*arguments, "--dry-run", "--json"])
        return done.exit_code, done.stdout or done.stderr

    for named in ((), ("--layout", "집행 대장")):
        code, told = say("purchases", path, *named)
        assert (code, json.loads(told)["layout"], json.loads(told)["amendments"]) == (0, "집행 대장", "final")
    for subject in ("purchases", "spending", "plan", "enterprises"):
        code, told = say(subject, path, "--layout", "없는 양식")
        assert code == 2
