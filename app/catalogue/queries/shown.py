"""A public event as its page shows it: read by lean statements, for objects of the session cost as much as the page.

The classes have the names and parts of the models that they stand for, so that a preview can show those instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Table, bindparam, exists, select

from app.accounts.models import Organization
from app.catalogue.models import (
    Event,
    EventPartner,
    EventStatus,
    PreviousStart,
    Programme,
    Room,
    Series,
    Session,
    Track,
    Venue,
)
from app.core.db import execute, table_of

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class ShownOrganization:
    """As `Organization`."""

    slug: str
    name: dict[str, str]
    email: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class ShownProgramme:
    """As `Programme`."""

    slug: str
    title: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShownSeries:
    """As `Series`."""

    slug: str
    title: dict[str, str]
    per_person: int | None


@dataclass(frozen=True, slots=True)
class ShownVenue:
    """As `Venue`."""

    slug: str
    name: dict[str, str]
    address: dict[str, str]
    directions: dict[str, str]
    latitude: float | None
    longitude: float | None
    capacity: int | None
    is_outdoors: bool
    has_step_free_access: bool


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """As `Room`."""

    name: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShownTrack:
    """As `Track`."""

    position: int
    title: dict[str, str]


@dataclass(frozen=True, slots=True)
class FormerStart:
    """As `PreviousStart`."""

    starts_at: datetime
    zone: str
    is_all_day: bool


# Those of each session that was moved, the last one last.
FormerStarts: TypeAlias = Mapping[int, Sequence[FormerStart]]
NEVER_MOVED: FormerStarts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _EventFields:
    id: int
    slug: str
    status: str
    format: str
    audience: str
    topic: str
    language: str
    title: dict[str, str]
    summary: dict[str, str]
    description: dict[str, str]
    zone: str
    starts_at: datetime
    ends_at: datetime
    is_in_person: bool
    is_online: bool
    in_person_until: datetime | None
    online_until: datetime | None
    sign_up: str
    sign_up_url: str | None
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None
    has_waiting_list: bool
    largest_party: int
    price: dict[str, str]
    contact_email: str | None
    contact_phone: str | None
    colour: str | None
    cancellation_reason: str | None
    series_id: int | None
    changed_at: datetime
    moved_online_at: datetime | None
    moved_to_hall_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownEvent(_EventFields):
    """As `Event`. Most events have no partners, and needn't be asked for such."""

    has_partners: bool
    organization: ShownOrganization
    programme: ShownProgramme | None

    @property
    def series(self) -> ShownSeries | None:
        """Few events are part of one, so it is asked for only then."""
        if self.series_id is None:
            return None
        return _made(ShownSeries, list(execute(_SERIES, {"series_id": self.series_id}).one()))

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.status == EventStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class _SessionFields:
    id: int
    position: int
    status: str
    called_off_alone: bool
    title: dict[str, str]
    format: str | None
    track_id: int | None
    zone: str
    is_all_day: bool
    starts_at: datetime
    ends_at: datetime
    is_in_person: bool
    is_online: bool
    place_note: dict[str, str]
    moved_online_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownSession(_SessionFields):
    """As `Session`. Most were never moved, and needn't be asked for former starts."""

    was_moved: bool
    venue: ShownVenue | None
    room: ShownRoom | None
    track: ShownTrack | None


# A public page is made of rows, a preview of objects.
AnyEvent: TypeAlias = Event | ShownEvent
AnySession: TypeAlias = Session | ShownSession
AnyVenue: TypeAlias = Venue | ShownVenue


def _columns(table: Table, kind: Any) -> list[Any]:
    """The columns that `kind` is made of, in its order."""
    return [table.c[field.name].label(None) for field in fields(kind)]


_event, _organization, _programme = table_of(Event), table_of(Organization), table_of(Programme)
_partner, _series, _previous = table_of(EventPartner), table_of(Series), table_of(PreviousStart)
_session, _venue, _room, _track = table_of(Session), table_of(Venue), table_of(Room), table_of(Track)
# One statement for both: an event has one session nearly always, and never many.
_EVENT = (
    select(
        *_columns(_session, _SessionFields),
        exists().where(_previous.c.session_id == _session.c.id),
        *_columns(_venue, ShownVenue),
        *_columns(_room, ShownRoom),
        *_columns(_track, ShownTrack),
        *_columns(_event, _EventFields),
        exists().where(_partner.c.event_id == _event.c.id),
        *_columns(_organization, ShownOrganization),
        *_columns(_programme, ShownProgramme),
    )
    .select_from(
        _event.join(_organization, _organization.c.id == _event.c.organization_id)
        .join(_session, _session.c.event_id == _event.c.id)
        .outerjoin(_programme, _programme.c.id == _event.c.programme_id)
        .outerjoin(_venue, _venue.c.id == _session.c.venue_id)
        .outerjoin(_room, _room.c.id == _session.c.room_id)
        .outerjoin(_track, _track.c.id == _session.c.track_id)
    )
    .where(_event.c.slug == bindparam("slug"), _event.c.status != EventStatus.DRAFT)
    .order_by(_session.c.starts_at, _session.c.position, _session.c.id)
)


_SERIES = select(_series.c.slug, _series.c.title, _series.c.per_person).where(_series.c.id == bindparam("series_id"))


def find_shown_event(slug: str) -> tuple[ShownEvent, list[ShownSession]] | None:
    """The published or cancelled event at this address, and its sessions in order of time."""
    parts = [iter(row) for row in execute(_EVENT, {"slug": slug})]
    sessions = [_shown_session(rest) for rest in parts]
    return (_shown_event(parts[0]), sessions) if parts else None  # what follows the session is in each row the same


_PREVIOUS = (
    select(_previous.c.session_id, *_columns(_previous, FormerStart))
    .join(_session, _session.c.id == _previous.c.session_id)
    .where(_session.c.event_id == bindparam("event_id"))
    .order_by(_previous.c.moved_at)
)


def previous_starts(event_id: int) -> FormerStarts:
    """When each session of the event was to start before it was moved, the first one first, as it was told."""
    found: dict[int, list[FormerStart]] = {}
    for session_id, *values in execute(_PREVIOUS, {"event_id": event_id}):
        found.setdefault(session_id, []).append(_made(FormerStart, values))
    return found


def _shown_event(rest: Iterator[Any]) -> ShownEvent:
    values = [*_taken(rest, _EventFields), next(rest), ShownOrganization(*_taken(rest, ShownOrganization))]
    return _made(ShownEvent, [*values, _part(rest, ShownProgramme)])


def _shown_session(rest: Iterator[Any]) -> ShownSession:
    values = [*_taken(rest, _SessionFields), next(rest)]
    return _made(ShownSession, values + [_part(rest, kind) for kind in (ShownVenue, ShownRoom, ShownTrack)])


def _taken(rest: Iterator[Any], kind: Any) -> list[Any]:
    return [next(rest) for _field in fields(kind)]


def _part(rest: Iterator[Any], kind: type[Kind]) -> Kind | None:
    """None for what isn't there: the first column of each part is never empty."""
    values = _taken(rest, kind)
    return None if values[0] is None else _made(kind, values)


def _made(kind: Callable[..., Kind], values: list[Any]) -> Kind:
    return kind(*values)
