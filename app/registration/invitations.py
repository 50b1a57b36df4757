"""What the mails of an organization that sends invitations carry: the calendar takes it in and follows by itself.

RFC 5546: METHOD:REQUEST brings the entry and each change of it, METHOD:CANCEL takes it away. Clients take one UID from
one mail, so this is for events with a single session; every other mail carries a plain file. Which invitation a mailbox
has is noted when it goes out: that one is kept right by further ones until it is ended, whatever else changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import update

from app.catalogue.ics import Invitation, calendar, render_personal
from app.catalogue.models import Session, SessionStatus
from app.catalogue.queries import entries_of, sessions_of
from app.core.clock import now
from app.core.db import execute, transaction
from app.core.i18n import said
from app.core.settings import settings
from app.messaging.letters import CalendarMessage
from app.registration import mailboxes
from app.registration.entries import Revision
from app.registration.models import Contact, OwnEntry, Registration
from app.registration.own_calendar import file_of, mailbox_entries
from app.registration.party_lines import stay_behind

WITH_FILE = frozenset(
    (
        "registration_confirmed",
        "registration_moved",
        "registration_changed",
        "promoted",
        "event_moved",
        "event_cancelled",
        "session_moved",
        "session_cancelled",
    )
)
"""The mails that tell of a seat, and so bring its calendar entry."""

WITH_END = frozenset(("registration_cancelled", "seat_released"))
"""The mails that may tell of a seat that is no more: an invitation ends with them. A plain file has no such power."""


@dataclass(frozen=True)
class _Part:
    """A scheduling message, and what a mailbox's calendar has by it."""

    message: CalendarMessage
    of: Registration
    session: Session
    sequence: int


def mail_calendars(registration: Registration, message: str, language: str) -> dict[str, Any]:
    """What a mail of this name brings to calendar programs, as parts of its `Letter`.

    An invitation or its end where the mailbox gets such, else a file. Where the mailbox has an invitation to another
    date of the series that is no longer right, as its people were moved away, what mends it is attached.
    """
    if message not in WITH_FILE | WITH_END or registration.contact is None:
        return {}
    session = _invited_to(registration)
    own = _part(registration, session, language) if session else None
    others = [
        part
        for one in mailboxes.other_dates_to_tell(registration)
        if (there := _invited_to(one)) and (part := _part(one, there, language))
    ]
    parts = [own, *others] if own else others
    return {
        "calendar": _file(registration, session, language) if message in WITH_FILE else None,
        "invitation": own.message if own else None,
        "of_others": [part.message for part in others],
        "before_sent": (lambda: _note(parts, is_sent=False)) if parts else None,
        "after_sent": (lambda: _note(parts, is_sent=True)) if parts else None,
    }


def is_to_delete(registration: Registration) -> bool:
    """Whether the person may have a plain file's entry in a calendar, which nothing of ours takes away again."""
    had_seat = registration.confirmed_at is not None and not registration.is_active
    if not had_seat or stay_behind(registration):
        return False  # who stays behind needs the entry
    return mailboxes.invited_session(registration) is None or len(sessions_of(registration.event_id)) > 1


def _invited_to(registration: Registration) -> Session | None:
    """The session of which the mailbox has an invitation, or is to get one; None where it gets files alone."""
    sessions = sessions_of(registration.event_id)
    known = mailboxes.invited_session(registration)
    for session in sessions:
        if session.id == known:
            return session
    is_for_all = registration.event.organization.sends_invitations and len(sessions) == 1
    return sessions[0] if is_for_all and sessions[0].status != SessionStatus.CANCELLED else None


def _file(registration: Registration, invited: Session | None, language: str) -> bytes | None:
    """The plain file of all chosen sessions but the one that goes by invitation."""
    if not registration.has_seat:
        return None
    entries = mailbox_entries(registration, language)
    others = [entry for entry in entries if invited is None or entry.session.id != invited.id]
    return file_of(others) if others else None


def _part(registration: Registration, session: Session, language: str) -> _Part | None:
    """The scheduling message for the registration's mailbox as things stand.

    While somebody of the mailbox comes it is a REQUEST, also where this very person has given the seat back. None where
    nobody comes and nobody was invited, as on the waiting list.
    """
    contact = registration.contact
    if contact is None:
        return None
    invitation = _invitation(registration, contact)
    coming = mailbox_entries(registration, language, invitation)
    vevent = next((one.vevent for one in coming if one.session.id == session.id), None)
    if vevent is None and mailboxes.invited_session(registration) != session.id:
        return None
    revision = mailboxes.revision_of(registration)
    is_over = vevent is None or session.status == SessionStatus.CANCELLED
    vevent = vevent or _taken_away(registration, invitation, language, session, revision)
    return _Part(
        _message("CANCEL" if is_over else "REQUEST", vevent, session, contact),
        registration,
        session,
        session.sequence + revision.changes,
    )


def _invitation(registration: Registration, contact: Contact) -> Invitation:
    """Who invites whom: all who come from this mailbox, or who has just left it as the last one."""
    people = mailboxes.people_at(contact.id, registration.event_id)
    names = dict.fromkeys(one.name for one in people if one.has_seat) or [registration.name]
    return Invitation(
        organizer_name=said(registration.event.organization.name),
        organizer_email=settings().mail_from,
        attendee_name=", ".join(names),
        attendee_email=contact.email,
        sent_at=now(),
    )


def _taken_away(
    registration: Registration, invitation: Invitation, language: str, session: Session, revision: Revision
) -> bytes:
    """The entry of somebody who doesn't come any more, as a higher revision than all before."""
    [stored] = [one for one in entries_of(registration.event_id, language) if one.session_id == session.id]
    return render_personal(
        stored.vevent,
        sequence_bonus=revision.changes,
        changed_at=revision.changed_at,
        status="cancelled",
        invitation=invitation,
    )


def _message(
    method: Literal["REQUEST", "CANCEL"], vevent: bytes, session: Session, contact: Contact
) -> CalendarMessage:
    content = calendar([vevent], zones=[session.zone], method=method, refresh=False)
    return CalendarMessage(method=method, content=content, attendee=contact.email)


def _note(parts: Sequence[_Part], *, is_sent: bool) -> None:
    """What mailboxes have now: before a mail goes out that it may arrive, and afterwards that it has told all.

    A server that dies in between sends the mail once more. Too many ends do no harm; one too few would leave an entry.
    """
    with transaction():
        for part in parts:
            row = update(OwnEntry).where(
                OwnEntry.contact_id == part.of.contact_id, OwnEntry.event_id == part.of.event_id
            )
            told = {"invited_sequence": part.sequence} if is_sent else {"invited_session_id": part.session.id}
            execute(row.values(**told))
