"""Fields whose typed text means one value: dates, times, numbers."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from wtforms import fields, widgets

from app.core.forms.base import Asked
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext
from app.core.text import clean_line

FIRST_YEAR, LAST_YEAR = 1900, 2200
SHOWN_LIMIT = 100  # of a wrong date or number, when it is shown again


class OutOfRange(ValueError):
    """The text has the right shape, but its value can't be meant; says which may be."""


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
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            year, month, day = (int(part) for part in found.groups())
        elif found := re.fullmatch(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})\.?", text):
            day, month, year = (int(part) for part in found.groups())
            year += 2000 if len(found[3]) == 2 else 0
        else:
            raise ValueError
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise OutOfRange(
                _("Please give a year from %(first)s to %(last)s.", first=str(FIRST_YEAR), last=str(LAST_YEAR))
            )
        return date(year, month, day)

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
        digits = re.sub(r"[\s.,']", "", text) if re.fullmatch(r"\d{1,3}([\s.,']\d{3})*", text) else text
        if not re.fullmatch(r"[-−]?[0-9]+", digits):
            raise ValueError
        number = int(digits.replace("−", "-")[:SHOWN_LIMIT])
        if not self.lowest <= number <= self.highest:
            raise OutOfRange(
                _("Please write a number from %(lowest)s to %(highest)s.", lowest=self.lowest, highest=self.highest)
            )
        return number
