"""Entry sheets for offices that answer by file: what is recorded stands in them, with room below."""

import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

from sqlalchemy import not_, select

from tracker.core.business_number import format_number
from tracker.core.periods import Period
from tracker.core.vocabulary import Word
from tracker.departments.queries import DepartmentRow, list_departments
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.imports.columns import PURCHASE_COLUMNS
from tracker.imports.entry_sheets import WRITTEN_AT, Filled, write_entry_sheet
from tracker.imports.models import ImportSubject
from tracker.purchases.models import Purchase
from tracker.rounds.models import Round
from tracker.rounds.queries import Board
from tracker.rounds.texts import say_days
from tracker.web.filters import day as say_day

UNSAID = frozenset({"unknown", "unclassified"})
LONGEST_NAME = 120
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def write_sheet(asked: Round, department_id: int) -> BytesIO:
    """Return the entry sheet of one department."""
    content = BytesIO()
    write_entry_sheet(content, ImportSubject.PURCHASES, _filled(asked, department_id))
    content.seek(0)
    return content


def write_sheets(board: Board) -> BytesIO:
    """Return the entry sheets of all departments asked as a ZIP."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        names = [name_sheet(board.round, row.department) for row in board.rows]
        times = Counter(names)
        for row, name in zip(board.rows, names, strict=True):
            # Names may differ only in what the name of a file cannot hold.
            name_there = name if times[name] == 1 else f"{row.department_id}_{name}"
            entry = zipfile.ZipInfo(name_there, WRITTEN_AT.timetuple()[:6])
            archive.writestr(entry, write_sheet(board.round, row.department_id).getvalue())
    content.seek(0)
    return content


def name_sheet(asked: Round, department: str) -> str:
    """Return the name of a department's sheet as a file."""
    return _as_name(f"{department}_{asked.title}") + ".xlsx"


def name_archive(asked: Round) -> str:
    """Return the name of the file with all sheets."""
    return _as_name(asked.title) + ".zip"


def _as_name(text: str) -> str:
    return NOT_IN_NAMES.sub("_", text)[:LONGEST_NAME]


def _filled(asked: Round, department_id: int) -> Filled:
    names = _names_that_find(list_departments())
    period = Period(asked.start_on, asked.end_on)
    lines = [
        asked.title,
        f"제출 부서: {names[department_id]}",
        f"대상 기간: {say_days(period)} · 제출 기한: {say_day(asked.due_on)}",
        "구매번호가 있는 줄은 이미 등록된 구매입니다. 고치지 말고, 빠진 구매만 아래 빈 줄에 적어 주십시오.",
    ]
    purchases = db.session.execute(
        select(Purchase, Enterprise.name, Enterprise.business_number)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .where(
            Purchase.department_id == department_id,
            Purchase.purchased_on.between(period.start, period.end),
            not_(Purchase.is_reversed),
        )
        .order_by(Purchase.purchased_on, Purchase.id)
    )
    return Filled(
        lines,
        [
            {column.field: _say(getattr(purchase, column.field, None)) for column in PURCHASE_COLUMNS}
            | {
                "department": names[purchase.department_id],
                "contracting_department": names.get(purchase.contracting_department_id or 0),
                "business_number": format_number(number) if number else None,
                "enterprise": name,
                "paid_on": None if purchase.contracted_on else purchase.purchased_on,
                "purchase_number": purchase.id,
            }
            for purchase, name, number in purchases
        ],
    )


def _names_that_find(rows: Sequence[DepartmentRow]) -> dict[int, str]:
    """Return the names by which a file finds the departments: paths where a name is not one's alone."""
    times = Counter(row.name for row in rows)
    return {row.id: row.name if times[row.name] == 1 else row.path for row in rows}


def _say(value: object) -> object:
    """Return a fact as a cell holds it."""
    if isinstance(value, Word):
        return None if value.value in UNSAID else value.korean
    return value if value is None or isinstance(value, int | str) else str(value)
