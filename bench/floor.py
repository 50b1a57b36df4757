"""The floor: the least that the same deeds could cost in Flask, with the database's own driver and nothing else.

`FLOOR_DATABASE` names the database. Each view sends the statements that the application sends, in the same order and
with the same promise at the commit; `tests/bench` counts them on both sides.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from psycopg_pool import ConnectionPool

from app.core.security.links import token_hash
from app.registration.tickets import new_reference

app = Flask("floor")
Row = Any


class SQLiteStore:
    """A connection per thread, set up as the application sets up its own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return known or self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16000")
        self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Any]:
        """Begin for writing at once and commit; read without a transaction, as the application does."""
        connection = self._connection()
        if not writing:
            yield connection.execute
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection.execute
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def sql(self, text: str) -> str:
        """SQLite knows `:name` as it is."""
        return text

    def instant(self, at: datetime) -> Any:
        """As the application stores an instant."""
        return at.strftime("%Y-%m-%d %H:%M:%S.%f")


class PostgreSQLStore:
    """The driver's own pool."""

    def __init__(self, address: str) -> None:
        self._pool = ConnectionPool(address, min_size=1, max_size=8, open=True, kwargs={"autocommit": True})

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Any]:
        """A connection lent by the pool."""
        with self._pool.connection() as connection, connection.transaction() if writing else nullcontext():
            yield connection.execute

    def sql(self, text: str) -> str:
        """psycopg writes parameters in its own way."""
        return re.sub(r"(?<!:):(\w+)", r"%(\1)s", text)

    def instant(self, at: datetime) -> Any:
        """psycopg knows instants."""
        return at


def _store() -> SQLiteStore | PostgreSQLStore:
    address = os.environ["FLOOR_DATABASE"]
    if address.startswith("sqlite:///"):
        return SQLiteStore(address.removeprefix("sqlite:///"))
    return PostgreSQLStore(address.replace("postgresql+psycopg://", "postgresql://", 1))


store = _store()


@app.get("/hello")
def hello() -> str:
    """The floor of pages."""
    return "Hello, world!"


