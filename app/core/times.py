"""Wall time and zone to instant and back, by one set of zone rules.

Every zone comes from the pinned `tzdata` package and never from the system, so two machines with different
system data derive the same instants and write the same calendar bytes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


class UnknownZone(ValueError):
    """The name isn't a zone of the IANA database we ship."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown time zone: {name!r}")
        self.name = name


class TimeInGap(ValueError):
    """The clocks skip this wall time; `before` and `after` are the two nearest readings of what was meant.

    02:30 in a gap from 02:00 to 03:00 gives 01:30 and 03:30: the same time by the clock as it runs
    on either side of the gap. All times are naive wall times in `zone_name`.
    """

    def __init__(self, wall: datetime, zone_name: str, gap_starts: datetime, gap_ends: datetime) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} doesn't exist in {zone_name}")
        self.wall = wall
        self.zone_name = zone_name
        self.gap_starts = gap_starts
        self.gap_ends = gap_ends
        self.before = wall - (gap_ends - gap_starts)
        self.after = wall + (gap_ends - gap_starts)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A wall time that happens: `local` is naive, `at` UTC; `fold` is 1 in the second pass."""

    local: datetime
    at: datetime
    ambiguous: bool
    fold: int


@cache
def zone_names() -> frozenset[str]:
    """Every name `zone` accepts, old links such as Europe/Kiev included."""
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split())


@cache
def places_with_clocks() -> tuple[str, ...]:
    """The zones that the IANA database names for each country, by a city: what people look for in a list."""
    rows = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    return tuple(row.split("\t")[2].strip() for row in rows if row and not row.startswith("#"))


@cache
def zone(name: str) -> ZoneInfo:
    """The zone's rules. Raises `UnknownZone`: no name reaches the file system unless it is on the list."""
    if name not in zone_names():
        raise UnknownZone(name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def zone_footer(name: str) -> str:
    """The POSIX TZ string that rules the zone for ever after its last listed change (RFC 9636 §3.3)."""
    zone(name)  # Refuses an unknown name.
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    return data.rsplit(b"\n", 2)[-2].decode("ascii")


def wall_time(local: datetime, zone_name: str, fold: int = 0) -> Resolved:
    """The instant at which the clocks of the zone show `local`, which is naive.

    `fold=1` asks for the second pass of an ambiguous hour. Raises `UnknownZone` and `TimeInGap`.
    """
    if local.tzinfo is not None:
        raise ValueError("a wall time carries no zone of its own")
    first, second = _both_offsets(local, zone_name)
    if first < second:
        before, after = (local - second).replace(tzinfo=UTC), (local - first).replace(tzinfo=UTC)
        gap = change_between(zone(zone_name), before, after).replace(tzinfo=None)
        raise TimeInGap(local, zone_name, gap + first, gap + second)
    ambiguous = first > second
    chosen = second if ambiguous and fold else first
    return Resolved(
        local=local.replace(fold=0),
        at=(local - chosen).replace(tzinfo=UTC, fold=0),
        ambiguous=ambiguous,
        fold=int(ambiguous and bool(fold)),
    )


def is_ambiguous(local: datetime, zone_name: str) -> bool:
    """Whether the clocks show this naive wall time twice."""
    first, second = _both_offsets(local, zone_name)
    return first > second


def local_time(at: datetime, zone_name: str) -> datetime:
    """The naive wall time of an aware instant; its `fold` is 1 in the second pass of an ambiguous hour."""
    return at.astimezone(zone(zone_name)).replace(tzinfo=None)


def whole_days(starts: datetime, ends: datetime) -> tuple[date, date]:
    """First and last day of what lasts from one wall time to another. A midnight belongs to the day before it."""
    first = starts.date()
    return first, max(first, (ends - timedelta(microseconds=1)).date())


def days_in(starts_at: datetime, ends_at: datetime, zone_name: str) -> tuple[date, date]:
    """`whole_days` from one instant to another by the clocks of a zone."""
    return whole_days(local_time(starts_at, zone_name), local_time(ends_at, zone_name))


def change_between(rules: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second in UTC that has the offset of `after`, given exactly one change since `before`."""
    new_offset = _offset(after.astimezone(rules))
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, rules)) == new_offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


def _both_offsets(local: datetime, zone_name: str) -> tuple[timedelta, timedelta]:
    """The offsets of the two readings of PEP 495: the first is the smaller one in a gap, the larger one in an
    ambiguous hour; usually they are equal."""
    rules = zone(zone_name)
    return _offset(local.replace(tzinfo=rules, fold=0)), _offset(local.replace(tzinfo=rules, fold=1))


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("the moment has no zone")
    return offset
