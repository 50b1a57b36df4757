"""What a news feed says: facts in one language, ready to be written."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

# Never to be changed: the ids of all entries rest on it.
_NAMESPACE = UUID("8a0f6c1e-5d0b-4f57-9a34-0f1c7be2d6a9")


def lasting_id(name: str) -> str:
    """An id made of `name` alone: the same for ever, also when the site moves to another address (RFC 4287 §4.2.6)."""
    return uuid5(_NAMESPACE, name).urn


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """The feed as a whole; `feed_url` is its own address, `page_url` that of the page with the same events.

    `note` is for feeds that are empty for a reason. `updated` is a stored instant.
    """

    id: str
    name: str
    language: str
    site_name: str
    site_url: str
    feed_url: str
    page_url: str
    updated: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A venue; `point` is degrees north and east."""

    name: str
    address: str
    district: str
    point: tuple[float, float] | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A session. `starts` and `ends` are aware, by the clocks of `zone`; of whole days `last_day` is the last one.

    `when` and `where` say the same in words.
    """

    uid: str
    title: str
    cancelled: bool
    starts: datetime
    ends: datetime
    zone: str
    all_day: bool
    last_day: date
    modes: tuple[str, ...]
    when: str
    where: str
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """An event. `title` says whether it is cancelled, `own_title` doesn't; `text_html` can do no harm."""

    id: str
    url: str
    calendar_url: str
    title: str
    own_title: str
    title_language: str
    cancelled: bool
    published: datetime
    updated: datetime
    format: str
    audience: str
    topic: str
    event_language: str
    tags: tuple[str, ...]
    modes: tuple[str, ...]
    organization: str
    organization_name: str
    organization_url: str
    summary: str
    text_html: str
    price: str
    sign_up: str
    sign_up_url: str | None
    sign_up_opens: datetime | None
    sign_up_closes: datetime | None
    meetings: tuple[Meeting, ...]
