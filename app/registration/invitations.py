"""What the mails of an organization that sends invitations carry: the calendar takes it in and follows by itself.

RFC 5546: METHOD:REQUEST brings the entry and each change of it, METHOD:CANCEL takes it away. Clients take one UID from
one mail, so this is for events with a single session; every other mail carries a plain file. Which invitation a mailbox
has is noted when it goes out: that one is kept right by further ones until it is ended, whatever else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import update

from app.catalogue.ics import Invitation, calendar, render_personal
from app.catalogue.models import Event, Session, SessionStatus
from app.catalogue.queries import entries_of, sessions_of
from app.core.clock import now
from app.core.db import execute, transaction
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.settings import settings
from app.messaging.letters import CalendarMessage
from app.registration import mailboxes
from app.registration.entries import Entry, Revision
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
        "meetings_added",
        "session_moved",
        "session_cancelled",
    )
)
"""The mails that tell of a seat, and so bring its calendar entry."""

WITH_END = frozenset(("registration_cancelled", "seat_released"))
"""The mails that may tell of a seat that is no more: an invitation ends with them. A plain file has no such power; it
goes with them where others of the mailbox still come, and tells of those.
"""

WITH_FIRST = frozenset(("registration_confirmed", "registration_moved", "promoted", "meetings_added"))


@dataclass(frozen=True)
class _Part:
    """A scheduling message, and what a mailbox's calendar has by it."""

    message: CalendarMessage
    contact_id: int
    event_id: int
    session_id: int
    sequence: int


def mail_calendars(
    registration: Registration, message: str, language: str, left: Registration | None = None
) -> dict[str, Any]:
    """What a mail of this name brings to calendar programs, as parts of its `Letter`.

    An invitation or its end where the mailbox gets such, else a file. Where the mailbox has an invitation to another
    date of the series that is no longer right, as its people were moved away, what mends it is attached. `left` is the
    place at another date that the mail tells of: who still comes there gets that entry once more.
    """
    if message not in WITH_FILE | WITH_END or registration.contact is None:
        return {}
    session = _invited_to(registration)
    own = _part(registration, session, language) if session else None
    tells_of_seat = registration.has_seat if message in WITH_FILE else not registration.is_active
    entries = _in_file(registration, session, language) if tells_of_seat else []
    if left is not None:
        entries += _in_file(left, _invited_to(left), language)
    return {
        "calendar": file_of(entries) if entries else None,
        **_scheduling(own, _of_other_dates(registration.contact, registration.event, language)),
    }


def calendar_words(message: str, parts: Mapping[str, Any]) -> list[str]:
    """What is to be done by hand with these parts of a mail, a sentence each: what isn't an invitation is opened."""
    words = []
    if parts.get("calendar"):
        words.append(
            _("To put it into your calendar, open the attached file.")
            if message in WITH_FIRST
            else _("Is it in your calendar already? Open the attached file, and the entry there is brought up to date.")
        )
    if any(part.method == "CANCEL" for part in parts.get("of_others", ())):
        words.append(
            _("Another attached file takes the old date out of your calendar. If it stays there, open that file.")
        )
    return words


def left_mailbox(registration: Registration, contact: Contact, language: str) -> dict[str, Any]:
    """What is told to a mailbox that the registration is no longer written to at, as parts of its `Letter`.

    Its invitation ends, or goes on without this person where somebody else still comes by this mailbox. Nothing where
    it has none.
    """
    known = mailboxes.invited_session(contact.id, registration.event_id)
    session = next((one for one in sessions_of(registration.event_id) if one.id == known), None)
    own = None
    if session is not None:
        stay = [one for one in mailboxes.people_at(contact.id, registration.event_id) if one.has_seat]
        own = _part(stay[0], session, language) if stay else _end(registration, session, contact, language)
    return _scheduling(own, _of_other_dates(contact, registration.event, language))


def _of_other_dates(contact: Contact, event: Event, language: str) -> list[_Part]:
    """What mends the invitations of this mailbox to other dates of the series."""
    return [
        part
        for one in mailboxes.other_dates_to_tell(contact.id, event)
        if (there := _invited_to(one)) and (part := _part(one, there, language))
    ]


def _scheduling(own: _Part | None, others: Sequence[_Part]) -> dict[str, Any]:
    """These messages as parts of a `Letter`, which notes what mailboxes have by it; nothing without any.

    Before it goes out, that it may arrive, and afterwards, that it has told all: a server that dies in between sends
    the mail once more. Too many ends do no harm; one too few would leave an entry.
    """
    parts = [own, *others] if own else others
    if not parts:
        return {}
    return {
        "invitation": own.message if own else None,
        "of_others": [part.message for part in others],
        "before_sent": lambda: _note(parts, "invited_session_id", lambda part: part.session_id),
        "after_sent": lambda: _note(parts, "invited_sequence", lambda part: part.sequence),
    }


