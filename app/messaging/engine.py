"""huey around the outbox and the periodic deeds.

huey is the engine, the table is the truth: a task only says "drain", so losing one loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now
from app.core.db import db, execute, insert_unless_there, transaction
from app.messaging import delivery, outbox
from app.messaging.models import Heartbeat, PeriodicRun
from config import Settings

BELL_SECONDS = 0.2
RUNS_KEPT = timedelta(days=7)

Deed = Callable[[], object]
log = structlog.get_logger()


class Bell:
    """Rings the worker after commits, off the request's path and at most five times a second."""

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __call__(self) -> None:
        """Ask for a ring; several askers at once share one."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(BELL_SECONDS, self._fire)
                self._timer.daemon = True
                self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            self._timer = None
        try:
            self._ring()
        except Exception as error:
            log.warning("worker_not_told", error=str(error))


class OneAtATime:
    """Runs `deed` in one thread at a time; who asks meanwhile has it run once more by the one who is at it.

    So a long queue of mail occupies one of the worker's threads, and the other goes on with what is due every minute.
    """

    def __init__(self, deed: Deed) -> None:
        self._deed = deed
        self._lock = threading.Lock()
        self._asked = threading.Event()

    def __call__(self) -> None:
        """Run the deed, or have it run."""
        self._asked.set()
        while self._asked.is_set() and self._lock.acquire(blocking=False):
            try:
                self._asked.clear()
                self._deed()
            finally:
                self._lock.release()


def make_huey(values: Settings) -> Huey:
    """huey on Redis when there is one, else in an SQLite file of its own."""
    if values.redis_url:
        return RedisHuey("lectern", url=values.redis_url, results=False)
    Path(values.queue_file).parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("lectern", filename=values.queue_file, results=False, fsync=False)


def attach(app: Flask, values: Settings, periodic: Mapping[str, Deed]) -> Huey:
    """Make the queue for `app`, with its tasks, and hang the bell on the outbox."""
    huey = make_huey(values)
    stopping = threading.Event()
    send_all = OneAtATime(lambda: delivery.drain(is_stopping=stopping.is_set))

    @huey.task(name="drain")  # type: ignore[untyped-decorator]
    def drain() -> None:
        with app.app_context():
            send_all()

    @huey.periodic_task(crontab(), name="every_minute")  # type: ignore[untyped-decorator]
    def every_minute() -> None:
        with app.app_context():
            beat("worker")
            for name, deed in periodic.items():
                run_once(name, now().replace(second=0, microsecond=0), deed)
            send_all()

    outbox.on_new_message(Bell(drain))
    app.extensions["lectern.huey"] = huey
    app.extensions["lectern.drain"] = drain
    app.extensions["lectern.stopping"] = stopping
    return huey


def beat(name: str) -> None:
    """Write down that `name` is alive."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(Heartbeat).values(name=name, at=now())
    with transaction():
        execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": statement.excluded.at}))


def run_once(name: str, due_at: datetime, deed: Deed) -> bool:
    """Do a periodic deed unless another scheduler has claimed this very run; returns whether it was done here."""
    claim = insert_unless_there(PeriodicRun, returning=("name",))
    with transaction():
        mine = execute(claim, {"name": name, "due_at": due_at}).first() is not None
        execute(delete(PeriodicRun).where(PeriodicRun.due_at < now() - RUNS_KEPT))
    if not mine:
        return False
    try:
        deed()
    except Exception as error:
        log.error("periodic_deed_failed", deed=name, exc_info=error)
        return False
    with transaction():
        execute(
            update(PeriodicRun).where(PeriodicRun.name == name, PeriodicRun.due_at == due_at).values(finished_at=now())
        )
    return True


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's consumer, which tells a running drain when it is asked to stop."""

    stopping: threading.Event

    def stop(self, graceful: bool = False) -> None:
        """Stop after the mail that is being sent, not after the whole queue."""
        self.stopping.set()
        super().stop(graceful)


def run(app: Flask) -> None:
    """Work until told to stop (SIGINT or SIGTERM)."""
    huey: Any = app.extensions["lectern.huey"]
    with app.app_context():
        beat("worker")
        log.info("worker_started")
    app.extensions["lectern.drain"]()
    consumer = _Consumer(
        huey, workers=2, worker_type="thread", max_delay=0.5, shutdown_timeout=20, graceful_signal="TERM"
    )
    consumer.stopping = app.extensions["lectern.stopping"]
    consumer.run()
