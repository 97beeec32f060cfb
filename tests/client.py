"""A browser for tests: it keeps cookies, fills in forms with their tokens, and can sign in."""

import re
from contextvars import Context
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import BY
from tracker.accounts.models import User
from tracker.accounts.services import add_user
from tracker.core.vocabulary import Role
from tracker.extensions import db, transaction

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Person(NamedTuple):
    """An account with its password."""

    id: int
    login: str
    password: str


class Browser(FlaskClient):
    """A client whose requests know nothing of the test's own application context, as on a server."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send the request in a context of its own."""
        return Context().run(super().open, *args, **options)

    def submit(self, page: str, to: str | None = None, **fields: Any) -> TestResponse:
        """Fill in the form on the page and send it, with the token that stands in it."""
        return self.post(to or page, data=fields | {"csrf_token": self.token(page)})

    def token(self, page: str) -> str:
        """Return the token that stands in the page's form."""
        token = _TOKEN.search(self.get(page).text)
        assert token, f"{page} has no form"
        return token[1]

    def sign_in(self, person: Person, page: str = "/login") -> TestResponse:
        """Sign in with the form."""
        return self.submit(page, login=person.login, password=person.password)


def make_user(
    login: str = "kim.minji",
    role: Role = Role.STAFF,
    department_id: int | None = None,
    *,
    must_change_password: bool = False,
) -> Person:
    """Return an account that can sign in."""
    account = add_user(login, "김민지", role, department_id, BY)
    with transaction():
        db.session.get_one(User, account.id).must_change_password = must_change_password
    return Person(account.id, login, account.first_password)
