"""A stored entry as a calendar program reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import icalendar


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """What a calendar shows of an entry; the end of all-day ones is the first day that is free again."""

    title: str
    starts: datetime
    ends: datetime
    is_all_day: bool
    place: str
    status: str
    revision: int
    changed_at: datetime


def read_entry(vevent: bytes) -> ReadEntry | None:
    """The entry in parts; None where a calendar program would give up."""
    try:
        event: Any = icalendar.Event.from_ical(vevent)
        starts, ends = event["DTSTART"].dt, event["DTEND"].dt
        return ReadEntry(
            title=str(event.get("SUMMARY", "")),
            starts=_moment(starts),
            ends=_moment(ends),
            is_all_day=not isinstance(starts, datetime),
            place=str(event.get("LOCATION", "")),
            status=str(event["STATUS"]).lower(),
            revision=int(event["SEQUENCE"]),
            changed_at=_moment(event["LAST-MODIFIED"].dt),
        )
    except (KeyError, ValueError, AttributeError, TypeError, IndexError):
        return None


def _moment(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(0), UTC)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
