"""The OpenAPI document is valid, open to everybody, and tells every address and method there is."""

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.programs import API
from tests.client import Browser
from tracker.config import ROOT


@pytest.fixture
def document(client: Browser) -> Any:
    """Return the document as a stranger reads it."""
    answer = client.get(f"{API}/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(document: Any) -> dict[tuple[str, str], Any]:
    """Return what is told of each address and method."""
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


@pytest.mark.long
def test_the_document_is_valid(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_address_and_method_is_told_and_no_page(app: Flask, document: Any) -> None:
    served = {
        (rule.rule.replace("<int:", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert set(operations(document)) == served


def test_every_operation_says_what_it_does_and_how_it_refuses(document: Any) -> None:
    for (_path, method), operation in operations(document).items():
        assert operation["summary"]
        assert "default" in operation["responses"]
        assert ("Idempotency-Key" in str(operation.get("parameters"))) == (method != "get")


def test_the_manual_names_every_operation(document: Any) -> None:
    manual = (ROOT / "docs" / "api.md").read_text("utf-8")

    for path, method in operations(document):
        address = re.sub(r"{\w+}", "{id}", path.removeprefix(API))
        assert f"`{method.upper()} {address}`" in manual


def test_amounts_are_integers_and_refusals_have_code_message_and_fields(document: Any) -> None:
    shapes = document["components"]["schemas"]

    assert shapes["Purchase"]["properties"]["amount"]["type"] == "integer"
    assert shapes["TotalRow"]["properties"]["growth"]["type"] == ["string", "null"]
    assert set(shapes["Refusal"]["required"]) == {"code", "message", "fields"}


def test_programs_and_browsers_are_let_in(document: Any) -> None:
    assert document["security"] == [{"token": []}, {"session": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
