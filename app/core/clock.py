"""The one place that asks what time it is."""

from datetime import UTC, date, datetime, time


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The UTC date: the only clock that a calendar feed may look at."""
    return now().date()


def midnight(day: date) -> datetime:
    """The instant at which a UTC date begins."""
    return datetime.combine(day, time(), UTC)
