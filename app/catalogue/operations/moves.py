"""What is remembered of an event when it is moved: the starts that were told, and the way of coming that it lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from app.catalogue.models import Event, PreviousStart, Session
from app.catalogue.rules import is_same_start
from app.core.clock import now
from app.core.db import db


class Told(NamedTuple):
    """What the public knew of an event before a deed, and of the start of each meeting that the deed may move."""

    starts: list[tuple[Session, PreviousStart]]
    in_halls: set[Session]
    was_in_person: bool
    was_online: bool


def told_of(event: Event, sessions: Iterable[Session]) -> Told | None:
    """What the public knows of the event now; None of a draft, which can be moved without anybody noticing."""
    if not event.is_published:
        return None
    sessions = list(sessions)
    halls = {session for session in sessions if session.is_in_person}
    return Told([(session, _start_of(session)) for session in sessions], halls, event.is_in_person, event.is_online)


def keep_move(event: Event, told: Told | None) -> None:
    """Remember what was `told` and is true no longer. Needs the transaction of the deed, and the new times.

    One that is held in a hall again isn't moved online, nor one that is online again to the hall.
    """
    if event.is_in_person:
        event.moved_online_at = None
    if event.is_online:
        event.moved_to_hall_at = None
    if told is None:
        return
    if told.was_in_person and not event.is_in_person:
        event.moved_online_at = now()
    if told.was_online and not event.is_online:
        event.moved_to_hall_at = now()
    for session, start in told.starts:
        _keep_way(session, was_in_hall=session in told.in_halls)
        if not is_same_start(session, start):
            _remember(session, start)


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
