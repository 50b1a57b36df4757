"""Decisions of the catalogue: values in, an answer out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Flag, StrEnum, auto
from typing import NamedTuple, Protocol, TypeVar

from app.catalogue.models import EventStatus, Mode, SessionStatus, SignUp
from app.catalogue.values import SIGN_UP_SETTINGS, EventValues, SessionValues
from app.core.i18n import said
from app.core.times import local_time
from app.core.times import zone as rules_of
from config import LANGUAGES

ROOM_OPENS_BEFORE = timedelta(minutes=15)


class SignUpState(StrEnum):
    """What one who wants to come can do now."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    PAST = "past"
    JUST_COME = "just_come"
    ELSEWHERE = "elsewhere"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    FULL = "full"
    WAITING_LIST = "waiting_list"
    OPEN = "open"


class RoomState(StrEnum):
    """Whether the online room lets people in."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"


class EventChange(Flag):
    """What differs between two versions of an event. `PLACE` is any room or note, `VENUE` another house."""

    NOTHING = 0
    TIME = auto()
    PLACE = auto()
    MODES = auto()
    TITLE = auto()
    TEXT = auto()
    SEATS = auto()
    SIGN_UP = auto()
    ROOM = auto()
    OTHER = auto()
    VENUE = auto()

    @property
    def moved(self) -> bool:
        """Whether those who signed up must hear of it, and calendars take it for a new revision (RFC 5545 §3.8.7.4)."""
        return bool(self & (EventChange.TIME | EventChange.PLACE | EventChange.MODES | EventChange.TITLE))

    @property
    def is_place_only(self) -> bool:
        """Whether nothing has changed for who takes part online."""
        return EventChange.PLACE in self and not self & (EventChange.TIME | EventChange.MODES | EventChange.TITLE)

    @property
    def renamed(self) -> bool:
        """Whether it has another title."""
        return EventChange.TITLE in self

    @property
    def moves_entry(self) -> bool:
        """Whether the calendar entry reads differently at all."""
        return self.moved or EventChange.TEXT in self


class HasSignUp(Protocol):
    """What the decision on signing up looks at."""

    @property
    def status(self) -> str: ...
    @property
    def sign_up(self) -> str: ...
    @property
    def has_waiting_list(self) -> bool: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def sign_up_opens_at(self) -> datetime | None: ...
    @property
    def sign_up_closes_at(self) -> datetime | None: ...


class EndsByWays(Protocol):
    """An event, as the ways of coming to it end: each with the event, unless it says an earlier moment."""

    @property
    def is_in_person(self) -> bool: ...
    @property
    def is_online(self) -> bool: ...
    @property
    def in_person_until(self) -> datetime | None: ...
    @property
    def online_until(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime: ...


class HasStart(Protocol):
    """When a meeting begins or was to begin, and whether the hour means something."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def is_all_day(self) -> bool: ...


class HasSeats(Protocol):
    """What the decision looks at in a seat pool."""

    @property
    def mode(self) -> str: ...
    @property
    def session_id(self) -> int | None: ...
    @property
    def partner_id(self) -> int | None: ...
    @property
    def kept_until(self) -> datetime | None: ...
    @property
    def free(self) -> int | None: ...


def decide_sign_up(
    event: HasSignUp, pools: Iterable[HasSeats], now: datetime, partner_id: int | None = None
) -> SignUpState:
    """What one who wants to come can do at `now`. Signing up ends with the event unless it closes earlier."""
    if event.status == EventStatus.DRAFT:
        return SignUpState.DRAFT
    return decide_sign_up_once_published(event, pools, now, partner_id)


def decide_sign_up_once_published(
    event: HasSignUp, pools: Iterable[HasSeats], now: datetime, partner_id: int | None = None
) -> SignUpState:
    """The same for a draft as if it were published already, for its preview."""
    fixed = _decide_without_seats(event, now)
    if fixed is not None:
        return fixed
    seats = free_seats(pools, partner_id)
    if any(free != 0 for free in seats.values()):
        return SignUpState.OPEN
    return SignUpState.WAITING_LIST if seats and takes_waiting(event, now) else SignUpState.FULL


