"""Events and registrations for tests, made by the real operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.catalogue import operations as catalogue
from app.catalogue.models import Event, Venue
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.db import db
from app.registration.models import Registration
from app.registration.operations import SignUpValues, register
from tests.support.cast import organization_id, person

ZONE = "Europe/Moscow"


def local(days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """A wall time in Moscow, so far from now, whole minutes."""
    at = now().astimezone(ZoneInfo(ZONE)).replace(tzinfo=None, second=0, microsecond=0)
    return at + timedelta(days=days, hours=hours, minutes=minutes)


def daytime(at: datetime) -> datetime:
    """By day, while people are awake, so that what begins then ends on that day, whenever the tests run."""
    return at.replace(hour=min(max(at.hour, 9), 20))


def event_values(**changes: Any) -> EventValues:
    """Values of a lecture for ten people in a hall, a week from now; `changes` replace some."""
    starts = changes.pop("starts_local", daytime(local(days=7)))
    values: dict[str, Any] = {
        "title": {"en": "How to ask for money", "ru": "Как просить деньги"},
        "format": "lecture",
        "audience": "anyone",
        "topic": "fundraising",
        "language": "en",
        "zone": ZONE,
        "starts_local": starts,
        "ends_local": changes.pop("ends_local", starts + timedelta(hours=2)),
        "is_in_person": True,
        "is_online": False,
        "capacity_in_person": 10,
        "summary": {"en": "An **honest** talk.", "ru": "Честный разговор."},
    }
    values.update(changes)
    return EventValues(**values)


def hybrid(**changes: Any) -> EventValues:
    """A hybrid event: ten seats in the hall, a hundred online."""
    return event_values(
        **{
            "is_online": True,
            "capacity_online": 100,
            "room_url": "https://rooms.example/secret-room-4711",
            **changes,
        }
    )


def make_event(values: EventValues | None = None, *, by: str = "bob", publish: bool = True, **changes: Any) -> Event:
    """A published event of the cast's organization, in its hall."""
    actor = person(by)
    where = next(iter(actor.roles))
    values = values or event_values(**changes)
    if values.is_in_person and values.venue_id is None:
        venue = db.session.scalar(db.select(Venue.id).where(Venue.organization_id == where))
        values = EventValues(**{**vars(values), "venue_id": venue})
    event_id = catalogue.create_event(actor=actor, organization_id=where, values=values)
    if publish:
        catalogue.publish_event(actor=actor, event_id=event_id)
    return db.session.get_one(Event, event_id)


def sign_up(event: Event, name: str = "Pat Participant", email: str | None = None, **changes: Any) -> Registration:
    """A registration, made as the form makes it."""
    address = email or f"{name.lower().replace(' ', '.')}@example.net"
    values = SignUpValues(**{"name": name, "email": address, "mode": "in_person", "language": "en", **changes})
    result = register(event_id=event.id, values=values)
    return db.session.get_one(Registration, result.registration_id)


__all__ = ["event_values", "hybrid", "local", "make_event", "organization_id", "sign_up"]
