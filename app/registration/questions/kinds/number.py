"""A whole number."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from babel.numbers import format_decimal

from app.core.i18n import gettext as _
from app.core.i18n import language, lazy_gettext
from app.core.text import clean_line
from app.core.typed import OutOfRange, whole_number_of
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import NUMBER, Kind, Summary, WrongAnswer, first_of

LOWEST, HIGHEST = -1_000_000_000, 1_000_000_000


class Number(Kind):
    """Canonical: the number, between the question's bounds."""

    code = "number"
    name = lazy_gettext("Whole number")
    control = NUMBER
    has_bounds = True

    def read(self, typed: Sequence[str], question: AskedQuestion) -> int | None:
        """The number."""
        text = clean_line(first_of(typed))
        lowest = LOWEST if question.lowest is None else question.lowest
        highest = HIGHEST if question.highest is None else question.highest
        try:
            return whole_number_of(text, lowest, highest) if text else None
        except OutOfRange as wrong:
            raise WrongAnswer(str(wrong)) from None
        except ValueError:
            raise WrongAnswer(_("Please write a whole number, such as 50.")) from None

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """The lowest, the mean and the highest."""
        if not values:
            return Summary()
        figures = ((_("Lowest"), min(values)), (_("Mean"), round(fmean(values), 1)), (_("Highest"), max(values)))
        return Summary(figures=tuple((word, format_decimal(number, locale=language())) for word, number in figures))