def is_to_delete(registration: Registration) -> bool:
    """Whether the person may have a plain file's entry in a calendar, which nothing of ours takes away again."""
    had_seat = registration.confirmed_at is not None and not registration.is_active
    if not had_seat or _seated_behind(registration):
        return False  # who still comes needs the entry
    invited = mailboxes.invited_session(registration.contact_id, registration.event_id)
    return invited is None or len(sessions_of(registration.event_id)) > 1


def nobody_comes_to(registration: Registration, codes: Sequence[str], language: str) -> list[Session]:
    """Of the sessions with these codes, which a person has given back, those that nobody of the mailbox comes to now.

    Only where somebody of it still comes to the event: else all of it is to be deleted, and `is_to_delete` says so.
    """
    if not codes or not (registration.is_active or _seated_behind(registration)):
        return []
    kept = {entry.session.id for entry in mailbox_entries(registration, language)}
    by_code = {one.code: one for one in sessions_of(registration.event_id) if one.id not in kept}
    return [by_code[code] for code in codes if code in by_code]


def _seated_behind(registration: Registration) -> list[Registration]:
    """Who of the same mailbox still comes to the event that this person has left."""
    return [one for one in stay_behind(registration) if one.has_seat]


def _invited_to(registration: Registration) -> Session | None:
    """The session of which the mailbox has an invitation, or is to get one; None where it gets files alone."""
    sessions = sessions_of(registration.event_id)
    known = mailboxes.invited_session(registration.contact_id, registration.event_id)
    for session in sessions:
        if session.id == known:
            return session
    is_for_all = registration.event.organization.sends_invitations and len(sessions) == 1
    return sessions[0] if is_for_all and sessions[0].status != SessionStatus.CANCELLED else None


def _in_file(registration: Registration, invited: Session | None, language: str) -> list[Entry]:
    """What a plain file tells: all sessions that the mailbox comes to but the one that goes by invitation."""
    entries = mailbox_entries(registration, language)
    return [entry for entry in entries if invited is None or entry.session.id != invited.id]


def _part(registration: Registration, session: Session, language: str) -> _Part | None:
    """The scheduling message for the registration's mailbox as things stand.

    While somebody of the mailbox comes it is a REQUEST, also where this very person has given the seat back. None where
    nobody comes and nobody was invited, as on the waiting list.
    """
    contact = registration.contact
    if contact is None:
        return None
    coming = mailbox_entries(registration, language, _invitation(registration, contact))
    vevent = next((one.vevent for one in coming if one.session.id == session.id), None)
    if vevent is None:
        known = mailboxes.invited_session(contact.id, registration.event_id)
        return _end(registration, session, contact, language) if known == session.id else None
    method: Literal["REQUEST", "CANCEL"] = "CANCEL" if session.status == SessionStatus.CANCELLED else "REQUEST"
    return _part_of(method, vevent, session, contact, mailboxes.revision_of(registration))


def _end(registration: Registration, session: Session, contact: Contact, language: str) -> _Part:
    """What takes the invitation of somebody who doesn't come any more out of this mailbox's calendar."""
    [stored] = [one for one in entries_of(registration.event_id, language) if one.session_id == session.id]
    revision = mailboxes.revision_of(registration, contact.id)
    vevent = render_personal(
        stored.vevent,
        sequence_bonus=revision.changes,
        changed_at=revision.changed_at,
        status="cancelled",
        invitation=_invitation(registration, contact),
    )
    return _part_of("CANCEL", vevent, session, contact, revision)


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


def _part_of(
    method: Literal["REQUEST", "CANCEL"], vevent: bytes, session: Session, contact: Contact, revision: Revision
) -> _Part:
    content = calendar([vevent], zones=[session.zone], method=method, refresh=False)
    message = CalendarMessage(method=method, content=content, attendee=contact.email)
    return _Part(message, contact.id, session.event_id, session.id, session.sequence + revision.changes)


def _note(parts: Sequence[_Part], column: str, value_of: Callable[[_Part], int]) -> None:
    with transaction():
        for part in parts:
            row = update(OwnEntry).where(OwnEntry.contact_id == part.contact_id, OwnEntry.event_id == part.event_id)
            execute(row.values(**{column: value_of(part)}))
