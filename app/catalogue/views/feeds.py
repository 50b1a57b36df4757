"""Calendar feeds and downloads. They know no cookies and render only what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from flask import Response, request

from app.catalogue import queries
from app.catalogue.ics import calendar
from app.catalogue.kept import Body
from app.catalogue.queries import FeedEntry, Filters
from app.catalogue.unchanged import rests_on
from app.catalogue.views import listing
from app.catalogue.views.blueprint import kept_feed, public, version
from app.core.clock import midnight, today
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.core.pages import absolute
from app.core.settings import settings
from config import LANGUAGES

TEMPLATE = 1  # Raise it when the bytes of a feed change though no event does.
KEEP = "public, max-age=300, stale-while-revalidate=3600"


@public.get("/events.ics")
def events_ics() -> Response:
    """The filtered list as a calendar to subscribe to."""
    filters = Filters.read(request.args)
    number, changed_at = version()
    rests_on(version())
    language = _feed_language()
    modified_at = max(changed_at, midnight(today())).replace(microsecond=0)
    key = ("feed", filters, language, number, changed_at, today(), TEMPLATE)
    etag = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
    response = _not_modified(etag, modified_at)
    if response is None:
        body = kept_feed(key, lambda: Body.packed(_feed(filters, language)))
        response = _calendar_response(body)
    response.last_modified = modified_at
    return _finish(response, etag)


@public.get("/e/<slug>.ics")
def event_ics(slug: str) -> Response:
    """All sessions of one event, to be added to a calendar once."""
    rests_on(version())
    live = queries.live_seats(slug)
    if live is None:
        raise Missing
    entries = queries.entries_of(live.event_id, _feed_language())
    plain = calendar(_vevents(entries), zones=_zones(entries), refresh=False)
    etag = hashlib.sha256(plain).hexdigest()[:24]
    response = _not_modified(etag)
    if response is None:
        response = _calendar_response(Body(plain))
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return _finish(response, etag)


def _feed_language() -> str:
    """The language in the query, else the site's: a calendar program sends neither cookie nor wish."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else settings().default_language


def _feed(filters: Filters, language: str) -> bytes:
    entries = queries.feed_entries(filters, language, today())
    more = {"lang": language} if "lang" in request.args else {}
    with in_language(language):
        name = _name(filters)
    return calendar(
        _vevents(entries),
        zones=_zones(entries),
        name=name,
        source=absolute(listing.address(filters, "public.events_ics", **more)),
        url=absolute(listing.address(filters, **more)),
    )


def _name(filters: Filters) -> str:
    site = settings().site_name
    in_words = [words for words, _url in listing.chips(filters, listing.choices(()))]
    return f"{site}: {', '.join(in_words)}" if in_words else _("%(site)s: all events", site=site)


def _vevents(entries: Sequence[FeedEntry]) -> list[bytes]:
    return [entry.vevent for entry in entries]


def _zones(entries: Sequence[FeedEntry]) -> set[str]:
    return {entry.zone for entry in entries} or {settings().default_time_zone}


def _not_modified(etag: str, modified_at: datetime | None = None) -> Response | None:
    """The answer to who has this version; the date counts only where no tag is named (RFC 9110 §13.1.3)."""
    if request.headers.get("If-None-Match"):
        is_known = request.if_none_match.contains_weak(etag)
    else:
        since = request.if_modified_since
        is_known = since is not None and modified_at is not None and since >= modified_at
    return Response(status=304) if is_known else None


def _calendar_response(body: Body) -> Response:
    if body.gzipped is not None and request.accept_encodings["gzip"] > 0:
        response = Response(body.gzipped)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(body.plain)
    response.content_type = "text/calendar; charset=utf-8"
    return response


def _finish(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = KEEP
    response.headers["Vary"] = "Accept-Encoding"
    return response
