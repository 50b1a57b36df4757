"""One event and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organization
from app.accounts.permissions import Person
from app.catalogue.models import (
    CatalogueVersion,
    Event,
    EventPartner,
    EventSlug,
    EventStatus,
    Mode,
    SeatPool,
    Session,
    Track,
)
from app.catalogue.queries.pools import Seats, whole_capacity
from app.catalogue.rules import whole_of
from app.catalogue.values import SIGN_UP_SETTINGS, EventValues
from app.catalogue.version import NEVER, ROW
from app.core.clock import now
from app.core.db import db, execute
from app.core.times import local_time

_FRAME = (
    joinedload(Event.organization),
    joinedload(Event.programme),
    joinedload(Event.project),
    joinedload(Event.series),
)


class LiveSeats(NamedTuple):
    """An event's id and its seat pools, and the catalogue's version at the same moment."""

    event_id: int
    pools: tuple[Seats, ...]
    version: tuple[int, datetime]


class ShownPartner(NamedTuple):
    """Another organization as an event's page names it."""

    kind: str
    name: dict[str, str]
    website: str | None


def find_public_event(slug: str) -> Event | None:
    """The published or cancelled event at this address, with organization and programme."""
    return db.session.scalar(_PUBLIC, {"slug": slug})


def find_present_slug(former: str) -> str | None:
    """Where the public event that once had this address is now."""
    return db.session.scalar(
        select(Event.slug)
        .join(EventSlug, EventSlug.event_id == Event.id)
        .where(EventSlug.slug == former, Event.status != EventStatus.DRAFT)
    )


def find_event_for(person: Person, key: int | str) -> Event | None:
    """The event with this id or public id, unless it is nobody's business of this person."""
    by_key = Event.id == key if isinstance(key, int) else Event.public_id == key
    event = db.session.scalar(_event().where(by_key))
    return event if event is not None and person.belongs_to(event.organization_id) else None


def _event() -> Select[Event]:
    return select(Event).options(*_FRAME)


# Made once, for whoever opens the page of an event waits for these (docs/performance.md).
_PUBLIC = (
    select(Event)
    .where(Event.slug == bindparam("slug"), Event.status != EventStatus.DRAFT)
    .options(joinedload(Event.organization, innerjoin=True), joinedload(Event.programme))
)
_SESSIONS = (
    select(Session)
    .where(Session.event_id == bindparam("event_id"))
    .order_by(Session.starts_at, Session.position, Session.id)
    .options(joinedload(Session.venue), joinedload(Session.room), joinedload(Session.track))
)
_PARTNERS = (
    select(
        EventPartner.kind,
        EventPartner.name,
        EventPartner.website,
        Organization.name.label("own_name"),
        Organization.website.label("own_website"),
    )
    .outerjoin(Organization, Organization.id == EventPartner.organization_id)
    .where(EventPartner.event_id == bindparam("event_id"))
    .order_by(EventPartner.position, EventPartner.id)
)


def sessions_of(event_id: int) -> list[Session]:
    """The event's sessions by their start, with venue, room and track."""
    return list(db.session.scalars(_SESSIONS, {"event_id": event_id}))


class HasHours(Protocol):
    """What decides which session comes next."""

    @property
    def position(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def called_off_alone(self) -> bool: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


Held = TypeVar("Held", bound=HasHours)


def next_session(sessions: Sequence[Held], now: datetime) -> Held:
    """Of those that make up the event the session that is running or comes next, else the last."""
    held = sorted(whole_of(sessions), key=lambda session: (session.starts_at, session.position))
    return next((session for session in held if session.ends_at > now), held[-1])


class HasWays(HasHours, Protocol):
    """The same, and how one can take part."""

    @property
    def is_in_person(self) -> bool: ...
    @property
    def is_online(self) -> bool: ...


OneWay = TypeVar("OneWay", bound=HasWays)


def next_held(sessions: Sequence[OneWay], mode: str, now: datetime) -> OneWay | None:
    """The next session held in this mode; once all are over the last. None where there is none, or none any more."""
    whole = whole_of(sessions)
    held = [one for one in whole if (one.is_online if mode == Mode.ONLINE else one.is_in_person)]
    found = next_session(held, now) if held else None
    is_over = found is not None and found.ends_at <= now < max(one.ends_at for one in whole)
    return None if is_over else found


def ahead_of(sessions: Sequence[Held], now: datetime) -> Sequence[Held]:
    """Of those that make up the event what is still to come, or all once it is over."""
    whole = whole_of(sessions)
    return [one for one in whole if one.ends_at > now] or whole


def modes_ahead(event_id: int) -> set[str]:
    """The modes in which something is still to come of the event, or all it had once it is over."""
    ahead = ahead_of(sessions_of(event_id), now())
    halls = {Mode.IN_PERSON for one in ahead if one.is_in_person}
    return halls | {Mode.ONLINE for one in ahead if one.is_online}


def ways_left(event_id: int) -> str:
    """How one can come to what is to come: the one mode, or `hybrid` for both."""
    ways = modes_ahead(event_id)
    return next(iter(ways)) if len(ways) == 1 else "hybrid"


def pools_of(event_id: int) -> list[SeatPool]:
    """All seat pools of the event, in the order in which they are locked."""
    return list(db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id).order_by(SeatPool.id)))


