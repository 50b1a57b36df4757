"""The short words on a calendar leaf, which every event shows."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import NamedTuple

from app.core.i18n import in_language, language, lazy_gettext

_MONTHS = (
    lazy_gettext("Jan"),
    lazy_gettext("Feb"),
    lazy_gettext("Mar"),
    lazy_gettext("Apr"),
    lazy_gettext("May"),
    lazy_gettext("Jun"),
    lazy_gettext("Jul"),
    lazy_gettext("Aug"),
    lazy_gettext("Sep"),
    lazy_gettext("Oct"),
    lazy_gettext("Nov"),
    lazy_gettext("Dec"),
)
_WEEKDAYS = (
    lazy_gettext("Mon"),
    lazy_gettext("Tue"),
    lazy_gettext("Wed"),
    lazy_gettext("Thu"),
    lazy_gettext("Fri"),
    lazy_gettext("Sat"),
    lazy_gettext("Sun"),
)


class LeafWords(NamedTuple):
    """What stands above and below the number of the day."""

    month: str
    weekday: str


def leaf_words(day: date) -> LeafWords:
    """The words for this day, in the language spoken now."""
    return _words(day.month, day.weekday(), language())


@cache
def _words(month: int, weekday: int, code: str) -> LeafWords:
    with in_language(code):
        return LeafWords(str(_MONTHS[month - 1]), str(_WEEKDAYS[weekday]))
