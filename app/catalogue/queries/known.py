"""Which of the names in an address there are: of organizations, places, and what events belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.catalogue.models import Event, EventStatus, Programme, Project, Series, Track, Venue
from app.catalogue.queries.filters import track_number
from app.core.db import execute


def known_values(name: str, values: Sequence[str]) -> frozenset[str]:
    """Those of the `values` of the filter `name` of which there is something that the public may know."""
    return _KNOWN[name](values)


def _in(column: Any, *public: Any) -> Callable[[Sequence[str]], frozenset[str]]:
    def known(values: Sequence[str]) -> frozenset[str]:
        return frozenset(execute(select(column).where(column.in_(values), *public)).scalars())

    return known


def _tracks(values: Sequence[str]) -> frozenset[str]:
    """As `find_public_track`. The same number may be written in several ways."""
    numbers = {value: track_number(value) for value in values}
    seen = select(Track.id).join(Event, Event.id == Track.event_id).where(Event.status != EventStatus.DRAFT)
    found = set(execute(seen.where(Track.id.in_(set(numbers.values())))).scalars())
    return frozenset(value for value, number in numbers.items() if number in found)


def _seen(column: Any) -> Any:
    """What some event that the public has seen belongs to: drafts may tell nobody that there is such a thing."""
    return select(column).where(Event.status != EventStatus.DRAFT, column.is_not(None))


_KNOWN: dict[str, Callable[[Sequence[str]], frozenset[str]]] = {
    "org": _in(Organization.slug),
    "venue": _in(Venue.slug),
    "district": _in(Venue.district),
    "programme": _in(Programme.slug),
    "project": _in(Project.slug, Project.id.in_(_seen(Event.project_id))),
    "series": _in(Series.slug, Series.id.in_(_seen(Event.series_id))),
    "track": _tracks,
}
