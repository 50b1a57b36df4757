"""What the pages with lists of events have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import get_template_attribute, url_for
from markupsafe import Markup

from app.catalogue import calendar_links
from app.catalogue.audiences import AUDIENCES
from app.catalogue.calendar_links import Subscription
from app.catalogue.formats import FORMATS
from app.catalogue.kept import FRAME_PAGES
from app.catalogue.queries import Card, Filters
from app.catalogue.times_text import month_text
from app.catalogue.topics import TOPICS
from app.catalogue.views.blueprint import kept_districts, kept_organizations, quarter, shelf, version
from app.catalogue.views.filter_words import feed_name, modes, value_words
from app.core.i18n import LANGUAGE_NAMES, language, said
from app.core.i18n import gettext as _

Choice = tuple[str, str]


def choices(organizations: Sequence[tuple[str, dict[str, str]]], districts: Sequence[str]) -> dict[str, list[Choice]]:
    """What the filters offer, by their names."""
    return {
        "format": [(code, str(entry.several)) for code, entry in FORMATS.items()],
        "mode": modes(),
        "topic": [(code, str(entry.name)) for code, entry in TOPICS.items()],
        "audience": [(code, str(entry.name)) for code, entry in AUDIENCES.items()],
        "org": [(slug, said(name)) for slug, name in organizations],
        "district": [(name, name) for name in districts],
        "language": list(LANGUAGE_NAMES.items()),
    }


def frame_choices(frames: Mapping[str, Sequence[tuple[str, dict[str, str]]]]) -> dict[str, list[Choice]]:
    """What else a calendar can be put together of: places, programmes, projects, series, tracks."""
    return {name: [(key, said(words)) for key, words in found] for name, found in frames.items()}


def filter_fields(filters: Filters) -> Markup:
    """The fields of the filters, the same on every page of a list."""

    def render() -> Markup:
        fields = get_template_attribute("catalogue/_filters.html", "filter_fields")
        return Markup(fields(filters.query(), choices(kept_organizations(), kept_districts())))  # noqa: S704 - escaped

    shown: Markup = shelf("filters", FRAME_PAGES).get((filters.first_page(), language(), version(), quarter()), render)
    return shown


def chips(filters: Filters, endpoint: str = "public.events", **more: Any) -> list[tuple[str, str]]:
    """Each value of each filter in use, in words, with the address of the same page without it."""
    return [
        (value_words(name, value, filters), address(filters.without(name, value), endpoint, **more))
        for name, value in filters.parts()
    ]


def address(filters: Filters, endpoint: str = "public.events", **more: Any) -> str:
    """The address of the list with these filters, the same however they were asked for."""
    page = {"page": filters.page} if filters.page > 1 else {}
    query: dict[str, Any] = {**more, **filters.query(), **page}
    return url_for(endpoint, **query)


def month_address(filters: Filters, day: date) -> str:
    """The address of the month in which `day` is, with these filters."""
    return address(filters.first_page(), "public.month", month=f"{day:%Y-%m}")


def subscription(filters: Filters) -> Subscription:
    """The ways to subscribe, in the reader's language: a calendar program says nothing of its own."""
    endpoints = ("public.events_ics", "public.events_atom", "public.events_json")
    paths = [address(filters.first_page(), endpoint, lang=language()) for endpoint in endpoints]
    return calendar_links.subscription(feed_name(filters), *paths)


def pager(filters: Filters, page: int, pages: int, endpoint: str = "public.events", **more: Any) -> dict[str, Any]:
    """What the macro of the same name wants."""
    return {
        "page": page,
        "pages": pages,
        "previous_url": address(replace(filters, page=page - 1), endpoint, **more) if page > 1 else None,
        "next_url": address(replace(filters, page=page + 1), endpoint, **more) if page < pages else None,
    }


def by_month(cards: Sequence[Card]) -> list[tuple[str, list[Card]]]:
    """The cards under headings: what has begun already, then month by month."""
    groups: dict[Any, list[Card]] = {}
    for card in cards:
        key = None if card.frame.is_under_way else (card.frame.starts.year, card.frame.starts.month)
        groups.setdefault(key, []).append(card)
    return [(_heading(key), group) for key, group in groups.items()]


def _heading(key: tuple[int, int] | None) -> str:
    return month_text(date(*key, 1), language()) if key else _("Already under way")
