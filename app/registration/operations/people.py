"""What an organizer does for one person."""

from __future__ import annotations

from sqlalchemy import select, update

from app.accounts.permissions import Deed, Person
from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from app.core.i18n import gettext as _
from app.core.text import fold
from app.registration.ledger import entry_changes, raise_change_number
from app.registration.models import ACTIVE, Registration
from app.registration.operations.cancel import end_registration
from app.registration.operations.telling import mail_person, stamp, state_message
from app.registration.operations.waiting import load_with_event


class TooLateToRename(Conflict):
    """The event is over, or the place was given back."""

    code = "too_late"


class Unreachable(Refused):
    """Without a number nobody can tell this person anything."""

    code = "unreachable"


class NoAddress(Conflict):
    """The person has no e-mail address to write to."""

    code = "no_address"


def cancel_person(*, actor: Person, registration_id: int, notify: bool) -> bool:
    """Take a person off the list; mails `registration_cancelled` when `notify`. A second time changes nothing."""
    with transaction():
        registration, event = load_person(actor, registration_id)
        return end_registration(registration, event, actor=actor.actor, by="organizer", notify=notify)


def correct_person(
    *, actor: Person, registration_id: int, name: str, phone: str | None, wants_call: bool, notify: bool
) -> None:
    """Write name and telephone right; mails `registration_changed` when `notify`.

    Raises `Refused` when the name makes a double, `Unreachable` when the person could no longer be told anything.
    """
    with transaction():
        registration, event = load_person(actor, registration_id)
        if phone is None and (wants_call or registration.contact_id is None):
            raise Unreachable(_("Please write the number to phone."))
        if (phone, wants_call) != (registration.phone, registration.wants_call):
            _set_phone(actor, registration, event, phone, wants_call=wants_call)
        _rename(registration, event, name, actor=actor.actor, notify=notify)


def _set_phone(actor: Person, registration: Registration, event: Event, phone: str | None, *, wants_call: bool) -> None:
    registration.phone, registration.wants_call = phone, wants_call
    audit.record(
        actor.actor,
        "correct_phone",
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
    )
    raise_change_number(event.id, registration.id)


def correct_own_name(*, registration_id: int, name: str) -> bool:
    """The person writes the own name right, up to the end of the event; False when it is that already.

    Outside: one mail `registration_changed`. Raises `Refused` when it makes a double, `TooLateToRename`, `Missing`.
    """
    with transaction():
        registration, event = load_with_event(registration_id)
        if not registration.is_active or event.is_cancelled or now() >= event.ends_at:
            raise TooLateToRename(_("This event is over, so nothing can be changed."))
        return _rename(registration, event, name, actor=PARTICIPANT, notify=True)


def _rename(registration: Registration, event: Event, name: str, *, actor: Actor, notify: bool) -> bool:
    if registration.name == name:
        return False
    if registration.is_active and _is_double(registration, name):
        raise Refused(_("%(name)s is on the list already with the same address.", name=name))
    execute(
        update(Registration)
        .where(Registration.id == registration.id)
        .values(name=name, name_folded=fold(name), changed_at=now())
    )
    entry_changes(registration.id)
    audit.record(
        actor,
        "correct_name",
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
    )
    if notify:
        mail_person(registration, event, "registration_changed", dedupe=stamp(registration.id, now()))
    raise_change_number(event.id, registration.id)
    return True


def resend_ticket(*, actor: Person, registration_id: int) -> None:
    """Mail the ticket once more, or the place in the queue, at most once a minute.

    Raises `NoAddress`, and `Conflict` for a place that was given back.
    """
    with transaction():
        registration, event = load_person(actor, registration_id)
        if not registration.is_active:
            raise Conflict(_("This seat was given back, so there is no ticket to send."))
        if registration.contact_id is None:
            raise NoAddress(_("This person left no e-mail address."))
        once_a_minute = f"{registration_id}:again:{now():%Y%m%dT%H%M}"
        if not mail_person(registration, event, state_message(registration.status), dedupe=once_a_minute):
            raise Conflict(_("The mail is on its way already. You can send it again in a minute."))
        audit.record(
            actor.actor,
            "resend_ticket",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration_id),
        )


def load_person(actor: Person, registration_id: int) -> tuple[Registration, Event]:
    """A registration that the actor may see and change. Raises `Missing`, `NotAllowed`."""
    registration = db.session.get(Registration, registration_id)
    event = db.session.get(Event, registration.event_id) if registration else None
    if registration is None or event is None or not actor.belongs_to(event.organization_id):
        raise Missing
    if not actor.may(Deed.SEE_PEOPLE, event.organization_id):
        raise NotAllowed(_("Your role does not include the list of people."))
    return registration, event


def _is_double(registration: Registration, name: str) -> bool:
    other = db.session.scalar(
        select(Registration.id).where(
            Registration.event_id == registration.event_id,
            Registration.contact_id == registration.contact_id,
            Registration.name_folded == fold(name),
            Registration.id != registration.id,
            Registration.status.in_(ACTIVE),
        )
    )
    return other is not None
