"""What a typed text means: a day, a whole number. Any unambiguous way of writing will do."""

from __future__ import annotations

import re
from datetime import date

from app.core.i18n import gettext as _

FIRST_YEAR, LAST_YEAR = 1900, 2200
LONGEST_NUMBER = 100


class OutOfRange(ValueError):
    """The text has the right shape, but its value can't be meant; says which may be."""


def day_of(text: str) -> date:
    """The day that `text` means: 2026-12-03, 3.12.2026, 03/12/2026 or 3.12.26. The day comes before the month.

    Raises `ValueError`, and `OutOfRange` for a year that can't be meant.
    """
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


def whole_number_of(text: str, lowest: int, highest: int) -> int:
    """The number that `text` means; spaces between thousands are fine. Raises `ValueError`, and `OutOfRange`."""
    digits = re.sub(r"[\s.,']", "", text) if re.fullmatch(r"\d{1,3}([\s.,']\d{3})*", text) else text
    if not re.fullmatch(r"[-−]?[0-9]+", digits):
        raise ValueError
    number = int(digits.replace("−", "-")[:LONGEST_NUMBER])
    if not lowest <= number <= highest:
        raise OutOfRange(_("Please write a number from %(lowest)s to %(highest)s.", lowest=lowest, highest=highest))
    return number
