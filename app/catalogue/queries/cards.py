"""The public list. What stands still (frames) is asked for apart from what moves (seats)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select

from app.accounts.models import Organization
from app.catalogue import markdown
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, EventStatus, Room, SeatPool, Session, SessionStatus, Venue
from app.catalogue.place_text import beside_words
from app.catalogue.queries.filters import Filters
from app.catalogue.queries.pools import Seats, open_pools
from app.catalogue.rules import decide_sign_up, free_seats, ways_ahead
from app.catalogue.seats_text import seats_words
from app.catalogue.times_text import short_when
from app.core.db import execute
from app.core.i18n import gettext as _
from app.core.i18n import in_language, said, spoken
from app.core.times import zone as rules_of

PER_PAGE = 20
SUMMARY_LENGTH = 160
LOOKED_AT_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An event in a list, but for its seats. `starts` is the start of the session that it shows by its zone's clocks.

    That is the next one, or the first on the days that were asked for. In such a list `is_under_way` is of this one.
    """

    id: int
    slug: str
    url: str
    title: str
    title_language: str
    starts: datetime
    is_under_way: bool
    when_text: str
    all_day: bool
    place_text: str
    beside_text: str
    modes: tuple[str, ...]
    format_name: str
    organization_name: str
    summary: str
    colour: str | None
    zone: str
    status: str
    sign_up: str
    has_waiting_list: bool
    starts_at: datetime
    ends_at: datetime
    is_in_person: bool
    is_online: bool
    in_person_until: datetime | None
    online_until: datetime | None
    session_ends_at: datetime
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None

    @property
    def cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.status == EventStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Coming:
    """How many events a list has, whatever the page; true until the first of them ends."""

    total: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FramePage:
    """One page of a list, without seats."""

    frames: tuple[Frame, ...]
    total: int
    page: int
    pages: int
    until: datetime  # when time alone makes it another list


@dataclass(frozen=True, slots=True)
class Card:
    """An event in a list, with its seats in words."""

    frame: Frame
    seats_text: str
    seats_kind: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.frame, name)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int


def upcoming_cards(filters: Filters, language: str, now: datetime, per_page: int = PER_PAGE) -> Page:
    """Events that aren't over, cancelled ones included, the earliest first.

    Where days are asked for, those that meet on one of them, in the order in which they first do.
    """
    found = upcoming_frames(filters, language, now, per_page)
    cards = with_seats(found.frames, seats_of(found.frames), language, now)
    return Page(cards, found.total, found.page, found.pages)


def count_upcoming(filters: Filters, now: datetime) -> Coming:
    """The events of all pages that `upcoming_frames` gives."""
    return Coming(*execute(_list_of(filters).totals, {"now": now}).one())


