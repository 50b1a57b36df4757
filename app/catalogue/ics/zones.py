"""VTIMEZONE: a zone's clock changes, for readers that don't know the zone by its name.

A zone whose rule has held since 2020 is written as that rule, starting in 1970. Any other zone is written
change by change from 2020 on, one sub-component each, until its present rule takes over. RDATE never appears:
ical.js reads zones written with it an hour off.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from app.core.times import change_between, zone, zone_footer

# Sessions are neither older nor further ahead; after the last year an irregular zone keeps its last offset.
FIRST_YEAR, LAST_YEAR = 2020, 2040
_EPOCH = datetime.combine(date(1970, 1, 1), time())
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")

_FOOTER = re.compile(
    r"(?P<standard><[^>]+>|[A-Za-z]+)(?P<west>[-+\d:]+)"
    r"(?:(?P<daylight><[^>]+>|[A-Za-z]+)(?P<daylight_west>[-+\d:]+)?,(?P<starts>[^,]+),(?P<ends>[^,]+))?"
)
_YEARLY = re.compile(r"M(?P<month>\d+)\.(?P<week>\d)\.(?P<weekday>\d)(?:/(?P<time>[-+\d:]+))?")


@dataclass(frozen=True, slots=True)
class Shift:
    """From one offset to another; `name` is the new abbreviation."""

    offset_from: timedelta
    offset_to: timedelta
    name: str
    daylight: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A shift on one day; `wall` is what the clocks showed in the instant before it ended."""

    wall: datetime
    shift: Shift

    def is_same(self, other: "Change") -> bool:
        return (self.wall, self.shift.offset_from, self.shift.offset_to) == (
            other.wall,
            other.shift.offset_from,
            other.shift.offset_to,
        )


