"""Sign-ups that don't count at once: the mail's button, and the organizer's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.catalogue.queries import sign_up_frame
from app.catalogue.rules import takes_waiting
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.ledger import raise_change_number
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.people import load_person
from app.registration.operations.sign_up import EventFull, public_pool
from app.registration.operations.telling import mail_person, stamp, state_message
from app.registration.operations.waiting import (
    end_overdue_offers_at,
    end_unconfirmed,
    hold_with_event,
    overdue_unconfirmed,
    promote,
    set_status,
)
from app.registration.session_seats import arrange


class TooLateToConfirm(Conflict):
    """The time for the mail's button is over."""

    code = "too_late"


class NothingToDecide(Conflict):
    """The event is cancelled or over."""

    code = "nothing_to_decide"


@dataclass(frozen=True)
class Decisions:
    """What came of a decision about several people, and how many had been decided about before."""

    confirmed: int = 0
    waitlisted: int = 0
    declined: int = 0
    no_seat: int = 0


def confirm_address(*, registration_id: int) -> bool:
    """The mail's button was pressed: the seat counts; False when it did before.

    Who asked for the waiting list joins it now, or gets the seat that has come free. Outside: one mail,
    `registration_confirmed` or `waitlisted`. Raises `TooLateToConfirm`, `EventFull`, `Missing`.
    """
    with transaction():
        registration, event = hold_with_event(registration_id)
        if registration.status != RegistrationStatus.UNCONFIRMED:
            if registration.is_active:
                return False
            raise TooLateToConfirm(_("The time for this button is over. Please sign up again."))
        if event.is_cancelled or now() >= event.ends_at:
            raise TooLateToConfirm(_("This event is over or cancelled."))
        if _is_overdue(registration) and _somebody_waits(registration):
            raise TooLateToConfirm(_("The time for this button is over. Please sign up again."))
        if not _settle(registration, event, actor=PARTICIPANT, action="confirm_address"):
            raise EventFull(_("All seats are taken by now, and there is no waiting list."))
    return True


def _is_overdue(registration: Registration) -> bool:
    return registration.hold_until is not None and registration.hold_until <= now()


def _somebody_waits(registration: Registration) -> bool:
    """A late press still counts, but not at the cost of those who wait for the very seat."""
    frame = sign_up_frame(registration.event_id)
    return frame is not None and any(pool.waiting for pool in frame.pools if pool.mode == registration.mode)


def decide_people(
    *, actor: Person, registration_ids: Sequence[int], accept: bool, message: str = "", notify: bool = True
) -> Decisions:
    """The organizer takes people or declines them, each in a transaction of its own; who was decided about stays.

    Who is taken where no seat is left goes onto the waiting list, if there is one. Outside: one mail each when
    `notify`, `registration_confirmed`, `waitlisted` or `registration_declined`. Raises `NothingToDecide`,
    `NotAllowed`, `Missing`.
    """
    counts = dict.fromkeys(("confirmed", "waitlisted", "declined", "no_seat"), 0)
    for registration_id in registration_ids:
        with transaction():
            load_person(actor, registration_id)
            outcome = _decide(actor, registration_id, accept=accept, message=message, notify=notify)
        if outcome:
            counts[outcome] += 1
    return Decisions(**counts)


def _decide(actor: Person, registration_id: int, *, accept: bool, message: str, notify: bool) -> str | None:
    registration, event = hold_with_event(registration_id)
    end_overdue_offers_at(event.id)
    if event.is_cancelled or now() >= event.ends_at:
        raise NothingToDecide(_("This event is cancelled or over, so there is nothing to decide."))
    if registration.status != RegistrationStatus.PENDING:
        return None
    if not accept:
        _decline(actor, registration, event, message=message, notify=notify)
        return "declined"
    if not _settle(registration, event, actor=actor.actor, action="accept_person", notify=notify):
        return "no_seat"
    return str(registration.status)


def _decline(actor: Person, registration: Registration, event: Event, *, message: str, notify: bool) -> None:
    set_status(registration, RegistrationStatus.DECLINED, ended_at=now(), ended_by="organizer")
    _record(actor.actor, "decline_person", registration, event)
    if notify:
        mail_person(registration, event, "registration_declined", dedupe=f"{registration.id}", reason=message)
    raise_change_number(event.id, registration.id)


def _settle(registration: Registration, event: Event, *, actor: Actor, action: str, notify: bool = True) -> bool:
    """Give the seat that is held, or a free one, or a place in the queue; False when there is nothing to give."""
    at = now()
    frame = sign_up_frame(event.id)
    assert frame is not None
    pool_id = public_pool(frame.pools, registration.mode)
    promoted: list[int] = []
    if pool_id in seats.held_by(registration.id) or seats.claim(registration.id, [pool_id]):
        set_status(registration, RegistrationStatus.CONFIRMED, confirmed_at=at, hold_until=None)
        promoted = promote(event.id, arrange(registration, has_list=frame.has_waiting_list, at=at).freed)
        message = state_message(registration.status)
    elif takes_waiting(frame, at) and seats.wait(registration.id, pool_id, at):
        set_status(registration, RegistrationStatus.WAITLISTED, hold_until=None)
        message = "waitlisted"
    else:
        return False
    _record(actor, action, registration, event)
    if notify:
        mail_person(registration, event, message, dedupe=stamp(registration.id, at))
    raise_change_number(event.id, registration.id, *promoted)
    return True


def _record(actor: Actor, action: str, registration: Registration, event: Event) -> None:
    audit.record(
        actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
    )


def expire_unconfirmed() -> int:
    """End the sign-ups whose button was not pressed in time, each in a transaction of its own; nobody is mailed."""
    ended = 0
    for event_id, registration_id in overdue_unconfirmed():
        with transaction():
            seats.hold(event_id)
            if (event_id, registration_id) in overdue_unconfirmed(event_id):
                end_unconfirmed(db.session.get_one(Registration, registration_id))
                ended += 1
    return ended
