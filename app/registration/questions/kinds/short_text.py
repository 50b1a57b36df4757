"""A line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import lazy_gettext
from app.core.text import clean_line
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import Kind, Summary, read_text

LIMIT = 200


class ShortText(Kind):
    """Canonical: the text, cleaned, in one line."""

    code = "short_text"
    name = lazy_gettext("Short text")

    def read(self, typed: Sequence[str], question: AskedQuestion) -> str | None:
        """The line."""
        return read_text(typed, clean_line, LIMIT)

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """Each text by itself."""
        return Summary(has_texts=True)
