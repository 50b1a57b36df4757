"""Sign-ups that don't count at once: the mail's button, and the organizer's decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.catalogue.queries import sign_up_frame
from app.catalogue.rules import takes_waiting
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import partner_seats, seats
from app.registration.ledger import raise_change_number
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.people import load_person
from app.registration.operations.sign_up import EventFull, public_pool
from app.registration.operations.telling import mail_person, one_of_each_address, stamp, state_message, whose
from app.registration.operations.waiting import (
    end_overdue_offers_at,
    end_unconfirmed,
    hold_with_event,
    overdue_unconfirmed,
    promote,
    release_due,
    set_status,
    with_party,
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

    Who asked for the waiting list joins it now, or gets the seat that has come free. The button is for everybody whom
    the person has signed up. Outside: one mail to each address, `registration_confirmed` or `waitlisted`. Raises
    `TooLateToConfirm`, `EventFull`, `Missing`.
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
        release_due(event.id)
        together = with_party(registration, RegistrationStatus.UNCONFIRMED)
        if not _settle(together, event, actor=PARTICIPANT, action="confirm_address"):
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

    Who is taken where no seat is left goes onto the waiting list, if there is one; of a party that stays together, all
    who are taken by one deed get a seat, or all wait. Outside: one mail to each address when `notify`,
    `registration_confirmed`, `waitlisted` or `registration_declined`. Raises `NothingToDecide`, `NotAllowed`,
    `Missing`.
    """
    counts: Counter[str] = Counter()
    for together in _together(registration_ids):
        with transaction():
            for registration_id in together:
                load_person(actor, registration_id)
            counts += _decide(actor, together, accept=accept, message=message, notify=notify)
    return Decisions(**counts)


def _together(registration_ids: Sequence[int]) -> list[list[int]]:
    """These people, each alone or with those of the same party who come the same way."""
    query = select(Registration.id, Registration.party_id, Registration.mode).where(
        Registration.id.in_(registration_ids), Registration.party_id.is_not(None)
    )
    parties = {row.id: (row.party_id, row.mode) for row in execute(query)}
    groups: dict[object, list[int]] = {}
    for registration_id in sorted(registration_ids):  # who asked first is first, however the list was sorted
        groups.setdefault(parties.get(registration_id, registration_id), []).append(registration_id)
    return list(groups.values())


def _decide(
    actor: Person, registration_ids: Sequence[int], *, accept: bool, message: str, notify: bool
) -> Counter[str]:
    """What came of it, and for how many."""
    people = [hold_with_event(registration_id)[0] for registration_id in registration_ids]
    event = db.session.get_one(Event, people[0].event_id)
    end_overdue_offers_at(event.id)
    if event.is_cancelled or now() >= event.ends_at:
        raise NothingToDecide(_("This event is cancelled or over, so there is nothing to decide."))
    pending = [one for one in people if one.status == RegistrationStatus.PENDING]
    if not pending:
        return Counter()
    if not accept:
        _decline(actor, pending, event, message=message, notify=notify)
        return Counter(declined=len(pending))
    _settle(pending, event, actor=actor.actor, action="accept_person", notify=notify)
    return Counter("no_seat" if one.status == RegistrationStatus.PENDING else str(one.status) for one in pending)


def _decline(actor: Person, people: Sequence[Registration], event: Event, *, message: str, notify: bool) -> None:
    at = now()
    for registration in people:
        set_status(registration, RegistrationStatus.DECLINED, ended_at=at, ended_by="organizer")
        _record(actor.actor, "decline_person", registration, event)
        if notify:
            dedupe = stamp(whose(registration), at)
            mail_person(registration, event, "registration_declined", dedupe=dedupe, reason=message)
    raise_change_number(event.id, *(registration.id for registration in people))


def _settle(people: Sequence[Registration], event: Event, *, actor: Actor, action: str, notify: bool = True) -> bool:
    """Give the seats that are held, or free ones, or places in the queue; False when there is nothing to give.

    Who may be split gets a seat while there are some. Each address gets one mail.
    """
    groups = [people] if people[0].stays_together else [[one] for one in people]
    settled, told = list[Registration](), set[int]()
    for group in groups:
        promoted = _give(group, event, actor=actor, action=action)
        if promoted is not None:
            settled += group
            told |= promoted
    at = now()
    for one in one_of_each_address([one for one in settled if one.id not in told]) if notify else ():
        mail_person(one, event, state_message(one.status), dedupe=stamp(whose(one), at))
    raise_change_number(event.id, *(one.id for one in settled), *told)
    return bool(settled)


def _give(people: Sequence[Registration], event: Event, *, actor: Actor, action: str) -> set[int] | None:
    """The same for people who stay together: who has moved up by it, and was told so; None when there is nothing."""
    at = now()
    frame = sign_up_frame(event.id)
    assert frame is not None
    ids, pool_id = [one.id for one in people], public_pool(frame.pools, people[0].mode)
    own = partner_seats.pools_for(frame.pools, people[0].mode, people[0].partner_id)
    freed: list[int] = []
    if set(own) & set(seats.held_by(ids[0])) or partner_seats.claim_first(ids, own):
        for one in people:
            set_status(one, RegistrationStatus.CONFIRMED, confirmed_at=at, hold_until=None)
            freed += arrange(one, has_list=frame.has_waiting_list, at=at).freed
    elif takes_waiting(frame, at):
        seats.wait_together(ids, pool_id, at)
        for one in people:
            set_status(one, RegistrationStatus.WAITLISTED, hold_until=None)
    else:
        return None
    promoted = promote(event.id, freed)
    for one in people:
        _record(actor, action, one, event)
    return set(promoted)


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
                ended += end_unconfirmed(db.session.get_one(Registration, registration_id))
    return ended
