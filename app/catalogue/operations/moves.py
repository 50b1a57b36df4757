"""What is remembered of an event when it is moved: the starts that were told, and the way of coming that it lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.catalogue.models import Event, Mode, PreviousStart, Session
from app.catalogue.queries import modes_ahead
from app.catalogue.rules import is_same_start
from app.core.clock import now
from app.core.db import db


class Told(NamedTuple):
    """What the public knew of an event before a deed, and of the start of each meeting that the deed may move.

    `ways` are those to what was to come of it.
    """

    starts: list[tuple[Session, PreviousStart]]
    in_halls: set[Session]
    ways: set[str]


def told_of(event: Event, sessions: Iterable[Session]) -> Told | None:
    """What the public knows of the event now; None of a draft, which can be moved without anybody noticing."""
    if not event.is_published:
        return None
    sessions = list(sessions)
    halls = {session for session in sessions if session.is_in_person}
    ways = modes_ahead(event.id) if event.ends_at > now() else set()
    return Told([(session, _start_of(session)) for session in sessions], halls, ways)


def keep_move(event: Event, told: Told | None) -> None:
    """Remember what was `told` and is true no longer. Needs the transaction of the deed, and the new times.

    One that is held in a hall again isn't moved online, nor one that is online again to the hall.
    """
    db.session.flush()
    ways, before = modes_ahead(event.id), told.ways if told else set()
    if event.ends_at > now():  # what is over goes nowhere any more
        event.moved_online_at = _lost_at(Mode.IN_PERSON, ways, before, event.moved_online_at)
        event.moved_to_hall_at = _lost_at(Mode.ONLINE, ways, before, event.moved_to_hall_at)
    if told is None:
        return
    for session, start in told.starts:
        _keep_way(session, was_in_hall=session in told.in_halls)
        if not is_same_start(session, start):
            _remember(session, start)


def _lost_at(mode: Mode, ways: set[str], before: set[str], known: datetime | None) -> datetime | None:
    """Since when nothing to come is held in a mode that the public was told of; None where something is."""
    if mode in ways:
        return None
    return now() if mode in before else known


def _keep_way(session: Session, *, was_in_hall: bool) -> None:
    if session.is_in_person:
        session.moved_online_at = None
    elif was_in_hall:
        session.moved_online_at = now()


def _start_of(session: Session) -> PreviousStart:
    return PreviousStart(
        session_id=session.id, starts_at=session.starts_at, zone=session.zone, is_all_day=session.is_all_day
    )


def _remember(session: Session, start: PreviousStart) -> None:
    """A start to which the meeting comes back isn't a previous one."""
    for known in db.session.scalars(select(PreviousStart).where(PreviousStart.session_id == session.id)):
        if is_same_start(known, session):
            db.session.delete(known)
    db.session.flush()
    start.moved_at = now()
    db.session.merge(start)  # a midnight and the whole day from then on are one row, and the last one counts
    db.session.flush()
