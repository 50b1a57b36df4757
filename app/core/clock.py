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
    """The first whole second after a change, as HTTP's dates name it. None until then, for more may change unnoticed.

    Who got an answer before has the change's own second at most, from that answer's Date, and is told of the next one.
    """
    over = changed_at.replace(microsecond=0) + timedelta(seconds=1)
    return over if now() >= over else None
