"""JSON Feed 1.1, for sites and programs; what it has no names for stands under `_event`.

docs/how-to/read-feeds.md explains it, docs/how-to/read-feeds.schema.json describes it exactly.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.catalogue.syndication.atom import content_html
from app.catalogue.syndication.facts import FeedHead, FeedItem, Meeting, Place
from app.catalogue.syndication.text import clean, utc

VERSION = "https://jsonfeed.org/version/1.1"
# What `json` makes of control characters, and what it leaves as it is though `clean` doesn't.
_MAYBE_UNCLEAN = ("\\u", "\\r", "\\b", "\\f", "\ufffe", "\uffff")


def render_json(head: FeedHead, items: Sequence[FeedItem]) -> bytes:
    """The feed, its items in the order given; every text comes back from a reader as `clean` gives it."""
    feed: dict[str, Any] = {
        "version": VERSION,
        "title": head.name,
        "home_page_url": head.page_url,
        "feed_url": head.feed_url,
        "language": head.language,
        "authors": [{"name": head.site_name, "url": head.site_url}],
        "items": [_item(item) for item in items],
    }
    if head.note:
        feed["description"] = head.note
    text = _written(feed)
    # Looking through the whole a few times is a tenth of the work of looking at each text.
    if any(sign in text for sign in _MAYBE_UNCLEAN):
        text = _written(_cleaned(feed))
    return text.encode(errors="ignore") + b"\n"  # Lone surrogates go, as in `clean`.


def _written(feed: dict[str, Any]) -> str:
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":"))


def _item(item: FeedItem) -> dict[str, Any]:
    found = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": content_html(item),
        "date_published": utc(item.published),
        "date_modified": utc(item.updated),
        "authors": [{"name": item.organization_name, "url": item.organization_url}],
        "tags": list(dict.fromkeys(item.tags)),
        "language": item.title_language,
        "_event": _event(item),
    }
    return found if item.summary else {name: value for name, value in found.items() if name != "summary"}


def _event(item: FeedItem) -> dict[str, Any]:
    return {
        "title": item.own_title,
        "status": "cancelled" if item.cancelled else "scheduled",
        "format": item.format,
        "audience": item.audience,
        "topic": item.topic,
        "language": item.event_language,
        "modes": list(item.modes),
        "organization": item.organization,
        "price": item.price,
        "sign_up": {
            "kind": item.sign_up,
            "url": item.sign_up_url,
            "opens_at": _optional(item.sign_up_opens),
            "closes_at": _optional(item.sign_up_closes),
        },
        "calendar_url": item.calendar_url,
        "sessions": [_session(meeting) for meeting in item.meetings],
    }


def _session(meeting: Meeting) -> dict[str, Any]:
    return {
        "uid": meeting.uid,
        "title": meeting.title,
        "status": "cancelled" if meeting.cancelled else "scheduled",
        "starts": meeting.starts.isoformat(timespec="seconds"),
        "ends": meeting.ends.isoformat(timespec="seconds"),
        "starts_utc": utc(meeting.starts),
        "ends_utc": utc(meeting.ends),
        "zone": meeting.zone,
        "all_day": meeting.all_day,
        "last_day": meeting.last_day.isoformat(),
        "when": meeting.when,
        "where": meeting.where,
        "modes": list(meeting.modes),
        "venue": _venue(meeting.place),
    }


def _venue(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    latitude, longitude = place.point or (None, None)
    return {
        "name": place.name,
        "address": place.address,
        "district": place.district or None,
        "latitude": latitude,
        "longitude": longitude,
        "url": place.url,
    }


def _optional(moment: datetime | None) -> str | None:
    return utc(moment) if moment else None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {name: _cleaned(one) for name, one in value.items()}
    return value
