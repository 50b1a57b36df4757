"""Fields whose typed text means one value: dates, times, numbers."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from wtforms import fields, widgets

from app.core.forms.base import Asked
from app.core.i18n import lazy_gettext
from app.core.text import clean_line
from app.core.typed import OutOfRange, day_of, whole_number_of

SHOWN_LIMIT = 100  # of a wrong date or number, when it is shown again


class _OneTyped(Asked, fields.Field):
    """A field whose typed text means one value; a text that means none is shown again as it was typed."""

    picker: Any = widgets.TextInput()
    words: Any = ""
    data: Any

    def widget(self, field: Any, **attributes: Any) -> Any:
        """The browser's own picker, unless it could not show what was typed."""
        return (widgets.TextInput() if self.process_errors else self.picker)(field, **attributes)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand the text, or say how to write it."""
        self.data = None
        self.typed = clean_line(valuelist[0])[:SHOWN_LIMIT] if valuelist else ""
        if not self.typed:
            return
        try:
            self.data = self.read(self.typed)
        except OutOfRange:
            raise
        except ValueError:
            raise ValueError(str(self.words)) from None

    def read(self, text: str) -> Any:
        """The value that `text` means: unless a field knows better, the text. Raises `ValueError`."""
        return text

    def write(self, value: Any) -> str:
        """The value as the input wants it."""
        return str(value)

    def _value(self) -> str:
        if self.data is not None:
            return self.write(self.data)
        return getattr(self, "typed", "")


class DateField(_OneTyped):
    """A day: 2026-12-03, 3.12.2026, 03/12/2026 or 3.12.26. The day comes before the month."""

    picker = widgets.DateInput()
    words = lazy_gettext("Please write the date like 3.12.2026.")

    def read(self, text: str) -> date:
        """The day that `text` means."""
        return day_of(text)

    def write(self, value: date) -> str:
        """As a date input wants it."""
        return value.isoformat()


class TimeField(_OneTyped):
    """A time of day: 18:30, 18.30, 1830, 18 or 6:30 pm."""

    picker = widgets.TimeInput()
    words = lazy_gettext("Please write the time like 18:30.")

    def read(self, text: str) -> time:
        """The time that `text` means."""
        found = re.fullmatch(r"(\d{1,2})(?:[:.\-h ]?([0-5]\d))?(?::\d\d)?\s*([ap]\.?m\.?)?", text.lower())
        if found is None:
            raise ValueError
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
        if half:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if half == "p" else 0)
        return time(hour, minute)

    def write(self, value: time) -> str:
        """As a time input wants it."""
        return value.strftime("%H:%M")


class CountField(_OneTyped):
    """A whole number, 0 or more; spaces between thousands are fine."""

    words = lazy_gettext("Please write a whole number, such as 50.")

    def __init__(self, label: Any = None, *, lowest: int = 0, highest: int = 1_000_000, **more: Any) -> None:
        super().__init__(label, **more)
        self.lowest, self.highest = lowest, highest

    def read(self, text: str) -> int:
        """The number that `text` means."""
        return whole_number_of(text, self.lowest, self.highest)
