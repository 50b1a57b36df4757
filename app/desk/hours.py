"""The questions about day and hours, which forms of events and of sessions ask in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from app.catalogue.times_text import zone_text
from app.core.forms import Needed, RadioField
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.times import TimeInGap, is_ambiguous, wall_time, whole_days, zone_names

FIRST, SECOND = "0", "1"
PASSES = [(FIRST, ""), (SECOND, "")]  # of an hour that the clocks show twice; the words depend on the hour
ZONE_NAMES = zone_names()


class HasTimes(Protocol):
    """An event or a session, as values."""

    @property
    def starts_local(self) -> datetime: ...
    @property
    def ends_local(self) -> datetime: ...
    @property
    def is_all_day(self) -> bool: ...


def days_of(values: HasTimes) -> tuple[date, date]:
    """The first and the last day."""
    return whole_days(values.starts_local, values.ends_local)


def hours_data(values: HasTimes) -> dict[str, Any]:
    """What these questions of a form begin with for what is known."""
    first, last = days_of(values) if values.is_all_day else (values.starts_local.date(), values.ends_local.date())
    hours = {} if values.is_all_day else {"starts": values.starts_local.time(), "ends": values.ends_local.time()}
    return {"on": first, "ends_on": last if last != first else None, "all_day": values.is_all_day, **hours}


class Hours:
    """For a form with the fields `on`, `all_day`, `starts`, `ends`, `ends_on`, `starts_pass` and `ends_pass`."""

    on: Any
    all_day: Any
    starts: Any
    ends: Any
    ends_on: Any
    starts_pass: Any
    ends_pass: Any
    refuse: Any

    zone: Any

    @property
    def zone_name(self) -> str:
        """The zone in which the hours are meant: the one that the form asks for."""
        return str(self.zone.data)

    @property
    def passes(self) -> Iterator[RadioField]:
        """The questions which of two equal hours is meant, for hours that the clocks show twice."""
        if self.all_day.data:
            return
        for day, hour, field in (
            (self.on.data, self.starts.data, self.starts_pass),
            (self._last_day, self.ends.data, self.ends_pass),
        ):
            if day and hour and self.zone_name in ZONE_NAMES and self._is_doubled(datetime.combine(day, hour)):
                field.choices = self._pass_words(datetime.combine(day, hour))
                yield field

    @property
    def starts_local(self) -> datetime:
        """The start on the clocks of the zone; of whole days the first midnight."""
        return datetime.combine(self.on.data, time() if self.all_day.data else self.starts.data)

    @property
    def ends_local(self) -> datetime:
        """The end on the clocks of the zone; of whole days the midnight after the last."""
        if self.all_day.data:
            return datetime.combine(self._last_day, time()) + timedelta(days=1)
        return datetime.combine(self._last_day, self.ends.data)

    @property
    def _last_day(self) -> Any:
        return self.ends_on.data or self.on.data

    def let_hours_out(self) -> None:
        """Need no hours for whole days. Call it before the fields are checked."""
        if self.all_day.data:
            for field in (self.starts, self.ends):
                field.validators = [one for one in field.validators if not isinstance(one, Needed)]

    def times(self, before: HasTimes | None) -> dict[str, Any]:
        """When it is, as the values name it. Days that stay as they are keep what `before` says of their hours."""
        found = {"starts_local": self.starts_local, "ends_local": self.ends_local}
        if before and before.is_all_day and self.all_day.data and days_of(before) == (self.on.data, self._last_day):
            found = {"starts_local": before.starts_local, "ends_local": before.ends_local}
        return {**found, "is_all_day": self.all_day.data, **self.folds()}

    def folds(self) -> dict[str, int]:
        """Which pass of a doubled hour is meant, as the values name them."""
        chosen = {field.name: int(field.data) for field in self.passes}
        return {"starts_fold": chosen.get("starts_pass", 0), "ends_fold": chosen.get("ends_pass", 0)}

    def check_hours(self) -> None:
        """Refuse hours that the clocks skip, an end before the start, and a doubled hour that isn't told apart."""
        has_hours = self.all_day.data or (self.starts.data is not None and self.ends.data is not None)
        if self.on.data is None or not has_hours:
            return
        happen = [self.happens(self.starts_local, "starts"), self.happens(self.ends_local, "ends")]
        if not all(happen):
            return
        if self.ends_local <= self.starts_local and self.ends_on.data is None:
            self.refuse(
                _("The end must be later than the start. Past midnight? Give the last day under “More”."), "ends"
            )
        elif self.ends_local <= self.starts_local or self._last_day < self.on.data:
            self.refuse(_("The last day must not be before the first."), "ends_on")
        for field in self.passes:
            if not field.data:
                self.refuse(
                    _("Please choose whether you mean the hour before or after the clocks go back."), field.name
                )

    def happens(self, local: datetime, field: str) -> bool:
        """Whether the clocks show this hour; where they skip it, offer the two nearest."""
        try:
            wall_time(local, self.zone_name)
        except TimeInGap as gap:
            words = _(
                "On that day the clocks skip this hour. Choose %(before)s or %(after)s.",
                before=f"{gap.before:%H:%M}",
                after=f"{gap.after:%H:%M}",
            )
            self.refuse(words, field)
            return False
        except OverflowError:
            self.refuse(_("This date is too far away."), "on")
            return False
        return True

    def _is_doubled(self, local: datetime) -> bool:
        try:
            return is_ambiguous(local, self.zone_name)
        except OverflowError:
            return False

    def _pass_words(self, local: datetime) -> list[tuple[str, str]]:
        def by_zone(fold: int) -> str:
            return zone_text(self.zone_name, wall_time(local, self.zone_name, fold).at, language())

        hour = f"{local:%H:%M}"
        return [
            (FIRST, _("%(hour)s before the clocks go back: %(zone)s", hour=hour, zone=by_zone(0))),
            (SECOND, _("%(hour)s after the clocks have gone back: %(zone)s", hour=hour, zone=by_zone(1))),
        ]
