"""The calendar entries' part of `flask doctor`."""

from __future__ import annotations

from app.catalogue.queries import health_of_coming
from app.core.clock import now
from app.core.health import Check


def calendar_entries() -> Check:
    """Whether the stored entries of coming events are what would be rendered now, and every calendar can read them."""
    found = health_of_coming(now())
    stale = [one.event.slug for one in found if one.stale]
    faulty = [one.event.slug for one in found if one.faults]
    return Check("calendar_entries", not (stale or faulty), {"stale": stale[:20], "faulty": faulty[:20]})
