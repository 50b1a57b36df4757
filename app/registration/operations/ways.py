"""Coming another way: from the hall to online and back, or with a seat in one and a place in the queue of the other.

It stays one registration throughout: the same ticket, reference, calendar entry and history.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.permissions import Person
from app.catalogue.models import Event, Mode
from app.catalogue.queries import choices_of, pools_of
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import partner_seats, seats, waiting
from app.registration.ledger import raise_change_number
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.people import load_person
from app.registration.operations.telling import mail_person, stamp, state_message
from app.registration.operations.waiting import (
    come_by,
    end_overdue_offers_at,
    hold_with_event,
    promote,
    set_status,
)
from app.registration.rules import Way, Ways, is_leaving_queue, may_change
from app.registration.session_rules import Held
from app.registration.session_seats import arrange, held_at_sessions


class WayNotOpen(Conflict):
    """Nobody can come that way now, or not any more."""

    code = "way_not_open"


class TooLateToChange(Conflict):
    """The day until which people could change this by themselves is over."""

    code = "too_late"


def switch_mode(*, registration_id: int, way: Way) -> bool:
    """The person comes another way from now on; False when it is this way already.

    Changes: seats and queues, mode and status, the person's calendar entry, audit, the event's change number; whoever
    waits for the seat that comes free gets it. Outside: one mail, `registration_changed`, or `waitlisted` to who only
    waits. Raises `TooLateToChange`, `WayNotOpen`, `Missing`.
    """
    with transaction():
        registration, event = _hold(registration_id)
        is_late = not may_change(waiting.terms_of(event.id), now())
        if is_late and not is_leaving_queue(way, waiting.ways_of(event.id, registration_id).now):
            raise TooLateToChange(_("This can no longer be changed here. Please ask the organizer."))
        return change_way(registration, event, way, actor=PARTICIPANT)


def switch_person(*, actor: Person, registration_id: int, way: Way, notify: bool) -> bool:
    """The organizer lets a person come another way, up to the end of the event; mails when `notify`.

    Raises `WayNotOpen`, `TooLateToChange`, `NotAllowed`, `Missing`.
    """
    with transaction():
        load_person(actor, registration_id)
        registration, event = _hold(registration_id)
        if event.is_cancelled or now() >= event.ends_at:
            raise TooLateToChange(_("This event is over, so nothing can be changed."))
        return change_way(registration, event, way, actor=actor.actor, notify=notify)


def _hold(registration_id: int) -> tuple[Registration, Event]:
    """Registration and event while nobody else can move a seat, and no seat only seems to be kept."""
    registration, event = hold_with_event(registration_id)
    end_overdue_offers_at(event.id)
    return registration, event


def change_way(registration: Registration, event: Event, way: Way, *, actor: Actor, notify: bool = True) -> bool:
    """The same in a running transaction that holds the event's pools."""
    if not registration.is_active:
        raise WayNotOpen(_("This seat was given back. To come after all, sign up again."))
    if registration.is_undecided:
        raise WayNotOpen(_("This sign-up doesn’t count yet, so there is nothing to change."))
    known = waiting.ways_of(event.id, registration.id)
    if way == known.now:
        return False
    at, way, held = now(), _best(way, known), held_at_sessions(registration.id)
    freed = _move_seats(registration, event, way)
    if way.seat:
        come_by(registration, way.seat, at=at)
        registration.replied_at = at  # who chooses how to come says that she comes
        freed += arrange(registration, has_list=event.has_waiting_list, at=at).freed
        _refuse_nothing(registration, held)
    else:
        set_status(registration, RegistrationStatus.WAITLISTED, mode=way.mode)
    promoted = promote(event.id, freed)
    audit.record(
        actor,
        "switch_mode",
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
        way=way.code,
    )
    if notify and registration.id not in promoted:
        message = "registration_changed" if registration.has_seat else state_message(registration.status)
        lost = _lost(registration, held)
        mail_person(registration, event, message, dedupe=stamp(registration.id, at), lost_sessions=lost)
    raise_change_number(event.id, registration.id, *promoted)
    return True


def _lost(registration: Registration, held: Held) -> list[str]:
    """The codes of the sessions that the person has no more, and doesn't wait for either."""
    after = held_at_sessions(registration.id)
    gone = (held.seats | held.waits) - after.seats - after.waits
    choices = choices_of(registration.event_id)
    return [choice.session.code for choice in choices.to_choose if choice.session.id in gone]


def _refuse_nothing(registration: Registration, held: Held) -> None:
    """Where one comes to chosen sessions only, nobody changes to a way in which there is none. Raises `WayNotOpen`.

    Who had none before, but waits, may wait that way, too.
    """
    after = held_at_sessions(registration.id)
    if choices_of(registration.event_id).must_choose and not after.seats and (held.seats or not after.waits):
        raise WayNotOpen(_("None of the chosen sessions can be attended that way. Please choose other sessions first."))


def _best(way: Way, known: Ways) -> Way:
    """The way that was chosen, or the seat that the person would have waited for and that is free after all."""
    if way in known.open:
        return way
    if way.queue not in (None, known.now.seat) and Way(seat=way.queue) in known.open:
        return Way(seat=way.queue)
    if known.free.get(way.seat or "") == 0:
        raise WayNotOpen(_full_words(way.mode))
    raise WayNotOpen(_("This is not possible now. Please choose one of the ways on the list."))


def _full_words(mode: str) -> str:
    if mode == Mode.ONLINE:
        return _("All online seats are taken by now. Please choose again.")
    return _("All seats in the hall are taken by now. Please choose again.")


def _move_seats(registration: Registration, event: Event, way: Way) -> list[int]:
    """Take what the way needs and leave everything else; returns the pools that have a seat more."""
    pools = pools_of(event.id)
    freed: list[int] = []
    entries = seats.entries_of(registration.id)
    for entry in entries:
        if entry.mode == way.seat and entry.offer_until is not None:
            freed += seats.settle(entry)
        elif entry.mode != way.queue:
            freed += seats.leave(entry)
    held = seats.held_by(registration.id)
    if way.seat and way.seat not in held.values():
        _claim(registration, partner_seats.pools_for(pools, way.seat, registration.partner_id), way.seat)
    for pool_id, mode in held.items():
        if mode != way.seat:
            freed += seats.give_back(registration.id, pool_id)
    if way.queue and way.queue not in [entry.mode for entry in entries]:
        everybodys = partner_seats.pools_for(pools, way.queue, None)[0]
        seats.wait(registration.id, everybodys, now())
        freed.append(everybodys)  # of a seat there that only a large party waits for somebody may make use
    return freed


def _claim(registration: Registration, pool_ids: Sequence[int], mode: str) -> None:
    if not partner_seats.claim_first([registration.id], pool_ids):
        raise WayNotOpen(_full_words(mode))
