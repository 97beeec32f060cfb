"""A list of people from a file: the accounts it would add, and what is wrong with it."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.accounts.queries import taken_logins
from tracker.accounts.services import AccountDraft, InvalidLogin, normal_login
from tracker.core.vocabulary import Role
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    Directory,
    list_departments,
)
from tracker.imports.cells import CellError, parse_text, parse_word
from tracker.imports.problems import Problem
from tracker.imports.short_lists import ShortList

MAX_LINES = 1_000  # the whole list travels through the preview's form
LOGIN, NAME, ROLE, DEPARTMENT = "아이디", "이름", "역할", "부서"
HEADINGS = {
    "login": (LOGIN, "ID", "로그인", "계정", "login"),
    "name": (NAME, "성명", "담당자", "name"),
    "role": (ROLE, "권한", "role"),
    "department": (DEPARTMENT, "부서명", "소속", "소속부서", "department"),
}
ROLES = {
    "담당": Role.CLERK,
    "관리": Role.ADMIN,
    "감사": Role.AUDITOR,
    "팀": Role.STAFF,
    **{role.value: role for role in Role},
}
LENGTHS = {"login": 60, "name": 60, "role": 40, "department": 300}


class AccountLine(NamedTuple):
    """One line of the list, its cells as texts."""

    row: int
    login: str | None
    name: str | None
    role: str | None
    department: str | None


class PlannedAccount(NamedTuple):
    """A line that can be taken in; `department` is its path."""

    row: int
    draft: AccountDraft
    department: str | None


class AccountPlan(NamedTuple):
    """What the list would add, and what is wrong with it: a single fault keeps all of it out."""

    accounts: list[PlannedAccount]
    problems: list[Problem]


PEOPLE = ShortList(AccountLine, HEADINGS, ("login", "name"), MAX_LINES)


def plan_accounts(lines: Sequence[AccountLine]) -> AccountPlan:
    """Return what the lines would add to the accounts there are."""
    return _Planner(lines).plan()


class _Planner:
    """Judges line by line; of a line with several faults each is told."""

    def __init__(self, lines: Sequence[AccountLine]) -> None:
        self._lines = lines
        self._directory = Directory(list_departments())
        self._taken = taken_logins([(line.login or "").strip().lower() for line in lines])
        self._first_rows: dict[str, int] = {}
        self._accounts: list[PlannedAccount] = []
        self._problems: list[Problem] = []

    def plan(self) -> AccountPlan:
        for line in self._lines:
            login, name, role = self._login(line), self._text(line, "name", NAME), self._role(line)
            department_id, path = self._department(line, role)
            if login and name and role:
                draft = AccountDraft(login, name, role, department_id)
                self._accounts.append(PlannedAccount(line.row, draft, path))
        return AccountPlan(self._accounts, self._problems)

    def _login(self, line: AccountLine) -> str | None:
        text = self._text(line, "login", LOGIN)
        try:
            login = normal_login(text) if text else ""
        except InvalidLogin:
            login = ""
            self._report(line, LOGIN, text, "login_unusable")
        first_row = self._first_rows.setdefault(login, line.row) if login else line.row
        if login in self._taken:
            self._report(line, LOGIN, text, "login_taken")
        elif first_row != line.row:
            self._report(line, LOGIN, text, "login_repeated", row=str(first_row))
        else:
            return login
        return None

    def _role(self, line: AccountLine) -> Role | None:
        """Return the role that the line names; the usual account is a clerk's."""
        try:
            return parse_word((line.role or "").lower(), Role, ROLES) or Role.CLERK
        except CellError as error:
            self._report(line, ROLE, line.role, error.code)
            return None

    def _department(self, line: AccountLine, role: Role | None) -> tuple[int | None, str | None]:
        text = self._text(line, "department")
        if not text:
            if role is Role.CLERK:
                self._report(line, DEPARTMENT, None, "department_needed")
            return None, None
        try:
            found = self._directory.find(text)
        except DepartmentNotFound:
            closest = ", ".join(self._directory.closest_names(text)) or "–"
            self._report(line, DEPARTMENT, text, "department_unknown", closest=closest)
        except AmbiguousDepartment as error:
            candidates = ", ".join(error.candidates)
            self._report(line, DEPARTMENT, text, "department_ambiguous", candidates=candidates)
        else:
            return found.id, found.path
        return None, None

    def _text(self, line: AccountLine, field: str, needed: str | None = None) -> str | None:
        text, found = getattr(line, field), None
        try:
            found = parse_text(text, LENGTHS[field])
        except CellError as error:
            shown = None if error.code == "resident_number" else text
            self._report(line, HEADINGS[field][0], shown, error.code, **error.parameters)
        else:
            if needed and not found:
                self._report(line, needed, None, "cell_missing")
        return found

    def _report(
        self, line: AccountLine, column: str, value: str | None, code: str, **parameters: object
    ) -> None:
        self._problems.append(Problem(line.row, column, value, code, parameters))
