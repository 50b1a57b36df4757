"""Atom (RFC 4287), for news readers: one entry for each event, the latest change first."""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from app.catalogue.syndication.facts import FeedHead, FeedItem, Meeting
from app.catalogue.syndication.text import clean, utc

HTML, CALENDAR, ATOM = "text/html", "text/calendar", "application/atom+xml"


def render_atom(head: FeedHead, items: Sequence[FeedItem]) -> bytes:
    """The feed; every text comes back from a reader as `clean` gives it."""
    in_order = sorted(items, key=lambda item: (item.updated, item.id), reverse=True)
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n', *_feed(head, in_order)]
    return "".join(parts).encode()


def _feed(head: FeedHead, items: Iterable[FeedItem]) -> Iterator[str]:
    attributes = {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": head.language, "xml:base": f"{head.site_url}/"}
    yield f"<feed{_attributes(attributes)}>\n"
    yield _element("id", head.id)
    yield _element("title", head.name)
    if head.note:
        yield _element("subtitle", head.note)
    yield _element("updated", utc(head.updated))
    yield _empty("link", {"rel": "self", "type": ATOM, "href": head.feed_url})
    yield _empty("link", {"rel": "alternate", "type": HTML, "hreflang": head.language, "href": head.page_url})
    yield _person(head.site_name, head.site_url)
    yield _element("generator", "Lectern")
    for item in items:
        yield from _entry(item)
    yield "</feed>\n"


def _entry(item: FeedItem) -> Iterator[str]:
    yield "<entry>\n"
    yield _element("id", item.id)
    yield _element("title", item.title)
    yield _element("published", utc(item.published))
    yield _element("updated", utc(item.updated))
    yield _empty("link", {"rel": "alternate", "type": HTML, "href": item.url})
    yield _empty("link", {"rel": "alternate", "type": CALENDAR, "href": item.calendar_url})
    yield _person(item.organization_name, item.organization_url)
    for tag in dict.fromkeys(item.tags):
        yield _empty("category", {"term": tag})
    if item.summary:
        yield _element("summary", item.summary)
    yield _element("content", content_html(item), {"type": "html"})
    yield "</entry>\n"


def content_html(item: FeedItem) -> str:
    """The event as HTML: when and where, then the organizer's words, in which nothing can do harm."""
    return "".join([*(_meeting(meeting) for meeting in item.meetings), item.text_html])


def _meeting(meeting: Meeting) -> str:
    lines = [escape(line) for line in (meeting.title, meeting.when, meeting.where) if line]
    words = "<br>".join(lines)
    return f"<p><del>{words}</del></p>" if meeting.cancelled else f"<p>{words}</p>"


def _person(name: str, url: str) -> str:
    return f"<author>\n{_element('name', name)}{_element('uri', url)}</author>\n"


def _element(name: str, text: str, attributes: dict[str, str] | None = None) -> str:
    return f"<{name}{_attributes(attributes or {})}>{escape(clean(text))}</{name}>\n"


def _empty(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{_attributes(attributes)}/>\n"


def _attributes(values: dict[str, str]) -> str:
    # A parser makes a blank of any line break in an attribute, so it may as well be one.
    return "".join(f" {name}={quoteattr(' '.join(clean(value).split()))}" for name, value in values.items())
