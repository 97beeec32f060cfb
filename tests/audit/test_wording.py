"""Every act that the program records has its words, and events are told in those of the field."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.audit.queries import history_of
from tracker.audit.services import record_event
from tracker.audit.wording import ACTIONS, SUBJECTS, Change, say_action, say_subject, tell
from tracker.config import ROOT
from tracker.imports.models import ImportSubject
from tracker.purchases.services import correct_purchase

ACT = re.compile(r"[a-z]+\.[a-z_]+")


def recorded(file: Path) -> Iterator[tuple[set[str], str | None]]:
    """Yield the acts and the subject of each event that a module records."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            is_event = isinstance(node.func, ast.Name) and node.func.id == "record_event"
            subject = node.args[2] if is_event else None
            named = (
                [node.args[1]] if is_event else [each.value for each in node.keywords if each.arg == "action"]
            )
            acts = {
                str(each.value)
                for place in named
                for each in ast.walk(place)
                if isinstance(each, ast.Constant) and ACT.fullmatch(str(each.value))
            }
            yield acts, str(subject.value) if isinstance(subject, ast.Constant) else None


@pytest.mark.long
def test_every_act_and_subject_that_is_recorded_has_words() -> None:
    acts = {f"import.{subject.value}" for subject in ImportSubject}
    subjects = set()
    for file in (ROOT / "tracker").rglob("*.py"):
        for found, subject in recorded(file):
            acts |= found
            subjects |= {subject} if subject else set()

    assert len(acts) > 20
    assert acts - ACTIONS.keys() == set()
    assert subjects - SUBJECTS.keys() == set()


@pytest.mark.usefixtures("app")
def test_a_correction_is_told_with_names_amounts_and_days() -> None:
    first, second = make_department("총무과"), make_department("복지과")
    supplier = make_enterprise()
    purchase = make_purchase(first, supplier, 1_000_000, date(2026, 3, 2))
    correct_purchase(purchase, make_draft(second, supplier, 1_200_000, date(2026, 3, 3)), 1, "오기", BY)
    (told, before) = tell(history_of("purchase", purchase))

    assert (before.action, before.subject) == ("구매 등록", "구매")
    assert told.action == "구매 정정"
    assert {
        Change("부서", "총무과", "복지과"),
        Change("금액", "1,000,000", "1,200,000"),
        Change("구매일", "2026. 3. 2.", "2026. 3. 3."),
        Change("사유", None, "오기"),
    } <= set(told.changes)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"changes": {"phone": None}}, Change("전화", None, "(개인정보로서 여기에 남기지 않음)")),
        ({"changes": {"kind": ["goods", "services"]}}, Change("구분", "물품", "용역")),
        ({"changes": {"kind": ["returned", "other"]}}, Change("구분", "반납", "other")),
        ({"is_enabled": [True, False]}, Change("로그인 가능", "예", "아니요")),
        ({"valid_to": [None, "2026-12-31"]}, Change("유효 종료일", "–", "2026. 12. 31.")),
        (
            {"name": ["2026-13-99", "가나다라마바사아자차"]},
            Change("이름", "2026-13-99", "가나다라마바사아자차"),
        ),
        ({"department_id": [1, 99]}, Change("부서", "행복구", "99")),
        ({"to": [1, 99]}, Change("종료일", None, "행복구, 99")),
        ({"figures": [1, 2]}, Change("수치", None, "2건")),
        ({"anything": 7}, Change("anything", None, "7")),
    ],
)
def test_each_kind_of_value_is_said_in_words(body: dict[str, object], said: Change) -> None:
    make_department("총무과")
    record_event(BY, "test.act", "thing", 7, body)
    (told,) = tell(history_of("thing", 7))

    assert told.changes == [said]


@pytest.mark.usefixtures("app")
def test_what_tells_nothing_is_left_out() -> None:
    record_event(
        BY, "test.act", "thing", 7, {"digest": "ab", "paid": [5, 5], "note": "", "after": {"unit": None}}
    )
    (told,) = tell(history_of("thing", 7))

    assert told.changes == []


@pytest.mark.usefixtures("app")
def test_unknown_words_stand_as_they_are() -> None:
    assert (say_action("other.act"), say_subject("thing")) == ("other.act", "thing")