def takes_waiting(event: HasSignUp, now: datetime) -> bool:
    """Whether one may queue up for a full event: it has a list, and hasn't begun, or goes on for more than a day."""
    is_long = event.ends_at - event.starts_at > timedelta(days=1)
    return event.has_waiting_list and (now < event.starts_at or is_long)


def _decide_without_seats(event: HasSignUp, now: datetime) -> SignUpState | None:
    if event.status == EventStatus.CANCELLED:
        return SignUpState.CANCELLED
    if now >= event.ends_at:
        return SignUpState.PAST
    if event.sign_up != SignUp.HERE:
        return SignUpState.JUST_COME if event.sign_up == SignUp.JUST_COME else SignUpState.ELSEWHERE
    if event.sign_up_opens_at and now < event.sign_up_opens_at:
        return SignUpState.NOT_YET
    if event.sign_up_closes_at and now >= event.sign_up_closes_at:
        return SignUpState.CLOSED
    return None


class Modes(NamedTuple):
    """How one can take part."""

    is_in_person: bool
    is_online: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """The modes that there are."""
        return (Mode.IN_PERSON,) * self.is_in_person + (Mode.ONLINE,) * self.is_online


def ways_ahead(event: EndsByWays, now: datetime) -> Modes:
    """How one can take part in what is still to come of the event; all that it had, once it is over."""
    if event.ends_at <= now:
        return Modes(event.is_in_person, event.is_online)
    hall, online = (until is None or now < until for until in (event.in_person_until, event.online_until))
    return Modes(event.is_in_person and hall, event.is_online and online)


def is_ahead(event: EndsByWays, mode: str, now: datetime) -> bool:
    """Whether something is still to come of the event in this mode, as in `ways_ahead`."""
    ahead = ways_ahead(event, now)
    return ahead.is_online if mode == Mode.ONLINE else ahead.is_in_person


def free_seats(pools: Iterable[HasSeats], partner_id: int | None = None) -> dict[str, int | None]:
    """Seats of the event as a whole that somebody may have, by mode; None means no limit.

    A mode that isn't offered is absent. Seats kept for a partner count for its own guests only, those of single
    sessions not at all.
    """
    pools = [pool for pool in pools if pool.session_id is None]
    kept = kept_seats(pools, partner_id)
    free = {pool.mode: pool.free for pool in pools if pool.partner_id is None}
    return {mode: left if left is None else left + kept.get(mode, 0) for mode, left in free.items()}


def kept_seats(pools: Iterable[HasSeats], partner_id: int | None) -> dict[str, int]:
    """Free seats that are kept for the guests of this partner, by mode."""
    if partner_id is None:
        return {}
    return {pool.mode: pool.free or 0 for pool in pools if pool.partner_id == partner_id}


class MayBeCalledOff(Protocol):
    """A session, however it was read."""

    @property
    def status(self) -> str: ...
    @property
    def called_off_alone(self) -> bool: ...


Part = TypeVar("Part", bound=MayBeCalledOff)


def whole_of(sessions: Sequence[Part]) -> Sequence[Part]:
    """The sessions that make up the event: of a cancelled one what was lost with it, else what takes place.

    All, where each was called off alone.
    """
    together = [one for one in sessions if not one.called_off_alone]
    return [one for one in together if one.status == SessionStatus.CANCELLED] or together or sessions


def is_same_start(one: HasStart, other: HasStart) -> bool:
    """Whether both are the same to people: of whole days the hour means nothing, by whatever clocks."""
    if one.is_all_day and other.is_all_day:
        first, second = (local_time(start.starts_at, start.zone).date() for start in (one, other))
        return first == second
    return (one.starts_at, one.is_all_day) == (other.starts_at, other.is_all_day)


def release_day(starts_at: datetime, zone: str, days: int) -> date:
    """The day on which seats kept for partners join everybody's, by the clocks of `zone`."""
    return local_time(starts_at, zone).date() - timedelta(days=days)


