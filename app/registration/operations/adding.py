"""An organizer adds somebody: a guest, or a person who phoned, perhaps without an e-mail address."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.permissions import Deed, Person
from app.catalogue.models import Event, EventStatus
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing, NotAllowed, Refused
from app.core.i18n import gettext as _
from app.core.text import dialled, fold
from app.registration import partner_seats, seats
from app.registration.ledger import raise_change_number
from app.registration.models import ACTIVE, Registration
from app.registration.operations.addresses import contact_id_of, person_registration
from app.registration.operations.first_choice import has_choices
from app.registration.operations.guests import frame_of, hold_for_guest
from app.registration.operations.sign_up import (
    SignUpClosed,
    insert_registration,
    public_pool,
    store_consents,
    take_chosen,
    take_place,
)
from app.registration.operations.storing_answers import store_first_answers
from app.registration.operations.telling import mail_person
from app.registration.operations.waiting import end_overdue_offers_at
from app.registration.rules import Way
from app.registration.values import SignUpValues

LOCAL_DIGITS = 10


class OnTheListAlready(Refused):
    """The very person has a place."""

    code = "on_the_list_already"


def add_person(
    *,
    actor: Person,
    event_id: int,
    values: SignUpValues,
    wants_call: bool = False,
    over_limit: bool = False,
    notify: bool = True,
) -> str:
    """Put somebody on the list, or on the waiting list; `over_limit` gives a seat that there isn't.

    The days of sign-up don't bind the organizer. Returns the registration's public id. Outside: one mail
    `registration_confirmed` or `waitlisted` when `notify` and there is an address. Raises `OnTheListAlready`,
    `EventFull`, `SignUpClosed`, `ModeNotOffered`, `NotAllowed`, `Missing`.
    """
    with transaction():
        event = _load(actor, event_id)
        contact_id = contact_id_of(values.email, values.language)
        values = hold_for_guest(event_id, values)
        if _is_there(event_id, contact_id, values):
            raise OnTheListAlready(_("%(name)s is on the list already.", name=values.name))
        row = insert_registration(event_id, contact_id, values, wants_call=wants_call)
        if row is None:
            raise OnTheListAlready(_("%(name)s is on the list already.", name=values.name))
        way, over_limit = _place(event_id, row.id, values, over_limit=over_limit)
        store_consents(row.id, values)
        if event.asks_questions:
            store_first_answers(event_id, row.id, values.answers, is_needed=False)
        audit.record(
            actor.actor,
            "add_over_limit" if over_limit else "add_person",
            organization_id=event.organization_id,
            event_id=event_id,
            subject=("registration", row.id),
            way=way.code,
        )
        if notify:
            registration = db.session.get_one(Registration, row.id)
            message = "registration_confirmed" if way.seat else "waitlisted"
            mail_person(registration, event, message, dedupe=f"{row.id}")
        raise_change_number(event_id, row.id)
        return str(row.public_id)


def _load(actor: Person, event_id: int) -> Event:
    event = db.session.get(Event, event_id)
    if event is None or not actor.belongs_to(event.organization_id):
        raise Missing
    if not actor.may(Deed.SEE_PEOPLE, event.organization_id):
        raise NotAllowed(_("Your role does not include the list of people."))
    if event.status != EventStatus.PUBLISHED or now() >= event.ends_at:
        raise SignUpClosed(_("Nobody can be added to this event: it is a draft, cancelled or over."))
    return event


def _is_there(event_id: int, contact_id: int | None, values: SignUpValues) -> bool:
    """Whether this person has a place: by address and name, or, without an address, by telephone and name."""
    if contact_id is not None:
        return person_registration(event_id, contact_id, values.name) is not None
    namesakes = select(Registration.phone).where(
        Registration.event_id == event_id,
        Registration.contact_id.is_(None),
        Registration.name_folded == fold(values.name),
        Registration.status.in_(ACTIVE),
    )
    return _local(values.phone) in [_local(phone) for phone in db.session.scalars(namesakes)]


def _local(phone: str | None) -> str:
    """The number without what differs between ways of writing it: 8 912… is +7 912…"""
    return dialled(phone or "").removeprefix("+")[-LOCAL_DIGITS:]


def _place(event_id: int, registration_id: int, values: SignUpValues, *, over_limit: bool) -> tuple[Way, bool]:
    """The seat or the place in the queue, and whether it is a seat that there isn't."""
    frame = frame_of(event_id)
    pool_id = public_pool(frame.pools, values.mode)
    if has_choices(frame):
        seats.hold(event_id)
    if not over_limit:
        return take_place(frame, registration_id, pool_id, values), False
    end_overdue_offers_at(event_id)
    pools = partner_seats.pools_for(frame.pools, values.mode, values.partner_id)
    is_over = not partner_seats.claim_first([registration_id], pools)
    if is_over:
        seats.claim_over_limit(registration_id, pool_id)
    return take_chosen(frame, registration_id, values, now()), is_over
