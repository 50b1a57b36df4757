"""Clean values that a form or a file hands to the catalogue's operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.catalogue.models import PartnerKind, SignUp, SignUpWay


@dataclass(frozen=True, kw_only=True)
class MeetingValues:
    """When, where and how people meet, and for how many there is room.

    `starts_local` and `ends_local` are naive wall times in `zone`; a `fold` of 1 means the second pass of an hour that
    the clocks show twice. A capacity of None means no limit.
    """

    zone: str
    starts_local: datetime
    ends_local: datetime
    is_all_day: bool = False
    starts_fold: int = 0
    ends_fold: int = 0
    is_in_person: bool
    is_online: bool
    venue_id: int | None = None
    room_id: int | None = None
    place_note: dict[str, str] = field(default_factory=dict)
    room_url: str | None = None
    room_note: dict[str, str] = field(default_factory=dict)
    capacity_in_person: int | None = None
    capacity_online: int | None = None
    confirm_over_limit: bool = False


@dataclass(frozen=True, kw_only=True)
class EventValues(MeetingValues):
    """Everything an organizer says about an event with one session.

    Instants of opening and closing are aware.
    """

    title: dict[str, str]
    format: str
    audience: str
    topic: str
    language: str
    summary: dict[str, str] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)
    sign_up: str = SignUp.HERE
    sign_up_way: str = SignUpWay.AT_ONCE
    sign_up_url: str | None = None
    sign_up_opens_at: datetime | None = None
    sign_up_closes_at: datetime | None = None
    has_waiting_list: bool = True
    offer_lead_hours: int = 24
    offer_hours: int = 4
    change_lead_hours: int = 0
    reminder_hours: int = 24
    late_reminder_hours: int = 2
    reconfirm_days: int = 0
    release_hours: int = 24
    confirm_minutes: int = 60
    asks_guardian: bool = False
    largest_party: int = 1
    price: dict[str, str] = field(default_factory=dict)
    contact_email: str | None = None
    contact_phone: str | None = None
    colour: str | None = None
    project_id: int | None = None
    programme_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SessionValues(MeetingValues):
    """Everything an organizer says about one session of an event.

    A session that `is_chosen` has seats of its own, and capacities count only then; the other ones are for everybody
    who signed up. `new_track` is the title of a section that is to be made for it, and goes before `track_id`.
    """

    title: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    track_id: int | None = None
    new_track: dict[str, str] = field(default_factory=dict)
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class VenueValues:
    """Everything an organizer says about a venue."""

    name: dict[str, str]
    address: dict[str, str]
    district: str | None = None
    directions: dict[str, str] = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    capacity: int | None = None
    spaced_capacity: int | None = None
    is_outdoors: bool = False
    has_step_free_access: bool = False


@dataclass(frozen=True, kw_only=True)
class PartnerValues:
    """Everything an organizer says about a partner of an event.

    `name` may be empty for an organization of this site. Kept seats join everybody's `release_days` before the day of
    the start, at its beginning.
    """

    kind: str = PartnerKind.PARTNER
    name: dict[str, str] = field(default_factory=dict)
    organization_id: int | None = None
    website: str | None = None
    seats_in_person: int = 0
    seats_online: int = 0
    release_days: int = 7
    shows_names: bool = False


SIGN_UP_SETTINGS = (
    "sign_up_way",
    "has_waiting_list",
    "offer_lead_hours",
    "offer_hours",
    "change_lead_hours",
    "reminder_hours",
    "late_reminder_hours",
    "reconfirm_days",
    "release_hours",
    "confirm_minutes",
    "asks_guardian",
    "largest_party",
)
"""The settings of sign-up, queue and questions, which go by one name in tables, forms and files."""
