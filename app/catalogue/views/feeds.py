"""Feeds of any search, as calendar, Atom and JSON, and one event's file. They know no cookies.

All that a feed depends on is in its address, the catalogue's version and the day, so one that hasn't changed is never
rendered again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import queries
from app.catalogue.feed_items import feed_item
from app.catalogue.ics import calendar
from app.catalogue.kept import Body
from app.catalogue.queries import FeedEntry, Filters
from app.catalogue.syndication import FeedHead, FeedItem, lasting_id, render_atom, render_json
from app.catalogue.unchanged import rests_on
from app.catalogue.views import listing
from app.catalogue.views.blueprint import asked_filters, kept_feed, not_modified, public, version
from app.catalogue.views.filter_words import feed_name
from app.core.clock import midnight, settled, today
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.core.pages import absolute, date_answer, moved_to
from app.core.settings import settings
from config import LANGUAGES

TEMPLATE = 3  # Raise it when the bytes of a feed change though no event does.
KEEP = "public, max-age=300, stale-while-revalidate=3600"
CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """What a feed's address means, however it was written.

    `in_vain` are filters of which nothing was understood: the feed is empty then, and says why. With all events instead
    it would fill the calendar of somebody who asked for a few. Then `query` is the address as it was written, for
    programs go by the address that a feed gives as its own.
    """

    filters: Filters
    language: str
    in_vain: tuple[str, ...]
    query: str = ""

    @classmethod
    def read(cls) -> Asked:
        """From the address at hand."""
        filters = asked_filters().first_page()
        in_vain = tuple(filters.fits_nothing(request.args))
        query = urlencode(list(request.args.items(multi=True))) if in_vain else ""
        return cls(filters, _language(), in_vain, query)

    def address(self, endpoint: str) -> str:
        """The one address of this feed, or of its page; the site's own language needn't be said."""
        if self.in_vain:
            return absolute(f"{url_for(endpoint)}?{self.query}")
        more = {} if self.language == settings().default_language else {"lang": self.language}
        return absolute(listing.address(self.filters, endpoint, **more))

    @property
    def name(self) -> str:
        """What the feed calls itself; call it while its language is spoken."""
        if self.in_vain:
            return _("Address not understood · %(site)s", site=settings().site_name)
        return feed_name(self.filters)

    @property
    def note(self) -> str:
        """Why the feed is empty, and what to do."""
        if not self.in_vain:
            return ""
        return _(
            "We could not read this part of the address: %(part)s. So this feed is empty. Make a new one on our page.",
            part=", ".join(self.in_vain),
        )


@public.get("/events.ics")
def events_ics() -> Response:
    """The filtered list as a calendar to subscribe to."""
    return _feed(CALENDAR, _calendar)


@public.get("/events.atom")
def events_atom() -> Response:
    """The filtered list for news readers."""
    return _feed("application/atom+xml; charset=utf-8", _atom)


@public.get("/events.json")
def events_json() -> Response:
    """The filtered list for other sites and programs."""
    return _feed("application/feed+json; charset=utf-8", _json)


@public.get("/e/<slug>.ics")
def event_ics(slug: str) -> ResponseReturnValue:
    """All sessions of one event, to be added to a calendar once; an address from before leads to the present one."""
    live = queries.live_seats(slug)
    if live is None:
        present = queries.find_present_slug(slug)
        if present is None:
            raise Missing
        arguments: dict[str, Any] = {**request.args.to_dict(), "slug": present}
        return moved_to(url_for("public.event_ics", **arguments))
    rests_on(version())
    modified_at = settled(version()[1])
    entries = queries.entries_of(live.event_id, _language())
    plain = calendar(_vevents(entries), zones=_zones(entries), refresh=False)
    etag = hashlib.sha256(plain).hexdigest()[:24]
    response = not_modified(etag, modified_at)
    if response is None:
        response = _packed_answer(Body(plain), CALENDAR)
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    date_answer(response, modified_at)
    return _finish(response, etag)


def _feed(content_type: str, make: Callable[[Asked], bytes]) -> Response:
    """A feed's answer: nothing is rendered for who has this version, and once for all others."""
    asked = Asked.read()
    number, changed_at = version()
    rests_on(version())
    modified_at = settled(max(changed_at, midnight(today())))
    key = (content_type, asked, number, changed_at, today(), TEMPLATE)
    etag = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
    response = not_modified(etag, modified_at)
    if response is None:
        # What nobody can mean is made at once and never kept, for there is no end of it.
        body = Body.packed(make(asked)) if asked.in_vain else kept_feed(key, lambda: Body.packed(make(asked)))
        response = _packed_answer(body, content_type)
    date_answer(response, modified_at)
    return _finish(response, etag)


def _language() -> str:
    """The language in the query, else the site's: a calendar program sends neither cookie nor wish."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else settings().default_language


def _calendar(asked: Asked) -> bytes:
    entries = [] if asked.in_vain else queries.feed_entries(asked.filters, asked.language, today())
    with in_language(asked.language):
        return calendar(
            _vevents(entries),
            zones=_zones(entries),
            name=asked.name,
            note=asked.note,
            source=asked.address("public.events_ics"),
            url=asked.address("public.events"),
        )


def _atom(asked: Asked) -> bytes:
    return render_atom(*_news(asked, "public.events_atom"))


def _json(asked: Asked) -> bytes:
    return render_json(*_news(asked, "public.events_json"))


def _news(asked: Asked, endpoint: str) -> tuple[FeedHead, list[FeedItem]]:
    events = [] if asked.in_vain else queries.feed_events(asked.filters, today())
    with in_language(asked.language):
        items = [feed_item(event, asked.language) for event in events]
        address = asked.address(endpoint)
        head = FeedHead(
            id=lasting_id(f"feed {address}"),
            name=asked.name,
            note=asked.note,
            language=asked.language,
            site_name=settings().site_name,
            site_url=settings().base_url,
            feed_url=address,
            page_url=asked.address("public.events"),
            updated=max((item.updated for item in items), default=version()[1]),
        )
    return head, items


def _vevents(entries: Sequence[FeedEntry]) -> list[bytes]:
    return [entry.vevent for entry in entries]


def _zones(entries: Sequence[FeedEntry]) -> set[str]:
    return {entry.zone for entry in entries} or {settings().default_time_zone}


def _packed_answer(body: Body, content_type: str) -> Response:
    if body.gzipped is not None and request.accept_encodings["gzip"] > 0:
        response = Response(body.gzipped)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(body.whole())
    response.content_type = content_type
    return response


def _finish(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = KEEP
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"  # Widgets of other sites read them; there is nothing secret.
    return response
