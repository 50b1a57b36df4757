"""The list of all public pages for search engines (sitemaps.org), in parts when there are many."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask import Response, render_template, request, url_for

from app.catalogue import queries
from app.catalogue.kept import Body
from app.catalogue.queries.sitemap import PublicPage
from app.catalogue.views.blueprint import kept_feed, not_modified, public, version
from app.core.clock import settled
from app.core.errors import Missing
from app.core.pages import absolute, date_answer
from config import LANGUAGES

TEMPLATE = 1  # Raise it when the bytes change though no page does.
PER_PART = 5000  # some 3 MB; the protocol allows 50,000 pages and 50 MB
KEEP = "public, max-age=3600"


@public.get("/sitemap.xml")
def sitemap() -> Response:
    """All pages, or where there are many the list of the parts."""
    return _answer(0)


@public.get("/sitemap-<number:part>.xml")
def sitemap_part(part: int) -> Response:
    """One part of many: the first has the pages that aren't of one event, too."""
    if part < 1:
        raise Missing
    return _answer(part)


def _answer(part: int) -> Response:
    key = ("sitemap", part, version(), TEMPLATE)
    etag = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
    modified_at = settled(version()[1])
    response = not_modified(etag, modified_at)
    if response is None:
        response = _xml(kept_feed(key, lambda: Body.packed(_sitemap(part).encode())))
    response.set_etag(etag, weak=True)
    date_answer(response, modified_at)
    response.headers["Cache-Control"] = KEEP
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _xml(body: Body) -> Response:
    is_packed = body.gzipped is not None and request.accept_encodings["gzip"] > 0
    response = Response(body.gzipped if is_packed else body.plain, content_type="application/xml; charset=utf-8")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _sitemap(part: int) -> str:
    total = queries.count_public_events()
    parts = max(1, -(-total // PER_PART))
    if part > parts or (part and parts == 1):
        raise Missing
    if parts > 1 and part == 0:
        places = [absolute(url_for("public.sitemap_part", part=number)) for number in range(1, parts + 1)]
        return render_template("catalogue/sitemap_index.xml", places=places)
    first = max(part, 1)
    pages = queries.public_events((first - 1) * PER_PART, PER_PART)
    if first == 1:
        pages = [*_fixed(), *queries.public_collections(), *pages]
    return render_template("catalogue/sitemap.xml", pages=pages, codes=LANGUAGES)


def _fixed() -> list[PublicPage]:
    changed_at: datetime = version()[1]
    return [PublicPage(path, changed_at) for path in ("/", "/events", "/venues")]