def live_seats(slug: str) -> LiveSeats | None:
    """The public event at this address and its seats at this moment, by one lean statement."""
    rows = execute(_LIVE, {"slug": slug}).all()
    if not rows:
        return None
    first = rows[0]
    pools = tuple(Seats(*row[3:]) for row in rows if row.mode is not None)
    return LiveSeats(first.event, pools, (first.version, first.changed_at) if first.version is not None else NEVER)


# Tables instead of classes: every page of an event begins with this, and needs no objects. The version comes along, as
# asking for it alone would be one more exchange with the database.
_event_table, _pools, _version = Event.__table__, SeatPool.__table__, CatalogueVersion.__table__
_LIVE = (
    select(
        _event_table.c.id.label("event"),
        _version.c.version,
        _version.c.changed_at,
        *(_pools.c[name] for name in Seats.__slots__),
    )
    .select_from(
        _event_table.outerjoin(_version, _version.c.id == ROW).outerjoin(_pools, _pools.c.event_id == _event_table.c.id)
    )
    .where(_event_table.c.slug == bindparam("slug"), _event_table.c.status != EventStatus.DRAFT)
    .order_by(_pools.c.id)
)


def partners_of(event_id: int) -> list[ShownPartner]:
    """Co-organizers, partners and funders, in the organizer's order.

    One that is an organization here goes by its own name and website unless the event says otherwise.
    """
    rows = execute(_PARTNERS, {"event_id": event_id})
    return [ShownPartner(row.kind, row.name or row.own_name, row.website or row.own_website) for row in rows]


def tracks_of(event_id: int) -> list[Track]:
    """Sections of a conference, in their order."""
    query = select(Track).where(Track.event_id == event_id)
    return list(db.session.scalars(query.order_by(Track.position, Track.id)))


def seen_of(event: Event) -> str:
    """What an edit form remembers, to notice that somebody else has changed the event meanwhile."""
    return event.changed_at.isoformat()


def event_values(event: Event, sessions: Sequence[Session], pools: Iterable[SeatPool]) -> EventValues:
    """The event as an edit form shows it; time, place and room are those of its first session.

    The ways of coming are those to what is still to come: what was, can't be held otherwise any more.
    """
    session, ways = sessions[0], modes_ahead(event.id)
    capacity = whole_capacity(pools)
    return EventValues(
        title=event.title,
        format=event.format,
        audience=event.audience,
        topic=event.topic,
        language=event.language,
        zone=session.zone,
        starts_local=session.starts_local,
        ends_local=session.ends_local,
        is_all_day=session.is_all_day,
        starts_fold=local_time(session.starts_at, session.zone).fold,
        ends_fold=local_time(session.ends_at, session.zone).fold,
        is_in_person=Mode.IN_PERSON in ways,
        is_online=Mode.ONLINE in ways,
        venue_id=session.venue_id,
        room_id=session.room_id,
        place_note=session.place_note,
        room_url=session.room_url,
        room_note=session.room_note,
        capacity_in_person=capacity.get(Mode.IN_PERSON),
        capacity_online=capacity.get(Mode.ONLINE),
        summary=event.summary,
        description=event.description,
        sign_up=event.sign_up,
        sign_up_url=event.sign_up_url,
        sign_up_opens_at=event.sign_up_opens_at,
        sign_up_closes_at=event.sign_up_closes_at,
        price=event.price,
        contact_email=event.contact_email,
        contact_phone=event.contact_phone,
        colour=event.colour,
        project_id=event.project_id,
        programme_id=event.programme_id,
        **{name: getattr(event, name) for name in SIGN_UP_SETTINGS},
    )
