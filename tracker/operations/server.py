"""Serving the program to browsers, until told to stop."""

import os
import signal
import subprocess
import sys
from threading import Event, Thread

from flask import Flask
from waitress.server import create_server

from tracker.config import ROOT

THREADS = 8
# Slow senders each hold a connection, none a thread: there must be room for people beside them.
CONNECTION_LIMIT = 500
# Both within the ten seconds in which the whole program ends.
WORKER_MAY_TAKE_SECONDS = 4
WORKER_RESTARTS_AFTER_SECONDS = 2


class Worker:
    """A job worker in a process of its own: heavy work slows no page. One that dies has a successor."""

    def __init__(self, app: Flask) -> None:
        self._environment = os.environ | {"TRACKER_INSTANCE": str(app.config["INSTANCE"])}
        self._is_over = Event()
        self._process = self._start()
        self._keeper = Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def ask_to_end(self) -> None:
        """Let it end as soon as it can."""
        self._is_over.set()
        self._process.terminate()

    def end(self) -> None:
        """Wait a little for its end, then force it."""
        self.ask_to_end()
        self._keeper.join(WORKER_MAY_TAKE_SECONDS)
        self._process.kill()
        self._keeper.join()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tracker.cli", "work", "--parent", str(os.getpid())]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment)  # noqa: S603 - our own module

    def _keep(self) -> None:
        self._process.wait()
        while not self._is_over.wait(WORKER_RESTARTS_AFTER_SECONDS):
            self._process = self._start()
            self._process.wait()


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
        clear_untrusted_proxy_headers=not app.config["PROXIES"],
        ident=None,
    )
    worker = Worker(app)

    def stop(*_: object) -> None:
        worker.ask_to_end()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    try:
        server.run()
    finally:
        worker.end()
