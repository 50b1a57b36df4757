"""Places in words."""

from __future__ import annotations

from typing import Protocol

from app.core.i18n import gettext as _
from app.core.i18n import said


class HasName(Protocol):
    """A room."""

    @property
    def name(self) -> dict[str, str]: ...


class HasAddress(HasName, Protocol):
    """A venue in words."""

    @property
    def address(self) -> dict[str, str]: ...


class HasModes(Protocol):
    """An event or a session: how one can take part."""

    @property
    def is_in_person(self) -> bool: ...
    @property
    def is_online(self) -> bool: ...


class HasPoint(Protocol):
    """A venue on the map."""

    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


def point_of(venue: HasPoint | None) -> tuple[float, float] | None:
    """Where the venue is on the map, in degrees north and east; None when nobody has said it."""
    if venue is None or venue.latitude is None or venue.longitude is None:
        return None
    return venue.latitude, venue.longitude


def place_line(venue: HasAddress | None, room: HasName | None, place_note: dict[str, str] | None, language: str) -> str:
    """Venue, room, address and note in one line; "" when there is no place."""
    parts = []
    if venue is not None:
        parts.append(said(venue.name, language))
    if room is not None:
        parts.append(said(room.name, language))
    if venue is not None:
        parts.append(said(venue.address, language))
    parts.append(said(place_note, language))
    return ", ".join(" ".join(part.split()) for part in parts if part)


def beside_words(session: HasModes, event: HasModes) -> str:
    """How else one can take part than at the session's place, or online where it has none; "" where there is no other.

    What the event as a whole offers isn't said of a session that doesn't.
    """
    words: str = ""
    if session.is_in_person and session.is_online:
        words = _("or online")
    elif event.is_online and not session.is_online:
        words = _("partly online")
    elif event.is_in_person and not session.is_in_person:
        words = _("partly in the hall")
    return words
