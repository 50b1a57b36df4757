"""A person's own calendar file: the stored entries with what only this person may know."""

from __future__ import annotations

from app.catalogue.ics import PersonalPlace, calendar, render_personal
from app.catalogue.models import Mode, Session
from app.catalogue.place_text import place_line, point_of
from app.catalogue.queries import FeedEntry, entries_of
from app.core.i18n import gettext as _
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions
from app.registration.tickets import manage_url


def personal_calendar(registration: Registration, language: str) -> bytes:
    """The `.ics` file of the person's sessions: same UIDs as in the feeds, SEQUENCE raised by the person's own changes.

    Who attends online gets the address of the own room page, never that of the room itself.
    """
    own = own_sessions(registration)
    entries = {entry.session_id: entry for entry in entries_of(registration.event_id, language)}
    parts = [_entry(registration, entries[one.id], one, own.modes[one.id], language) for one in own.coming]
    return calendar(parts, zones=[entries[one.id].zone for one in own.coming], refresh=False)


def _entry(registration: Registration, entry: FeedEntry, session: Session, mode: str, language: str) -> bytes:
    url = manage_url(registration)
    is_online = mode == Mode.ONLINE
    note = _("Your ticket, or if you can’t come: %(url)s", url=url)
    if is_online:
        note = _("Enter the online room here: %(url)s", url=f"{url}/room") + "\n" + note
    return render_personal(
        entry.vevent,
        sequence_bonus=registration.changes,
        changed_at=registration.changed_at,
        place=_place(session, language, room=f"{url}/room" if is_online else None),
        note=note,
    )


def _place(session: Session, language: str, room: str | None) -> PersonalPlace:
    """Where this person is during a session: in the hall, or online through the own page."""
    if session.is_online and (room or not session.is_in_person):
        return PersonalPlace(location=_("Online"), conference_url=room)
    place = place_line(session.venue, session.room, session.place_note, language)
    return PersonalPlace(location=place, geo=point_of(session.venue))
