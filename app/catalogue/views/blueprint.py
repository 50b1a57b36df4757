"""The blueprint of what anybody may read, and how its pages are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, g, render_template, request

from app.catalogue.kept import FEEDS_BYTES, FRAME_PAGES, PAGES_BYTES, Body, Shelf
from app.catalogue.queries import (
    LOOKED_AT_AGAIN,
    PER_PAGE,
    Coming,
    Filters,
    FramePage,
    count_upcoming,
    known_values,
    public_districts,
    public_frames,
    public_organizations,
    upcoming_frames,
)
from app.catalogue.version import catalogue_version
from app.core.access import Access, declare
from app.core.clock import now
from app.core.i18n import language
from app.core.pages import VIEW_COOKIE, keep_public
from app.core.settings import settings
from app.core.times import zone as rules_of

public = APIBlueprint("public", __name__, enable_openapi=False)
declare(public, Access.PUBLIC)


def shelf(name: str, room: int) -> Shelf[Any]:
    """The application's own shelf of this name."""
    shelves: dict[str, Shelf[Any]] = current_app.extensions.setdefault("lectern.shelves", {})
    return shelves.get(name) or shelves.setdefault(name, Shelf(room))


def kept_feed(key: Hashable, make: Callable[[], Body]) -> Body:
    """The bytes of a feed; `key` names all that they depend on."""
    body: Body = shelf("feeds", FEEDS_BYTES).get(key, make)
    return body


def kept_frames(filters: Filters, per_page: int = PER_PAGE) -> FramePage:
    """The list without its seats, asked for again when the catalogue or time changes it."""
    found: FramePage = shelf("frames", FRAME_PAGES).get(
        (filters, per_page, language(), version()),
        lambda: upcoming_frames(filters, language(), now(), per_page, _kept_count(filters)),
    )
    return found


def _kept_count(filters: Filters) -> Coming:
    """How many there are is the same for all pages and languages."""
    coming: Coming = shelf("counts", FRAME_PAGES).get(
        (filters.first_page(), version()), lambda: count_upcoming(filters, now())
    )
    return coming


def asked_filters() -> Filters:
    """What the address at hand asks for, but for names of which there is nothing."""
    return Filters.read(request.args).those(_known)


def _known(name: str, values: tuple[str, ...]) -> frozenset[str]:
    """Those of the names that there are, looked at again every quarter of an hour, as not all raise the version."""
    found: frozenset[str] = shelf("known", FRAME_PAGES).get(
        (name, values, version(), quarter()), lambda: known_values(name, values)
    )
    return found


def kept_organizations() -> list[tuple[str, dict[str, str]]]:
    """Who has something coming up, looked at again every quarter of an hour, as events end."""
    found: list[tuple[str, dict[str, str]]] = shelf("organizations", FRAME_PAGES).get(
        (version(), quarter()), lambda: public_organizations(now())
    )
    return found


def kept_districts() -> list[str]:
    """Where something comes up, looked at again as often."""
    found: list[str] = shelf("districts", FRAME_PAGES).get((version(), quarter()), lambda: public_districts(now()))
    return found


def kept_frame_choices() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """What events that come up belong to, looked at again as often."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = shelf("choices", FRAME_PAGES).get(
        (version(), quarter()), lambda: public_frames(now())
    )
    return found


def quarter() -> int:
    """Which quarter of an hour it is: what time alone changes slowly is looked at again in the next one."""
    return int(now().timestamp() // LOOKED_AT_AGAIN.total_seconds())


def kept_page(make: Callable[[], str], *depends_on: Hashable, until: Callable[[], datetime] | None = None) -> Response:
    """The page of this address, kept while the catalogue and `depends_on` stay the same, until `until`."""
    key = (request.full_path, language(), request.cookies.get(VIEW_COOKIE, ""), version(), depends_on)
    body: Body = shelf("pages", PAGES_BYTES).get(
        key, lambda: Body(make().encode(), until=until() if until else now() + LOOKED_AT_AGAIN)
    )
    return keep_public(Response(body.plain, mimetype="text/html"))


def version() -> tuple[int, datetime]:
    """The catalogue's version, asked for once in a request."""
    if "catalogue_version" not in g:
        g.catalogue_version = catalogue_version()
    found: tuple[int, datetime] = g.catalogue_version
    return found


def not_modified(etag: str, modified_at: datetime | None) -> Response | None:
    """The answer to who has this version; the date counts only where no tag is named (RFC 9110 §13.1.3)."""
    if request.headers.get("If-None-Match"):
        is_known = request.if_none_match.contains_weak(etag)
    else:
        since = request.if_modified_since
        is_known = since is not None and modified_at is not None and since >= modified_at
    return Response(status=304) if is_known else None


def site_today() -> date:
    """The day by the clocks of the site."""
    return now().astimezone(rules_of(settings().default_time_zone)).date()


def know_version(found: tuple[int, datetime]) -> None:
    """The version came with something else that this request asked for."""
    g.catalogue_version = found


def show(template: str, section: str = "", **values: Any) -> str:
    """The template, with its place in the menu."""
    g.section = section
    return render_template(f"catalogue/{template}.html", **values)
