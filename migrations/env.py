"""Alembic's environment: the application's own engine and tables."""

from __future__ import annotations

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


engine = current_app.extensions["migrate"].db.engine
with engine.connect().execution_options(**writing_options(engine)) as connection, connection.begin():
    begin_writing(connection)
    run(connection)