def upcoming_frames(
    filters: Filters, language: str, now: datetime, per_page: int = PER_PAGE, coming: Coming | None = None
) -> FramePage:
    """As `upcoming_cards`, without looking at seats. A page beyond the last is the last."""
    coming = coming or count_upcoming(filters, now)
    pages = max(1, -(-coming.total // per_page))
    page = min(filters.page, pages)
    place = {"now": now, "most": per_page, "skipped": (page - 1) * per_page}
    statements = _list_of(filters)
    rows = execute(statements.rows, place).all()
    places = _next_sessions(statements.sessions, [row.id for row in rows], now)
    with in_language(language):
        frames = tuple(_frame(row, places.get(row.id), language, now) for row in rows)
    return FramePage(frames, coming.total, page, pages, _until(frames, coming.until, now))


class _List(NamedTuple):
    """The statements of one list: how many and until when, the rows of a page, and the sessions that they may show."""

    totals: Any
    rows: Any
    sessions: Any


def _list_of(filters: Filters) -> _List:
    """Its statements, whatever the page. Those with days aren't kept, for a day is one of the site's time zone."""
    make = _list_of_days if filters.from_ or filters.to else _kept_list
    return make(filters.first_page())


def _made_list(filters: Filters) -> _List:
    conditions = [_PUBLIC, Event.ends_at > bindparam("now"), *filters.conditions(until=bindparam("now"))]
    in_order = (Event.starts_at, Event.id)
    # The numbers first, for the database sorts all events of the list, and rows of a few bytes sort faster.
    chosen = select(Event.id).where(*conditions).order_by(*in_order)
    chosen = chosen.limit(bindparam("most")).offset(bindparam("skipped"))
    return _List(
        select(func.count(), func.min(Event.ends_at)).where(*conditions),
        _ROWS.add_columns(Event.starts_at.label("begins_at")).where(Event.id.in_(chosen)).order_by(*in_order),
        _SESSIONS,
    )


def _list_of_days(filters: Filters) -> _List:
    """Of events that meet on these days: each is where and when its first session is that is asked for and isn't over.

    A meeting that is called off brings nobody to a list, unless the whole event was with it.
    """
    # The event's own end is told, too, for there the database has an index.
    to_come = (Event.ends_at > bindparam("now"), Session.ends_at > bindparam("now"))
    conditions = [_PUBLIC, *to_come, ~Session.called_off_alone, *filters.on_sessions()]
    meetings = select(Session.event_id).join(Event, Event.id == Session.event_id).where(*conditions)
    first = func.min(Session.starts_at)
    chosen = meetings.add_columns(first.label("first")).group_by(Session.event_id).order_by(first, Session.event_id)
    page = chosen.limit(bindparam("most")).offset(bindparam("skipped")).subquery()
    rows = _ROWS.add_columns(page.c.first.label("begins_at")).join(page, page.c.event_id == Event.id)
    return _List(
        meetings.with_only_columns(func.count(Session.event_id.distinct()), func.min(Session.ends_at)),
        rows.order_by(page.c.first, Event.id),
        _SESSIONS.join(Event, Event.id == Session.event_id).where(*conditions),
    )


# Putting the statements together is a twentieth of a page's time.
_kept_list = lru_cache(maxsize=256)(_made_list)


def _until(frames: Sequence[Frame], first_end: datetime | None, now: datetime) -> datetime:
    """The next instant at which an event of the list begins, ends, or opens or closes its sign-up."""
    moments = [now + LOOKED_AT_AGAIN, first_end]
    for frame in frames:
        moments += [
            frame.starts,
            frame.starts_at,
            frame.session_ends_at,
            frame.sign_up_opens_at,
            frame.sign_up_closes_at,
        ]
    return min(moment for moment in moments if moment is not None and moment > now)


_EVENT_COLUMNS = (
    Event.id,
    Event.slug,
    Event.title,
    Event.summary,
    Event.format,
    Event.status,
    Event.zone,
    Event.starts_at,
    Event.ends_at,
    Event.is_in_person,
    Event.is_online,
    Event.in_person_until,
    Event.online_until,
    Event.sign_up,
    Event.sign_up_opens_at,
    Event.sign_up_closes_at,
    Event.has_waiting_list,
    Event.colour,
)
_PUBLIC = Event.status.in_((EventStatus.PUBLISHED, EventStatus.CANCELLED))
_ROWS = select(*_EVENT_COLUMNS, Organization.name.label("organization_name")).join(
    Organization, Organization.id == Event.organization_id
)
_SESSIONS = (
    select(
        Session.event_id,
        Session.starts_at,
        Session.ends_at,
        Session.zone,
        Session.is_all_day,
        Session.is_in_person,
        Session.is_online,
        Session.status,
        Session.called_off_alone,
        Session.place_note,
        Venue.name.label("venue_name"),
        Room.name.label("room_name"),
    )
    .outerjoin(Venue, Venue.id == Session.venue_id)
    .outerjoin(Room, Room.id == Session.room_id)
    .where(Session.event_id.in_(bindparam("event_ids", expanding=True)))
    .order_by(Session.event_id, Session.starts_at, Session.position)
)


def _next_sessions(sessions: Any, event_ids: list[int], now: datetime) -> dict[int, Row[Any]]:
    """Of each event the session that is running or comes next, else the first; last of all one called off alone."""
    chosen: dict[int, Row[Any]] = {}
    if not event_ids:
        return chosen
    for row in execute(sessions, {"event_ids": event_ids, "now": now}):
        known = chosen.get(row.event_id)
        if known is None or (_rank(known, now) < _rank(row, now)):
            chosen[row.event_id] = row
    return chosen


def _rank(row: Row[Any], now: datetime) -> tuple[bool, ...]:
    """As `rules.whole_of` weighs them. Rows come in order of time; of two equal ones the earlier stays."""
    return not row.called_off_alone, row.status == SessionStatus.CANCELLED, row.ends_at > now


def _frame(row: Row[Any], session: Row[Any] | None, language: str, now: datetime) -> Frame:
    shown, ways = session or row, ways_ahead(row, now)
    title, title_language = spoken(row.title, language)
    all_day = bool(session and session.is_all_day)
    return Frame(
        id=row.id,
        slug=row.slug,
        url=f"/e/{row.slug}",
        title=title,
        title_language=title_language,
        starts=shown.starts_at.astimezone(rules_of(shown.zone)),
        is_under_way=row.begins_at <= now,
        when_text=short_when(shown.starts_at, shown.ends_at, shown.zone, all_day=all_day, language=language),
        all_day=all_day,
        place_text=place_in(session, language) if shown.is_in_person else _("Online"),
        beside_text=beside_words(shown, ways),
        modes=ways.codes,
        format_name=str(FORMATS[row.format].name) if row.format in FORMATS else row.format,
        organization_name=said(row.organization_name, language),
        summary=shortened(markdown.plain(said(row.summary, language)), SUMMARY_LENGTH),
        colour=row.colour,
        zone=shown.zone,
        status=row.status,
        sign_up=row.sign_up,
        has_waiting_list=row.has_waiting_list,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_in_person=row.is_in_person,
        is_online=row.is_online,
        in_person_until=row.in_person_until,
        online_until=row.online_until,
        session_ends_at=shown.ends_at,
        sign_up_opens_at=row.sign_up_opens_at,
        sign_up_closes_at=row.sign_up_closes_at,
    )


def place_in(session: Row[Any] | None, language: str) -> str:
    """The place of a session that was read with `venue_name`, `room_name` and `place_note`, in a few words."""
    if session is None:
        return ""
    names = [said(text, language) for text in (session.venue_name, session.room_name) if text]
    return ", ".join(names) or " ".join(said(session.place_note, language).split())


def shortened(text: str, length: int) -> str:
    """The beginning of a text in one line, ending with a whole word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + "…"


_pools = SeatPool.__table__
_POOLS = (
    select(*(_pools.c[name] for name in Seats.__slots__))
    .where(_pools.c.event_id.in_(bindparam("event_ids", expanding=True)))
    .order_by(_pools.c.id)
)


def seats_of(frames: Sequence[Frame]) -> tuple[Seats, ...]:
    """The seat pools of these events as they are at this moment."""
    if not frames:
        return ()
    rows = execute(_POOLS, {"event_ids": [frame.id for frame in frames]})
    return tuple(Seats(*row) for row in rows)


def with_seats(frames: Sequence[Frame], seats: Sequence[Seats], language: str, now: datetime) -> tuple[Card, ...]:
    """The same with their seats in words."""
    pools: dict[int, list[Seats]] = {}
    for pool in seats:
        pools.setdefault(pool.event_id, []).append(pool)
    with in_language(language):
        return tuple(_card(frame, pools.get(frame.id, ()), language, now) for frame in frames)


def _card(frame: Frame, pools: Sequence[Seats], language: str, now: datetime) -> Card:
    pools = open_pools(frame, pools, now)
    text, kind = seats_words(decide_sign_up(frame, pools, now), frame, free_seats(pools), language)
    return Card(frame, text, kind)
