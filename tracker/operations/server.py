"""Serving the program to browsers, until told to stop."""

import signal
import sys

from flask import Flask
from waitress.server import create_server

THREADS = 8
# Slow senders each hold a connection, none a thread: there must be room for people beside them.
CONNECTION_LIMIT = 500


def serve_until_stopped(app: Flask, host: str, port: int) -> None:
    """Answer requests until SIGTERM or SIGINT; what is being answered then gets five seconds to end."""
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTION_LIMIT,
        # The application refuses a large upload itself, with a page; this only bounds what is received first.
        max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
        ident=None,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()
