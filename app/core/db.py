"""The database: base class, column types, and the transaction that every operation opens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.core.turns import away

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_MILLISECONDS = 30_000
RESTED_SECONDS = 1.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.002, 0.05

_writers: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, naive UTC in SQLite, `timestamptz` in PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Texts(TypeDecorator[dict[str, str]]):
    """A text in one or more languages: `{"en": "…", "ru": "…"}`; empty translations are left out."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, _dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else {language: text for language, text in value.items() if text}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UTCDateTime,
        dict[str, str]: Texts,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[int]: JSON,
    }


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


@contextmanager
def transaction() -> Iterator[Session]:
    """One deed, all or nothing: commits at the end, rolls back on any exception.

    The outermost call first ends what the view has read, so that whatever the operation loads is true now, and
    begins for writing (`BEGIN IMMEDIATE` on SQLite). A call inside another is a savepoint: a caught `DomainError`
    leaves nothing behind. What was given to `after_commit` runs once the outermost commit is through.
    """
    session = db.session()
    if session.info.get("is_writing"):
        with session.begin_nested():
            session.connection()  # sets the savepoint, which would wait for the session's own next statement
            yield session
        return
    # Expunged first: a rollback empties what is still in the session, and the view goes on using it.
    session.expunge_all()
    session.rollback()
    session.info.update(is_writing=True, after_commit=[])
    with _turn_to_write(db.engine):
        try:
            _begin_writing(session)
            yield session
            session.flush()
            with away():  # the disk takes its time
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["is_writing"] = False
    for deed in session.info.pop("after_commit"):
        deed()


def _begin_writing(session: Session) -> None:
    engine = db.engine
    with away():  # another process may be writing
        begin_writing(session.connection(bind_arguments={"bind": engine}, execution_options=writing_options(engine)))


@contextmanager
def _turn_to_write(engine: Engine) -> Iterator[None]:
    """Let the threads of a process that writes to SQLite queue up, first come, first served.

    SQLite's own way of waiting is to look again after ever longer pauses, up to a tenth of a second, and whoever looks
    at the right moment is next. Its lock stays the truth, for there are other processes; so whoever has waited as long
    as SQLite would goes on to hear from SQLite.
    """
    writer = _writers.get(engine)
    if writer is None:
        yield
        return
    taken = writer.acquire(blocking=False)
    if not taken:
        with away():
            taken = writer.acquire(timeout=SQLITE_BUSY_MILLISECONDS / 1000)
    try:
        yield
    finally:
        if taken:
            writer.release()


def give_way(seconds: float) -> None:
    """After a transaction that took so long, leave SQLite alone for as long: others may have waited for it.

    Whoever waits in another process looks again after ever longer pauses. Somebody who writes again and again without a
    pause is there each time, and nobody else gets in (`bench/promotion.py` measures it). PostgreSQL has a queue.
    """
    if db.engine in _writers:
        with away():
            time.sleep(min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE))


def after_commit(deed: Callable[[], None]) -> None:
    """Run `deed` once, after the running operation has been committed; never if it fails."""
    waiting: list[Callable[[], None]] = db.session().info["after_commit"]
    if deed not in waiting:
        waiting.append(deed)


def execute(statement: Any, values: Any = None) -> Any:
    """Run one Core statement in the session's transaction.

    What many people wait for uses statements made once, on tables rather than classes, with bound parameters: they
    cost a tenth of what the same costs when it is put together each time (docs/performance.md). Such statements see
    what objects have changed, too, for that is written first. What they change themselves, objects don't hear of.
    """
    session = db.session()
    session.flush()
    return _connection_of(session).execute(statement, values)


def _connection_of(session: Session) -> Connection:
    """The session's own connection, asked for once in each of its transactions: a tenth of a scan went into asking."""
    known: tuple[object, Connection] | None = session.info.get("connection")
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    connection = session.connection()
    session.info["connection"] = (session.get_transaction(), connection)
    return connection


def peek(engine: Engine, query: str) -> tuple[Any, ...] | None:
    """The first row of a constant query, by the bare driver and outside any transaction.

    For the one thing that nearly every request asks: it costs a tenth of what a session takes to begin and end.
    """
    lent = engine.raw_connection()
    try:
        cursor = lent.cursor()
        cursor.execute(query)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
    except Exception:
        lent.invalidate()
        raise
    lent.close()
    return row


def table_of(model: type[Base]) -> Table:
    """The model's table, for statements that need no objects."""
    return cast("Table", model.__table__)


def insert_unless_there(model: type[Base], *, on: tuple[str, ...] = (), returning: tuple[str, ...] = ()) -> Any:
    """INSERT … ON CONFLICT DO NOTHING for the database at work; `on` names the unique columns, else any will do."""
    return _insert_unless_there(model, on, returning, db.engine.dialect.name)


@cache
def _insert_unless_there(model: type[Base], on: tuple[str, ...], returning: tuple[str, ...], dialect: str) -> Any:
    table = table_of(model)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing(index_elements=on or None)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


def reading_options(address: str) -> dict[str, Any]:
    """How an engine for this database address reads: each statement by itself, with no transaction around.

    On SQLite the drivers' connections are set up so; here PostgreSQL's are.
    """
    return {} if address.startswith("sqlite") else {"isolation_level": "AUTOCOMMIT"}


def writing_options(engine: Engine) -> dict[str, Any]:
    """What a connection must be given before it begins to write, or nothing would be taken back."""
    return {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}


def begin_writing(connection: Connection) -> None:
    """Begin the transaction of a connection that was given `writing_options`. Waits while SQLite has another writer.

    Said here rather than by a listener to the engine's beginnings: one listener makes every statement look for more.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def prepare_engine(engine: Engine) -> None:
    """Give the databases the behaviour that we count on (see docs/decisions/0002)."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _ask_after_rest(engine)


def _ask_after_rest(engine: Engine) -> None:
    """Ask a connection that has rested whether it is still alive; the server may have been restarted meanwhile.

    SQLAlchemy's own `pool_pre_ping` asks each time, which costs a busy page as much as one of its queries.
    """

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _lent: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", float("inf")) < RESTED_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except Exception:
            alive = False
        if not alive:
            raise DisconnectionError


def _prepare_sqlite(engine: Engine) -> None:
    _writers[engine] = threading.Lock()

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred, and a
        # deferred transaction that later writes fails at once when somebody else is writing.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")
