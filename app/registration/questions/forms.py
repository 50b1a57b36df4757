"""The questions of an event as a part of a form: a page may hold several, each for another person, told by prefix."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wtforms import fields, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from app.core.forms import Form, TickField
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.text import clean, clean_line
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import DAY, LINE, LINES, NUMBER, ONE, SEVERAL, WrongAnswer, first_of
from app.registration.questions.rules import visible_questions
from app.registration.questions.words import chosen_words, condition_words, hint_of

MOST_VALUES = 200
FORGET = "-forget"
SHOWN = "shown"


class _Question:
    """What the fields share: the kind understands what was sent; what it doesn't is shown again.

    `data` is what the page shows, `answer` the canonical answer, `wrong` says why there is none.
    """

    choices: Any
    data: Any
    errors: Sequence[str]
    tidy = staticmethod(clean_line)

    def __init__(self, question: AskedQuestion, *, is_needed: bool, is_hidden: bool = False, **more: Any) -> None:
        super().__init__(said(question.label), **more)  # type: ignore[call-arg]
        self.question, self.kind = question, KINDS[question.kind]
        self.is_hidden = is_hidden
        self.answer: Any = None
        self.wrong = ""
        self.flags.required = is_needed and question.is_required  # type: ignore[attr-defined]

    @property
    def subject(self) -> str:
        """What a list of errors calls the field: many questions have the same error."""
        return str(self.label.text)  # type: ignore[attr-defined]

    @property
    def control(self) -> str:
        """How the question is asked."""
        return self.kind.control

    def process_data(self, value: Any) -> None:
        """Begin with an answer that is known."""
        self.answer = value
        self.show([] if value is None or self.is_hidden else self.kind.write(value))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was sent."""
        typed = valuelist[:MOST_VALUES]
        try:
            self.answer = self.kind.read(typed, self.question)
        except WrongAnswer as wrong:
            self.answer, self.wrong = None, str(wrong)
        self.show(typed if self.answer is None else self.kind.write(self.answer))

    def show(self, typed: Sequence[str]) -> None:
        """Show this in the field."""
        self.data = self.tidy(first_of(typed))

    def list_choices(self, chosen: Sequence[str]) -> None:
        """Offer what can be chosen now, and what has been chosen once."""
        archived = {option.code for option in self.question.options if option.is_archived} - set(chosen)
        choices = self.kind.choices(self.question)
        self.choices = [SelectChoice(code, words) for code, words in choices if code not in archived]


class _Line(_Question, fields.StringField):
    pass


class _Lines(_Question, fields.TextAreaField):
    tidy = staticmethod(clean)


class _Day(_Question, fields.StringField):
    def widget(self, field: Any, **attributes: Any) -> Any:
        """The browser's own picker, unless it could not show what was typed."""
        return (widgets.TextInput() if self.wrong else widgets.DateInput())(field, **attributes)


class _One(_Question, fields.RadioField):
    def show(self, typed: Sequence[str]) -> None:
        """Choose this."""
        self.data = first_of(typed)
        self.list_choices(typed)


