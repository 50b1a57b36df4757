"""Times in a data file: wall time by the clock of a zone, or relative to the moment of loading."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from app.core.i18n import gettext as _
from app.core.times import TimeInGap, local_time, wall_time

ROUND_MINUTES = 5


class WrongTime(ValueError):
    """The time doesn't exist; the message says why, in plain words."""


def is_relative(value: Any) -> bool:
    """Whether the value counts from the moment of loading."""
    return isinstance(value, dict)


def resolve(value: Any, zone: str, loaded_at: datetime) -> datetime:
    """The naive wall time in `zone` that the file means. Raises `WrongTime`."""
    if not is_relative(value):
        try:
            local = datetime.fromisoformat(value)
        except ValueError:
            raise WrongTime(_("There is no such date or time.")) from None
        _refuse_gap(local, zone)
        return local
    here = local_time(loaded_at, zone).replace(fold=0)
    if "day" in value:
        local = datetime.combine(here.date() + timedelta(days=value["day"]), time.fromisoformat(value["time"]))
    else:
        local = _rounded_up(here + timedelta(minutes=value["minutes"]))
    try:
        wall_time(local, zone)
    except TimeInGap as gap:
        return gap.after  # nobody wrote this time, so it may move with the clocks
    return local


def instant(value: Any, zone: str, loaded_at: datetime) -> datetime:
    """As `resolve`, as an instant."""
    return wall_time(resolve(value, zone, loaded_at), zone).at


def _refuse_gap(local: datetime, zone: str) -> None:
    try:
        wall_time(local, zone)
    except TimeInGap as gap:
        raise WrongTime(
            _(
                "The clocks in %(zone)s skip this time. The nearest are %(before)s and %(after)s.",
                zone=zone,
                before=f"{gap.before:%Y-%m-%dT%H:%M}",
                after=f"{gap.after:%Y-%m-%dT%H:%M}",
            )
        ) from None


def _rounded_up(moment: datetime) -> datetime:
    """The next full five minutes, as people set the beginning of things."""
    whole = moment.replace(minute=moment.minute - moment.minute % ROUND_MINUTES, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=ROUND_MINUTES)
