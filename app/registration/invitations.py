"""What the mails of an organization that sends invitations carry: the calendar takes it in and follows by itself.

RFC 5546: METHOD:REQUEST brings the entry and each change of it, METHOD:CANCEL takes it away. Clients take one UID from
one mail, so this is for events with a single session; every other mail carries a plain file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from app.catalogue.ics import Invitation, calendar, render_personal
from app.catalogue.models import Session, SessionStatus
from app.catalogue.queries import entries_of, sessions_of
from app.core.clock import now
from app.core.i18n import said
from app.core.settings import settings
from app.messaging.letters import CalendarMessage
from app.messaging.queries import facts_unsaid
from app.registration import mailboxes, queries
from app.registration.models import Contact, Registration
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

ENDS = frozenset(("registration_cancelled", "seat_released", "event_cancelled"))
"""The mails after which nothing may stay in a calendar."""

WITH_END = frozenset(("registration_cancelled", "seat_released"))
"""The mails that may tell of a seat that is no more: an invitation ends with them. A plain file has no such power."""


def mail_calendars(
    registration: Registration, message: str, language: str, *, moved_from: str | None = None
) -> dict[str, Any]:
    """What a mail of this name brings to calendar programs, as parts of its `Letter`.

    An invitation or its end where the person gets such, else a file. Who was moved to another date, from the
    registration of that public id, is told of the new one by the same mail, so the end of the old one is attached.
    """
    ended = [_end_of_place(one, language) for one in _dates_left(registration, message, moved_from)]
    if message in ENDS and not gets_invitations(registration):
        ended.append(_end_of_place(registration, language))
    return _own_part(registration, message, language) | {"withdrawn": [one for one in ended if one is not None]}


def _own_part(registration: Registration, message: str, language: str) -> dict[str, Any]:
    """The entry of the place that the mail is about."""
    if gets_invitations(registration):
        return {"invitation": calendar_message(registration, language)} if message in WITH_FILE | WITH_END else {}
    if message not in WITH_FILE or not registration.has_seat:
        return {}
    invited = _invited_to(registration)
    entries = mailbox_entries(registration, language)
    others = [entry for entry in entries if invited is None or entry.session.id != invited.id]
    goes_on = invited is not None and message not in ENDS
    return {
        "calendar": file_of(others) if others else None,
        "invitation": _of_session(registration, invited, language) if invited and goes_on else None,
    }


def _dates_left(registration: Registration, message: str, moved_from: str | None) -> Iterator[Registration]:
    """The places that the person was moved away from: by the mail's own deed, or before it by moves left unsaid.

    A mail "you have another date" that is overtaken before it goes out would have taken the date before along.
    """
    one = registration if message in ENDS else None
    if moved_from:
        one = queries.find_by_public_id(moved_from)
    while one is not None:
        if one.event_id != registration.event_id:
            yield one
        unsaid = facts_unsaid(f"registration_moved:{one.id}")
        one = queries.find_by_public_id(unsaid["moved_from"]) if unsaid else None


def _end_of_place(registration: Registration, language: str) -> CalendarMessage | None:
    """What takes the invitation to a place away that is no more; None where there was none, or others come by it."""
    if gets_invitations(registration):
        return calendar_message(registration, language)
    invited = _invited_to(registration)
    is_over = registration.event.is_cancelled or not mailbox_entries(registration, language)
    return _end_of(registration, invited, language) if invited is not None and is_over else None


def _invited_to(registration: Registration) -> Session | None:
    """The session whose invitation the person has, though the event's mails bring files by now; None without one.

    Since the person got the seat, the event has been given more sessions. Only further invitations keep the one right.
    """
    if registration.contact is None or registration.confirmed_at is None or not _is_invited(registration):
        return None
    had = [session for session in sessions_of(registration.event_id) if session.created_at <= registration.confirmed_at]
    return had[0] if len(had) == 1 else None


def _of_session(registration: Registration, session: Session, language: str) -> CalendarMessage | None:
    """The scheduling message about one session of several, as things stand."""
    contact = registration.contact
    if contact is None:
        return None
    coming = mailbox_entries(registration, language, _invitation(registration, contact, language))
    entry = next((one for one in coming if one.session.id == session.id), None)
    if entry is None:
        return _end_of(registration, session, language)
    method: Literal["REQUEST", "CANCEL"] = "CANCEL" if session.status == SessionStatus.CANCELLED else "REQUEST"
    return _message(method, entry.vevent, session, contact)


def _end_of(registration: Registration, session: Session, language: str) -> CalendarMessage | None:
    """What takes the invitation to a session away."""
    contact = registration.contact
    if contact is None:
        return None
    invitation = _invitation(registration, contact, language)
    return _message("CANCEL", _taken_away(registration, invitation, language, session), session, contact)


def gets_invitations(registration: Registration) -> bool:
    """Whether mails about this registration are invitations, and not plain files."""
    return _is_invited(registration) and len(sessions_of(registration.event_id)) == 1


def _is_invited(registration: Registration) -> bool:
    """By the organization's choice, or because the person was invited before it went over to files."""
    organization, since = registration.event.organization, registration.confirmed_at
    if organization.sends_invitations:
        return True
    return bool(since and organization.invited_until and since <= organization.invited_until)


def is_to_delete(registration: Registration) -> bool:
    """Whether the person may have a plain file's entry in a calendar, which nothing of ours takes away again."""
    had_seat = registration.confirmed_at is not None and not registration.is_active
    if not had_seat or stay_behind(registration):
        return False  # who stays behind needs the entry
    return not gets_invitations(registration) or _had_file(registration)


def _had_file(registration: Registration) -> bool:
    """Whether the seat was given while the organization sent files, though it sends invitations now."""
    organization, given = registration.event.organization, registration.confirmed_at
    begun, ended = organization.invited_since, organization.invited_until
    return bool(begun and given and given < begun and not (ended and given <= ended))


def calendar_message(registration: Registration, language: str) -> CalendarMessage | None:
    """The scheduling message for the registration's mailbox as things stand; its event is loaded, and invites.

    While somebody of the mailbox comes it is a REQUEST, also where this very person has given the seat back. None for
    people who never had a seat, as on the waiting list.
    """
    if registration.confirmed_at is None:
        return None
    [session] = sessions_of(registration.event_id)
    return _of_session(registration, session, language)


def _invitation(registration: Registration, contact: Contact, language: str) -> Invitation:
    """Who invites whom: all who come from this mailbox, or who has just left it as the last one."""
    people = mailboxes.people_at(contact.id, registration.event_id)
    names = dict.fromkeys(one.name for one in people if one.has_seat) or [registration.name]
    return Invitation(
        organizer_name=said(registration.event.organization.name, language),
        organizer_email=settings().mail_from,
        attendee_name=", ".join(names),
        attendee_email=contact.email,
        sent_at=now(),
    )


def _taken_away(registration: Registration, invitation: Invitation, language: str, session: Session) -> bytes:
    """The entry of somebody who doesn't come any more, as a higher revision than all before."""
    [stored] = [one for one in entries_of(registration.event_id, language) if one.session_id == session.id]
    revision = mailboxes.revision_of(registration)
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
