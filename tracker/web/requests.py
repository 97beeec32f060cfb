"""One request, one kind of transaction: what may change data takes the write lock at its first statement."""

from contextlib import ExitStack
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from werkzeug.exceptions import BadRequest

from tracker.extensions import writing

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What is no upload is typed by people or sent by programs: the limit of forms holds for uploads only.
MAX_PLAIN_BODY = 2 * 1024 * 1024
# They write no row, or only after long work, and must be answered while a long job holds the lock.
WITHOUT_LOCK = frozenset({"imports.create", "jobs.cancel"})


class UnknownHost(BadRequest):
    """The browser asked for another host's page: a name may lead here that is not this program's."""


def is_for_programs(path: str) -> bool:
    """Return whether a program asks: it is answered with JSON and codes, not with pages."""
    return path.startswith("/api/")


def origin() -> str:
    """Return the address of the browser that asks."""
    return request.remote_addr or ""


def init_requests(app: Flask) -> None:
    """Let requests with an unsafe method write from their first statement on."""
    app.before_request(_check_host)
    app.before_request(_limit_body)
    app.before_request(_begin)
    app.teardown_request(_end)


def _check_host() -> None:
    """Answer under the names that the settings give, and under addresses, which nobody else can take."""
    if not _is_own(request.host):
        raise UnknownHost


def _is_own(host_and_port: str) -> bool:
    try:
        host = (urlsplit(f"//{host_and_port}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return host in current_app.config["HOSTS"] or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _limit_body() -> None:
    if request.mimetype != "multipart/form-data":
        request.max_content_length = min(current_app.config["MAX_CONTENT_LENGTH"], MAX_PLAIN_BODY)


def _begin() -> None:
    if request.method not in SAFE_METHODS and request.endpoint not in WITHOUT_LOCK:
        g.held = ExitStack()
        g.held.enter_context(writing())


def _end(_error: BaseException | None) -> None:
    held: ExitStack | None = g.pop("held", None)
    if held:
        held.close()
