"""The program's log: one JSON line an entry, with numbers and places, never with what people typed."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO, cast

from flask import Flask, has_request_context, request
from flask.logging import wsgi_errors_stream

OURS = "tracker"
# waitress tells of full queues and lost connections there.
LOGGERS = (OURS, "waitress")


class JsonLines(logging.Formatter):
    """Writes an entry as one line. A fault is told by its type and where it happened, not by its words.

    The words of other packages' entries and of errors may repeat a field's value: only their pattern is kept.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if record.name == OURS else str(record.msg),
        }
        if has_request_context():
            told |= {"method": request.method, "endpoint": request.endpoint}
        if record.exc_info and record.exc_info[0]:
            told["error"] = record.exc_info[0].__name__
            told["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(told, ensure_ascii=False)


def init_logs(app: Flask) -> None:
    """Have the program and its server write their log to standard error."""
    # It looks for the stream when something is written.
    handler = logging.StreamHandler(cast("TextIO", wsgi_errors_stream))
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logging.getLogger(name).handlers = [handler]
    app.log_exception = lambda exc_info: app.logger.error("unhandled fault", exc_info=exc_info)  # type: ignore[method-assign]
