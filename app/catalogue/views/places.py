"""The pages of organizations, venues and programmes, each with what comes up there."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from app.accounts.queries import find_organization
from app.catalogue import markdown, queries
from app.catalogue.event_page import map_url
from app.catalogue.models import Venue
from app.catalogue.queries import Filters
from app.catalogue.structured import host_facts, venue_facts
from app.catalogue.views import listing
from app.catalogue.views.blueprint import kept_frames, kept_page, public, show
from app.core.clock import now
from app.core.errors import Missing
from app.core.i18n import language, said
from app.core.pages import absolute


@public.get("/o/<slug>")
def organization(slug: str) -> Response:
    """Who holds these events, and what comes next."""
    found = find_organization(slug)
    if found is None:
        raise Missing
    about = markdown.html(said(found.about))
    return _list_page("organization", "org", slug, organization=found, about=about, structured=[host_facts(found)])


@public.get("/p/<slug>")
def programme(slug: str) -> Response:
    """A programme over events of several organizations."""
    found = queries.find_programme(slug)
    if found is None:
        raise Missing
    return _list_page("programme", "programme", slug, programme=found, about=markdown.html(said(found.summary)))


@public.get("/series/<slug>")
def series(slug: str) -> Response:
    """The same event on other dates."""
    found = queries.find_series(slug)
    if found is None:
        raise Missing
    return _list_page("series", "series", slug, series=found)


@public.get("/venues")
def venues() -> Response:
    """All places where something is held, by district."""
    found = queries.public_venues()

    def render() -> str:
        districts: dict[str, list[Venue]] = {}
        for venue in found:
            districts.setdefault(venue.district or "", []).append(venue)
        return show("venues", districts=districts, canonical_url=absolute("/venues"))

    return kept_page(render)


@public.get("/venues/<slug>")
def venue(slug: str) -> Response:
    """One place: how to get there, and what comes up in it."""
    found = queries.find_venue(slug)
    if found is None:
        raise Missing
    directions = markdown.html(said(found.directions))
    more = {"rooms": queries.rooms_of([found.id]), "map_url": map_url(found), "structured": [venue_facts(found)]}
    return _list_page("venue", "venue", slug, venue=found, directions=directions, **more)


def _list_page(template: str, filter_name: str, slug: str, **values: Any) -> Response:
    filters = Filters.read({"page": request.args.get("page", ""), filter_name: slug})
    found = kept_frames(filters)
    seats = queries.seats_of(found.frames)
    endpoint = f"public.{template}"

    def render() -> str:
        return show(
            template,
            months=listing.by_month(queries.with_seats(found.frames, seats, language(), now())),
            found=found,
            pager=listing.pager(Filters(page=filters.page), found.page, found.pages, endpoint, slug=slug),
            month_url=listing.month_address(filters, found.frames[0].starts.date()) if found.frames else None,
            subscription=listing.subscription(filters),
            compose_url=listing.address(filters.first_page(), "public.subscribe"),
            canonical_url=absolute(listing.address(Filters(), endpoint, slug=slug)),
            **values,
        )

    return kept_page(render, seats, until=lambda: found.until)
