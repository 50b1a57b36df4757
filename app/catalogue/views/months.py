"""A month as a table: which day has what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from babel.dates import get_day_names
from flask import Response, request

from app.catalogue import queries
from app.catalogue.queries import Filters
from app.catalogue.queries.filters import EARLIEST, LATEST, site_midnight
from app.catalogue.queries.months import MonthEntry, next_month
from app.catalogue.times_text import day_text, month_text
from app.catalogue.views import listing
from app.catalogue.views.blueprint import asked_filters, kept_page, public, show, site_today
from app.catalogue.views.filter_words import in_words
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.pages import absolute

SHOWN_A_DAY = 5
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Day:
    """A day with what is shown of it, and how many more there are on the page at `more_url`."""

    date: date
    words: str
    is_today: bool
    entries: list[MonthEntry]
    more: int
    more_url: str


@public.get("/events/<month>")
def month(month: str) -> Response:
    """The events of a month with the filters of the list. Raises `Missing` for what is no month."""
    first = _first_day(month)
    filters = asked_filters().first_page()
    not_understood = filters.not_understood(request.args)

    def render() -> str:
        entries = queries.month_entries(filters, first, language())
        previous, following = (first - timedelta(days=1)).replace(day=1), next_month(first)
        nearest = None if entries else queries.nearest_month(filters, first)
        return show(
            "month",
            "events",
            name=month_text(first, language()),
            what=in_words(filters),
            weeks=_weeks(first, entries, filters),
            is_empty=not entries,
            weekdays=_weekdays(),
            previous=_link(filters, previous),
            following=_link(filters, following),
            nearest=_link(filters, nearest) if nearest else None,
            list_url=listing.address(filters),
            month=month,
            query=filters.query(),
            not_understood=not_understood,
            chips=listing.chips(filters, "public.month", month=month),
            filter_fields=listing.filter_fields(filters),
            subscription=listing.subscription(filters),
            canonical_url=absolute(listing.month_address(filters, first)),
        )

    return kept_page(render, until=lambda: site_midnight(site_today() + timedelta(days=1)))


def _first_day(month: str) -> date:
    found = _MONTH.fullmatch(month)
    first = date(int(found[1]), int(found[2]), 1) if found and int(found[1]) else None
    if first is None or not EARLIEST <= first <= LATEST:
        raise Missing(_("There is no such month here. The address ends like this: 2026-12."))
    return first


def _link(filters: Filters, first: date) -> tuple[str, str] | None:
    """A month's name and address; None beyond the last."""
    if not EARLIEST <= first <= LATEST:
        return None
    return month_text(first, language()), listing.month_address(filters, first)


def _weeks(first: date, entries: dict[date, list[MonthEntry]], filters: Filters) -> list[list[Day | None]]:
    """Weeks from Monday to Sunday; None for days of other months."""
    days: list[Day | None] = [None] * first.weekday()
    day, today = first, site_today()
    while day.month == first.month:
        days.append(_day(day, entries.get(day, []), filters, today))
        day += timedelta(days=1)
    days += [None] * (-len(days) % 7)
    return [days[place : place + 7] for place in range(0, len(days), 7)]


def _day(day: date, entries: list[MonthEntry], filters: Filters, today: date) -> Day:
    # One more takes the same room as the line that would stand for it; and the list has nothing of past days.
    is_whole = len(entries) <= SHOWN_A_DAY + 1 or day < today
    shown = entries if is_whole else entries[:SHOWN_A_DAY]
    alone = replace(filters, from_=day, to=day, page=1)
    return Day(
        date=day,
        words=day_text(day, language()),
        is_today=day == today,
        entries=shown,
        more=len(entries) - len(shown),
        more_url=listing.address(alone),
    )


def _weekdays() -> list[tuple[str, str]]:
    """Short and full names, Monday first."""
    short, full = (get_day_names(width, context="stand-alone", locale=language()) for width in ("abbreviated", "wide"))
    return [(short[number].capitalize(), full[number].capitalize()) for number in range(7)]