FRAME = (
    "SELECT p.id, p.mode, p.session_id, p.partner_id, p.capacity, p.taken, p.waiting, e.id, e.organization_id, e.slug,"
    " e.status, e.sign_up, e.has_waiting_list, e.starts_at, e.ends_at, e.sign_up_opens_at, e.sign_up_closes_at"
    " FROM event e LEFT JOIN seat_pool p ON p.event_id = e.id WHERE e.{} ORDER BY p.id"
)
FRAME_AT = store.sql(FRAME.format("slug = :slug"))
FRAME_OF = store.sql(FRAME.format("id = :event"))
CONSENTS = store.sql(
    "SELECT id, purpose, wording, is_required FROM consent_text WHERE organization_id = :organization"
    " ORDER BY purpose, version DESC"
)
SAME_FORM = store.sql(
    "SELECT id, public_id, manage_generation, key_number FROM registration"
    " WHERE submission_key = :key AND event_id = :event"
)
CONTACT = store.sql("UPDATE contact SET language = language WHERE email = :email RETURNING id")
NEW_CONTACT = store.sql(
    "INSERT INTO contact (public_id, email, language, created_at) VALUES (:public, :email, 'ru', :at)"
    " ON CONFLICT (email) DO NOTHING RETURNING id"
)
PERSON = store.sql(
    "SELECT id, public_id, name_folded FROM registration WHERE event_id = :event AND contact_id = :contact"
    " AND status IN ('unconfirmed', 'pending', 'waitlisted', 'offered', 'confirmed')"
)
NEW_REGISTRATION = store.sql(
    "INSERT INTO registration (public_id, event_id, contact_id, status, mode, name, name_folded, phone, language,"
    " reference, manage_hash, manage_generation, ticket_hash, ticket_generation, key_number, submission_key, via,"
    " changes, change_number, created_at, changed_at, confirmed_at, source_key) VALUES (:public, :event, :contact,"
    " 'confirmed', :mode, :name, :name, NULL, 'ru', :reference, :manage, 1, :ticket, 1, 1, :key, NULL, 0, 0, :at,"
    " :at, :at, NULL) ON CONFLICT DO NOTHING RETURNING id, public_id"
)
TAKE_SEAT = store.sql(
    "UPDATE seat_pool SET taken = taken + 1 WHERE id = :pool AND waiting = 0"
    " AND (capacity IS NULL OR taken < capacity) RETURNING taken"
)
CLAIM = store.sql("INSERT INTO seat_claim (registration_id, pool_id) VALUES (:registration, :pool)")
CONSENT = store.sql(
    "INSERT INTO consent (registration_id, text_id, language, given_at) VALUES (:registration, :text, 'ru', :at)"
)
AUDIT = store.sql(
    "INSERT INTO audit_line (at, actor_kind, actor_id, action, organization_id, event_id, subject_kind, subject_id,"
    " details) VALUES (:at, 'participant', NULL, 'sign_up', :organization, :event, 'registration', :registration,"
    " :details)"
)
OUTBOX = store.sql(
    "INSERT INTO outbox_message (name, organization_id, to_address, language, facts, dedupe_key, message_id, priority,"
    " status, attempts, next_attempt_at, created_at) VALUES ('registration_confirmed', :organization, :email, 'ru',"
    " :facts, :dedupe, :message, 1, 'queued', 0, :at, :at) ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)
OWN_ENTRY = store.sql(
    "INSERT INTO own_entry (contact_id, event_id, changes, changed_at) VALUES (:contact, :event, 0, :at)"
    " ON CONFLICT (contact_id, event_id) DO UPDATE SET changes = own_entry.changes + 1, changed_at = :at"
)
RAISE_NUMBER = store.sql(
    "UPDATE event_ledger SET change_number = change_number + 1 WHERE event_id = :event RETURNING change_number"
)
STAMP = store.sql("UPDATE registration SET change_number = :number, changed_at = :at WHERE id = :registration")


@app.post("/e/<slug>/sign-up")
def sign_up(slug: str) -> Any:
    """The statements of a sign-up."""
    form = request.form
    with store.transaction(writing=False) as execute:
        event, organization = execute(FRAME_AT, {"slug": slug}).fetchall()[0][7:9]
        text = execute(CONSENTS, {"organization": organization}).fetchall()[0][0]
    at = store.instant(datetime.now(UTC))
    public, reference = secrets.token_hex(8), new_reference()
    values = {
        "slug": slug,
        "event": event,
        "organization": organization,
        "text": text,
        "at": at,
        "public": public,
        "email": form["email"],
        "name": form["name"],
        "mode": form["mode"],
        "key": form["key"],
        "reference": reference,
        "manage": token_hash(public),
        "ticket": token_hash(reference + public),
    }
    with store.transaction(writing=True) as execute:
        execute(SAME_FORM, values).fetchone()
        values["pool"] = execute(FRAME_OF, values).fetchall()[0][0]
        execute(CONTACT, values).fetchone()
        values["contact"] = execute(NEW_CONTACT, values).fetchone()[0]
        execute(PERSON, values).fetchall()
        while (row := execute(NEW_REGISTRATION, values).fetchone()) is None:  # somebody has this reference
            values["reference"] = new_reference()
        values["registration"] = row[0]
        if execute(TAKE_SEAT, values).fetchone() is None:
            return Response("full", status=409)
        execute(CLAIM, values)
        execute(CONSENT, values)
        values["details"] = json.dumps({"mode": values["mode"]})
        execute(AUDIT, values)
        values["facts"] = json.dumps({"registration": public})
        values["dedupe"] = f"registration_confirmed:{values['registration']}"
        values["message"] = f"<{public}@example.org>"
        execute(OUTBOX, values).fetchone()
        values["number"] = execute(RAISE_NUMBER, values).fetchone()[0]
        execute(OWN_ENTRY, values)
        execute(STAMP, values)
    return redirect(f"/r/{public}", 303)


DOOR = store.sql(
    "SELECT g.id, g.name, g.gate, g.is_supervisor, g.paired_at, g.last_seen_at, g.revoked_at, g.expires_at, e.id,"
    " e.public_id, e.organization_id, e.title, e.zone, e.starts_at, e.ends_at, e.status, s.starts_at, s.ends_at"
    " FROM device g LEFT JOIN device_event d ON d.device_id = g.id LEFT JOIN event e ON d.event_id = e.id"
    " LEFT JOIN session s ON s.event_id = e.id AND s.status = 'scheduled' AND s.is_in_person"
    " WHERE g.credential_hash = :credential ORDER BY e.starts_at, e.id, s.starts_at"
)
KNOWN_SCAN = store.sql(
    "SELECT s.client_id, s.event_id, s.verdict, s.at, s.earlier_at, s.earlier_gate, d.gate, r.name, r.mode, e.id,"
    " e.organization_id, e.title, e.starts_at, e.zone FROM scan s JOIN device d ON d.id = s.device_id"
    " LEFT JOIN registration r ON r.id = s.registration_id LEFT JOIN event e ON e.id = r.event_id"
    " WHERE s.client_id = :client"
)
TICKET = store.sql(
    "SELECT r.id, r.event_id, r.status, r.mode, r.name, r.ticket_hash, r.reference, e.organization_id, e.title,"
    " e.starts_at, e.zone FROM registration r JOIN event e ON e.id = r.event_id WHERE r.ticket_hash = :ticket"
)
HOLD = store.sql(
    "UPDATE registration SET change_number = change_number WHERE id = :registration RETURNING status, mode"
)
ADMIT = store.sql(
    "INSERT INTO admission (event_id, registration_id, scope, client_id, device_id, gate, at, undone_at) VALUES"
    " (:event, :registration, 'event', :client, :device, 'A', :at, NULL) ON CONFLICT DO NOTHING RETURNING id"
)
SCAN = store.sql(
    "INSERT INTO scan (client_id, device_id, event_id, registration_id, kind, source, code_hash, reference, device_at,"
    " at, received_at, shown, verdict, earlier_at, earlier_gate) VALUES (:client, :device, :event, :registration, 'in',"
    " 'camera', :ticket, NULL, :at, :at, :at, NULL, 'welcome', NULL, NULL)"
    " ON CONFLICT (client_id) DO NOTHING RETURNING client_id"
)
CHANGED = store.sql(
    "SELECT r.id, r.public_id, r.ticket_hash, r.name, r.mode, r.status, r.change_number, a.at, a.gate"
    " FROM registration r LEFT JOIN admission a ON a.registration_id = r.id"
    " AND a.scope = 'event' AND a.undone_at IS NULL WHERE r.event_id = :event"
    " AND (r.change_number, r.id) > (:number, :after) ORDER BY r.change_number, r.id LIMIT 500"
)
COUNTS = store.sql(
    "SELECT event_id, gate, count(*) FROM admission WHERE event_id = :event AND scope = 'event' AND undone_at IS NULL"
    " GROUP BY event_id, gate UNION ALL SELECT event_id, NULL, count(*) FROM registration WHERE event_id = :event"
    " AND status = 'confirmed' AND mode = 'in_person' GROUP BY event_id"
)


@app.post("/api/v1/door/sync")
def sync() -> Response:
    """The statements of one scan."""
    parcel = json.loads(request.get_data())
    (scan,) = parcel["scans"]
    number, after = json.loads(parcel["cursor"] or "[-1, 0]")
    at = store.instant(datetime.now(UTC))
    values: dict[str, Any] = {"client": scan["id"], "at": at, "ticket": token_hash(scan["code"])}
    values |= {"number": number, "after": after, "credential": token_hash(request.cookies["door"])}
    with store.transaction(writing=False) as execute:
        door = execute(DOOR, values).fetchall()[0]
        values["device"], values["event"] = door[0], door[8]
    with store.transaction(writing=True) as execute:
        execute(KNOWN_SCAN, values).fetchall()
        ticket = execute(TICKET, values).fetchall()[0]
        values["registration"] = ticket[0]
        execute(HOLD, values).fetchone()
        execute(ADMIT, values).fetchone()
        execute(SCAN, values).fetchone()
        number = execute(RAISE_NUMBER, values).fetchone()[0]
        execute(STAMP, {**values, "number": number})
    with store.transaction(writing=False) as execute:
        changed = execute(CHANGED, values).fetchall()
        (inside, expected) = execute(COUNTS, values).fetchall()
    return jsonify(
        cursor=json.dumps([number, ticket[0]]),
        changed=[[str(value) for value in row[:7]] for row in changed],
        counts=[inside[2], expected[2]],
        name=ticket[4],
    )
