"""Who acts, and when: what every change is told instead of asking for itself."""

from datetime import datetime
from typing import NamedTuple

SYSTEM_ID = 1


class Acting(NamedTuple):
    """The acting account and the time of the act (UTC, with zone)."""

    actor_id: int
    at: datetime
