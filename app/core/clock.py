"""The one place that asks what time it is."""

from datetime import UTC, date, datetime, time, timedelta


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The UTC date: the only clock that a calendar feed may look at."""
    return now().date()


def midnight(day: date) -> datetime:
    """The instant at which a UTC date begins."""
    return datetime.combine(day, time(), UTC)


def settled(changed_at: datetime) -> datetime | None:
    """The second of a change, as HTTP's dates name it. None until it is over, for more may change in it unnoticed."""
    second = changed_at.replace(microsecond=0)
    return second if now() - second >= timedelta(seconds=1) else None
