"""Sessions for the tests of calendar bytes."""

from datetime import UTC, datetime
from typing import Any

from app.catalogue.ics import SessionFacts
from app.core.times import wall_time

PAGE = "https://lectern.example/e/night-sky"


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def session_facts(
    starts: str = "2026-07-01T18:00",
    ends: str = "2026-07-01T19:30",
    zone: str = "Europe/Berlin",
    **changes: Any,
) -> SessionFacts:
    """A lecture in Berlin in summer; `changes` replace any fact."""
    usual: dict[str, Any] = {
        "uid": "01j-night-sky@lectern.example",
        "sequence": 2,
        "changed_at": utc("2026-05-04T10:20:30"),
        "created_at": utc("2026-05-01T08:00:00"),
        "status": "scheduled",
        "starts_local": wall(starts),
        "ends_local": wall(ends),
        "starts_at": wall_time(wall(starts), zone).at,
        "ends_at": wall_time(wall(ends), zone).at,
        "zone": zone,
        "all_day": False,
        "title": "The night sky",
        "url": PAGE,
        "language": "en",
        "cancelled_prefix": "Cancelled: ",
    }
    return SessionFacts(**usual | changes)


def unfolded(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def value_of(vevent: bytes, name: str) -> str:
    """The raw value of the one property of this name."""
    (value,) = [line.partition(":")[2] for line in unfolded(vevent) if line.split(":")[0].split(";")[0] == name]
    return value
