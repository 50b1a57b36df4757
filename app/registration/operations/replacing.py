"""Somebody else comes instead: the seat changes hands, so nobody from the queue and no limit comes between."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Refused
from app.core.i18n import gettext as _
from app.core.security.links import link_token
from app.core.text import fold
from app.registration import seats
from app.registration.ledger import raise_change_number
from app.registration.models import Registration, RegistrationStatus, SessionWish
from app.registration.operations.addresses import contact_id_of, find_person
from app.registration.operations.people import load_person
from app.registration.operations.second_places import wait_no_more
from app.registration.operations.sign_up import insert_registration, store_consents
from app.registration.operations.telling import mail_person, state_message
from app.registration.operations.waiting import hold_with_event, load_with_event, set_status
from app.registration.rules import may_cancel
from app.registration.values import SignUpValues


class NobodyToReplace(Conflict):
    """There is no place that somebody else could take over, or not any more."""

    code = "nobody_to_replace"


class SamePerson(Refused):
    """The new person has a place with that address already, or is the very person."""

    code = "same_person"


def replace_person(*, registration_id: int, values: SignUpValues) -> str:
    """The person sends somebody else, up to the end of the event; returns the secret of the new one's page.

    The new person gets a registration of her own, with number and ticket, and everything that the old one held: seats,
    places in queues, sessions, the place in the party; at the same mailbox also its lead. Answers and consents are her
    own. Without an own address the old one's is used. Who had a place at the own address has two then; what was only
    waited for is given up for a seat.
    Outside: one mail to her about how things stand, and `registration_cancelled` to the old person, unless both are at
    one address. Raises `NobodyToReplace`, `SamePerson`, `Missing`.
    """
    with transaction():
        fresh = _replace(registration_id, values, actor=PARTICIPANT, notify=True)
        return link_token("manage", fresh.public_id, fresh.manage_generation, fresh.key_number)


def replace_for_person(*, actor: Person, registration_id: int, values: SignUpValues, notify: bool) -> str:
    """The organizer writes somebody else onto the list instead; returns the new registration's public id.

    Mails as `replace_person` when `notify`. Raises what that raises, and `NotAllowed`.
    """
    with transaction():
        load_person(actor, registration_id)
        return _replace(registration_id, values, actor=actor.actor, notify=notify).public_id


def _replace(registration_id: int, values: SignUpValues, *, actor: Actor, notify: bool) -> Registration:
    old_contact_id = load_with_event(registration_id)[0].contact_id
    contact_id = contact_id_of(values.email, values.language)
    old, event = hold_with_event(registration_id)
    at = now()
    _check(old, event, at)
    contact_id, is_double = _contact_for(old, contact_id, old_contact_id, values)
    row = insert_registration(event.id, contact_id, values, is_double=is_double)
    if row is None:
        raise SamePerson(_("%(name)s is on the list already with the same address.", name=values.name))
    fresh = db.session.get_one(Registration, row.id)
    _hand_over(old, fresh, at)
    wait_no_more(fresh, event)
    store_consents(fresh.id, values)
    for one, action in ((old, "give_to_other"), (fresh, "come_instead")):
        audit.record(
            actor,
            action,
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", one.id),
        )
    if notify:
        mail_person(fresh, event, state_message(fresh.status), dedupe=f"{fresh.id}", instead_of=old.public_id)
        if old.contact_id != fresh.contact_id:
            mail_person(old, event, "registration_cancelled", dedupe=f"{old.id}", by="replaced")
    raise_change_number(event.id, old.id, fresh.id)
    return fresh


def _check(old: Registration, event: Event, at: datetime) -> None:
    if not old.is_active or event.is_cancelled or not may_cancel(old.status, event.ends_at, at):
        raise NobodyToReplace(_("This place was given back, or the event is over."))
    if old.is_undecided:
        raise NobodyToReplace(_("This sign-up doesn’t count yet, so there is nothing to change."))


def _contact_for(
    old: Registration, contact_id: int | None, old_contact_id: int | None, values: SignUpValues
) -> tuple[int | None, bool]:
    """Whose mailbox the new one has, and whether she has a place there already: the page doesn't tell who comes."""
    chosen = old_contact_id if contact_id is None else contact_id
    if chosen == old_contact_id and _is_known_there(old, chosen, values.name):
        raise SamePerson(_("%(name)s is on the list already with the same address.", name=values.name))
    return chosen, chosen is not None and find_person(old.event_id, chosen, values.name) is not None


def _is_known_there(old: Registration, contact_id: int | None, name: str) -> bool:
    """Whether somebody of this name has a place at the old one's address, that person included."""
    if contact_id is None:
        return old.name_folded == fold(name)
    return find_person(old.event_id, contact_id, name) is not None


def _hand_over(old: Registration, fresh: Registration, at: datetime) -> None:
    """Everything that the old registration held is the new one's, its place in the party, too.

    Who signed up the others stays in the party, for she did it; where the new one has another mailbox, she leads it on.
    """
    fresh.status, fresh.mode = old.status, old.mode
    fresh.via, fresh.partner_id = old.via, old.partner_id
    fresh.confirmed_at = at if old.has_seat else None
    fresh.party_id, fresh.stays_together = old.party_id, old.stays_together
    db.session.flush()
    seats.hand_over(old.id, fresh.id)
    execute(update(SessionWish).where(SessionWish.registration_id == old.id).values(registration_id=fresh.id))
    party_id = None
    if old.leads_party:
        party_id = fresh.id if old.contact_id == fresh.contact_id else old.id
        of_party = update(Registration).where(Registration.party_id == old.id)
        execute(of_party.values(party_id=party_id).execution_options(synchronize_session="fetch"))
    set_status(old, RegistrationStatus.CANCELLED, ended_at=at, ended_by="replaced", party_id=party_id)
    db.session.flush()
