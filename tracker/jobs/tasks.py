"""What jobs can do: the rooms above register their tasks here by name."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.audit.acting import Acting
from tracker.jobs.progress import Progress

# Returns where its result is seen: {"endpoint": "reports.detail", "values": {"report_id": 1}}.
Task = Callable[[Mapping[str, Any], Acting, Progress], Mapping[str, Any]]


class _Registered(NamedTuple):
    function: Task
    title: LazyString


_TASKS: dict[str, _Registered] = {}
_UNTITLED = _l("Work in the background")


class TaskRefused(Exception):
    """The task cannot be done; the message says why and what to do next."""


def task(name: str, title: LazyString = _UNTITLED) -> Callable[[Task], Task]:
    """Register the function below under this name; enqueue(name, …) has it run by a worker.

    The title tells people what the job does.
    """

    def register(function: Task) -> Task:
        _TASKS[name] = _Registered(function, title)
        return function

    return register


def find_task(name: str) -> Task:
    """Return the task of this name. Raises KeyError."""
    return _TASKS[name].function


def title_of(name: str) -> LazyString:
    """Return what a task does, in words; of one that is no more, that it is work."""
    return _TASKS[name].title if name in _TASKS else _UNTITLED
