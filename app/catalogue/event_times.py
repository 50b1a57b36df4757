"""When events are as a whole, in words. Their meetings are asked, for only those know whether they last whole days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from app.catalogue import queries
from app.catalogue.queries.events import HasHours
from app.catalogue.rules import whole_of
from app.catalogue.times_text import date_words, days_text, short_when, start_text, when_text
from app.core.i18n import in_language, language, ngettext
from app.core.times import days_in


class HasTimes(HasHours, Protocol):
    """A meeting, however it was read."""

    @property
    def zone(self) -> str: ...
    @property
    def is_all_day(self) -> bool: ...


def whens_of(event_ids: Collection[int]) -> dict[int, str]:
    """Of each event when its first meeting is, as short as can be, in the language spoken now."""
    return {
        event_id: short_when(one.starts_at, one.ends_at, one.zone, all_day=one.is_all_day, language=language())
        for event_id, one in queries.first_meetings(event_ids).items()
    }


def when_of(event_id: int) -> str:
    """`whens_of` for one event."""
    return whens_of([event_id])[event_id]


def beginning_text(sessions: Sequence[HasTimes], language: str) -> str:
    """As `span_text`; of meetings on several days the first start and their number, for there are breaks between."""
    held = whole_of(sessions)
    first, last = min(held, key=lambda one: one.starts_at), max(one.ends_at for one in held)
    first_day, last_day = days_in(first.starts_at, last, first.zone)
    if len(held) == 1 or first_day == last_day:
        return span_text(sessions, language)
    begins = start_text(first.starts_at, first.zone, all_day=first.is_all_day, language=language)
    with in_language(language):
        return " · ".join([begins, ngettext("%(num)d meeting", "%(num)d meetings", len(held))])


def meetings_text(sessions: Sequence[HasTimes], now: datetime, language: str) -> str:
    """How many meetings are to come, and the last day where that isn't the next; "" for an event of a single one.

    Once all are over, how many it had. One that is left of several is counted, too: the others are told of beside it.
    """
    if len(sessions) < 2:
        return ""
    held = whole_of(sessions)
    held = [one for one in held if one.ends_at > now] or held
    first, last = min(held, key=lambda one: one.starts_at), max(one.ends_at for one in held)
    first_day, last_day = days_in(first.starts_at, last, first.zone)
    with in_language(language):
        if first_day == last_day:
            return ngettext("%(num)d meeting", "%(num)d meetings", len(held))
        until = date_words(last_day, language)
        return ngettext("%(num)d meeting, until %(date)s", "%(num)d meetings, until %(date)s", len(held), date=until)


def beside_text(shown: HasTimes, held: HasTimes | None, language: str) -> str | None:
    """When a meeting is that is `held` some way, "" if it begins with the one that is shown; None without one."""
    if held is None or held.starts_at == shown.starts_at:
        return None if held is None else ""
    times = (held.starts_at, held.ends_at, held.zone)
    return short_when(*times, all_day=held.is_all_day, language=language, beside=shown.zone)


def span_text(sessions: Sequence[HasTimes], language: str) -> str:
    """From the first to the last of the meetings that make it up, in full. Days alone where only some have hours."""
    held = whole_of(sessions)
    first = min(held, key=lambda one: one.starts_at)
    starts_at, ends_at = first.starts_at, max(one.ends_at for one in held)
    whole = {one.is_all_day for one in held}
    if len(whole) > 1:
        return days_text(starts_at, ends_at, first.zone, language)
    return when_text(starts_at, ends_at, first.zone, all_day=first.is_all_day, language=language)
