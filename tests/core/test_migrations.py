"""Migrations go up and down on both databases and match the models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, text

from app import create_app
from app.core.db import Base, db
from config import ROOT
from tests.support import databases

FOLDER = str(ROOT / "migrations")
BORN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        yield from databases.empty_postgresql()


def test_up_matches_the_models_and_down_leaves_nothing(empty: str) -> None:
    app = create_app(databases.settings_for(empty))
    with app.app_context():
        upgrade(FOLDER)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        downgrade(FOLDER, revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade(FOLDER)
        assert "registration" in inspect(db.engine).get_table_names()
        db.engine.dispose()


def put(tables: MetaData, name: str, **values: Any) -> None:
    """Add a row to a table of an older version; whatever it needs beside these values is empty."""
    empties: dict[type, Any] = {int: 0, str: "", bool: False, bytes: b"", datetime: BORN}
    table = tables.tables[name]
    for column in table.columns:
        if column.name not in values and not column.nullable and column.server_default is None:
            is_json = column.type.__class__.__name__.upper() == "JSON"
            values[column.name] = {} if is_json else empties[column.type.python_type]
    with db.engine.begin() as connection:
        connection.execute(table.insert(), values)


def test_revisions_of_calendar_entries_go_on_above_all_that_was_sent(empty: str) -> None:
    app = create_app(databases.settings_for(empty))
    with app.app_context():
        upgrade(FOLDER, revision="0015")
        tables = MetaData()
        tables.reflect(db.engine)
        put(tables, "organization", id=1)
        put(tables, "event", id=1, organization_id=1)
        for contact in (1, 2):
            put(tables, "contact", id=contact, public_id=f"c{contact}", email=f"{contact}@example.net")
        for number, (contact, changes) in enumerate([(1, 3), (1, 0), (2, 0), (None, 5)]):
            secrets = {"manage_hash": bytes([number]), "ticket_hash": bytes([number])}
            known = {"public_id": f"r{number}", "reference": f"{number}", "status": "cancelled"}
            put(
                tables,
                "registration",
                id=number + 1,
                event_id=1,
                contact_id=contact,
                changes=changes,
                **secrets,
                **known,
            )
        upgrade(FOLDER)
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT contact_id, event_id, changes FROM own_entry ORDER BY contact_id"))
            assert [tuple(row) for row in rows] == [(1, 1, 4), (2, 1, 0)]
            assert connection.execute(text("SELECT count(*) FROM organization WHERE sends_invitations")).scalar() == 0
        db.engine.dispose()
