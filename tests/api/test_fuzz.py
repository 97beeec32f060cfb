"""Whatever is sent to any address of the document, sensible or not, the program does not fail."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.programs import API, Program
from tests.factories import make_department, make_enterprise, make_purchase
from tracker.core.vocabulary import Role

EXAMPLES = 150
Drawn = st.SearchStrategy[Any]

TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["%", "_", "\x00", "\ud800", "2026-02-30", "9" * 5_000, "1e999", "١٢", "-", "', --", "900101-1234567"]
)
NUMBERS = st.integers(-3, 3) | st.integers() | st.integers(10**15 - 1, 10**20)
ANYTHING: Drawn = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


class Sender:
    """Draws requests to the operations of the document and sends them."""

    def __init__(self, document: Any, program: Program) -> None:
        self.document, self.program = document, program
        self.operations = [
            (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method != "parameters"
        ]

    def send(self, draw: Callable[[Drawn], Any]) -> tuple[str, int, str]:
        """Send one request and return what it was, the status and the answer."""
        path, method, operation = draw(st.sampled_from(self.operations))
        address = path.removeprefix(API)
        for name in ("purchase_id", "enterprise_id", "report_id"):
            address = address.replace(f"{{{name}}}", str(draw(st.integers(0, 3))))
        options: dict[str, Any] = {}
        parameters = [each for each in operation.get("parameters", []) if each.get("in") == "query"]
        options["query_string"] = {
            each["name"]: text_of(draw(self.drawn(each["schema"])))
            for each in draw(st.lists(st.sampled_from(parameters), max_size=5) if parameters else st.just([]))
        }
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            options["data"] = json.dumps(draw(self.drawn(schema)))
            options["content_type"] = "application/json"
        answer = self.program.send(method.upper(), address, **options)
        return f"{method} {address} {options}", answer.status_code, answer.text

    def drawn(self, schema: Any) -> Drawn:
        """Return values of the shape, and now and then something else."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return st.one_of([self._fitting(schema)] * 5 + [ANYTHING])

    def _fitting(self, schema: Any) -> Drawn:
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        kinds = schema.get("type", [])
        named = [kinds] if isinstance(kinds, str) else kinds
        return st.one_of([self._of_kind(kind, schema) for kind in named])

    def _of_kind(self, kind: str, schema: Any) -> Drawn:
        match kind:
            case "integer":
                low, high = schema.get("minimum", -9), schema.get("maximum", 9)
                return st.integers(low, high) | st.integers(max(low, 1), min(high, 2_030))
            case "string" if schema.get("format") == "date":
                return st.dates().map(str) | st.dates(date(2020, 1, 1), date(2027, 1, 1)).map(str)
            case "string":
                return TEXT | st.sampled_from(["social", "총무과", "함께", "12.5", "1238100007"])
            case "array":
                return st.lists(self.drawn(schema["items"]), max_size=3)
            case "object":
                wanted = {name: self.drawn(each) for name, each in schema["properties"].items()}
                needed = {name: wanted.pop(name) for name in schema.get("required", [])}
                return st.fixed_dictionaries(needed, optional=wanted)
        return st.booleans() if kind == "boolean" else st.none()


def text_of(value: object) -> str:
    """Return the value as it stands in an address."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="replace").decode()


@pytest.mark.long
@pytest.mark.parametrize("role", [Role.STAFF, Role.CLERK])
def test_no_request_makes_the_program_fail(
    app: Flask, program_of: Callable[..., Program], role: Role
) -> None:
    department = make_department("총무과")
    enterprise = make_enterprise("함께")
    make_purchase(department, enterprise)
    make_purchase(department, enterprise)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    program = program_of(role, department)
    document = program.send("GET", "/openapi.json").json
    sender = Sender(document, program)
    seen: Counter[int] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def try_requests(data: st.DataObject) -> None:
        asked, status, told = sender.send(data.draw)
        seen[status] += 1

        assert status < 500, f"{asked}: {told}"

    try_requests()

    assert seen[200] > 5
    assert seen[422] > 5
