"""An event's sessions as the desk lists them: by day, with what is known of seats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalogue import queries as catalogue
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, Mode, SeatPool, Session, SessionStatus
from app.catalogue.place_text import place_line
from app.catalogue.times_text import clocks_text, date_words, day_text, days_text
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, said
from app.core.times import days_in, is_ambiguous, local_time


@dataclass(frozen=True)
class SessionLine:
    """One session in words. `seats` has a line for each mode of a session that people choose."""

    id: int
    title: str
    hours: str
    kind: str
    place: str
    is_in_person: bool
    is_online: bool
    lacks_link: bool
    seats: list[str]
    is_cancelled: bool
    is_over: bool


@dataclass(frozen=True)
class DayLines:
    """The sessions that begin on one day."""

    title: str
    lines: list[SessionLine]


def days_of(event: Event, sessions: Iterable[Session], pools: Sequence[SeatPool], now: datetime) -> list[DayLines]:
    """The sessions, which come by time, grouped by the day of their start."""
    days: dict[str, DayLines] = {}
    for session in sessions:
        title = day_text(session.starts_local.date(), language())
        own = catalogue.own_pools(session.id, pools)
        days.setdefault(title, DayLines(title, [])).lines.append(_line(event, session, own, now))
    return list(days.values())


def title_of(event: Event, session: Session) -> str:
    """What a session goes by: its own title, or the event's."""
    return said(session.title) or said(event.title)


def _line(event: Event, session: Session, pools: list[SeatPool], now: datetime) -> SessionLine:
    kinds = [str(FORMATS[session.format].name)] if session.format in FORMATS else []
    kinds += [said(session.track.title)] if session.track else []
    is_over = session.ends_at <= now
    return SessionLine(
        id=session.id,
        title=title_of(event, session),
        hours=_hours(event, session),
        kind=" · ".join(kinds),
        place=place_line(session.venue, session.room, session.place_note, language()) if session.is_in_person else "",
        is_in_person=session.is_in_person,
        is_online=session.is_online,
        lacks_link=session.is_online and not session.room_url and not is_over,
        seats=[_seats(pool) for pool in pools],
        is_cancelled=session.status == SessionStatus.CANCELLED,
        is_over=is_over,
    )


def _hours(event: Event, session: Session) -> str:
    """The hours below the heading with the day; of several whole days all of them, for it names the first one."""
    if session.is_all_day:
        first, last = days_in(session.starts_at, session.ends_at, session.zone)
        return (
            _("All day") if first == last else days_text(session.starts_at, session.ends_at, session.zone, language())
        )
    starts, ends = (local_time(at, session.zone) for at in (session.starts_at, session.ends_at))
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{day_text(ends.date(), language())}, {ends:%H:%M}"
    clocks = clocks_text(session.zone, session.starts_at, language(), beside=event.zone)
    return ", ".join([f"{starts:%H:%M}–{until}", *[clocks] * bool(clocks)])


def _seats(pool: SeatPool) -> str:
    """Seats of one mode: how many are taken, of how many, and how many people wait."""
    words = _taken(pool)
    if pool.waiting:
        words += ", " + ngettext("%(num)d person waits", "%(num)d people wait", pool.waiting)
    return words


def _taken(pool: SeatPool) -> str:
    is_online = pool.mode == Mode.ONLINE
    if pool.capacity is None:
        words = _("Online: %(taken)s taken, no limit") if is_online else _("In the hall: %(taken)s taken, no limit")
        return words % {"taken": pool.taken}
    words = _("Online: %(taken)s of %(seats)s taken") if is_online else _("In the hall: %(taken)s of %(seats)s taken")
    return words % {"taken": pool.taken, "seats": pool.capacity}


def doubled_words(sessions: Iterable[Session], known: Iterable[int]) -> list[str]:
    """That an hour of a repeated session comes twice on its day; of those that aren't `known` by their ids."""
    old, words = set(known), []
    for one in sessions:
        is_doubled = is_ambiguous(one.starts_local, one.zone) or is_ambiguous(one.ends_local, one.zone)
        if is_doubled and one.id not in old and not one.is_all_day:
            day = date_words(one.starts_local.date(), language())
            words.append(
                _(
                    "On %(day)s the clocks show the hour twice. The earlier one is meant; edit that meeting to change "
                    "it.",
                    day=day,
                )
            )
    return words
