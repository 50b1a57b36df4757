"""An event that is changed as its form changes it, with everybody told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.db import db
from app.registration import operations
from tests.support.cast import person
from tests.support.parties import again


def change(event: Event, **changes: Any) -> None:
    """Save these values of the event, by its organizer."""
    again()
    known = db.session.get_one(Event, event.id)
    values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
    operations.change_event(
        actor=person("bob"), event_id=event.id, values=replace(values, **changes), seen=queries.seen_of(known)
    )
