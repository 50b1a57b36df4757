"""How a session was before it changed: frozen for the message about it, and put into words when that is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.catalogue.entries import entry_title
from app.catalogue.models import Event, Mode, Session
from app.catalogue.place_text import place_line
from app.catalogue.times_text import short_when, when_text
from app.core.i18n import language, said
from app.registration.facts import place_of, short_when_of, when_of
from config import LANGUAGES


@dataclass(frozen=True)
class Earlier:
    """What was otherwise, in the language being spoken: title, time and place, each "" where it is the same now."""

    title: str = ""
    when: str = ""
    place: str = ""
    short_when: str = ""


def frozen(event: Event, session: Session) -> dict[str, Any]:
    """What people know of the session now, as facts of a message."""
    places = {one: place_line(session.venue, session.room, session.place_note, one) for one in LANGUAGES}
    return {
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "zone": session.zone,
        "is_all_day": session.is_all_day,
        "place": places,
        "title": {one: entry_title(event.title, session.title, one) for one in LANGUAGES},
    }


def before_of(facts: dict[str, Any], session: Session) -> dict[str, Any] | None:
    """What a message has frozen of this session, where it is about the event as a whole, or about several sessions."""
    found: dict[str, Any] | None = facts.get("before") or facts.get("sessions_before", {}).get(session.uid)
    return found


def earlier(facts: dict[str, Any] | None, event: Event, session: Session, mode: str) -> Earlier:
    """What was otherwise before, for who comes in this mode to what is this session now."""
    if not facts:
        return Earlier()
    times = (*(datetime.fromisoformat(facts[key]) for key in ("starts_at", "ends_at")), facts["zone"])
    how: dict[str, Any] = {"all_day": facts["is_all_day"], "language": language()}
    when, short, place = when_text(*times, **how), short_when(*times, **how), said(facts.get("place"))
    title = said(facts.get("title"))
    is_elsewhere = mode == Mode.IN_PERSON and place != place_of(session, mode, language())
    return Earlier(
        title=title if title != entry_title(event.title, session.title, language()) else "",
        when=when if when != when_of(session) else "",
        place=place if is_elsewhere else "",
        short_when=short if short != short_when_of(session) else "",
    )
