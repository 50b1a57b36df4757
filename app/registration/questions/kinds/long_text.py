"""A text of several lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import lazy_gettext
from app.core.text import clean
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import LINES, Kind, Summary, read_text

LIMIT = 2000


class LongText(Kind):
    """Canonical: the text, cleaned, its lines ended by \\n."""

    code = "long_text"
    name = lazy_gettext("Long text")
    control = LINES

    def read(self, typed: Sequence[str], question: AskedQuestion) -> str | None:
        """The text."""
        return read_text(typed, clean, LIMIT)

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """Each text by itself."""
        return Summary(has_texts=True)
