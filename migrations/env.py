"""Alembic's environment: the application's own engine and tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.core.db import Base, UTCDateTime, begin_writing, writing_options

config = context.config


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types into migrations as the plain types that they are."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "Texts":
        return "sa.JSON()"
    return False


def run(connection: Connection) -> None:
    """Run the migrations on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


class BrokenReferences(Exception):
    """A migration would have left rows that refer to nothing; nothing was changed."""


@contextmanager
def references_free(connection: Connection) -> Iterator[None]:
    """Let tables be made anew on SQLite, where dropping one would break what refers to it.

    That is the way that SQLite's manual says (lang_altertable, 7): all references are looked at before the commit.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # has no effect once a transaction has begun
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def migrate(connection: Connection) -> None:
    """Bring the tables to the version that was asked for, all or nothing."""
    with connection.begin():
        begin_writing(connection)
        run(connection)
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise BrokenReferences(broken)


engine = current_app.extensions["migrate"].db.engine
with engine.connect().execution_options(**writing_options(engine)) as opened, references_free(opened):
    opened.rollback()  # the pragma began nothing that a migration should be part of
    migrate(opened)
    opened.rollback()
