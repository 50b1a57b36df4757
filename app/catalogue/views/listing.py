"""What the pages with lists of events have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for

from app.accounts.queries import find_organization
from app.catalogue import queries
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import Mode
from app.catalogue.queries import Card, Filters
from app.catalogue.queries.filters import HYBRID
from app.catalogue.times_text import month_text
from app.catalogue.topics import TOPICS
from app.core.i18n import LANGUAGE_NAMES, language, said
from app.core.i18n import gettext as _

Choice = tuple[str, str]


def modes() -> list[Choice]:
    """The ways of attending, as a filter offers them."""
    return [(Mode.IN_PERSON, _("In person")), (Mode.ONLINE, _("Online")), (HYBRID, _("Both at once"))]


def choices(organizations: Sequence[tuple[str, dict[str, str]]]) -> dict[str, list[Choice]]:
    """What the filters offer, by their names."""
    return {
        "format": [(code, str(entry.several)) for code, entry in FORMATS.items()],
        "mode": modes(),
        "topic": [(code, str(entry.name)) for code, entry in TOPICS.items()],
        "audience": [(code, str(entry.name)) for code, entry in AUDIENCES.items()],
        "org": [(slug, said(name)) for slug, name in organizations],
    }


def chips(filters: Filters, offered: dict[str, list[Choice]]) -> list[tuple[str, str]]:
    """Each filter in use, in words, with the address of the list without it."""
    names = dict(offered, language=list(LANGUAGE_NAMES.items()))
    found = []
    for name, value in filters.query().items():
        words = dict(names.get(name, ())).get(value) or _chip_words(name, value, filters)
        plain = filters.without("from_" if name == "from" else name)
        found.append((words, address(plain)))
    return found


_FINDERS: dict[str, Callable[[str], Any]] = {
    "org": find_organization,
    "venue": queries.find_venue,
    "programme": queries.find_programme,
}


def _chip_words(name: str, value: str, filters: Filters) -> str:
    if name in _FINDERS and (thing := _FINDERS[name](value)) is not None:
        return said(getattr(thing, "name", None) or thing.title)
    if name == "q":
        return _("“%(words)s”", words=value)
    if filters.from_ and name == "from":
        return _("from %(date)s", date=_date(filters.from_))
    if filters.to and name == "to":
        return _("until %(date)s", date=_date(filters.to))
    return value


def _date(day: date) -> str:
    return f"{day.day}.{day.month:02d}.{day.year}"


def address(filters: Filters, endpoint: str = "public.events", **more: Any) -> str:
    """The address of the list with these filters."""
    page = {"page": filters.page} if filters.page > 1 else {}
    query: dict[str, Any] = {**more, **filters.query(), **page}
    return url_for(endpoint, **query)


def feed_address(filters: Filters) -> str:
    """The address of the list as a feed in the reader's language: a calendar program says nothing of its own."""
    return address(filters, "public.events_ics", lang=language())


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