@dataclass(frozen=True, slots=True)
class YearlyChange:
    """A shift some time after the midnight of a month's given weekday (0 is Sunday) and week (5 is the last).

    The time may be negative or beyond a day (RFC 9636 §3.3.1): Gaza changes 50 hours after a midnight.
    """

    month: int
    week: int
    weekday: int
    after_midnight: timedelta
    shift: Shift

    def in_year(self, year: int) -> Change:
        first = date(year, self.month, 1)
        day = 1 + (self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1)
        if day > calendar.monthrange(year, self.month)[1]:
            day -= 7
        return Change(datetime.combine(first.replace(day=day), time()) + self.after_midnight, self.shift)

    def recurrences(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The month and RRULE parts of each sub-component the change needs.

        When the time moves it to another date, the possible dates are listed; where these fall into two
        months (Cairo: the night after the last Thursday of October), each month has its own rule.
        """
        days_later = self.after_midnight // _DAY
        if not days_later:
            week = -1 if self.week == 5 else self.week
            yield self.month, {"BYMONTH": self.month, "BYDAY": f"{week}{_WEEKDAYS[self.weekday]}"}
            return
        # A year that is no leap year: no zone changes its clocks around the end of February.
        last = calendar.monthrange(2023, self.month)[1] if self.week == 5 else 7 * self.week
        dates = [date(2023, self.month, day) + days_later * _DAY for day in range(last - 6, last + 1)]
        weekday = _WEEKDAYS[(self.weekday + days_later) % 7]
        for month, group in groupby(dates, key=lambda day: day.month):
            yield month, {"BYMONTH": month, "BYMONTHDAY": [day.day for day in group], "BYDAY": weekday}


@cache
def vtimezone(zone_name: str) -> bytes:
    """The VTIMEZONE of an IANA zone (RFC 5545 §3.6.5). Raises `UnknownZone`."""
    standard, rules = _read_footer(zone_footer(zone_name))
    known = list(_known_changes(zone_name))
    ruled = sorted(
        (rule.in_year(year) for rule in rules for year in range(FIRST_YEAR, LAST_YEAR + 1)),
        key=lambda change: change.wall,
    )
    agreeing = 0
    for fact, by_rule in zip(reversed(known), reversed(ruled), strict=False):
        if not fact.is_same(by_rule):
            break
        agreeing += 1
    regular = len(known) == len(ruled) == agreeing
    result = Timezone()
    result.add("TZID", zone_name)
    if not (regular and rules):
        first = known[0].shift.offset_from if known else standard.offset_to
        name = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).astimezone(zone(zone_name)).tzname() or standard.name
        result.add_component(_component(_EPOCH, Shift(first, first, name, daylight=False)))
    for change in known[: len(known) - agreeing]:
        result.add_component(_component(change.wall, change.shift))
    for rule in rules if agreeing else ():
        since = _EPOCH if regular else known[-agreeing].wall
        for month, recurrence in rule.recurrences():
            starts = _first_since(rule, month, since)
            result.add_component(_component(starts, rule.shift, {"FREQ": "YEARLY", **recurrence}))
    written: bytes = result.to_ical()
    return written


def _first_since(rule: YearlyChange, month: int, since: datetime) -> datetime:
    """The first change since then that falls into the month: DTSTART has to be an instance of its RRULE."""
    year = since.year
    while True:
        wall = rule.in_year(year).wall
        if wall >= since and wall.month == month:
            return wall
        year += 1


def _component(
    starts: datetime, shift: Shift, recurrence: dict[str, Any] | None = None
) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if shift.daylight else TimezoneStandard()
    component.add("DTSTART", starts)
    component.add("TZOFFSETFROM", shift.offset_from)
    component.add("TZOFFSETTO", shift.offset_to)
    component.add("TZNAME", shift.name)
    if recurrence:
        component.add("RRULE", recurrence)
    return component


def _known_changes(zone_name: str) -> Iterator[Change]:
    """Every change of the offset between the first and the last year, found by looking at each week.

    No zone changes twice within a week. A day's steps would take 25 ms of a cold feed instead of 4.
    """
    rules = zone(zone_name)
    before = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while before.year <= LAST_YEAR:
        after = before + _WEEK
        old, new = before.astimezone(rules), after.astimezone(rules)
        old_offset, new_offset = old.utcoffset(), new.utcoffset()
        if old_offset != new_offset and old_offset is not None and new_offset is not None:
            # Daylight saving is what goes forward and comes back. Dublin's law has it the other way round,
            # and a lasting change of a zone's time is none.
            daylight = new_offset > old_offset and bool(old.dst()) != bool(new.dst())
            shift = Shift(old_offset, new_offset, new.tzname() or "", daylight)
            yield Change(change_between(rules, before, after).replace(tzinfo=None) + old_offset, shift)
        before = after


def _read_footer(footer: str) -> tuple[Shift, list[YearlyChange]]:
    """The standard time and the yearly changes of a POSIX TZ string (RFC 9636 §3.3), of the form M only:
    no zone uses the others, and a test over all zones tells when one does."""
    parts = _FOOTER.fullmatch(footer)
    if parts is None:
        raise ValueError(f"unreadable zone rule: {footer!r}")
    standard = -_duration(parts["west"])
    standard_name = parts["standard"].strip("<>")
    lasting = Shift(standard, standard, standard_name, daylight=False)
    if not parts["daylight"]:
        return lasting, []
    daylight = -_duration(parts["daylight_west"]) if parts["daylight_west"] else standard + timedelta(hours=1)
    forward = daylight > standard
    there = Shift(standard, daylight, parts["daylight"].strip("<>"), forward)
    back = Shift(daylight, standard, standard_name, not forward)
    return lasting, [_read_yearly(parts["starts"], there), _read_yearly(parts["ends"], back)]


def _read_yearly(text: str, shift: Shift) -> YearlyChange:
    parts = _YEARLY.fullmatch(text)
    if parts is None:
        raise ValueError(f"unreadable zone rule: {text!r}")
    after = _duration(parts["time"] or "2")
    return YearlyChange(int(parts["month"]), int(parts["week"]), int(parts["weekday"]), after, shift)


def _duration(text: str) -> timedelta:
    """Hours, minutes and seconds parted by colons, the sign before all of them."""
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if text.startswith("-") else size
