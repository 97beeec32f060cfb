"""The time of an act, read once where a request or command starts and passed on from there."""

from datetime import date, datetime
from typing import cast

from flask import current_app

from tracker.core.periods import SEOUL


def now() -> datetime:
    """Return the time in UTC by the application's clock (`CLOCK` in its settings)."""
    return cast("datetime", current_app.config["CLOCK"]())


def today() -> date:
    """Return the day in Korea: offices date their papers by it, whatever the server's zone."""
    return korean_day(now())


def korean_day(moment: datetime) -> date:
    """Return the day that the moment lies in, in Korea."""
    return moment.astimezone(SEOUL).date()
