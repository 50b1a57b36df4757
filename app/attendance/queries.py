"""What one can ask about doors, scans and who came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from app.attendance.models import Admission, Device, DeviceEvent, OnlineJoin
from app.attendance.rules import DoorEvent
from app.catalogue.models import Event, Mode, Session, SessionStatus
from app.core.db import db, execute
from app.core.security.links import token_hash
from app.registration.models import Registration, RegistrationStatus

WHOLE_EVENT = "event"


@dataclass
class Counts:
    """How many are in, how many have a confirmed place in the hall, and who came through which gate."""

    inside: int = 0
    expected: int = 0
    by_gate: dict[str, int] = field(default_factory=dict)


def find_device(credential: str) -> Device | None:
    """The phone with this credential, also when it was revoked or its time is over."""
    return db.session.scalar(select(Device).where(Device.credential_hash == token_hash(credential)))


def devices_of(organization_id: int) -> list[Device]:
    """All phones ever prepared for the organization's doors, latest first."""
    return list(
        db.session.scalars(select(Device).where(Device.organization_id == organization_id).order_by(Device.id.desc()))
    )


def devices_at(event_id: int) -> list[Device]:
    """The phones prepared for the doors of one event, latest first."""
    return list(
        db.session.scalars(
            select(Device).join(DeviceEvent).where(DeviceEvent.event_id == event_id).order_by(Device.id.desc())
        )
    )


def door_events_of(device_id: int) -> list[DoorEvent]:
    """The events that a phone serves, by their beginning."""
    in_the_hall = and_(
        Session.event_id == Event.id,
        Session.status == SessionStatus.SCHEDULED,
        Session.is_in_person.is_(True),
    )
    rows = execute(
        select(Event, Session.starts_at, Session.ends_at)
        .join(DeviceEvent, DeviceEvent.event_id == Event.id)
        .outerjoin(Session, in_the_hall)
        .where(DeviceEvent.device_id == device_id)
        .order_by(Event.starts_at, Event.id, Session.starts_at)
    ).all()
    hours: dict[int, list[tuple[datetime, datetime]]] = {}
    events: dict[int, Event] = {}
    for event, starts_at, ends_at in rows:
        events[event.id] = event
        hours.setdefault(event.id, []).append((starts_at or event.starts_at, ends_at or event.ends_at))
    return [_door_event(event, hours[event.id]) for event in events.values()]


def _door_event(event: Event, hours: list[tuple[datetime, datetime]]) -> DoorEvent:
    return DoorEvent(
        id=event.id,
        public_id=event.public_id,
        organization_id=event.organization_id,
        title=event.title,
        zone=event.zone,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        is_cancelled=event.is_cancelled,
        hours=tuple(hours),
    )


def counts_of(event_id: int) -> Counts:
    """How many are in, and how many are expected in the hall, at one event."""
    return counts_by_event([event_id])[event_id]


def counts_by_event(event_ids: Collection[int]) -> dict[int, Counts]:
    """`counts_of` for several events."""
    counts = {event_id: Counts() for event_id in event_ids}
    came = execute(
        select(Admission.event_id, Admission.gate, func.count())
        .where(Admission.event_id.in_(event_ids), Admission.scope == WHOLE_EVENT, Admission.undone_at.is_(None))
        .group_by(Admission.event_id, Admission.gate)
    )
    for event_id, gate, number in came:
        counts[event_id].by_gate[gate] = number
        counts[event_id].inside += number
    expected = execute(
        select(Registration.event_id, func.count())
        .where(
            Registration.event_id.in_(event_ids),
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.mode == Mode.IN_PERSON,
        )
        .group_by(Registration.event_id)
    )
    for event_id, number in expected:
        counts[event_id].expected = number
    return counts


def admission_of(registration_ids: Collection[int]) -> dict[int, Admission]:
    """Who of these people is in, by registration."""
    rows = db.session.scalars(
        select(Admission).where(
            Admission.registration_id.in_(registration_ids),
            Admission.scope == WHOLE_EVENT,
            Admission.undone_at.is_(None),
        )
    )
    return {row.registration_id: row for row in rows}


def joins_of(event_id: int) -> list[OnlineJoin]:
    """Every entering of the event's online room, in the order of time."""
    return list(db.session.scalars(select(OnlineJoin).where(OnlineJoin.event_id == event_id).order_by(OnlineJoin.id)))


def find_online_session(event_id: int, now: datetime) -> Session | None:
    """The online session whose room matters at `now`: the first that isn't over yet, else the last one."""
    sessions = db.session.scalars(
        select(Session)
        .where(
            Session.event_id == event_id,
            Session.is_online.is_(True),
            Session.status == SessionStatus.SCHEDULED,
        )
        .options(joinedload(Session.event))
        .order_by(Session.starts_at, Session.id)
    ).all()
    return next((session for session in sessions if session.ends_at > now), sessions[-1] if sessions else None)
