"""A person's own calendar file: the stored entries with what only this person may know."""

from __future__ import annotations

from app.catalogue.ics import calendar, render_personal
from app.catalogue.models import Mode
from app.catalogue.queries import entries_of
from app.core.i18n import gettext as _
from app.registration.models import Registration
from app.registration.tickets import manage_url


def personal_calendar(registration: Registration, language: str) -> bytes:
    """The `.ics` file of all sessions: same UIDs as in the feeds, SEQUENCE raised by the person's own changes.

    People who attend online get the address of their own room page, never that of the room itself.
    """
    url = manage_url(registration)
    online = registration.mode == Mode.ONLINE
    note = _("Your ticket, or if you can't come: %(url)s", url=url)
    if online:
        note = _("Enter the online room here: %(url)s", url=f"{url}/room") + "\n" + note
    entries = entries_of(registration.event_id, language)
    parts = [
        render_personal(
            entry.vevent,
            sequence_bonus=registration.changes,
            changed_at=registration.changed_at,
            conference_url=f"{url}/room" if online else None,
            note=note,
        )
        for entry in entries
    ]
    return calendar(parts, zones=[entry.zone for entry in entries], refresh=False)