def kept_until(starts_at: datetime, zone: str, days: int) -> datetime:
    """The beginning of that day; where the clocks skip midnight, the moment after the gap."""
    midnight = datetime.combine(release_day(starts_at, zone, days), time(0))
    return midnight.replace(tzinfo=rules_of(zone), fold=0).astimezone(UTC)


def decide_room(starts_at: datetime, ends_at: datetime, now: datetime) -> RoomState:
    """Whether the online room of a session lets people in: from 15 minutes before its start to its end."""
    if now < starts_at - ROOM_OPENS_BEFORE:
        return RoomState.EARLY
    return RoomState.OPEN if now < ends_at else RoomState.OVER


_FIELDS: dict[EventChange, tuple[str, ...]] = {
    EventChange.TIME: ("zone", "starts_local", "ends_local", "is_all_day", "starts_fold", "ends_fold"),
    EventChange.PLACE: ("venue_id", "room_id", "place_note"),
    EventChange.VENUE: ("venue_id",),
    EventChange.MODES: ("is_in_person", "is_online"),
    EventChange.TITLE: ("title",),
    EventChange.TEXT: ("summary", "format", "topic"),
    EventChange.SEATS: ("capacity_in_person", "capacity_online"),
    EventChange.SIGN_UP: (
        *("sign_up", "sign_up_url", "sign_up_opens_at", "sign_up_closes_at"),
        *SIGN_UP_SETTINGS,
    ),
    EventChange.ROOM: ("room_url", "room_note"),
    EventChange.OTHER: (
        "description",
        "audience",
        "language",
        "price",
        "contact_email",
        "contact_phone",
        "colour",
        "project_id",
        "programme_id",
    ),
}


_OF_BOTH = (EventChange.TIME, EventChange.PLACE, EventChange.VENUE, EventChange.MODES, EventChange.TITLE)
_SESSION_FIELDS: dict[EventChange, tuple[str, ...]] = {
    **{flag: _FIELDS[flag] for flag in _OF_BOTH},
    EventChange.TEXT: ("format",),
    EventChange.SEATS: ("is_chosen", *_FIELDS[EventChange.SEATS]),
    EventChange.ROOM: _FIELDS[EventChange.ROOM],
    EventChange.OTHER: ("track_id", "new_track"),
}


def decide_change(old: EventValues, new: EventValues) -> EventChange:
    """What `new` changes of an event, field by field."""
    return _decide_change(_FIELDS, old, new)


def decide_session_change(old: SessionValues, new: SessionValues) -> EventChange:
    """What `new` changes of a session, field by field."""
    return _decide_change(_SESSION_FIELDS, old, new)


def readers_of(
    old: EventValues | SessionValues, new: EventValues | SessionValues, change: EventChange
) -> frozenset[str] | None:
    """In which languages a change of words alone reads differently; None where it is of more, and so for everybody."""
    if change & (EventChange.TIME | EventChange.MODES | EventChange.VENUE) or old.room_id != new.room_id:
        return None
    words = ((old.title, new.title), (old.place_note, new.place_note))
    return frozenset(one for one in LANGUAGES if any(said(before, one) != said(after, one) for before, after in words))


def _decide_change(
    fields: dict[EventChange, tuple[str, ...]], old: EventValues | SessionValues, new: EventValues | SessionValues
) -> EventChange:
    change, unseen = EventChange.NOTHING, {"zone"} if old.is_all_day and new.is_all_day else set()
    for flag, names in fields.items():
        for name in names:
            before, after = _kept(getattr(old, name)), _kept(getattr(new, name))
            if before != after:
                is_read = _read(before) != _read(after) and name not in unseen
                change |= flag if is_read else EventChange.OTHER
    return change


def _kept(value: object) -> object:
    """A value as the database keeps it: empty translations and empty texts are nothing."""
    if isinstance(value, dict):
        return {language: text for language, text in value.items() if text}
    return None if value == "" else value


def _read(value: object) -> object:
    """A value as people read it: words that only stand under another language are the same words."""
    return [said(value, language) for language in LANGUAGES] if isinstance(value, dict) else value
