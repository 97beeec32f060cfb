"""A program that uses the API with an access token."""

from contextvars import Context
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.client import make_user
from tests.factories import BY
from tracker.accounts.services import make_access_token
from tracker.core.vocabulary import Role

API = "/api/v1"


class Program:
    """A client that shows its token with every request and keeps no cookies."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, address: str, **options: Any) -> TestResponse:
        """Send a request below /api/v1; `key` is its Idempotency-Key, `language` what it reads."""
        headers = dict(self.headers)
        for name, header in (("key", "Idempotency-Key"), ("language", "Accept-Language")):
            if name in options:
                headers[header] = options.pop(name)
        options |= {"method": method, "headers": headers, "buffered": True}
        return Context().run(self.client.open, API + address, **options)

    def get(self, address: str, status: int = 200, **options: Any) -> Any:
        """Return the JSON of the answer, which has that status."""
        return self._told(self.send("GET", address, **options), status)

    def post(self, address: str, body: Any, status: int = 201, **options: Any) -> Any:
        """Send the JSON; return that of the answer, which has that status."""
        return self._told(self.send("POST", address, json=body, **options), status)

    def patch(self, address: str, body: Any, status: int = 200, **options: Any) -> Any:
        """Send the JSON; return that of the answer, which has that status."""
        return self._told(self.send("PATCH", address, json=body, **options), status)

    @staticmethod
    def _told(answer: TestResponse, status: int) -> Any:
        assert answer.status_code == status, answer.text
        assert answer.is_json
        return answer.json


def make_program(app: Flask, role: Role = Role.STAFF, department_id: int | None = None) -> Program:
    """Return a program of an account of that role."""
    person = make_user(f"the.{role}.{department_id or 0}", role, department_id)
    return Program(app, make_access_token(person.id, "tests", BY).token)
