"""Times in words, with the zone named as people name it. Works in pages and mails alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from app.core.i18n import gettext, in_language, lazy_gettext
from app.core.settings import settings
from app.core.text import fold
from app.core.times import days_in, places_with_clocks
from app.core.times import zone as rules_of
from config import LANGUAGES

# CLDR calls Moscow's time "standard" or "summer", though nobody there does, so these names are our own.
_ZONES = {
    "Europe/Kaliningrad": lazy_gettext("Kaliningrad time"),
    "Europe/Moscow": lazy_gettext("Moscow time"),
    "Europe/Samara": lazy_gettext("Samara time"),
    "Asia/Yekaterinburg": lazy_gettext("Yekaterinburg time"),
    "Asia/Omsk": lazy_gettext("Omsk time"),
    "Asia/Novosibirsk": lazy_gettext("Novosibirsk time"),
    "Asia/Krasnoyarsk": lazy_gettext("Krasnoyarsk time"),
    "Asia/Irkutsk": lazy_gettext("Irkutsk time"),
    "Asia/Yakutsk": lazy_gettext("Yakutsk time"),
    "Asia/Vladivostok": lazy_gettext("Vladivostok time"),
    "Asia/Magadan": lazy_gettext("Magadan time"),
    "Asia/Kamchatka": lazy_gettext("Kamchatka time"),
    "Europe/Minsk": lazy_gettext("Minsk time"),
    "Europe/London": lazy_gettext("London time"),
    "Europe/Berlin": lazy_gettext("Berlin time"),
    "America/New_York": lazy_gettext("New York time"),
}
_WITHOUT_PLACE = ("UTC", "Etc/UTC")
_LONG = {"en": "EEEE d MMMM y", "ru": "EEEE, d MMMM y"}
_SHORT = {"en": "EEE d MMMM", "ru": "EEE, d MMMM"}


@lru_cache(maxsize=4096)
def when_text(starts_at: datetime, ends_at: datetime, zone: str, *, all_day: bool = False, language: str) -> str:
    """Day, hours and zone: "Thursday 3 December 2026, 18:30–20:00, Moscow time (UTC+3)".

    Where the clocks change meanwhile, each hour has its own distance from UTC: one couldn't tell how long it lasts.
    """
    if all_day:
        with in_language(language):
            return ", ".join([days_text(starts_at, ends_at, zone, language), gettext("all day")])
    starts, ends = _local(starts_at, zone), _local(ends_at, zone)
    place, begin, end, dash = zone_text(zone, starts_at, language), f"{starts:%H:%M}", f"{ends:%H:%M}", "–"
    if starts.utcoffset() != ends.utcoffset():
        place, dash = zone_name(zone, language), " – "
        begin, end = (f"{hour} ({_distance_at(at)})" for hour, at in ((begin, starts), (end, ends)))
    first = _day(starts.date(), _LONG, language)
    if ends.date() == starts.date():
        return f"{first}, {begin}{dash}{end}, {place}"
    return f"{first}, {begin} – {_day(ends.date(), _LONG, language)}, {end}, {place}"


def start_text(starts_at: datetime, zone: str, *, all_day: bool, language: str) -> str:
    """The start alone: "Thursday 3 December 2026, 18:30". Clocks that are others than the site's are named."""
    starts = _local(starts_at, zone)
    day = _day(starts.date(), _LONG, language)
    return day if all_day else _with_clocks(f"{day}, {starts:%H:%M}", zone, starts_at, language)


def short_when(
    starts_at: datetime,
    ends_at: datetime,
    zone: str,
    *,
    all_day: bool = False,
    language: str,
    with_end: bool = False,
    beside: str = "",
) -> str:
    """Day and hour of the start, for lists and subjects: "Thu 3 December, 18:30"; of whole days the days alone.

    Clocks that are others than people expect are named (see `clocks_text`). `with_end` adds the hour of an end on the
    same day.
    """
    if all_day:
        return _short_days(starts_at, ends_at, zone, language)
    hours = _short_hours(starts_at, ends_at if with_end else starts_at, zone, language)
    return _with_clocks(hours, zone, starts_at, language, beside)


@lru_cache(maxsize=4096)
def _short_hours(starts_at: datetime, ends_at: datetime, zone: str, language: str) -> str:
    starts, ends = _local(starts_at, zone), _local(ends_at, zone)
    begin = f"{_day(starts.date(), _SHORT, language)}, {starts:%H:%M}"
    return f"{begin}–{ends:%H:%M}" if ends_at > starts_at and ends.date() == starts.date() else begin


