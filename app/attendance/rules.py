"""Decisions of the door and of the online room: values in, an answer out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.attendance.models import Verdict
from app.catalogue.models import Mode
from app.catalogue.rules import RoomState, decide_room
from app.core.security.links import TICKET_ALPHABET, TICKET_LENGTH
from app.core.times import local_time
from app.registration.models import RegistrationStatus

DOORS_OPEN_BEFORE = timedelta(minutes=120)
DOORS_CLOSE_AFTER = timedelta(hours=3)
SAME_GREEN_WITHIN = timedelta(seconds=3)
PAIRING_OUTLIVES_EVENT = timedelta(hours=12)

_TICKET = re.compile(f"[{TICKET_ALPHABET}]{{{TICKET_LENGTH}}}")
_REFERENCE = re.compile("[0-9]{6}")
_NO_TIME = timedelta(0)


class Colour(StrEnum):
    """What the phone's screen turns to."""

    GREEN = "green"
    RED = "red"
    AMBER = "amber"


class JoinDecision(StrEnum):
    """Whether a person may enter the online room now, or why not."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    IN_PERSON = "in_person"
    NO_ADDRESS = "no_address"


class DeviceState(StrEnum):
    """Where a phone at the door stands."""

    WAITING = "waiting"
    PAIRED = "paired"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class DoorEvent:
    """An event as its door knows it. `hours` are begin and end of each session in the hall."""

    id: int
    public_id: str
    organization_id: int
    title: dict[str, str]
    zone: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    hours: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Door:
    """A paired phone as the desk knows it, and the events whose people it may let in, by their beginning."""

    id: int
    name: str
    gate: str
    is_supervisor: bool
    paired_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime
    events: tuple[DoorEvent, ...]

    @property
    def ends_at(self) -> datetime:
        """Until when its pairing is good. An event that was moved to later takes its phones along."""
        return pairing_ends(self.expires_at, [event.ends_at for event in self.events])


@dataclass(frozen=True)
class Ticket:
    """Whose code or reference it is, and what it was given out for."""

    registration_id: int
    event_id: int
    status: str
    mode: str
    name: str


@dataclass(frozen=True)
class Entry:
    """The admission that was there first."""

    client_id: str
    device_id: int
    gate: str
    at: datetime


def is_ticket(code: str | None) -> bool:
    """Whether the text has the shape of a ticket's code."""
    return code is not None and _TICKET.fullmatch(code) is not None


def is_reference(text: str | None) -> bool:
    """Whether the text has the shape of a reference: six digits of ASCII."""
    return text is not None and _REFERENCE.fullmatch(text) is not None


def decide_verdict(event: DoorEvent, ticket: Ticket | None, at: datetime, *, is_readable: bool = True) -> Verdict:
    """What the door says to a ticket shown at `at`, before anybody looks whether the person is in already."""
    if not is_readable:
        return Verdict.NOT_A_TICKET
    if ticket is None:
        return Verdict.UNKNOWN
    if ticket.event_id != event.id:
        return Verdict.WRONG_EVENT
    if event.is_cancelled or ticket.status == RegistrationStatus.CANCELLED:
        return Verdict.CANCELLED
    if ticket.status != RegistrationStatus.CONFIRMED:
        return Verdict.NOT_CONFIRMED
    if ticket.mode != Mode.IN_PERSON:
        return Verdict.ONLINE_ONLY
    return _decide_by_hours(event, at)


def _decide_by_hours(event: DoorEvent, at: datetime) -> Verdict:
    if any(starts - DOORS_OPEN_BEFORE <= at <= ends + DOORS_CLOSE_AFTER for starts, ends in event.hours):
        return Verdict.WELCOME
    today = local_time(at, event.zone).date()
    begins_later_today = any(
        at < starts and local_time(starts, event.zone).date() == today for starts, _ in event.hours
    )
    return Verdict.TOO_EARLY if begins_later_today else Verdict.WRONG_DAY


def decide_second_entry(entry: Entry, *, client_id: str, device_id: int, at: datetime) -> Verdict:
    """What the door says to somebody who is in: a code that one phone reads twice at once is one person."""
    if entry.client_id == client_id:
        return Verdict.WELCOME
    is_read_twice = entry.device_id == device_id and abs(at - entry.at) <= SAME_GREEN_WITHIN
    return Verdict.WELCOME if is_read_twice else Verdict.ALREADY_IN


def colour_of(verdict: Verdict) -> Colour:
    """Green lets in, red stops, amber asks for a person's judgement."""
    return {Verdict.WELCOME: Colour.GREEN, Verdict.ALREADY_IN: Colour.RED}.get(verdict, Colour.AMBER)


def corrected_time(scanned_at: datetime, *, sent_at: datetime, received_at: datetime, paired_at: datetime) -> datetime:
    """When a scan really happened: its age by the phone's clock, counted back from our own.

    However wrong the phone's clock is, the answer lies between pairing and receipt.
    """
    age = min(max(sent_at - scanned_at, _NO_TIME), max(received_at - paired_at, _NO_TIME))
    return received_at - age


def pairing_ends(expires_at: datetime, ends: Iterable[datetime]) -> datetime:
    """Until when a pairing is good. An event that was moved to later takes its phones along."""
    return max([expires_at, *(end + PAIRING_OUTLIVES_EVENT for end in ends)])


def decide_device(
    *, paired_at: datetime | None, revoked_at: datetime | None, ends_at: datetime, now: datetime
) -> DeviceState:
    """Where a phone stands whose pairing ends at `ends_at`."""
    if revoked_at is not None:
        return DeviceState.REVOKED
    if now >= ends_at:
        return DeviceState.EXPIRED
    return DeviceState.WAITING if paired_at is None else DeviceState.PAIRED


def decide_join(
    *,
    status: str,
    mode: str,
    is_cancelled: bool,
    has_address: bool,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> JoinDecision:
    """Whether a person may enter the online room of a session now."""
    if is_cancelled or status == RegistrationStatus.CANCELLED:
        return JoinDecision.CANCELLED
    if status != RegistrationStatus.CONFIRMED:
        return JoinDecision.NOT_CONFIRMED
    if mode != Mode.ONLINE:
        return JoinDecision.IN_PERSON
    room = decide_room(starts_at, ends_at, now)
    if room is RoomState.OVER:
        return JoinDecision.OVER
    if room is RoomState.EARLY:
        return JoinDecision.EARLY
    return JoinDecision.OPEN if has_address else JoinDecision.NO_ADDRESS
