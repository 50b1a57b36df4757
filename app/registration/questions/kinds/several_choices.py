"""Any number of several answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import lazy_gettext
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import SEVERAL, Kind, Summary, check_code, count_choices, option_choices


class SeveralChoices(Kind):
    """Canonical: the codes of the options, each once, in the order of the options."""

    code = "several_choices"
    name = lazy_gettext("Several choices")
    control = SEVERAL
    has_options = True
    is_condition = True

    def read(self, typed: Sequence[str], question: AskedQuestion) -> list[str] | None:
        """The codes."""
        known = [option.code for option in question.options]
        sent = {check_code(code, known) for code in typed if code}
        return [code for code in known if code in sent] or None

    def write(self, value: Any) -> list[str]:
        """One value for each box."""
        return list(value)

    def words(self, value: Any, question: AskedQuestion) -> str:
        """The labels, one after the other."""
        labels = dict(option_choices(question))
        return "; ".join(labels.get(code, code) for code in value)

    def choices(self, question: AskedQuestion) -> list[tuple[str, str]]:
        """The options."""
        return option_choices(question)

    def codes(self, value: Any) -> list[str]:
        """Those that were chosen."""
        return list(value)

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many chose each option."""
        return count_choices(values, option_choices(question))
