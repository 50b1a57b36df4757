"""What one can ask about doors, scans and who came."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.attendance.models import Admission, Device, DeviceEvent, OnlineJoin
from app.attendance.rules import DoorEvent
from app.catalogue.models import Event, EventStatus, Mode, Session, SessionStatus
from app.core.db import db, execute, table_of
from app.core.security.links import token_hash
from app.registration.models import Registration, RegistrationStatus

WHOLE_EVENT = "event"


@dataclass
class Counts:
    """How many are in, how many have a confirmed place in the hall, and who came through which gate."""

    inside: int = 0
    expected: int = 0
    by_gate: dict[str, int] = field(default_factory=dict)


def find_device(credential: str) -> Row[Any] | None:
    """The phone with this credential, as its row; also when it was revoked or its time is over."""
    row: Row[Any] | None = execute(_DEVICE, {"credential_hash": token_hash(credential)}).first()
    return row


_device = table_of(Device)
_DEVICE = select(_device).where(_device.c.credential_hash == bindparam("credential_hash"))


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


# Tables instead of classes, and made once: a phone at the door waits for these (docs/performance.md).
_event, _session, _admission = table_of(Event), table_of(Session), table_of(Admission)
_registration, _served = table_of(Registration), table_of(DeviceEvent)
_DOOR_EVENTS = (
    select(
        *(_event.c[name] for name in ("id", "public_id", "organization_id", "title", "zone", "starts_at", "ends_at")),
        _event.c.status,
        _session.c.starts_at.label("session_starts_at"),
        _session.c.ends_at.label("session_ends_at"),
    )
    .select_from(
        _event.join(_served, _served.c.event_id == _event.c.id).outerjoin(
            _session,
            and_(
                _session.c.event_id == _event.c.id,
                _session.c.status == SessionStatus.SCHEDULED,
                _session.c.is_in_person.is_(True),
            ),
        )
    )
    .where(_served.c.device_id == bindparam("device_id"))
    .order_by(_event.c.starts_at, _event.c.id, _session.c.starts_at)
)


def door_events_of(device_id: int) -> list[DoorEvent]:
    """The events that a phone serves, by their beginning."""
    rows = execute(_DOOR_EVENTS, {"device_id": device_id}).all()
    hours: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in rows:
        begin_and_end = (row.session_starts_at or row.starts_at, row.session_ends_at or row.ends_at)
        hours.setdefault(row.id, []).append(begin_and_end)
    return [_door_event(row, hours[row.id]) for row in {row.id: row for row in rows}.values()]


def _door_event(row: Any, hours: list[tuple[datetime, datetime]]) -> DoorEvent:
    return DoorEvent(
        id=row.id,
        public_id=row.public_id,
        organization_id=row.organization_id,
        title=row.title,
        zone=row.zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_cancelled=row.status == EventStatus.CANCELLED,
        hours=tuple(hours),
    )


def counts_of(event_id: int) -> Counts:
    """How many are in, and how many are expected in the hall, at one event."""
    return counts_by_event([event_id])[event_id]


def counts_by_event(event_ids: Collection[int]) -> dict[int, Counts]:
    """`counts_of` for several events."""
    values = {"event_ids": list(event_ids)}
    return _counts(event_ids, execute(_CAME_TO, values), execute(_EXPECTED_AT, values))


def counts_at_doors_of(device_id: int, events: Iterable[DoorEvent]) -> dict[int, Counts]:
    """`counts_of` for the events that a phone serves."""
    values = {"device_id": device_id}
    return _counts(
        [event.id for event in events], execute(_CAME_TO_SERVED, values), execute(_EXPECTED_AT_SERVED, values)
    )


def _counts(event_ids: Iterable[int], came: Iterable[Any], expected: Iterable[Any]) -> dict[int, Counts]:
    counts = {event_id: Counts() for event_id in event_ids}
    for event_id, gate, number in came:
        if event_id in counts:
            counts[event_id].by_gate[gate] = number
            counts[event_id].inside += number
    for event_id, number in expected:
        if event_id in counts:
            counts[event_id].expected = number
    return counts


_CAME = (
    select(_admission.c.event_id, _admission.c.gate, func.count())
    .where(_admission.c.scope == WHOLE_EVENT, _admission.c.undone_at.is_(None))
    .group_by(_admission.c.event_id, _admission.c.gate)
)
_EXPECTED = (
    select(_registration.c.event_id, func.count())
    .where(_registration.c.status == RegistrationStatus.CONFIRMED, _registration.c.mode == Mode.IN_PERSON)
    .group_by(_registration.c.event_id)
)
_NAMED: Any = bindparam("event_ids", expanding=True)
_CAME_TO = _CAME.where(_admission.c.event_id.in_(_NAMED))
_EXPECTED_AT = _EXPECTED.where(_registration.c.event_id.in_(_NAMED))
_SERVED = select(_served.c.event_id).where(_served.c.device_id == bindparam("device_id"))
_CAME_TO_SERVED = _CAME.where(_admission.c.event_id.in_(_SERVED))
_EXPECTED_AT_SERVED = _EXPECTED.where(_registration.c.event_id.in_(_SERVED))


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
