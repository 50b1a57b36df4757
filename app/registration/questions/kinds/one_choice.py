"""One of several answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import lazy_gettext
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import (
    ONE,
    Kind,
    Summary,
    check_code,
    count_choices,
    first_of,
    option_choices,
)


class OneChoice(Kind):
    """Canonical: the option's code."""

    code = "one_choice"
    name = lazy_gettext("One choice")
    control = ONE
    has_options = True
    is_condition = True

    def read(self, typed: Sequence[str], question: AskedQuestion) -> str | None:
        """The code."""
        code = first_of(typed)
        return check_code(code, [option.code for option in question.options]) if code else None

    def words(self, value: Any, question: AskedQuestion) -> str:
        """The option's label."""
        return dict(option_choices(question)).get(value, str(value))

    def choices(self, question: AskedQuestion) -> list[tuple[str, str]]:
        """The options."""
        return option_choices(question)

    def codes(self, value: Any) -> list[str]:
        """The one that was chosen."""
        return [value]

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many chose each option."""
        return count_choices([[value] for value in values], option_choices(question))
