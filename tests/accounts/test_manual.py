"""The page of the manual about permissions says what the program does."""

import pytest
from click.testing import CliRunner
from flask import Flask

from tracker.accounts.commands import user
from tracker.accounts.manual import PAGE, describe_permissions
from tracker.accounts.permissions import ENDPOINTS


@pytest.mark.usefixtures("app")
def test_the_page_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(user, ["permissions"]).stdout

    assert PAGE.read_text() == printed, "tracker user permissions > docs/operations/permissions.md"


def test_a_page_in_no_table_is_told_as_closed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ENDPOINTS, "web.index")

    assert "| `/` | GET | closed |" in describe_permissions(app)
    assert "| `/login` | GET, POST | open to all |" in describe_permissions(app)
