"""What each kind of question knows, and what several of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import ngettext, said
from app.core.text import holds_controls
from app.registration.questions.asked import AskedQuestion

# How a question is asked. Each of them is a field in `questions/forms.py` and a line in `_macros/questions.html`.
LINE, LINES, ONE, SEVERAL, NUMBER, DAY = "line", "lines", "one", "several", "number", "day"


class WrongAnswer(ValueError):
    """What was sent can't be meant; says what to do, in the reader's language."""


@dataclass(frozen=True)
class Summary:
    """What people answered together: how many gave each answer, and figures in words.

    `has_texts`: there is nothing to count, so the answers are listed one by one.
    """

    counts: tuple[tuple[str, int], ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    has_texts: bool = False


class Kind(ABC):
    """A kind of question. One that differs says so; the rest holds for a line of text.

    An answer has one canonical form, a value that JSON knows; None is no answer.
    """

    code: str
    name: Any
    control = LINE
    autocomplete = "off"
    has_options = False
    has_bounds = False
    suggests = False
    """Whether the form suggests what others have answered."""
    is_condition = False
    """Whether another question can depend on the answer: `codes` says which of `choices` it is."""

    @abstractmethod
    def read(self, typed: Sequence[str], question: AskedQuestion) -> Any:
        """The canonical answer that was sent, None for an empty one. Raises `WrongAnswer`."""

    def write(self, value: Any) -> list[str]:
        """The answer as a form sends it; `read` gives it back."""
        return [str(value)]

    def words(self, value: Any, question: AskedQuestion) -> str:
        """The answer as people read it, in the language spoken now."""
        return str(value)

    def choices(self, question: AskedQuestion) -> list[tuple[str, str]]:
        """What can be chosen, archived options too: codes and words."""
        return []

    def codes(self, value: Any) -> list[str]:
        """Which of the choices an answer is."""
        return []

    def folded(self, value: Any) -> str | None:
        """The same for answers that mean the same; None where nobody can tell."""
        return None

    @abstractmethod
    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """What these people answered together."""


def first_of(typed: Sequence[str]) -> str:
    """What was sent for a question that has one answer."""
    return typed[0] if typed else ""


def read_text(typed: Sequence[str], tidy: Callable[[str], str], limit: int) -> str | None:
    """The text, cleaned. Raises `WrongAnswer` where it is too long, or cleaning took out what may have been meant."""
    text = tidy(first_of(typed))
    if holds_controls(first_of(typed)):
        raise WrongAnswer(
            _("This held invisible control characters. We took them out: please look at it and send it again.")
        )
    if len(text) > limit:
        raise WrongAnswer(
            ngettext(
                "Please shorten this to %(limit)s characters; it has %(length)s now.",
                "Please shorten this to %(limit)s characters; it has %(length)s now.",
                len(text),
                limit=limit,
                length=len(text),
            )
        )
    return text or None


def option_choices(question: AskedQuestion) -> list[tuple[str, str]]:
    """The question's options: codes and words."""
    return [(option.code, said(option.label)) for option in question.options]


def check_code(code: str, known: Sequence[str]) -> str:
    """The code itself. Raises `WrongAnswer` for one that isn't on the list."""
    if code not in known:
        raise WrongAnswer(_("Please choose one of the answers on the list."))
    return code


def count_choices(chosen: Sequence[Sequence[str]], choices: Sequence[tuple[str, str]]) -> Summary:
    """How many people have chosen each of the choices."""
    numbers = {code: sum(code in codes for codes in chosen) for code, _words in choices}
    return Summary(counts=tuple((words, numbers[code]) for code, words in choices))
