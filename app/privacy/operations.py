"""Erasing a person: whatever tells who it was goes, the figures stay."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select, update

from app.accounts.permissions import Person
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.core.security.links import token_hash
from app.messaging.operations import forget_mails_about, forget_mails_to
from app.registration.companions import party_of
from app.registration.ledger import raise_change_number
from app.registration.models import (
    Call,
    Consent,
    Contact,
    FindLink,
    OwnEntry,
    PersonalFeed,
    Registration,
    SessionWish,
)
from app.registration.operations.cancel import end_registrations
from app.registration.operations.people import load_person
from app.registration.operations.waiting import hold_with_event
from app.registration.questions.models import QuestionAnswer

NOBODY = "–"


class ErasedAlready(Conflict):
    """Nothing is left that tells who this was."""

    code = "erased_already"


def erase_person(*, actor: Person, registration_id: int) -> None:
    """Forget who a registration belonged to; the row stays for the figures, without name, address and links.

    A seat is given back, and whoever waits for it gets it. Goes: name, telephone, guardian, address, answers, consents,
    calls, links and ticket, and the words of every mail about the person, those to who signed the person up included.
    The address itself goes with its last registration. Stays: that somebody came, how and when. Nobody is mailed.
    Raises `ErasedAlready`, `NotAllowed`, `Missing`.
    """
    with transaction():
        load_person(actor, registration_id)
        registration, event = hold_with_event(registration_id)
        if registration.erased_at is not None:
            raise ErasedAlready(_("The data of this person is erased already."))
        end_registrations([registration], event, actor=actor.actor, by="erased", notify=False)
        _forget_mails(registration)
        for table in (QuestionAnswer, Consent, Call, SessionWish):
            execute(delete(table).where(table.registration_id == registration_id))
        contact_id = registration.contact_id
        _forget_who(registration_id, now())
        if contact_id is not None:
            _forget_address(contact_id)
        audit.record(
            actor.actor,
            "erase_person",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration_id),
        )
        raise_change_number(event.id, registration_id)
        db.session.expire_all()


def _forget_mails(registration: Registration) -> None:
    """The mails about the person, and those to one address that tell of her beside others."""
    told = {registration.public_id, *(one.public_id for one in party_of(registration))}
    forget_mails_about([registration.public_id])
    forget_mails_about(sorted(told), words_only=True)


def _forget_who(registration_id: int, at: datetime) -> None:
    """The row's own words, and what its secrets are known by: no link and no ticket leads to it any more."""
    execute(
        update(Registration)
        .where(Registration.id == registration_id)
        .values(
            name=NOBODY,
            name_folded="",
            phone=None,
            wants_call=False,
            guardian_name=None,
            contact_id=None,
            via=None,
            submission_key=None,
            manage_hash=token_hash(secrets.token_hex(16)),
            ticket_hash=token_hash(secrets.token_hex(16)),
            erased_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def _forget_address(contact_id: int) -> None:
    """An address that nobody uses any more goes, with its links and the mails that went there."""
    other = select(Registration.id).where(Registration.contact_id == contact_id).limit(1)
    if db.session.scalar(other) is not None:
        return
    email = db.session.scalars(select(Contact.email).where(Contact.id == contact_id)).one()
    for table in (FindLink, PersonalFeed, OwnEntry):
        execute(delete(table).where(table.contact_id == contact_id))
    execute(delete(Contact).where(Contact.id == contact_id).execution_options(synchronize_session=False))
    forget_mails_to(email)
