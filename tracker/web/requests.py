"""One request, one kind of transaction: what may change data takes the write lock at its first statement."""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, abort, current_app, g, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from tracker.extensions import writing

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What is no upload is typed by people or sent by programs: the limit of forms holds for uploads only.
MAX_PLAIN_BODY = 2 * 1024 * 1024
# They write no row, or only after long work, and must be answered while a long job holds the lock.
WITHOUT_LOCK = frozenset({"evidence.create", "evidence.edit", "imports.create", "jobs.cancel"})
# Nobody types them and not every database keeps them; tabs and ends of lines are text.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LONGEST_NAME = 100
# The largest number of a row on either database: what is larger leads nowhere.
LARGEST_KEY = 2**31 - 1


class PlainValues(ImmutableMultiDict[str, Any]):
    """What an address or a form holds, as text without control characters.

    Only names that a page of the program can have given are kept: the libraries of forms take "²" in a name
    for a number and fail at it.
    """

    def __init__(self, values: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(name, _plain(value)) for name, value in values if _is_name(name)])


class PlainRequest(Request):
    """A request whose address and form are plain text, whoever sent it."""

    parameter_storage_class = PlainValues


class KeyConverter(IntegerConverter):
    """A number in an address, of a row unless its rule says otherwise."""

    def __init__(self, map: Map, **limits: Any) -> None:  # noqa: A002, ANN401 - as Werkzeug has it
        super().__init__(map, **({"max": LARGEST_KEY} | limits))


class UnknownHost(BadRequest):
    """The browser asked for another host's page: a name may lead here that is not this program's."""


def is_for_programs(path: str) -> bool:
    """Return whether a program asks: it is answered with JSON and codes, not with pages."""
    return path.startswith("/api/")


def is_number(text: str) -> bool:
    """Return whether a text is a number that the program itself gave, of a row or a version."""
    return text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_KEY))


def place_asked() -> tuple[date, int] | None:
    """Return the line behind which a list goes on, by its day and number; 404 for what is none."""
    text = request.args.get("after")
    if text is None:
        return None
    place = re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})[.]([0-9]{1,15})", text)
    try:
        return (date.fromisoformat(place[1]), int(place[2])) if place else abort(404)
    except ValueError:
        abort(404)


def nearest_page(count: int, size: int) -> tuple[int, int]:
    """Return the page asked for of so many lines, or the nearest there is, and how many pages there are."""
    pages = max(1, -(-count // size))
    return min(max(request.args.get("page", 1, int), 1), pages), pages


def origin() -> str:
    """Return the address of the browser that asks."""
    return request.remote_addr or ""


def init_requests(app: Flask) -> None:
    """Read requests as plain text; let those with an unsafe method write from their first statement on."""
    app.request_class = PlainRequest
    app.url_map.converters["int"] = KeyConverter
    app.before_request(_check_host)
    app.before_request(_limit_body)
    app.before_request(_begin)
    app.teardown_request(_end)


def _is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and name.isascii() and name.isprintable()


def _plain(value: Any) -> Any:  # noqa: ANN401 - a text or a file
    if isinstance(value, FileStorage):
        value.filename = _plain(value.filename)
    return _CONTROL_CHARACTERS.sub("", value) if isinstance(value, str) else value


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
