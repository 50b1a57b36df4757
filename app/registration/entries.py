"""A person's own calendar file: the stored entries with what only this person may know."""

from __future__ import annotations

from app.catalogue.ics import PersonalPlace, calendar, render_personal
from app.catalogue.models import Mode, Session
from app.catalogue.place_text import place_line, point_of
from app.catalogue.queries import entries_of, sessions_of
from app.core.i18n import gettext as _
from app.registration.models import Registration
from app.registration.tickets import manage_url


def personal_calendar(registration: Registration, language: str) -> bytes:
    """The `.ics` file of all sessions: same UIDs as in the feeds, SEQUENCE raised by the person's own changes.

    People who attend online get the address of their own room page, never that of the room itself.
    """
    url = manage_url(registration)
    online = registration.mode == Mode.ONLINE
    places = [
        _place(session, language, room=f"{url}/room" if online else None)
        for session in sessions_of(registration.event_id)
    ]
    note = _("Your ticket, or if you can’t come: %(url)s", url=url)
    if online:
        note = _("Enter the online room here: %(url)s", url=f"{url}/room") + "\n" + note
    entries = entries_of(registration.event_id, language)
    parts = [
        render_personal(
            entry.vevent,
            sequence_bonus=registration.changes,
            changed_at=registration.changed_at,
            place=place,
            note=note,
        )
        for entry, place in zip(entries, places, strict=True)
    ]
    return calendar(parts, zones=[entry.zone for entry in entries], refresh=False)


def _place(session: Session, language: str, room: str | None) -> PersonalPlace:
    """Where this person is during a session: in the hall, or online through the own page."""
    if session.is_online and (room or not session.is_in_person):
        return PersonalPlace(location=_("Online"), conference_url=room)
    place = place_line(session.venue, session.room, session.place_note, language)
    return PersonalPlace(location=place, geo=point_of(session.venue))
