"""The page on which one puts together a calendar of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from app.catalogue import queries
from app.catalogue.entries import entry_title
from app.catalogue.models import SessionStatus
from app.catalogue.queries.feeds import PreviewEntry
from app.catalogue.queries.filters import Filters
from app.catalogue.times_text import short_when
from app.catalogue.views import listing
from app.catalogue.views.blueprint import (
    asked_filters,
    kept_districts,
    kept_frame_choices,
    kept_organizations,
    kept_page,
    public,
    show,
)
from app.catalogue.views.filter_words import in_words
from app.core.clock import now, today
from app.core.i18n import language
from app.core.pages import absolute

PREVIEWED = 10


@dataclass(frozen=True)
class PreviewLine:
    """An entry as the calendar will show it, in words."""

    url: str
    title: str
    when: str
    cancelled: bool


@public.get("/subscribe")
def subscribe() -> Response:
    """Tick what interests you, see what comes, take the address: a calendar that stays right by itself."""
    filters = asked_filters().first_page()
    not_understood = filters.not_understood(request.args)
    changes = [now() + queries.LOOKED_AT_AGAIN]

    def render() -> str:
        preview = queries.feed_preview(filters, now(), PREVIEWED)
        changes.extend([preview.until] if preview.until else [])
        return show(
            "subscribe",
            "subscribe",
            subscription=listing.subscription(filters),
            not_understood=not_understood,
            what=in_words(filters),
            chips=listing.chips(filters, "public.subscribe"),
            query=filters.query(),
            offered=listing.choices(kept_organizations(), kept_districts())
            | listing.frame_choices(kept_frame_choices()),
            total=preview.total,
            can_come=_can_come(filters),
            over=preview.over,
            coming=[_line(entry) for entry in preview.coming],
            list_url=listing.address(filters),
            canonical_url=absolute(listing.address(filters, "public.subscribe")),
        )

    return kept_page(render, until=lambda: min(changes))


def _can_come(filters: Filters) -> bool:
    """Whether an event could still be announced for the days that were asked for."""
    return filters.to is None or max(today(), filters.from_ or filters.to) <= filters.to


def _line(entry: PreviewEntry) -> PreviewLine:
    spoken = language()
    when = short_when(entry.starts_at, entry.ends_at, entry.zone, all_day=entry.is_all_day, language=spoken)
    title = entry_title(entry.event_title, entry.title, spoken)
    return PreviewLine(f"/e/{entry.slug}", title, when, entry.status == SessionStatus.CANCELLED)
