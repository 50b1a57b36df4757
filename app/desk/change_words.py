"""What people must hear of when it changes, in words: for the question whether to tell them."""

from __future__ import annotations

from typing import NamedTuple

from app.accounts.desk_page import person_here
from app.catalogue import queries as catalogue
from app.catalogue.place_text import place_line
from app.catalogue.times_text import when_text
from app.catalogue.values import EventValues, SessionValues
from app.core.i18n import gettext as _
from app.core.i18n import language, said
from app.core.times import wall_time


class Difference(NamedTuple):
    """A fact, how it was, and how it is from now on."""

    name: str
    before: str
    after: str


def differences(before: EventValues | SessionValues, values: EventValues | SessionValues) -> list[Difference]:
    """What it is called, when, where and how people come, as far as it changes."""
    facts = zip(_in_words(before), _in_words(values), strict=True)
    return [Difference(name, old, new) for (name, old), (_name, new) in facts if old != new]


def _in_words(values: EventValues | SessionValues) -> list[tuple[str, str]]:
    starts = wall_time(values.starts_local, values.zone, values.starts_fold).at
    ends = wall_time(values.ends_local, values.zone, values.ends_fold).at
    when = when_text(starts, ends, values.zone, all_day=values.is_all_day, language=language())
    venue = catalogue.find_venue_for(person_here(), values.venue_id) if values.venue_id else None
    rooms = catalogue.rooms_of([venue.id]) if venue else []
    room = next((one for one in rooms if one.id == values.room_id), None)
    place = place_line(venue, room, values.place_note, language())
    both = values.is_in_person and values.is_online
    mode = _("In the hall or online") if both else _("Online") if values.is_online else _("In the hall")
    return [
        (_("Title"), said(values.title) or "–"),
        (_("When"), when),
        (_("Where"), place or "–"),
        (_("How people come"), mode),
    ]
