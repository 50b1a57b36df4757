"""A day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.catalogue.times_text import date_words
from app.core.i18n import gettext as _
from app.core.i18n import language, lazy_gettext
from app.core.text import clean_line
from app.core.typed import OutOfRange, day_of
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import DAY, Kind, Summary, WrongAnswer, first_of


class Day(Kind):
    """Canonical: the day as in ISO 8601, such as 2026-12-03."""

    code = "date"
    name = lazy_gettext("Date")
    control = DAY

    def read(self, typed: Sequence[str], question: AskedQuestion) -> str | None:
        """The day."""
        text = clean_line(first_of(typed))
        try:
            return day_of(text).isoformat() if text else None
        except OutOfRange as wrong:
            raise WrongAnswer(str(wrong)) from None
        except ValueError:
            raise WrongAnswer(_("Please write the date like 3.12.2026.")) from None

    def words(self, value: Any, question: AskedQuestion) -> str:
        """The day as the language writes it."""
        return date_words(date.fromisoformat(value), language())

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many named each day, from the first on."""
        counted = sorted(Counter(values).items())
        return Summary(counts=tuple((self.words(value, question), number) for value, number in counted))
