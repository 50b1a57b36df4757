"""Migrations go up and down on both databases and match the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, select, text

from app import create_app
from app.catalogue.models import Event
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


@contextmanager
def tables_at(empty: str, revision: str) -> Iterator[MetaData]:
    """The tables of an older version in an empty database, in the context of an application."""
    app = create_app(databases.settings_for(empty))
    with app.app_context():
        upgrade(FOLDER, revision=revision)
        tables = MetaData()
        tables.reflect(db.engine)
        yield tables
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
    with tables_at(empty, "0015") as tables:
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


def test_invitations_that_were_sent_are_known_by_mailbox(empty: str) -> None:
    with tables_at(empty, "0021") as tables:
        put(tables, "organization", id=1, slug="inviting", sends_invitations=True)
        put(tables, "organization", id=2, slug="before", invited_until=BORN)
        put(tables, "organization", id=3, slug="never")
        for number in (1, 2, 3, 4):
            put(tables, "event", id=number, public_id=f"e{number}", slug=f"e{number}", organization_id=min(number, 3))
            put(tables, "contact", id=number, public_id=f"c{number}", email=f"{number}@example.net")
            put(tables, "own_entry", contact_id=number, event_id=number, changes=number)
            secrets = {"manage_hash": bytes([number]), "ticket_hash": bytes([number]), "reference": f"{number}"}
            place = {"event_id": number, "contact_id": number, "status": "confirmed", "confirmed_at": BORN}
            put(tables, "registration", id=number, public_id=f"r{number}", **secrets, **place)
        for number, event in enumerate((1, 2, 3, 4, 4)):
            put(tables, "session", id=number + 10, event_id=event, uid=f"u{number}", code=f"s{number}", sequence=5)
        upgrade(FOLDER)
        with db.engine.connect() as connection:
            columns = "contact_id, invited_session_id, invited_sequence"
            rows = connection.execute(text(f"SELECT {columns} FROM own_entry ORDER BY contact_id"))
            assert [tuple(row) for row in rows] == [(1, 10, 6), (2, 11, 7), (3, None, None), (4, None, None)]


def test_former_starts_become_those_of_the_first_meeting(empty: str) -> None:
    with tables_at(empty, "0022") as tables:
        put(tables, "organization", id=1)
        put(tables, "event", id=1, organization_id=1, zone="Europe/Samara")
        for number, position in ((11, 1), (12, 0)):
            starts_at = BORN + timedelta(days=number)
            put(tables, "session", id=number, event_id=1, uid=f"u{number}", position=position, starts_at=starts_at)
        former = [(BORN, None), (BORN + timedelta(days=1), "Europe/Moscow"), (BORN + timedelta(days=11), None)]
        for starts_at, zone in former:
            put(tables, "previous_start", event_id=1, starts_at=starts_at, zone=zone)
        upgrade(FOLDER, revision="0023")
        kept = "SELECT session_id, zone FROM previous_start ORDER BY starts_at"
        with db.engine.connect() as connection:
            assert [tuple(row) for row in connection.execute(text(kept))] == [
                (12, "Europe/Samara"),
                (12, "Europe/Moscow"),
            ]
        downgrade(FOLDER, revision="0022")
        with db.engine.connect() as connection:
            kept = "SELECT event_id, zone FROM previous_start ORDER BY starts_at"
            assert [tuple(row) for row in connection.execute(text(kept))] == [
                (1, "Europe/Samara"),
                (1, "Europe/Moscow"),
            ]


def test_former_starts_were_of_whole_days_where_the_meeting_is(empty: str) -> None:
    with tables_at(empty, "0023") as tables:
        put(tables, "organization", id=1)
        put(tables, "event", id=1, organization_id=1)
        for number, is_all_day in ((11, True), (12, False)):
            put(tables, "session", id=number, event_id=1, uid=f"u{number}", is_all_day=is_all_day)
            put(tables, "previous_start", session_id=number)
        upgrade(FOLDER, revision="0024")
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT session_id, is_all_day FROM previous_start ORDER BY session_id"))
            assert [(row[0], bool(row[1])) for row in rows] == [(11, True), (12, False)]
        downgrade(FOLDER, revision="0023")
        assert "is_all_day" not in {column["name"] for column in inspect(db.engine).get_columns("previous_start")}


def test_what_was_called_off_before_its_event_was_alone(empty: str) -> None:
    with tables_at(empty, "0024") as tables:
        put(tables, "organization", id=1)
        later, latest = BORN + timedelta(days=1), BORN + timedelta(days=2)
        put(tables, "event", id=1, public_id="e1", slug="e1", organization_id=1, status="published")
        for number in (2, 3):
            put(tables, "event", id=number, public_id=f"e{number}", slug=f"e{number}", organization_id=1)
        with db.engine.begin() as connection:
            off = text("UPDATE event SET status = 'cancelled', cancelled_at = :at WHERE id > 1")
            connection.execute(off, {"at": later})
        sessions = [(1, "cancelled", BORN), (1, "scheduled", BORN), (2, "cancelled", BORN), (2, "cancelled", later)]
        sessions += [(2, "cancelled", latest), (3, "cancelled", BORN), (3, "cancelled", BORN)]
        for number, (event, status, at) in enumerate(sessions, start=11):
            put(tables, "session", id=number, event_id=event, uid=f"u{number}", status=status, changed_at=at)
        upgrade(FOLDER, revision="0025")
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT id FROM session WHERE called_off_alone ORDER BY id"))
            assert [row[0] for row in rows] == [11, 13]
        downgrade(FOLDER, revision="0024")
        assert "called_off_alone" not in {column["name"] for column in inspect(db.engine).get_columns("session")}


def test_an_event_learns_which_way_of_coming_ends_before_it(empty: str) -> None:
    first, last, later = BORN, BORN + timedelta(days=7), BORN + timedelta(days=14)
    evenings: dict[int, list[tuple[datetime, dict[str, bool]]]] = {
        1: [(first, {"is_in_person": True, "is_online": True}), (last, {"is_in_person": False, "is_online": True})],
        2: [(first, {"is_in_person": False, "is_online": True}), (last, {"is_in_person": True, "is_online": False})],
        3: [(last, {"is_in_person": True, "is_online": True})],
        4: [
            (first, {"is_in_person": True, "is_online": False}),
            (last, {"is_in_person": False, "is_online": True}),
            (later, {"is_in_person": True, "is_online": False, "called_off_alone": True}),
        ],
    }
    with tables_at(empty, "0026") as tables:
        put(tables, "organization", id=1)
        for event, held in evenings.items():
            put(tables, "event", id=event, public_id=f"e{event}", slug=f"e{event}", organization_id=1, ends_at=last)
            for number, (ends_at, modes) in enumerate(held, start=10 * event):
                put(tables, "session", id=number, event_id=event, uid=f"u{number}", ends_at=ends_at, **modes)
        upgrade(FOLDER, revision="0027")
        event = Event.__table__.c
        with db.engine.connect() as connection:
            rows = connection.execute(select(event.id, event.in_person_until, event.online_until))
            told = {row[0]: list(row[1:]) for row in rows}
        assert told == {1: [first, None], 2: [None, first], 3: [None, None], 4: [first, None]}
        downgrade(FOLDER, revision="0026")
        assert "online_until" not in {column["name"] for column in inspect(db.engine).get_columns("event")}
