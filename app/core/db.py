"""The database: base class, column types, and the transaction that every operation opens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_MILLISECONDS = 30_000
RESTED_SECONDS = 1.0


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

    The outermost call first ends the read snapshot of the view, so that whatever the operation loads is true now, and
    begins for writing (`BEGIN IMMEDIATE` on SQLite). A call inside another is a savepoint: a caught `DomainError`
    leaves nothing behind. What was given to `after_commit` runs once the outermost commit is through.
    """
    session = db.session()
    if session.info.get("in_operation"):
        with session.begin_nested():
            yield session
        return
    # Expunged first: a rollback empties what is still in the session, and the view goes on using it.
    session.expunge_all()
    session.rollback()
    session.info["in_operation"] = True
    session.info["after_commit"] = []
    try:
        session.connection(bind_arguments={"bind": db.engine}, execution_options={"writing": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_operation"] = False
    for deed in session.info.pop("after_commit"):
        deed()


def after_commit(deed: Callable[[], None]) -> None:
    """Run `deed` once, after the running operation has been committed; never if it fails."""
    waiting: list[Callable[[], None]] = db.session().info["after_commit"]
    if deed not in waiting:
        waiting.append(deed)


def execute(statement: Any, values: Any = None) -> Any:
    """Run one Core statement in the session's transaction.

    What many people wait for uses statements made once, on tables rather than classes, with bound parameters: they
    cost a tenth of what the same costs when it is put together each time (docs/performance.md). Such statements see
    what objects have changed, too, for that is written first.
    """
    session = db.session()
    session.flush()
    return session.execute(statement, values)


def peek(engine: Engine, query: str) -> tuple[Any, ...] | None:
    """The first row of a constant query, by the bare driver and outside any transaction.

    For the one thing that nearly every request asks: it costs a tenth of what a session takes to begin and end.
    """
    lent = engine.raw_connection()
    driver: Any = lent.driver_connection
    by_itself = engine.dialect.name == "sqlite"  # our SQLite connections begin no transaction that isn't asked for
    try:
        if not by_itself:
            driver.autocommit = True
        cursor = driver.cursor()
        cursor.execute(query)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
        if not by_itself:
            driver.autocommit = False
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

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
