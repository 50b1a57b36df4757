"""People who may be on the list twice."""

from __future__ import annotations

from flask import Response

from app.accounts.permissions import Deed
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, event_for, page
from app.registration.doubles import Likeness, possible_doubles


@desk.get("/events/<public_id>/doubles")
def doubles(public_id: str) -> Response:
    """The groups, with what they have in common."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    words = {
        Likeness.NAME: _("The same name"),
        Likeness.PHONE: _("The same telephone"),
        Likeness.MAILBOX: _("The same mailbox, written another way"),
        Likeness.SPELLING: _("One address, and nearly the same name"),
    }
    groups = [(words[group.likeness], group.people) for group in possible_doubles(event.id)]
    return page("doubles", "events", event=event, groups=groups)
