"""Fills a database as years of use would: events, people, seats, mails said, calendar entries, doors."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import Connection, insert, text

from app import create_app
from app.accounts.models import Organization
from app.attendance.models import Device, DeviceEvent
from app.catalogue.derive import derive_event, derive_session, new_uid
from app.catalogue.entries import entry_facts
from app.catalogue.formats import FORMATS
from app.catalogue.ics import render_vevent
from app.catalogue.models import (
    CatalogueVersion,
    Event,
    EventLedger,
    SeatPool,
    Session,
    SessionCalendar,
    Venue,
)
from app.catalogue.topics import TOPICS
from app.core.db import Base, db, transaction
from app.core.i18n import in_language
from app.core.security.links import link_token, ticket_code, token_hash
from app.registration.mailboxes import feed_token
from app.registration.models import ConsentText
from config import LANGUAGES, ROOT, Settings

ORGANIZATIONS = 5
SEATS = 500
DOOR_PEOPLE = 250
PEOPLE_PER_ADDRESS = 4
CHUNK = 5_000
PARAGRAPH = (
    "We look at **real** budgets, ask what a reader of an application wants to know, and write three sentences "
    "together. Bring a question of your own; nobody leaves without an answer. Tea is ready from half an hour before. "
)

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Door:
    """A paired phone, the event it stands for, and the tickets that can be shown to it."""

    credential: str
    event: str
    tickets: list[str]


@dataclass
class Contents:
    """What the requests need to know of a filled database."""

    doors: list[Door] = field(default_factory=list)
    open_slugs: list[str] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    manage_tokens: list[str] = field(default_factory=list)
    feed_tokens: list[str] = field(default_factory=list)
    consent_of: dict[str, int] = field(default_factory=dict)


class Filler:
    """Fills one database. The same numbers give the same rows, whichever kind of database it is."""

    def __init__(self, values: Settings, *, events: int, doors: int) -> None:
        self.values = values
        self.event_count, self.door_count = events, doors
        self.people = 0
        self.contents = Contents()
        self._own_entries: set[tuple[int, int]] = set()
        self._random = random.Random(2_026)
        self._now = datetime.now(UTC).replace(second=0, microsecond=0)

    def make_events(self) -> None:
        """Tables, organizations, events with their sessions, pools and calendar entries, and the doors."""
        with self._connected():
            upgrade(str(ROOT / "migrations"))
            with transaction():
                places = self._make_organizations()
                for first in range(1, self.event_count + 1, 500):
                    numbers = range(first, min(first + 500, self.event_count + 1))
                    self._make_some_events(numbers, places)
                self._make_doors()
                _set_sequences()

    def add_people(self, count: int) -> None:
        """Sign people up, those of the doors' events first, until there are `count`."""
        with self._connected():
            with transaction() as session:
                connection = session.connection()
                for first in range(self.people + 1, count + 1, CHUNK):
                    self._sign_up(connection, range(first, min(first + CHUNK, count + 1)))
                self.people = count
                connection.execute(_COUNT_SEATS)
                connection.execute(_COUNT_CHANGES)
                _set_sequences()
            _tidy()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        app = create_app(self.values)
        with app.app_context():
            yield
            db.session.remove()
            db.engine.dispose()

    def _make_organizations(self) -> list[tuple[Organization, Venue]]:
        places = []
        for number in range(1, ORGANIZATIONS + 1):
            organization = Organization(
                id=number,
                slug=f"house-{number}",
                name={"en": f"House {number}", "ru": f"Дом {number}"},
                about={},
                email=f"house{number}@example.org",
                zone="Europe/Moscow",
                language="en",
                created_at=self._now,
            )
            venue = Venue(
                id=number,
                organization_id=number,
                slug=f"hall-{number}",
                name={"en": f"Hall {number}", "ru": f"Зал {number}"},
                address={"en": f"{number} Harbour Street", "ru": f"Портовая улица, {number}"},
                directions={"en": "Second door on the left.", "ru": "Вторая дверь слева."},
                latitude=55.75,
                longitude=37.61,
                capacity=500,
            )
            consent = ConsentText(
                id=number,
                organization_id=number,
                purpose="personal_data",
                version=1,
                wording={"en": "I agree that my data is used to hold this event.", "ru": "Я согласен на обработку."},
                is_required=True,
                created_at=self._now,
            )
            db.session.add_all((organization, venue, consent))
            places.append((organization, venue))
        db.session.add(CatalogueVersion(id=1, version=1, changed_at=self._now))
        db.session.flush()
        return places

    def _make_some_events(self, numbers: range, places: list[tuple[Organization, Venue]]) -> None:
        made: list[tuple[Event, Organization, Session]] = []
        for number in numbers:
            organization, venue = places[number % ORGANIZATIONS]
            event, session = self._event(number, organization, venue)
            db.session.add_all((event, session, EventLedger(event_id=number)))
            for mode in ("in_person", "online")[: 2 if event.is_online else 1]:
                db.session.add(SeatPool(id=_pool(number, mode), event_id=number, mode=mode, capacity=SEATS))
            made.append((event, organization, session))
            self.contents.slugs.append(event.slug)
            self.contents.consent_of[event.slug] = organization.id
            if event.starts_at > self._now + timedelta(days=1):
                self.contents.open_slugs.append(event.slug)
        db.session.flush()
        db.session.execute(insert(SessionCalendar), _entries(made))
        db.session.expunge_all()
        db.session.add_all(place for pair in places for place in pair)

    def _event(self, number: int, organization: Organization, venue: Venue) -> tuple[Event, Session]:
        """Every fourth is hybrid; three of ten are over; those of the doors begin in half an hour."""
        starts = self._starts(number)
        hybrid = number % 4 == 0
        title = {"en": f"Evening {number}: how to ask", "ru": f"Вечер {number}: как просить"}
        event = Event(
            id=number,
            public_id=self._public_id(),
            organization_id=organization.id,
            slug=f"evening-{number}",
            status="published",
            format=_one_of(FORMATS, number),
            audience="anyone",
            topic=_one_of(TOPICS, number),
            language="en",
            title=title,
            summary={"en": f"An honest talk, number {number}.", "ru": f"Честный разговор номер {number}."},
            description={"en": f"Part {number}.\n\n{PARAGRAPH * 3}\n\n- one\n- two\n- {number}\n\n{PARAGRAPH}"},
            zone="Europe/Moscow",
            sign_up="here",
            sign_up_way="at_once",
            price={},
            created_at=self._now,
            changed_at=self._now,
            published_at=self._now,
        )
        session = Session(
            id=number,
            event_id=number,
            uid=new_uid(event.public_id),
            position=0,
            status="scheduled",
            title={},
            zone="Europe/Moscow",
            starts_local=starts,
            ends_local=starts + timedelta(hours=6 if number <= self.door_count else 2),
            is_all_day=False,
            is_in_person=True,
            is_online=hybrid,
            venue_id=venue.id,
            place_note={},
            room_url="https://rooms.example/room" if hybrid else None,
            room_note={},
            sequence=0,
            created_at=self._now,
            changed_at=self._now,
        )
        session.venue, session.room = venue, None
        derive_session(session)
        derive_event(event, [session])
        return event, session

    def _starts(self, number: int) -> datetime:
        local = (self._now + timedelta(hours=3)).replace(tzinfo=None)
        if number <= self.door_count:
            return local + timedelta(minutes=30)
        days = -1 - number % 300 if number % 10 < 3 else 2 + number % 200
        return local.replace(hour=10 + number % 9, minute=0) + timedelta(days=days)

    def _make_doors(self) -> None:
        for number in range(1, self.door_count + 1):
            credential = f"credential-{number}"
            event = db.session.get_one(Event, number)
            db.session.add(
                Device(
                    id=number,
                    public_id=self._public_id(),
                    organization_id=event.organization_id,
                    gate="A",
                    name=f"Phone {number}",
                    credential_hash=token_hash(credential),
                    created_at=self._now,
                    pairing_until=event.ends_at,
                    expires_at=event.ends_at + timedelta(hours=12),
                    paired_at=self._now - timedelta(hours=1),
                    last_seen_at=self._now,
                )
            )
            db.session.flush()
            db.session.add(DeviceEvent(device_id=number, event_id=number))
            self.contents.doors.append(Door(credential, event.public_id, []))

    def _sign_up(self, connection: Connection, numbers: range) -> None:
        rows: Rows = {name: [] for name in COLUMNS}
        for number in numbers:
            self._person(number, rows)
        for name in COLUMNS:
            _copy(connection, name, rows[name])

    def _person(self, number: int, rows: Rows) -> None:
        event = self._event_of(number)
        mode = "online" if event % 4 == 0 and number % 3 == 0 and event > self.door_count else "in_person"
        public_id, name = self._public_id(), f"Person {number}"
        manage, ticket, at = link_token("manage", public_id), ticket_code(public_id), self._now
        contact = -(-number // PEOPLE_PER_ADDRESS)
        address = f"person{contact}@example.net"
        if number % PEOPLE_PER_ADDRESS == 1:
            owner = self._public_id()
            rows["contact"].append((contact, owner, address, "en", at))
            feed = feed_token(owner, 1, self.values.link_key.number)
            rows["personal_feed"].append((contact, token_hash(feed), 1, self.values.link_key.number, "en", "none", at))
            self.contents.feed_tokens.append(feed)
        rows["registration"].append(
            (
                *(number, public_id, event, contact, "confirmed", mode, name, name.lower(), "en"),
                *(f"{100_000 + number % 900_000}", token_hash(manage), 1, token_hash(ticket), 1),
                *(self.values.link_key.number, f"form-of-{number:012d}", 0, number, at, at, at),
            )
        )
        if (contact, event) not in self._own_entries:
            self._own_entries.add((contact, event))
            rows["own_entry"].append((contact, event, 0, at))
        rows["seat_claim"].append((number, _pool(event, mode)))
        rows["consent"].append((number, event % ORGANIZATIONS + 1, "en", at))
        facts = {"registration": public_id}
        rows["outbox_message"].append(
            (
                *("registration_confirmed", event % ORGANIZATIONS + 1, address, "en", facts),
                *(f"registration_confirmed:{number}", f"<{public_id}@example.org>", 1, "sent", 1, at, at, at),
            )
        )
        rows["audit_line"].append(
            (at, "participant", "sign_up", event % ORGANIZATIONS + 1, event, "registration", number, {"mode": mode})
        )
        self.contents.manage_tokens.append(manage)
        if event <= self.door_count:
            self.contents.doors[event - 1].tickets.append(ticket)

    def _event_of(self, number: int) -> int:
        """The doors' events get their people first, the others share the rest evenly."""
        at_doors = self.door_count * DOOR_PEOPLE
        if number <= at_doors:
            return (number - 1) % self.door_count + 1
        return (number - at_doors - 1) % (self.event_count - self.door_count) + self.door_count + 1

    def _public_id(self) -> str:
        return f"{self._random.getrandbits(64):016x}"


def _pool(event: int, mode: str) -> int:
    return 2 * event - (mode == "in_person")


def _one_of(table: Any, number: int) -> str:
    return str(list(table)[number % len(table)])


def _entries(made: list[tuple[Event, Organization, Session]]) -> list[dict[str, Any]]:
    rows = []
    for language in LANGUAGES:
        with in_language(language):
            for event, organization, session in made:
                vevent = render_vevent(entry_facts(event, organization, session, language))
                rows.append({"session_id": session.id, "language": language, "vevent": vevent})
    return rows


COLUMNS = {
    "contact": "id public_id email language created_at",
    "registration": "id public_id event_id contact_id status mode name name_folded language reference manage_hash"
    " manage_generation ticket_hash ticket_generation key_number submission_key changes change_number created_at"
    " changed_at confirmed_at",
    "own_entry": "contact_id event_id changes changed_at",
    "personal_feed": "contact_id token_hash generation key_number language alarms changed_at",
    "seat_claim": "registration_id pool_id",
    "consent": "registration_id text_id language given_at",
    "outbox_message": "name organization_id to_address language facts dedupe_key message_id priority status attempts"
    " next_attempt_at created_at sent_at",
    "audit_line": "at actor_kind action organization_id event_id subject_kind subject_id details",
}
_COUNT_SEATS = text(
    "UPDATE seat_pool SET taken = (SELECT count(*) FROM seat_claim WHERE seat_claim.pool_id = seat_pool.id)"
)
_COUNT_CHANGES = text(
    "UPDATE event_ledger SET change_number = coalesce((SELECT max(registration.change_number) FROM registration"
    " WHERE registration.event_id = event_ledger.event_id), 0)"
)


def _copy(connection: Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Write rows as fast as the database takes them."""
    columns = COLUMNS[table].split()
    names = ", ".join(columns)
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        with raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row])
        return
    marks = ", ".join("?" * len(columns))
    raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", [_for_sqlite(row) for row in rows])


def _for_sqlite(row: tuple[Any, ...]) -> list[Any]:
    return [
        json.dumps(value) if isinstance(value, dict) else _instant(value) if isinstance(value, datetime) else value
        for value in row
    ]


@cache
def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _set_sequences() -> None:
    """Rows with numbers of their own were written; let PostgreSQL go on behind them."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if "id" in table.c:
            name = table.name
            db.session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), coalesce(max(id), 0) + 1, false)"
                    f' FROM "{name}"'
                )
            )


def _tidy() -> None:
    """What autovacuum or a quiet night would have done."""
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            connection.exec_driver_sql("CHECKPOINT")
    if db.engine.dialect.name == "sqlite":
        raw: Any = db.engine.raw_connection()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
