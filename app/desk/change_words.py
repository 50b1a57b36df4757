"""What people must hear of when it changes, in words: for the question whether to tell them."""

from __future__ import annotations

from typing import NamedTuple

from app.accounts.desk_page import person_here
from app.catalogue import queries as catalogue
from app.catalogue.place_text import place_line
from app.catalogue.times_text import when_text
from app.catalogue.values import EventValues, SessionValues
from app.core.i18n import LANGUAGE_NAMES, language, said
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext as _l
from app.core.times import wall_time
from app.desk.event_data import other_language
from config import LANGUAGES


class Difference(NamedTuple):
    """A fact, how it was, and how it is from now on."""

    name: str
    before: str
    after: str


def differences(before: EventValues | SessionValues, values: EventValues | SessionValues) -> list[Difference]:
    """What it is called, when, where and how people come, as far as it changes.

    In the language spoken now; what changes for readers of another one alone, in that one.
    """
    own = language()
    found = {one.name: one for one in _differing(before, values, own)}
    for speech in LANGUAGES:
        for one in _differing(before, values, speech):
            name = one.name if speech == own else f"{one.name} ({LANGUAGE_NAMES[speech]})"
            found.setdefault(one.name, one._replace(name=name))
    return list(found.values())


def left_behind(before: EventValues | SessionValues, values: EventValues | SessionValues, first: str) -> str:
    """What is said anew in the language of the text alone, though there are words in the second one; "" for nothing."""
    second = other_language(first)
    names = []
    for name, label in _TEXTS.items():
        old, new = getattr(before, name, {}), getattr(values, name, {})
        is_new = (old.get(first) or "") != (new.get(first) or "")
        if is_new and new.get(second) and old.get(second) == new.get(second):
            names.append(str(label))
    if not names:
        return ""
    return _("In the second language this is as it was: %(names)s. Does it still fit?", names=", ".join(names))


_TEXTS = {
    "title": _l("Title"),
    "place_note": _l("Room or meeting point"),
    "summary": _l("What is it about?"),
    "description": _l("Full text"),
    "price": _l("Price"),
}


def _differing(
    before: EventValues | SessionValues, values: EventValues | SessionValues, speech: str
) -> list[Difference]:
    facts = zip(_in_words(before, speech), _in_words(values, speech), strict=True)
    return [Difference(name, old, new) for (name, old), (_name, new) in facts if old != new]


def _in_words(values: EventValues | SessionValues, speech: str) -> list[tuple[str, str]]:
    starts = wall_time(values.starts_local, values.zone, values.starts_fold).at
    ends = wall_time(values.ends_local, values.zone, values.ends_fold).at
    when = when_text(starts, ends, values.zone, all_day=values.is_all_day, language=speech)
    venue = catalogue.find_venue_for(person_here(), values.venue_id) if values.venue_id else None
    rooms = catalogue.rooms_of([venue.id]) if venue else []
    room = next((one for one in rooms if one.id == values.room_id), None)
    place = place_line(venue, room, values.place_note, speech)
    both = values.is_in_person and values.is_online
    mode = _("In the hall or online") if both else _("Online") if values.is_online else _("In the hall")
    return [
        (_("Title"), said(values.title, speech) or "–"),
        (_("When"), when),
        (_("Where"), place or "–"),
        (_("How people come"), mode),
    ]
