"""The table of permissions as a page of the manual, so that the two never differ."""

from collections.abc import Iterator

from flask import Flask

from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.accounts.permissions import ALLOWED, ENDPOINTS, Act
from tracker.config import ROOT
from tracker.core.vocabulary import Role

PAGE = ROOT / "docs" / "operations" / "permissions.md"
INTRODUCTION = """# Who may do what

Made by `tracker user permissions` from the table that the program checks; a test keeps this page equal to it.
What is in no table is open to nobody. A clerk (부서 담당자) writes for the own department and those below it
only; the auditor (감사) reads and changes nothing; an admin (관리자) keeps accounts and departments and
alters no purchases. A program that shows an account's access token to `/api/` may do what the account may.
"""


def describe_permissions(app: Flask) -> str:
    """Return the page: roles by act, then the act that each address needs."""
    return "\n".join([INTRODUCTION, *_acts(), "", "## Pages", "", *_pages(app), ""])


def _acts() -> Iterator[str]:
    yield f"| act | {' | '.join(role.korean for role in Role)} |"
    yield "|---" * (len(Role) + 1) + "|"
    for act in Act:
        marks = ("○" if role in ALLOWED[act] else "–" for role in Role)
        yield f"| {_name(act)} | {' | '.join(marks)} |"


def _pages(app: Flask) -> Iterator[str]:
    yield "| address | methods | act |"
    yield "|---|---|---|"
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        yield f"| `{rule.rule}` | {', '.join(methods)} | {_needed(rule.endpoint)} |"


def _needed(endpoint: str) -> str:
    if endpoint in OPEN_ENDPOINTS:
        return "open to all"
    act = ENDPOINTS.get(endpoint)
    return _name(act) if act else "closed"


def _name(act: Act) -> str:
    return act.replace("_", " ")
