"""Whom to phone, and what to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db
from app.core.i18n import gettext as _
from app.registration.facts import EventFacts, mode_word
from app.registration.models import ACTIVE, Call, Registration, WaitingEntry
from app.registration.waiting_words import deadline_words


@dataclass(frozen=True)
class OpenCall:
    """A call to be made; of an offer, until when and for which mode."""

    call: Call
    registration: Registration
    event: Event
    offer_until: datetime | None
    offered_mode: str | None


def open_calls(organization_id: int, event_id: int | None = None) -> list[OpenCall]:
    """The calls that still make sense: offers first, the next to end before the others, then by the event's start."""
    rows = db.session.execute(
        _open(organization_id, event_id)
        .with_only_columns(Call, Registration, WaitingEntry.offer_until, SeatPool.mode)
        .options(joinedload(Registration.event).joinedload(Event.organization))
        .order_by(WaitingEntry.offer_until.is_(None), WaitingEntry.offer_until, Event.starts_at, Call.id)
    )
    found = [OpenCall(row[0], row[1], row[1].event, row[2], row[3]) for row in rows]
    return [one for one in found if not _is_too_late(one.call)]


def _is_too_late(call: Call) -> bool:
    """Nobody is reminded of what has begun."""
    starts_at = call.facts.get("starts_at") if call.message == "reminder" else None
    return starts_at is not None and datetime.fromisoformat(starts_at) <= now()


def find_call(call_id: int) -> Call | None:
    """The call with its registration, event and organization."""
    whole = joinedload(Call.registration).joinedload(Registration.event).joinedload(Event.organization)
    return db.session.scalar(select(Call).where(Call.id == call_id).options(whole))


def _open(organization_id: int, event_id: int | None) -> Select[Any]:
    """Who left since, or whose offer or event is over, needs no call any more."""
    is_offer = Call.message == "seat_offered"
    query = (
        select(Call)
        .join(Registration, Registration.id == Call.registration_id)
        .join(Event, Event.id == Registration.event_id)
        .outerjoin(
            WaitingEntry,
            is_offer & (WaitingEntry.registration_id == Registration.id) & WaitingEntry.offer_until.is_not(None),
        )
        .outerjoin(SeatPool, SeatPool.id == WaitingEntry.pool_id)
        .where(
            Event.organization_id == organization_id,
            Call.answer.is_(None),
            Registration.status.in_(ACTIVE),
            Event.ends_at > now(),
            or_(~is_offer, WaitingEntry.offer_until > now()),
        )
    )
    return query.where(Event.id == event_id) if event_id is not None else query


def words_to_say(call: OpenCall, facts: EventFacts) -> str:
    """What to tell the person, in the caller's language."""
    if call.call.message == "seat_offered" and call.offer_until is not None:
        until = deadline_words(call.offer_until, call.event.zone)
        mode = mode_word(call.offered_mode or call.registration.mode)
        return _("A seat is free: %(mode)s. It is kept until %(time)s. Does the person take it?", mode=mode, time=until)
    if call.call.message == "promoted":
        mode = mode_word(call.registration.mode)
        return _("A seat came free, and it was this person’s turn: %(mode)s. Does the person come?", mode=mode)
    if call.call.message == "please_reconfirm":
        return _("%(when)s. %(place)s. Please ask whether the person comes.", when=facts.when, place=facts.place)
    if call.call.message == "reminder":
        return _("A reminder: %(when)s. %(place)s. Does the person come?", when=facts.when, place=facts.place)
    if call.call.message == "event_cancelled":
        return _("The event will not take place.")
    return _(
        "The event was changed: now %(when)s. %(place)s. Does the person still come?",
        when=facts.when,
        place=facts.place,
    )
