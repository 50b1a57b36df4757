"""Links that put an event, or all of them, into somebody's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

from app.core.settings import settings

DETAILS_LENGTH = 1000  # Google refuses addresses that grow too long.


def google_hours(starts_at: datetime, ends_at: datetime) -> str:
    """From when to when, as Google's template takes it."""
    return f"{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}/{ends_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def google_days(first: date, last: date) -> str:
    """Whole days, as Google's template takes them: until the first day that is free again."""
    return f"{first:%Y%m%d}/{last + timedelta(days=1):%Y%m%d}"


def google_template_url(title: str, dates: str, details: str, location: str) -> str:
    """Opens Google Calendar with a filled-in entry, which never updates itself."""
    values = {"action": "TEMPLATE", "text": title, "dates": dates, "details": details[:DETAILS_LENGTH]}
    if location:
        values["location"] = location
    return "https://calendar.google.com/calendar/render?" + urlencode(values)


def webcal_url(path: str) -> str:
    """The feed's address by which phones and desktops offer to subscribe."""
    return "webcal://" + settings().base_url.partition("://")[2] + path


def google_subscribe_url(path: str) -> str:
    """Subscribes in Google Calendar; with `http` instead of `webcal` it would import once and for all."""
    return "https://calendar.google.com/calendar/r?cid=" + quote(webcal_url(path), safe="")


def outlook_subscribe_url(path: str, name: str) -> str:
    """Subscribes in Outlook on the web."""
    address = settings().base_url + path
    return "https://outlook.live.com/calendar/0/addfromweb?" + urlencode({"url": address, "name": name})


@dataclass(frozen=True, slots=True)
class Subscription:
    """The ways into a feed: full addresses, and its name."""

    name: str
    ics: str
    webcal: str
    google: str
    outlook: str
    atom: str
    json: str


def subscription(name: str, ics_path: str, atom_path: str, json_path: str) -> Subscription:
    """The ways into the feed that has these paths."""
    base = settings().base_url
    return Subscription(
        name=name,
        ics=base + ics_path,
        webcal=webcal_url(ics_path),
        google=google_subscribe_url(ics_path),
        outlook=outlook_subscribe_url(ics_path, name),
        atom=base + atom_path,
        json=base + json_path,
    )
