"""Yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import ONE, Kind, Summary, check_code, count_choices, first_of

YES, NO = "yes", "no"


class YesNo(Kind):
    """Canonical: true or false. No is an answer, too."""

    code = "yes_no"
    name = lazy_gettext("Yes or no")
    control = ONE
    is_condition = True

    def read(self, typed: Sequence[str], question: AskedQuestion) -> bool | None:
        """Whether it was yes."""
        code = first_of(typed)
        return check_code(code, (YES, NO)) == YES if code else None

    def write(self, value: Any) -> list[str]:
        """The button that was chosen."""
        return [YES if value else NO]

    def words(self, value: Any, question: AskedQuestion) -> str:
        """Yes or no."""
        return _("Yes") if value else _("No")

    def choices(self, question: AskedQuestion) -> list[tuple[str, str]]:
        """Both."""
        return [(YES, _("Yes")), (NO, _("No"))]

    def codes(self, value: Any) -> list[str]:
        """The one that was chosen."""
        return self.write(value)

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many said yes, how many no."""
        return count_choices([self.write(value) for value in values], self.choices(question))
