"""Public purchasing from social-economy enterprises: recorded, compared with last year, proved."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: dict[str, Any] | None = None) -> "Flask":
    """Return the application; `settings` override those of the environment."""
    # Here, because the child processes that only read a spreadsheet import this package too.
    from tracker.application import build_app

    return build_app(settings)