@lru_cache(maxsize=1024)
def _short_days(starts_at: datetime, ends_at: datetime, zone: str, language: str) -> str:
    return _days(starts_at, ends_at, zone, _SHORT, language)


def days_text(starts_at: datetime, ends_at: datetime, zone: str, language: str) -> str:
    """The days alone: "Thursday 3 December 2026 – Friday 4 December 2026"."""
    return _days(starts_at, ends_at, zone, _LONG, language)


def _days(starts_at: datetime, ends_at: datetime, zone: str, patterns: dict[str, str], language: str) -> str:
    """One day, or the first and the last."""
    return " – ".join(_day(day, patterns, language) for day in dict.fromkeys(days_in(starts_at, ends_at, zone)))


def clocks_text(zone: str, at: datetime, language: str, beside: str = "") -> str:
    """Whose clocks they are, "New York time", where they show another hour than people expect; else "".

    People expect the clocks of the site, and those of the zone `beside`, which is named nearby.
    """
    here = _local(at, zone).utcoffset()
    expected = (_local(at, one).utcoffset() for one in (settings().default_time_zone, beside or zone))
    return "" if all(there == here for there in expected) else zone_name(zone, language)


def _with_clocks(text: str, zone: str, at: datetime, language: str, beside: str = "") -> str:
    clocks = clocks_text(zone, at, language, beside)
    return f"{text}, {clocks}" if clocks else text


@lru_cache(maxsize=1024)
def zone_text(zone: str, at: datetime, language: str) -> str:
    """The zone as people call it, with its distance from UTC at that instant: "Moscow time (UTC+3)"."""
    distance = _distance_at(_local(at, zone))
    return distance if zone in _WITHOUT_PLACE else f"{zone_name(zone, language)} ({distance})"


def zone_name(zone: str, language: str) -> str:
    """The zone for a list to choose from: "Moscow time"."""
    if zone in _WITHOUT_PLACE:
        return "UTC"
    with in_language(language):
        return str(_ZONES[zone]) if zone in _ZONES else gettext("time of %(city)s", city=_city(zone, language))


def zone_choices(first: Iterable[str], language: str) -> list[tuple[str, str]]:
    """All zones with their words, to choose one: these first, then the usual ones, then the world by its cities."""
    usual = dict.fromkeys([*first, *_ZONES])
    chosen = [(name, zone_name(name, language)) for name in usual]
    return chosen + [one for one in _cities(language) if one[0] not in usual]


@lru_cache(maxsize=len(LANGUAGES))
def _cities(language: str) -> list[tuple[str, str]]:
    cities = [(zone, _city(zone, language)) for zone in places_with_clocks()]
    return sorted(cities, key=lambda one: fold(one[1]))


@lru_cache(maxsize=1024)
def date_text(at: datetime, zone: str, language: str) -> str:
    """The day alone: "3 December 2026"."""
    return date_words(_local(at, zone).date(), language)


@lru_cache(maxsize=1024)
def date_words(day: date, language: str) -> str:
    """A day by itself: "3 December 2026"."""
    return format_date(day, "d MMMM y", locale=language)


@lru_cache(maxsize=1024)
def day_text(day: date, language: str) -> str:
    """A day with its weekday, as a heading: "Thursday 3 December 2026"."""
    text = _day(day, _LONG, language)
    return text[:1].upper() + text[1:]


def moment_text(at: datetime, zone: str, language: str) -> str:
    """Day and hour of an instant: "3 December 2026, 18:30". Clocks that are others than the site's are named."""
    return _with_clocks(_moment(at, zone, language), zone, at, language)


def _moment(at: datetime, zone: str, language: str) -> str:
    return f"{date_text(at, zone, language)}, {_local(at, zone):%H:%M}"


@lru_cache(maxsize=1024)
def full_moment_text(at: datetime, zone: str, language: str) -> str:
    """Day and hour of an instant, with the zone: "3 December 2026, 18:30, Moscow time (UTC+3)"."""
    return f"{_moment(at, zone, language)}, {zone_text(zone, at, language)}"


@lru_cache(maxsize=256)
def month_text(month: date, language: str) -> str:
    """A month as a heading: "December 2026"."""
    text = format_date(month, "LLLL y", locale=language)
    return text[:1].upper() + text[1:]


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(rules_of(zone))


def _day(day: date, patterns: dict[str, str], language: str) -> str:
    return format_date(day, patterns.get(language, patterns["en"]), locale=language)


def _distance_at(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta(0)).total_seconds() // 60)
    sign = "−" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "") if minutes else "UTC"


def _city(zone: str, language: str) -> str:
    known = Locale.parse(language).time_zones.get(zone, {}).get("city")
    return str(known or zone.rpartition("/")[2].replace("_", " "))
