"""The OpenAPI document, and the blueprint whose addresses it describes."""

import json
from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Flask, abort
from flask.json.provider import DefaultJSONProvider
from marshmallow import RAISE, Schema, missing
from webargs.flaskparser import FlaskParser

from tracker.api.schemas import Refusal

PREFIX = "/api/v1"
View = Callable[..., Any]

IDEMPOTENCY_KEY = {
    "description": "Sent again with the same key, a request is done once, and answered with 200 for 201.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
ACCESS = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made by `tracker user token LOGIN`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "A signed-in browser; what changes data needs the page's token in X-CSRFToken too.",
    },
}


class StrictParser(FlaskParser):
    """Reads what a request carries; a parameter that is not known is a mistake, not nothing."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def load_json(self, req: Any, schema: Schema) -> Any:  # noqa: ANN401 - as in the library
        """Return the body; 400 for what can be spelt in JSON, but neither be kept nor told again.

        Such are halves of a pair of characters, numbers that are none, and nesting without end.
        """
        try:
            body = super().load_json(req, schema)
            if body is not missing:
                json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            abort(400)
        return body


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint in which each method of an address is an endpoint with its own permission."""

    ARGUMENTS_PARSER = StrictParser()

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as in Flask
        """Add the address; OPTIONS is answered by the endpoint that reads, for it needs the least."""
        decorate: Callable[[View], View] = super().route(rule, **options)

        def add(view: View) -> View:
            if "methods" in options:
                view = self.doc(parameters=["Idempotency-Key"])(view)
                view.provide_automatic_options = False  # type: ignore[attr-defined]
            return decorate(view)

        return add


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The document; errors are answered by the program's own handlers."""

    ERROR_SCHEMA = Refusal

    def _register_error_handlers(self) -> None:
        """Leave the handlers of pages and programs as they are."""


def init_document(app: Flask, blueprint: ApiBlueprint) -> None:
    """Serve the blueprint, and the document of its addresses to everybody."""
    assert isinstance(app.json, DefaultJSONProvider)
    # Korean stays legible, and fields stand in the order of their shapes.
    app.json.ensure_ascii = app.json.sort_keys = False
    app.config["OPENAPI_URL_PREFIX"] = PREFIX
    api = Api(
        app,
        spec_kwargs={
            "title": "Public purchasing from social-economy enterprises",
            "version": "1",
            "openapi_version": "3.1.0",
            "security": [{name: []} for name in ACCESS],
        },
    )
    for name, scheme in ACCESS.items():
        api.spec.components.security_scheme(name, scheme)
    api.spec.components.parameter("Idempotency-Key", "header", IDEMPOTENCY_KEY)
    api.register_blueprint(blueprint)
