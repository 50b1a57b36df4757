"""Few requests compute at once; the others wait their turn instead of fighting for Python's one lock.

A process runs Python in one thread at a time. Eight threads that all want to compute hand the lock to and fro and make
each other's caches cold: a page that costs 4 ms alone costs 6 to 8. Threads are still needed, for slow networks and for
whatever takes long. So a request computes while it has a turn, and gives it back where it may wait long: its body is
read before, its answer is sent after, and `away()` is around what another process or the disk may hold up. A statement
to a database next door is too short to be worth the change (docs/decisions/0011-turns.md).

It saves time and promises nothing: who has waited a fifth of a second for a turn goes on without one, so nobody who is
stuck can make the others stand still.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Flask

PATIENCE_SECONDS = 0.2
IN_MEMORY = 1024 * 1024
PART = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_thread = threading.local()


class Turns:
    """Stands before the application and lets `count` requests in at once."""

    def __init__(self, application: Application, count: int, max_body: int) -> None:
        self._application = application
        self._turns = threading.Semaphore(count)
        self._max_body = max_body

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with _whole_body(environ, self._max_body):
            _take(self._turns)
            try:
                return self._application(environ, start_response)
            finally:
                _give_back()


@contextmanager
def away() -> Iterator[None]:
    """Somebody else may compute meanwhile: inside the block this thread waits for something else."""
    turns = _give_back()
    try:
        yield
    finally:
        if turns is not None:
            _take(turns)


def attach(app: Flask, count: int, max_body: int) -> None:
    """Put it before the application."""
    app.wsgi_app = Turns(app.wsgi_app, count, max_body)  # type: ignore[method-assign]


def _take(turns: threading.Semaphore) -> None:
    _thread.turns = turns if turns.acquire(timeout=PATIENCE_SECONDS) else None


def _give_back() -> threading.Semaphore | None:
    """Nothing if this thread has no turn."""
    turns: threading.Semaphore | None = getattr(_thread, "turns", None)
    if turns is not None:
        _thread.turns = None
        turns.release()
    return turns


@contextmanager
def _whole_body(environ: dict[str, Any], most: int) -> Iterator[None]:
    """Take in what a slow network brings. Larger bodies are refused unread, those of unknown length are rare."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or not 0 < int(length) <= most:
        yield
        return
    missing = int(length)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        while missing and (part := environ["wsgi.input"].read(min(missing, PART))):
            body.write(part)
            missing -= len(part)
        body.seek(0)
        environ["wsgi.input"] = body
        environ.pop("wsgi.input_terminated", None)  # so that half a form, broken off, isn't taken for a whole one
        yield
