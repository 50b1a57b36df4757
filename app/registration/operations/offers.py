"""The answer to an offer: the person, or who signed up the party, takes the seat or leaves it to the next one."""

from __future__ import annotations

from app.catalogue.models import Event, Session, SessionStatus
from app.catalogue.queries import choices_of
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.ledger import raise_change_number
from app.registration.models import Registration
from app.registration.offer_words import no_offer_words
from app.registration.operations.telling import mail_person, stamp, whose
from app.registration.operations.waiting import (
    end_offer,
    hold_with_event,
    load_with_event,
    promote,
    record,
    take_seat,
)
from app.registration.seats import Entry
from app.registration.session_seats import held_at_sessions


class OfferOver(Conflict):
    """The seat is no longer offered."""

    code = "offer_over"


def accept_offer(
    *, registration_id: int, mode: str | None = None, session: str | None = None, actor: Actor = PARTICIPANT
) -> bool:
    """Take the offered seat, of this mode or at this session; False when the person has it already.

    Who has signed up a party takes the seats of all of it that are still offered. Changes: status, the seat held
    meanwhile, which goes to the next one, and the person's calendar entry. Outside: one mail `registration_confirmed`
    to each address. Raises `OfferOver`, `Missing`.
    """
    with transaction():
        registration, event = _hold_offer(registration_id)
        session_id = _session_id(event.id, session)
        entry = _offer_of(registration, mode, session_id)
        if entry is None:
            if _has_it(registration, mode, session_id):
                return False
            raise OfferOver(no_offer_words(registration))
        _refuse_called_off(session_id)
        _take_offers(_answered_for(registration, entry), event, actor)
    return True


def _answered_for(registration: Registration, entry: Entry) -> list[Entry]:
    """The offers that an answer is for: who has signed up others answers for all of them."""
    return seats.together_with(entry) if registration.leads_party else [entry]


def _take_offers(entries: list[Entry], event: Event, actor: Actor) -> None:
    """Each of these seats is the person's for good, and everybody hears of it."""
    at, freed = now(), list[int]()
    taken = []
    for entry in entries:
        registration, _event = load_with_event(entry.registration_id)
        freed += seats.settle(entry) + take_seat(entry, registration, event, at=at)
        registration.replied_at = at
        record(actor, "accept_offer", registration, event, way=entry.mode)
        taken.append(registration)
    promoted = promote(event.id, freed)
    for registration in taken:
        if registration.id not in promoted:
            whom = whose(registration) if len(taken) > 1 else registration.id
            mail_person(registration, event, "registration_confirmed", dedupe=stamp(whom, at))
    raise_change_number(event.id, *(registration.id for registration in taken), *promoted)


def _session_id(event_id: int, code: str | None) -> int | None:
    """The number of the session with this code. Raises `OfferOver` where there is none such."""
    if code is None:
        return None
    found = choices_of(event_id).by_code(code)
    if found is None:
        raise OfferOver(_("This offer is over. Your page says how things stand now."))
    return found.session.id


def _refuse_called_off(session_id: int | None) -> None:
    """Nobody leaves another seat for one at a session that was called off. Raises `OfferOver`."""
    if session_id is not None and db.session.get_one(Session, session_id).status == SessionStatus.CANCELLED:
        raise OfferOver(_("This meeting is cancelled already."))


def _has_it(registration: Registration, mode: str | None, session_id: int | None) -> bool:
    if session_id is not None:
        return session_id in held_at_sessions(registration.id).seats
    return registration.has_seat and mode in (None, registration.mode)


def decline_offer(*, registration_id: int, session: str | None = None, actor: Actor = PARTICIPANT) -> bool:
    """Leave the offered seat to the next one; False when it was left or taken before.

    Who has signed up a party leaves the seats of all of it that are still offered. Who has a seat of another mode keeps
    that, and leaves the queue only. Outside: one mail `registration_cancelled` to who has no seat, and what the next
    one gets. Raises `OfferOver`, `Missing`.
    """
    with transaction():
        registration, event = _hold_offer(registration_id)
        entries = seats.entries_of(registration_id, _session_id(event.id, session))
        entry = next((one for one in entries if one.offer_until), None)
        if entry is None:
            return False
        at = now()
        for one in _answered_for(registration, entry):
            asked, _event = load_with_event(one.registration_id)
            end_offer(one, asked, event, actor=actor, action="decline_offer", by="person")
            if not asked.is_active:
                whom = whose(asked) if registration.leads_party else asked.id
                together = registration.leads_party
                mail_person(
                    asked, event, "registration_cancelled", dedupe=stamp(whom, at), by="person", together=together
                )
    return True


def _hold_offer(registration_id: int) -> tuple[Registration, Event]:
    registration, event = hold_with_event(registration_id)
    if event.is_cancelled:
        raise OfferOver(_("This event was cancelled."))
    return registration, event


def _offer_of(registration: Registration, mode: str | None, session_id: int | None) -> Entry | None:
    """The seat that is offered to the person now."""
    for entry in seats.entries_of(registration.id, session_id):
        if entry.offer_until is not None and entry.offer_until > now() and mode in (None, entry.mode):
            return entry
    return None