class _Several(_Question, fields.SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def show(self, typed: Sequence[str]) -> None:
        """Tick these."""
        self.data = list(typed)
        self.list_choices(typed)


_CONTROLS: dict[str, Any] = {LINE: _Line, LINES: _Lines, ONE: _One, SEVERAL: _Several, NUMBER: _Line, DAY: _Day}


class _Meta(Form.Meta, DefaultMeta):
    """What WTForms asks about the form."""


class AnswersForm(BaseForm):
    """The questions, each a field of its own; what is hidden is neither checked nor kept.

    `needed`: whether required questions must be answered. `suggestions` are names by question. `discreet`: answers to
    sensitive questions are not shown; whoever leaves one empty keeps it, and a tick deletes it. What others have
    answered otherwise while the form was open stays, where the form left it as it was, and is said where it did not.
    """

    def __init__(
        self,
        formdata: Any,
        asked: Sequence[AskedQuestion],
        *,
        prefix: str = "",
        answers: Mapping[int, Any] | None = None,
        suggestions: Mapping[int, Sequence[str]] | None = None,
        needed: bool = True,
        discreet: bool = False,
    ) -> None:
        self.asked = asked
        self.suggestions = suggestions or {}
        self.known, self.is_edit = dict(answers or {}), answers is not None
        self.hidden_ids = {one.id for one in asked if discreet and one.is_sensitive}
        super().__init__(dict(self._made(needed=needed)), prefix=prefix, meta=_Meta())
        self.process(formdata, data={f"q{question_id}": value for question_id, value in self.known.items()})
        self._before = _read_marks(formdata.get(self._prefix + SHOWN, "")) if formdata else {}
        for one in self.questions:
            if not one.wrong and self._before.get(one.question.id) == _mark_of(one.answer):
                one.process_data(self.known.get(one.question.id))

    @property
    def marks(self) -> str:
        """What the form shows now, so that one can tell later whether it was changed there, or by somebody else."""
        shown = (one.id for one in self.asked if one.id not in self.hidden_ids)
        return " ".join(f"{one}:{_mark_of(self.known.get(one))}" for one in shown)

    @property
    def marks_name(self) -> str:
        """The name of the hidden field for them."""
        return f"{self._prefix}{SHOWN}"

    def _made(self, *, needed: bool) -> Iterator[tuple[str, Any]]:
        for one in self.asked:
            is_hidden = one.id in self.hidden_ids
            field = _CONTROLS[KINDS[one.kind].control]
            yield f"q{one.id}", field(one, is_needed=needed and not is_hidden, is_hidden=is_hidden)
            if is_hidden and not (needed and one.is_required):
                yield f"q{one.id}{FORGET}", TickField(_("Delete my answer to this question"))

    @property
    def questions(self) -> list[Any]:
        """The fields of the questions, in order."""
        return [self[f"q{one.id}"] for one in self.asked]

    @property
    def has_conditions(self) -> bool:
        """Whether what is asked depends on answers."""
        return any(one.only_if_id is not None for one in self.asked)

    def forget(self, field: Any) -> Any:
        """The tick that deletes the answer, of a question whose answer isn't shown."""
        name = f"q{field.question.id}{FORGET}"
        return self._fields.get(name)

    def condition(self, field: Any) -> str:
        """When the question is asked, in words; empty: always."""
        return condition_words(field.question, self.asked)

    def depends_on(self, field: Any) -> str:
        """The name of the field that decides whether this one is shown; empty: none."""
        wanted = f"q{field.question.only_if_id}"
        return str(self[wanted].name) if wanted in self else ""

    def hint(self, field: Any) -> str:
        """What stands under the label."""
        return hint_of(field.question, is_hidden=field.is_hidden)

    @property
    def kept(self) -> set[int]:
        """The questions whose answers aren't shown and stay as they are."""
        return {one.id for one in self.asked if one.id in self.hidden_ids and self._is_kept(one)}

    def _is_kept(self, question: AskedQuestion) -> bool:
        field = self[f"q{question.id}"]
        forget = self.forget(field)
        return field.answer is None and not field.wrong and not (forget is not None and forget.data)

    @property
    def answers(self) -> dict[int, Any]:
        """The answers that are there, by question; which of them are stored, `rules.answers_to_keep` says."""
        kept = self.kept
        known = {one: value for one, value in self.known.items() if one in kept}
        return known | {one.question.id: one.answer for one in self.questions if one.answer is not None}

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ARG002 - as every form has it
        """Complain of what was sent wrongly, and of what is missing, where the question is shown."""
        shown = {one.id for one in visible_questions(self.asked, self.answers)}
        for field in self.questions:
            if field.question.id not in shown:
                field.errors = [self._needs_choice(field)] if self._is_in_vain(field) else []
            elif field.wrong:
                field.errors = [field.wrong]
            elif trouble := self._trouble(field):
                field.errors = [trouble]
            elif field.flags.required and field.answer is None:
                field.errors = [_("Please answer this question.")]
            else:
                field.errors = []
        return not self.errors

    def _trouble(self, field: Any) -> str:
        """What contradicts itself, or what somebody else has answered meanwhile; empty: nothing."""
        if self._is_in_vain(field):
            return self._needs_choice(field)
        forget = self.forget(field)
        if forget is not None and forget.data and field.answer is not None:
            return _("Either give a new answer, or tick that the old one is deleted.")
        known = self.known.get(field.question.id)
        mark = self._before.get(field.question.id)
        if mark is None or field.answer == known or mark == _mark_of(known):
            return ""
        if known is None:
            return _("This answer was deleted meanwhile. Send the form again to keep yours.")
        words = field.kind.words(known, field.question)
        return _("Meanwhile the answer is “%(answer)s”. Send the form again to keep yours.", answer=words)

    def _is_in_vain(self, field: Any) -> bool:
        """Whether the answer counts only with another that isn't shown, and was not given in this form.

        What is stored there says nothing here: one could find out by it.
        """
        question = field.question
        if question.only_if_id not in self.hidden_ids or f"q{question.only_if_id}" not in self:
            return False
        known = None if field.is_hidden else self.known.get(question.id)
        earlier = self[f"q{question.only_if_id}"]
        given = set() if earlier.answer is None or earlier.wrong else set(earlier.kind.codes(earlier.answer))
        return field.answer not in (None, known) and not given & set(question.only_if_codes)

    def _needs_choice(self, field: Any) -> str:
        earlier = self[f"q{field.question.only_if_id}"].question
        words = chosen_words(earlier, field.question.only_if_codes)
        return _("To say this, also choose %(answers)s at “%(question)s”.", answers=words, question=said(earlier.label))


def _mark_of(value: Any) -> str:
    """A short mark of an answer: the same for the same one."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _read_marks(text: str) -> dict[int, str]:
    """The marks that a form carries, by question; what can't be meant is left out."""
    pairs = (word.partition(":") for word in text.split()[:MOST_VALUES])
    return {int(number): mark for number, _colon, mark in pairs if number.isascii() and number.isdecimal()}


class AsksQuestions(Form):
    """A form that asks an event's questions, too: checked and complained about together with the rest."""

    answers: AnswersForm | None = None

    @property
    def asks(self) -> list[AnswersForm]:
        """The questions to each person whom the form is about."""
        return [] if self.answers is None else [self.answers]

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        for one in self.asks:
            yield from one

    def validate(self, extra_validators: Any = None) -> bool:
        """Both, so that one hears of everything at once."""
        super().validate(extra_validators)
        for one in self.asks:
            one.validate()
        return not self.errors

    @property
    def errors(self) -> dict[str, Any]:
        """Those of the questions, too; each field has its own name also where several people are asked."""
        found: dict[str, Any] = dict(super().errors)
        for one in self.asks:
            found |= {field.name: field.errors for field in one if field.errors}
        return found

    @property
    def given_answers(self) -> dict[int, Any]:
        """The answers, by question."""
        return self.answers.answers if self.answers is not None else {}

    @property
    def kept_answers(self) -> set[int]:
        """The questions whose answers aren't shown and stay as they are."""
        return self.answers.kept if self.answers is not None else set()


class AnswersOnlyForm(AsksQuestions):
    """The questions alone on a page."""

    def typed_words(self) -> list[tuple[str, str]]:
        """What was written that isn't known yet: the questions and the answers in words."""
        answers = self.answers
        changed = [one for one in answers.questions if one.answer is not None] if answers else []
        return [
            (one.subject, one.kind.words(one.answer, one.question))
            for one in changed
            if answers and one.answer != answers.known.get(one.question.id)
        ]

    @classmethod
    def of(cls, formdata: Any, answers: AnswersForm) -> AnswersOnlyForm:
        """The form of these questions."""
        form = cls(formdata)
        form.answers = answers
        return form
