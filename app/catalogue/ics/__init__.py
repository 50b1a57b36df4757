"""Calendar bytes (iCalendar, RFC 5545 and 7986): pure functions, the same facts give the same bytes."""

from app.catalogue.ics.calendar import calendar
from app.catalogue.ics.text import clean_line, clean_text, content_line, escape, quoted
from app.catalogue.ics.vevent import (
    Invitation,
    PersonalPlace,
    PersonalStatus,
    SessionFacts,
    render_personal,
    render_vevent,
)
from app.catalogue.ics.zones import vtimezone

__all__ = [
    "Invitation",
    "PersonalPlace",
    "PersonalStatus",
    "SessionFacts",
    "calendar",
    "clean_line",
    "clean_text",
    "content_line",
    "escape",
    "quoted",
    "render_personal",
    "render_vevent",
    "vtimezone",
]
