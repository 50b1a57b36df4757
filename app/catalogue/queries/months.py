"""What happens in a month, day by day, by the clocks of each event's own place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from app.catalogue.models import Event, EventStatus, Room, Session, SessionStatus, Venue
from app.catalogue.place_text import beside_words
from app.catalogue.queries.cards import place_in
from app.catalogue.queries.filters import Filters
from app.catalogue.rules import Modes, whole_of
from app.catalogue.times_text import clocks_text
from app.core.db import execute
from app.core.i18n import spoken
from app.core.times import whole_days

# No zone is further than this from another, so no wall time is from its instant.
ANY_ZONE = timedelta(days=1)
# Nothing lasts longer; so what began before needn't be looked at, and the index on the start is enough.
LASTS = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """An event on one of its days. `starts` is None where it goes on from the day before, or has no hours.

    `clocks` says whose they are, where they show another hour than the site's. `place` is empty where the first of its
    meetings on that day is held online only; `beside` says how else one can take part in it, or in the others.
    """

    slug: str
    title: str
    title_language: str
    starts: time | None
    clocks: str
    all_day: bool
    goes_on: bool
    cancelled: bool
    meetings: int
    place: str
    beside: str


def month_entries(filters: Filters, first: date, language: str) -> dict[date, list[MonthEntry]]:
    """The entries of each day of the month that begins with `first`, in order of time; past ones too.

    An event with several meetings on a day stands there once, as from the first of them and with their number, and once
    more with what is cancelled of it.
    """
    after = next_month(first)
    begin, end = datetime.combine(first, time()), datetime.combine(after, time())
    rows = execute(
        _SESSIONS.where(
            *_public(filters),
            Session.starts_at > (begin - LASTS - ANY_ZONE).replace(tzinfo=UTC),
            Session.starts_at < (end + ANY_ZONE).replace(tzinfo=UTC),
            Session.starts_local < end,
            Session.ends_local >= begin,
        ).order_by(Session.starts_local, Session.id)
    )
    days: dict[date, dict[tuple[str, str], list[Row[Any]]]] = {}
    for row in rows:
        for day in _days_of(row, first, after):
            days.setdefault(day, {}).setdefault((row.slug, row.status), []).append(row)
    return {day: _sorted([_entry(day, rows, language) for rows in days[day].values()]) for day in sorted(days)}


def nearest_month(filters: Filters, first: date) -> date | None:
    """The first day of the nearest month, later or earlier, in which there is anything; of two the later."""
    after = datetime.combine(next_month(first), time())
    sessions = select(func.min(Session.starts_local)).join(Event, Event.id == Session.event_id)
    later = execute(sessions.where(*_public(filters), Session.starts_local >= after)).scalar()
    sessions = select(func.max(Session.starts_local)).join(Event, Event.id == Session.event_id)
    earlier = execute(sessions.where(*_public(filters), Session.starts_local < after)).scalar()
    found = [moment.date().replace(day=1) for moment in (later, earlier) if moment is not None]
    return min(found, key=lambda month: abs(_number(month) - _number(first)), default=None)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _number(month: date) -> int:
    return month.year * 12 + month.month


_COLUMNS = (
    Event.slug,
    Event.title.label("event_title"),
    Session.title,
    Session.status,
    Session.called_off_alone,
    Session.zone,
    Session.starts_at,
    Session.starts_local,
    Session.ends_local,
    Session.is_all_day,
    Session.is_in_person,
    Session.is_online,
    Session.place_note,
    Venue.name.label("venue_name"),
    Room.name.label("room_name"),
)
_SESSIONS = (
    select(*_COLUMNS)
    .join(Event, Event.id == Session.event_id)
    .outerjoin(Venue, Venue.id == Session.venue_id)
    .outerjoin(Room, Room.id == Session.room_id)
)


def _public(filters: Filters) -> list[ColumnElement[bool]]:
    return [Event.status.in_((EventStatus.PUBLISHED, EventStatus.CANCELLED)), *filters.on_sessions()]


def _days_of(row: Row[Any], first: date, after: date) -> list[date]:
    """The days of the month on which the session is."""
    begins, ends = whole_days(row.starts_local, row.ends_local)
    day, days = max(begins, first), []
    while day <= ends and day < after:
        days.append(day)
        day += timedelta(days=1)
    return days


def _entry(day: date, rows: list[Row[Any]], language: str) -> MonthEntry:
    """One event on one day, of those of its meetings that take place there, or of those that are cancelled."""
    on = whole_of(rows)
    row = on[0]
    title, title_language = spoken(row.event_title, language)
    if len(on) == 1 and row.title:
        title = f"{title}: {spoken(row.title, language)[0]}"
    goes_on = row.starts_local.date() < day
    return MonthEntry(
        slug=row.slug,
        title=title,
        title_language=title_language,
        starts=None if goes_on or row.is_all_day else row.starts_local.time(),
        clocks=clocks_text(row.zone, row.starts_at, language),
        all_day=row.is_all_day,
        goes_on=goes_on,
        cancelled=row.status == SessionStatus.CANCELLED,
        meetings=len(on),
        place=place_in(row, language) if row.is_in_person else "",
        beside=beside_words(row, Modes(any(one.is_in_person for one in on), any(one.is_online for one in on))),
    )


def _sorted(entries: list[MonthEntry]) -> list[MonthEntry]:
    """What lasts whole days or goes on comes first, then by the hour."""
    return sorted(entries, key=lambda entry: (entry.starts is not None, entry.starts or time(), entry.slug))
