"""Sessions: one as a form shows it, and when the first ones are, for lists of events."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.catalogue.models import Mode, SeatPool, Session, SessionStatus
from app.catalogue.values import SessionValues
from app.core.db import execute
from app.core.times import local_time


class MeetingTimes(NamedTuple):
    """When a meeting is."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    is_all_day: bool


def session_values(session: Session, pools: Iterable[SeatPool]) -> SessionValues:
    """The session as its form shows it; `pools` are those of its event, or its own."""
    own = {pool.mode: pool.capacity for pool in pools if pool.session_id == session.id and pool.partner_id is None}
    return SessionValues(
        **{name: getattr(session, name) for name in _SAME},
        starts_fold=local_time(session.starts_at, session.zone).fold,
        ends_fold=local_time(session.ends_at, session.zone).fold,
        is_chosen=bool(own),
        capacity_in_person=own.get(Mode.IN_PERSON),
        capacity_online=own.get(Mode.ONLINE),
    )


_SAME = (
    "title",
    "format",
    "track_id",
    "zone",
    "starts_local",
    "ends_local",
    "is_all_day",
    "is_in_person",
    "is_online",
    "venue_id",
    "room_id",
    "place_note",
    "room_url",
    "room_note",
)


def own_pools(session_id: int, pools: Iterable[SeatPool]) -> list[SeatPool]:
    """The pools of the session alone; none when it is for everybody."""
    return [pool for pool in pools if pool.session_id == session_id and pool.partner_id is None]


def first_meetings(event_ids: Collection[int]) -> dict[int, MeetingTimes]:
    """Of each event when the first of the meetings is that make it up, as `rules.whole_of` says."""
    by_weight = (Session.called_off_alone, Session.status != SessionStatus.CANCELLED)
    rows = execute(
        select(Session.event_id, *(getattr(Session, name) for name in MeetingTimes._fields))
        .where(Session.event_id.in_(event_ids))
        .order_by(*by_weight, Session.starts_at, Session.position, Session.id)
    )
    found: dict[int, MeetingTimes] = {}
    for event_id, *times in rows:
        found.setdefault(event_id, MeetingTimes(*times))
    return found
