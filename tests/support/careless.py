"""A sign-up done wrong, on the same tables: it counts in one transaction and inserts in the next.

The flood test must see it oversell. If it didn't, the flood would be too gentle to prove anything of the real one.
"""

from __future__ import annotations

import secrets

from flask import Flask, request
from sqlalchemy import create_engine, func, insert, select

from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import begin_writing, prepare_engine, writing_options
from app.core.security.links import new_public_id
from app.registration.models import Registration, RegistrationStatus
from app.registration.tickets import new_reference
from config import read_settings

app = Flask(__name__)
settings = read_settings()
engine = create_engine(settings.database_url, pool_size=settings.database_pool)
prepare_engine(engine)


@app.get("/health/live")
def live() -> str:
    """The server is there."""
    return "ok"


@app.post("/e/<slug>/sign-up")
def sign_up(slug: str) -> tuple[str, int, dict[str, str]]:
    """Look whether there is a seat; then, a moment later, take one."""
    with engine.connect() as connection:
        event_id, capacity = connection.execute(
            select(Event.id, SeatPool.capacity).join(SeatPool, SeatPool.event_id == Event.id).where(Event.slug == slug)
        ).one()
        taken = connection.execute(
            select(func.count()).select_from(Registration).where(Registration.event_id == event_id)
        ).scalar_one()
    if taken >= capacity:
        return "All seats are taken", 409, {}
    with engine.connect().execution_options(**writing_options(engine)) as connection, connection.begin():
        begin_writing(connection)
        connection.execute(insert(Registration).values(_row(event_id)))
    return "", 303, {"Location": "/r/somewhere"}


def _row(event_id: int) -> dict[str, object]:
    name = request.form["name"]
    return {
        "public_id": new_public_id(),
        "event_id": event_id,
        "status": RegistrationStatus.CONFIRMED,
        "mode": "in_person",
        "name": name,
        "name_folded": name.lower(),
        "language": "en",
        "reference": new_reference(),
        "manage_hash": secrets.token_bytes(16),
        "ticket_hash": secrets.token_bytes(16),
        "key_number": 1,
        "created_at": now(),
        "changed_at": now(),
    }
