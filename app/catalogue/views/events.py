"""The first page, the list of events, and the page of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import queries
from app.catalogue.event_page import EventPage, page_of
from app.catalogue.formats import FORMATS
from app.catalogue.queries import NEVER_MOVED, Filters, FramePage
from app.catalogue.structured import structured, trail
from app.catalogue.views import listing
from app.catalogue.views.blueprint import (
    asked_filters,
    kept_frames,
    kept_page,
    know_version,
    public,
    show,
    site_today,
)
from app.catalogue.views.pictures import picture_of
from app.core.clock import now
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.pages import absolute, moved_to
from app.core.text import clean_line

VIA_LIMIT = 80

ON_FIRST_PAGE = 6


@public.get("/")
def index() -> Response:
    """What Lectern is for, and what comes next."""
    found = kept_frames(Filters(), ON_FIRST_PAGE)
    seats = queries.seats_of(found.frames)

    def render() -> str:
        return show(
            "index",
            cards=queries.with_seats(found.frames, seats, language(), now()),
            total=found.total,
            formats=[(code, str(entry.several)) for code, entry in FORMATS.items()],
            canonical_url=absolute("/"),
        )

    return kept_page(render, seats, until=lambda: found.until)


@public.get("/events")
def events() -> Response:
    """Upcoming events, filtered by the address."""
    filters = asked_filters()
    found = kept_frames(filters)
    seats = queries.seats_of(found.frames)

    def render() -> str:
        return show(
            "events",
            "events",
            filters=filters,
            not_understood=filters.not_understood(request.args),
            query=filters.query(),
            filter_fields=listing.filter_fields(filters),
            chips=listing.chips(filters),
            months=listing.by_month(queries.with_seats(found.frames, seats, language(), now())),
            found=found,
            pager=listing.pager(filters, found.page, found.pages),
            month_url=listing.month_address(filters, _first_month(found, filters)),
            subscription=listing.subscription(filters),
            canonical_url=absolute(listing.address(filters)),
        )

    return kept_page(render, seats, until=lambda: found.until)


def _first_month(found: FramePage, filters: Filters) -> date:
    """A day in the month in which the list begins: not before what was asked for, whatever is under way."""
    asked = [filters.from_] if filters.from_ else []
    return max([site_today(), *asked, *(frame.starts.date() for frame in found.frames[:1])])


@public.get("/e/<slug>")
def event(slug: str) -> ResponseReturnValue:
    """One event. An address that it once had leads to the present one."""
    live = queries.live_seats(slug)
    if live is None:
        return _moved(slug)
    know_version(live.version)
    pages: list[EventPage] = []

    def render() -> str:
        page, values = _page(slug, live)
        pages.append(page)
        return show("event", "events", page=page, canonical_url=absolute(page.url), **values)

    return kept_page(render, live, until=lambda: pages[0].changes_at)


def _page(slug: str, live: queries.LiveSeats) -> tuple[EventPage, dict[str, Any]]:
    """The page, and what else its head tells programs."""
    found = queries.find_shown_event(slug)
    if found is None:
        raise Missing
    shown, sessions = found
    partners = queries.partners_of(shown.id) if shown.has_partners else []
    via = clean_line(request.args.get("via", ""))[:VIA_LIMIT]
    guest_of = queries.find_partner(shown.id, via) if via and shown.has_partners else None
    pools = queries.open_pools(shown, live.pools, now())
    before = queries.previous_starts(shown.id) if any(one.was_moved for one in sessions) else NEVER_MOVED
    page = page_of(shown, sessions, pools, partners, now(), via=via, guest_of=guest_of, previous_starts=before)
    picture = picture_of(shown, sessions)
    told = [structured(page, sessions, before, picture), trail(page, _("Events"))]
    return page, {"structured": told, "picture_url": picture}


def _moved(slug: str) -> ResponseReturnValue:
    present = queries.find_present_slug(slug)
    if present is None:
        raise Missing(_("There is no such event. Perhaps the address is mistyped, or it was taken back."))
    arguments: dict[str, Any] = {**request.args.to_dict(), "slug": present}
    return moved_to(url_for("public.event", **arguments))
