"""What is remembered of an event when it is moved: the start that was told, and that it was to be in a hall."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete

from app.catalogue.models import Event, PreviousStart
from app.core.clock import now
from app.core.db import db, execute


class Told(NamedTuple):
    """What the public knew of an event before a deed."""

    starts_at: datetime
    zone: str
    was_in_person: bool


def told_of(event: Event) -> Told | None:
    """What the public knows of the event now; None of a draft, which can be moved without anybody noticing."""
    return Told(event.starts_at, event.zone, event.is_in_person) if event.is_published else None


def keep_move(event: Event, told: Told | None) -> None:
    """Remember what was `told` and is true no longer. Needs the transaction of the deed, and the event's new span.

    A start to which the event comes back isn't a previous one, and one that is held in a hall again isn't moved online.
    """
    if event.is_in_person:
        event.moved_online_at = None
    if told is None:
        return
    if told.was_in_person and not event.is_in_person:
        event.moved_online_at = now()
    if told.starts_at != event.starts_at:
        was_there = (PreviousStart.event_id == event.id) & PreviousStart.starts_at.in_(
            (told.starts_at, event.starts_at)
        )
        execute(delete(PreviousStart).where(was_there))
        db.session.add(PreviousStart(event_id=event.id, starts_at=told.starts_at, zone=told.zone, moved_at=now()))
        db.session.flush()
