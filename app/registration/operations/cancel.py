"""Giving a place back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import execute, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.companions import companions_of
from app.registration.ledger import entry_changes, raise_change_number
from app.registration.models import ACTIVE, Registration, RegistrationStatus
from app.registration.operations.telling import mail_person, stamp, whose
from app.registration.operations.waiting import load_with_event, promote
from app.registration.own_sessions import own_sessions
from app.registration.rules import may_cancel


class TooLateToCancel(Conflict):
    """The event is over."""

    code = "too_late"


def cancel_registration(*, registration_id: int, with_companions: bool = False) -> bool:
    """The person gives the place back; returns False when it was given back before.

    `with_companions`: together with those whom she has signed up and who have no address of their own. Changes: status,
    seat, audit, the event's change number. Outside: one mail `registration_cancelled`. Raises `TooLateToCancel`,
    `Missing`.
    """
    with transaction():
        registration, event = load_with_event(registration_id)
        if not registration.is_active:
            return False
        if not may_cancel(registration.status, event.ends_at, now()):
            raise TooLateToCancel(_("This event is over, so there is nothing to cancel."))
        by = "request" if registration.is_undecided else "person"
        companions = companions_of(registration) if with_companions and registration.leads_party else []
        people = [registration, *companions]
        return end_registrations(people, event, actor=PARTICIPANT, by=by, notify=True) > 0


def end_registration(
    registration: Registration,
    event: Event,
    *,
    actor: Actor,
    by: str,
    notify: bool,
    message: str = "registration_cancelled",
    action: str | None = None,
) -> bool:
    """Cancel inside a running transaction; a second cancel changes nothing and returns False.

    Whoever waits for the seat gets it, or is asked, in the same transaction.
    """
    ended = end_registrations([registration], event, actor=actor, by=by, notify=notify, message=message, action=action)
    return ended > 0


def end_registrations(
    registrations: Sequence[Registration],
    event: Event,
    *,
    actor: Actor,
    by: str,
    notify: bool,
    message: str = "registration_cancelled",
    action: str | None = None,
) -> int:
    """The same for several people of one event, whose seats are handed on together; returns how many it were.

    Of a party each address gets one mail.
    """
    seats.hold(event.id)
    at = now()
    had = {registration.id: own_sessions(registration).seat_codes for registration in registrations} if notify else {}
    ended = [registration for registration in registrations if _end(registration.id, by)]
    if not ended:
        return 0
    freed = [pool_id for registration in ended for pool_id in seats.release(registration.id)]
    promoted = promote(event.id, freed)
    for registration in ended:
        audit.record(
            actor,
            action or ("cancel_registration" if by in ("person", "request") else "take_off_list"),
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration.id),
            by=by,
        )
        if notify:
            is_alone = len(ended) == 1
            dedupe = f"{registration.id}" if is_alone else stamp(whose(registration), at)
            facts: dict[str, Any] = {"had": had[registration.id], **({} if is_alone else {"together": True})}
            mail_person(registration, event, message, dedupe=dedupe, by=by, **facts)
    raise_change_number(event.id, *(registration.id for registration in ended), *promoted)
    return len(ended)


def _end(registration_id: int, by: str) -> bool:
    """Whether it was still active; the old status is part of the condition, so nobody gives back a seat twice."""
    ended = execute(
        update(Registration)
        .where(Registration.id == registration_id, Registration.status.in_(ACTIVE))
        .values(
            status=RegistrationStatus.CANCELLED,
            ended_at=now(),
            ended_by=by,
        )
        .returning(Registration.id)
    ).first()
    if ended is not None:
        entry_changes(registration_id)
    return ended is not None
