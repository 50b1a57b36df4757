"""Meetings that were added to an event that people have signed up for: which are still news to them, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.catalogue.models import Session, SessionStatus
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.registration.facts import directions_to, line_of, place_of
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions


def still_new(registration: Registration, uids: Collection[str]) -> list[Session]:
    """Of these meetings those that the person comes to, and that have neither been called off since nor are over."""
    return [
        session
        for session in own_sessions(registration).coming
        if session.uid in uids and session.status == SessionStatus.SCHEDULED and session.ends_at > now()
    ]


def meeting_lines(sessions: Sequence[Session], mode: str | None) -> list[str]:
    """When and where each is, and how to find a place where that is named first, for who comes in this mode.

    Without a mode in few words, for people who know the places.
    """
    speech, lines, known = language(), [], {""}
    for session in sessions:
        way = directions_to(session, mode, speech) if mode else ""
        place = place_of(session, mode, speech) if mode or session.is_in_person else _("Online")
        parts = [line_of(session, speech), place, way if way not in known else ""]
        lines.append(" · ".join(part for part in parts if part))
        known.add(way)
    return lines
