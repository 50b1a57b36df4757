"""Reaching the person: a corrected address, and the links by mail."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing
from app.core.i18n import gettext as _
from app.core.security.links import link_token, new_public_id, ticket_code, token_hash
from app.core.settings import settings
from app.messaging import outbox
from app.registration import mailboxes
from app.registration.ledger import entry_changes, entry_leaves, raise_change_number
from app.registration.models import Contact, FindLink, Registration
from app.registration.operations.addresses import contact_id_of, person_registration
from app.registration.operations.feeds import begin_feed
from app.registration.operations.people import load_person
from app.registration.operations.telling import state_message

LINK_LASTS = timedelta(hours=2)


class AlreadySignedUp(Conflict):
    """The other address has this very person at the event already."""

    code = "already_signed_up"


class PlaceGivenBack(Conflict):
    """The registration is over."""

    code = "place_given_back"


def correct_address(*, registration_id: int, email: str) -> str:
    """Write to another address from now on; returns the new secret of the manage link.

    The old link and ticket, which a stranger may have got, stop working; the new address gets the ticket as
    `registration_confirmed`, or hears of the place in the queue. Raises `AlreadySignedUp`, `TooManyPerAddress`,
    `Missing`.
    """
    with transaction():
        registration = db.session.get(Registration, registration_id)
        if registration is None or not registration.is_active:
            raise Missing
        event = db.session.get_one(Event, registration.event_id)
        _write_to(registration, event, email, actor=PARTICIPANT, notify=True)
    return link_token("manage", registration.public_id, registration.manage_generation, registration.key_number)


def correct_persons_address(*, actor: Person, registration_id: int, email: str, notify: bool) -> bool:
    """The organizer writes the address right, or adds one; False when it is this one already.

    Where there was another, the old link and ticket stop working, as in `correct_address`; what was printed for
    somebody without an address stays good. Mails the ticket, or how things stand, when `notify`. Raises
    `AlreadySignedUp`, `TooManyPerAddress`, `PlaceGivenBack`, `NotAllowed`, `Missing`.
    """
    with transaction():
        registration, event = load_person(actor, registration_id)
        if not registration.is_active:
            raise PlaceGivenBack(_("This seat was given back, so nothing is sent any more."))
        return _write_to(registration, event, email, actor=actor.actor, notify=notify)


def _write_to(registration: Registration, event: Event, email: str, *, actor: Actor, notify: bool) -> bool:
    contact_id = contact_id_of(email, registration.language)
    assert contact_id is not None
    if contact_id == registration.contact_id:
        return False
    if person_registration(event.id, contact_id, registration.name) is not None:
        raise AlreadySignedUp(_("Somebody with this name and that address is signed up already."))
    left = db.session.get(Contact, registration.contact_id) if registration.contact_id is not None else None
    if left is not None:
        _renew_secrets(registration)
        entry_leaves(left.id)
    registration.contact_id = contact_id
    db.session.flush()
    entry_changes(registration.id)
    audit.record(
        actor,
        "correct_address",
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
    )
    if notify:
        message = state_message(registration.status)
        outbox.put(
            message,
            to=email,
            language=registration.language,
            facts={"registration": registration.public_id},
            organization_id=event.organization_id,
            dedupe_key=f"{message}:{registration.id}:{registration.manage_generation}:{contact_id}",
        )
    raise_change_number(event.id, registration.id)
    if notify and left is not None:
        _tell_left_mailbox(registration, event, left)
    return True


def _tell_left_mailbox(registration: Registration, event: Event, left: Contact) -> None:
    """The address may be a stranger's, so it is written to only where the calendar there has an invitation of ours."""
    is_invited = mailboxes.invited_session(left.id, event.id) is not None
    if is_invited or mailboxes.other_dates_to_tell(left.id, event):
        outbox.put(
            "address_left",
            to=left.email,
            language=registration.language,
            facts={"registration": registration.public_id, "left": left.public_id},
            organization_id=event.organization_id,
            dedupe_key=f"address_left:{registration.id}:{registration.manage_generation}",
        )


def _renew_secrets(registration: Registration) -> None:
    """A stranger may have got link and ticket: both stop working, and there are new ones."""
    generation = max(registration.manage_generation, registration.ticket_generation) + 1
    registration.manage_generation = registration.ticket_generation = generation
    registration.key_number = settings().link_key.number
    registration.manage_hash = token_hash(link_token("manage", registration.public_id, generation))
    registration.ticket_hash = token_hash(ticket_code(registration.public_id, generation))


def request_links(*, email: str, language: str) -> None:
    """Mail `your_links` to an address that has registrations. An unknown one gets nothing, and nobody can tell.

    The page that the link leads to shows the address of the personal feed, which is made here unless there is one.
    """
    with transaction() as session:
        execute(delete(FindLink).where(FindLink.expires_at < now() - LINK_LASTS))
        contact = session.scalar(select(Contact).where(Contact.email == email))
        if contact is None:
            return
        begin_feed(contact, language)
        public_id = new_public_id()
        session.add(
            FindLink(
                public_id=public_id,
                token_hash=token_hash(link_token("find", public_id)),
                contact_id=contact.id,
                created_at=now(),
                expires_at=now() + LINK_LASTS,
            )
        )
        outbox.put(
            "your_links",
            to=email,
            language=language,
            facts={"find": public_id, "contact": contact.public_id},
            dedupe_key=f"your_links:find:{public_id}",
            priority=outbox.URGENT,
        )
