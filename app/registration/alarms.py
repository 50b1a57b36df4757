"""Reminders that a calendar program gives by itself (RFC 5545 §3.6.6), as a person has chosen them."""

from __future__ import annotations

from app.catalogue.ics import content_line, escape
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext

NONE, HOURS, DAY_AND_HOURS = "none", "hours", "day_hours"

CHOICES = {
    NONE: lazy_gettext("No reminders"),
    HOURS: lazy_gettext("2 hours before"),
    DAY_AND_HOURS: lazy_gettext("1 day before and 2 hours before"),
}
_TRIGGERS = {NONE: (), HOURS: ("-PT2H",), DAY_AND_HOURS: ("-P1D", "-PT2H")}
# Before a whole day begins, "2 hours" would be late in the evening: noon of the day before is better.
_TRIGGERS_OF_DAYS = {NONE: (), HOURS: ("-PT12H",), DAY_AND_HOURS: ("-PT12H",)}


def lines(choice: str, *, all_day: bool) -> tuple[bytes, ...]:
    """The VALARM components of an entry; none for a choice that we don't know."""
    triggers = (_TRIGGERS_OF_DAYS if all_day else _TRIGGERS).get(choice, ())
    words = content_line("DESCRIPTION", escape(_("Reminder")))
    return tuple(
        b"BEGIN:VALARM\r\nACTION:DISPLAY\r\n" + words + content_line("TRIGGER", trigger.encode()) + b"END:VALARM\r\n"
        for trigger in triggers
    )
