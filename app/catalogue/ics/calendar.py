"""VCALENDAR: stored events joined to a feed, a download or a mail's part."""

from collections.abc import Iterable
from typing import Literal

from app.catalogue.ics.text import clean_line, content_line, escape, uri
from app.catalogue.ics.zones import vtimezone

_BEGIN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Lectern//Lectern//EN\r\n"
# Nextcloud and others poll once a week without these (RFC 7986 §5.7).
_REFRESH = b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n"
_END = b"END:VCALENDAR\r\n"


def calendar(
    parts: Iterable[bytes],
    *,
    zones: Iterable[str],
    name: str | None = None,
    note: str | None = None,
    source: str | None = None,
    url: str | None = None,
    method: Literal["PUBLISH", "REQUEST", "CANCEL"] | None = None,
    refresh: bool = True,
) -> bytes:
    """The calendar of finished VEVENTs (RFC 5545 §3.4, RFC 7986).

    `zones` names the zone of every part, in any order and as often as it comes. A feed has a `name`; a
    download or mail has none, as Outlook would make a new calendar of it, and `refresh=False`. A `note` says why a
    feed is empty. `source` (the feed's own address) and `url` (its page) are for public feeds. A feed without
    events still needs one zone to be valid. There is no UID: vdirsyncer would take the whole feed for one item.
    """
    head = [_BEGIN]
    if method:
        head.append(content_line("METHOD", method.encode()))
    if name:
        value = escape(clean_line(name))
        head += [content_line("NAME", value), content_line("X-WR-CALNAME", value)]
    if note:
        value = escape(note)
        head += [content_line("DESCRIPTION", value), content_line("X-WR-CALDESC", value)]
    if refresh:
        head.append(_REFRESH)
    if source:
        head.append(content_line("SOURCE;VALUE=URI", uri(source).encode()))
    if url:
        head.append(content_line("URL", uri(url).encode()))
    head += [vtimezone(zone) for zone in sorted(set(zones))]
    return b"".join([*head, *parts, _END])
