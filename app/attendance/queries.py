"""What one can ask about doors, scans and who came."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, null, select, union_all

from app.attendance.models import Admission, Device, DeviceEvent, OnlineJoin
from app.attendance.rules import Door, DoorEvent
from app.catalogue.models import Event, EventStatus, Mode, Session, SessionStatus
from app.core.db import db, execute, table_of
from app.core.security.links import token_hash
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_sessions import own_sessions

WHOLE_EVENT = "event"


@dataclass
class Counts:
    """How many are in, how many have a confirmed place in the hall, and who came through which gate."""

    inside: int = 0
    expected: int = 0
    by_gate: dict[str, int] = field(default_factory=dict)


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
_registration, _device, _served = table_of(Registration), table_of(Device), table_of(DeviceEvent)
_DEVICE_COLUMNS = (
    *("id", "name", "gate", "is_supervisor"),
    *("paired_at", "last_seen_at", "revoked_at", "expires_at"),
)
_DOOR = (
    select(
        *(_device.c[name].label(f"device_{name}") for name in _DEVICE_COLUMNS),
        *(_event.c[name] for name in ("id", "public_id", "organization_id", "title", "zone", "starts_at", "ends_at")),
        _event.c.status,
        _session.c.starts_at.label("session_starts_at"),
        _session.c.ends_at.label("session_ends_at"),
    )
    .select_from(
        _device.outerjoin(_served, _served.c.device_id == _device.c.id)
        .outerjoin(_event, _event.c.id == _served.c.event_id)
        .outerjoin(
            _session,
            and_(
                _session.c.event_id == _event.c.id,
                _session.c.status == SessionStatus.SCHEDULED,
                _session.c.is_in_person.is_(True),
            ),
        )
    )
    .where(_device.c.credential_hash == bindparam("credential_hash"))
    .order_by(_event.c.starts_at, _event.c.id, _session.c.starts_at)
)


def find_door(credential: str) -> Door | None:
    """The phone with this credential and its events; also when it was revoked or its time is over."""
    rows = execute(_DOOR, {"credential_hash": token_hash(credential)}).all()
    return _door(rows) if rows else None


def _door(rows: Sequence[Any]) -> Door:
    """From a row per session of each event, or one row for a phone that serves none."""
    hours: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in rows:
        begin_and_end = (row.session_starts_at or row.starts_at, row.session_ends_at or row.ends_at)
        hours.setdefault(row.id, []).append(begin_and_end)
    events = tuple(_door_event(row, hours[row.id]) for row in {row.id: row for row in rows if row.id}.values())
    of_device = dict(zip(_DEVICE_COLUMNS, rows[0], strict=False))
    return Door(**of_device, events=events)


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
    return _counts(event_ids, execute(_COUNTS_OF, {"event_ids": list(event_ids)}))


def counts_at(door: Door) -> dict[int, Counts]:
    """`counts_of` for the events that a phone serves."""
    return _counts([event.id for event in door.events], execute(_COUNTS_AT_DOOR, {"device_id": door.id}))


def _counts(event_ids: Iterable[int], rows: Iterable[Any]) -> dict[int, Counts]:
    """From a row for each gate, and one without a gate for those who are expected."""
    counts = {event_id: Counts() for event_id in event_ids}
    for event_id, gate, number in rows:
        event_counts = counts.get(event_id, Counts())
        if gate is None:
            event_counts.expected = number
        else:
            event_counts.by_gate[gate] = number
            event_counts.inside += number
    return counts


def _counts_where(is_asked_for: Callable[[Any], Any]) -> Any:
    came = (
        select(_admission.c.event_id, _admission.c.gate, func.count())
        .where(_admission.c.scope == WHOLE_EVENT, _admission.c.undone_at.is_(None), is_asked_for(_admission.c.event_id))
        .group_by(_admission.c.event_id, _admission.c.gate)
    )
    expected = (
        select(_registration.c.event_id, null(), func.count())
        .where(_registration.c.status == RegistrationStatus.CONFIRMED, _registration.c.mode == Mode.IN_PERSON)
        .where(is_asked_for(_registration.c.event_id))
        .group_by(_registration.c.event_id)
    )
    return union_all(came, expected)


_NAMED: Any = bindparam("event_ids", expanding=True)
_SERVED = select(_served.c.event_id).where(_served.c.device_id == bindparam("device_id"))
_COUNTS_OF = _counts_where(lambda event_id: event_id.in_(_NAMED))
_COUNTS_AT_DOOR = _counts_where(lambda event_id: event_id.in_(_SERVED))


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


def find_online_session(registration: Registration, now: datetime) -> Session | None:
    """The person's online session whose room matters at `now`: the first that isn't over yet, else the last one."""
    own = own_sessions(registration)
    online = [one for one in own.coming if one.is_online and one.status == SessionStatus.SCHEDULED]
    mine = [one for one in online if own.modes[one.id] == Mode.ONLINE] or online
    return next((one for one in mine if one.ends_at > now), mine[-1] if mine else None)
