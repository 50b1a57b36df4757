"""The programme on an event's page: its sessions by track, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.catalogue.formats import FORMATS
from app.catalogue.models import SessionStatus
from app.catalogue.queries import AnySession, FormerStart, FormerStarts
from app.catalogue.rules import HasSeats
from app.catalogue.seats_text import session_seats_words
from app.catalogue.times_text import date_text, full_moment_text, moment_text, short_when
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.times import zone as rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One session of a course or conference."""

    title: str
    when: str
    starts: date
    moved_from: str
    place: str
    is_hybrid: bool
    format_name: str
    seats: str
    cancelled: bool
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLines:
    """The sessions of one section; the first group of all may have no title."""

    title: str
    sessions: list[SessionLine]


class SessionPools:
    """The seats of each session that people choose."""

    def __init__(self, pools: Iterable[HasSeats], has_list: bool) -> None:
        self._has_list = has_list
        self._of: dict[int, dict[str, int | None]] = {}
        for pool in pools:
            if pool.session_id is not None and pool.partner_id is None:
                self._of.setdefault(pool.session_id, {})[pool.mode] = pool.free

    def words(self, session_id: int) -> str:
        """How many seats are left; that it is for everybody, where others are chosen; nothing where none is."""
        if not self._of:
            return ""
        if session_id not in self._of:
            return _("for everybody")
        return session_seats_words(self._of[session_id], has_list=self._has_list)


def programme(
    sessions: Sequence[AnySession],
    pools: SessionPools,
    previous_starts: FormerStarts,
    now: datetime,
    language: str,
    beside: str,
) -> list[TrackLines]:
    """The sessions by track, those of no track first, each in order of time; `beside` is the zone of the heading.

    What was moved and is still to come says when it was to be.
    """
    groups: dict[int | None, TrackLines] = {}
    in_order = sorted(
        sessions,
        key=lambda s: (s.track.position if s.track else -1, s.track_id or 0, s.starts_at, s.position),
    )
    for session in in_order:
        title = said(session.track.title, language) if session.track else ""
        group = groups.setdefault(session.track_id, TrackLines(title=title, sessions=[]))
        is_over = session.ends_at <= now or session.status == SessionStatus.CANCELLED
        former = () if is_over else previous_starts.get(session.id, ())
        was = moved_from_text(former[-1], session, language) if former else ""
        group.sessions.append(_line(session, "" if is_over else pools.words(session.id), was, now, language, beside))
    return list(groups.values())


def moved_from_text(former: FormerStart, session: AnySession, language: str) -> str:
    """When it was to begin: of whole days the day, and that it had no hours where it has some now."""
    at, zone = former.starts_at, former.zone
    if former.is_all_day:
        day = date_text(at, zone, language)
        return day if session.is_all_day else ", ".join([day, _("all day")])
    return moment_text(at, zone, language) if zone == session.zone else full_moment_text(at, zone, language)


def _line(session: AnySession, seats: str, was: str, now: datetime, language: str, beside: str) -> SessionLine:
    format_code = session.format or ""
    times, all_day = (session.starts_at, session.ends_at, session.zone), session.is_all_day
    return SessionLine(
        title=said(session.title, language),
        when=short_when(*times, all_day=all_day, language=language, with_end=True, beside=beside),
        starts=_start(session),
        moved_from=was,
        place=_short_place(session, language),
        is_hybrid=session.is_in_person and session.is_online,
        format_name=str(FORMATS[format_code].name) if format_code in FORMATS else "",
        seats=seats,
        cancelled=session.status == SessionStatus.CANCELLED,
        over=session.ends_at <= now,
    )


def _short_place(session: AnySession, language: str) -> str:
    if not session.is_in_person:
        return _("Online")
    names = [said(thing.name, language) for thing in (session.venue, session.room) if thing is not None]
    return ", ".join(names) or said(session.place_note, language)


def _start(session: AnySession) -> date:
    """The hour by its clocks, or the day where it lasts whole days."""
    starts = session.starts_at.astimezone(rules_of(session.zone))
    return starts.date() if session.is_all_day else starts
