"""What pages say about questions."""

from __future__ import annotations

from collections.abc import Iterable

from babel.lists import format_list

from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, said
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS


def condition_words(question: AskedQuestion, asked: Iterable[AskedQuestion]) -> str:
    """When a question is asked: "Only if you answered “Yes” to “Will you eat with us?”"; empty: always."""
    earlier = next((one for one in asked if one.id == question.only_if_id), None)
    if earlier is None:
        return ""
    words = chosen_words(earlier, question.only_if_codes)
    return _("Only if you answered %(answers)s to “%(question)s”.", answers=words, question=said(earlier.label))


def never_asked(question: AskedQuestion, asked: Iterable[AskedQuestion]) -> bool:
    """Whether a question depends on answers that are all archived, so that nobody is asked it any more."""
    earlier = next((one for one in asked if one.id == question.only_if_id), None)
    if earlier is None or not earlier.options:
        return False
    offered = {option.code for option in earlier.options if not option.is_archived}
    return not offered & set(question.only_if_codes)


def chosen_words(question: AskedQuestion, codes: Iterable[str]) -> str:
    """Some of a question's choices: “Yes” or “Perhaps”."""
    labels = dict(KINDS[question.kind].choices(question))
    return str(format_list([_("“%(text)s”", text=labels.get(code, code)) for code in codes], "or", language()))


def hint_of(question: AskedQuestion, *, is_hidden: bool = False) -> str:
    """The help, which numbers are fine, and how long a sensitive answer is kept."""
    parts = [said(question.help), _bounds(question), keep_words(question.keep_days)]
    if is_hidden:
        parts.append(
            _(
                "We do not show such answers here. Leave this empty, and your answer stays as it was. A new answer "
                "replaces all of the old one."
            )
        )
    return " ".join(part for part in parts if part)


def _bounds(question: AskedQuestion) -> str:
    lowest, highest = question.lowest, question.highest
    if lowest is not None and highest is not None:
        return _("From %(lowest)s to %(highest)s.", lowest=lowest, highest=highest)
    if lowest is not None:
        return _("At least %(lowest)s.", lowest=lowest)
    return _("At most %(highest)s.", highest=highest) if highest is not None else ""


def keep_words(keep_days: int | None) -> str:
    """When a sensitive answer is deleted; empty: with the registration."""
    if keep_days is None:
        return ""
    if keep_days == 0:
        return _("We delete this answer right after the event.")
    return ngettext(
        "We delete this answer %(num)d day after the event.",
        "We delete this answer %(num)d days after the event.",
        keep_days,
    )
