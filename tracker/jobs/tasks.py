"""What jobs can do: the rooms above register their tasks here by name."""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.audit.acting import Acting
from tracker.jobs.progress import Progress

# Returns where its result is seen: {"endpoint": "reports.detail", "values": {"report_id": 1}}.
Task = Callable[[Mapping[str, Any], Acting, Progress], Mapping[str, Any]]

_TASKS: dict[str, Task] = {}


class TaskRefused(Exception):
    """The task cannot be done; the message says why and what to do next."""


def task(name: str) -> Callable[[Task], Task]:
    """Register the function below under this name; enqueue(name, …) has it run by a worker."""

    def register(function: Task) -> Task:
        _TASKS[name] = function
        return function

    return register


def find_task(name: str) -> Task:
    """Return the task of this name. Raises KeyError."""
    return _TASKS[name]
