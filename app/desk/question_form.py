"""The form of a question in the library, and of how an event asks one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.fields import FieldList, FormField

from app.core.forms import CountField, Form, HiddenLine, LineField, ManyField, TickField
from app.core.i18n import LANGUAGE_NAMES, gettext, said
from app.core.i18n import lazy_gettext as _
from app.desk.event_data import other_language
from app.registration.operations.library import LONGEST_KEEP, MOST_OPTIONS
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.number import HIGHEST, LOWEST
from app.registration.questions.models import Question
from app.registration.questions.values import OptionValues, QuestionValues

BLANK_OPTIONS = 3
LABEL_LIMIT = 300
KEY_LIMIT = 40
CONDITION = "only_if_"


class OptionForm(Form):
    """One answer to choose from."""

    code = HiddenLine()
    label = LineField()
    label_other = LineField()
    is_archived = TickField(_("Archive: no longer offer this answer"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written, so that there is no such answer."""
        return not self.label.data and not self.label_other.data


class QuestionForm(Form):
    """A question of one kind: `for_kind` takes away what this kind doesn't need."""

    label = LineField(_("Question"), needed=_("Please write the question."), limit=LABEL_LIMIT)
    label_other = LineField(_("Question"), limit=LABEL_LIMIT)
    help = LineField(_("Hint below it"), limit=LABEL_LIMIT)
    help_other = LineField(_("Hint below it"), limit=LABEL_LIMIT)
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)
    lowest = CountField(_("Lowest number"), lowest=LOWEST, highest=HIGHEST)
    highest = CountField(_("Highest number"), lowest=LOWEST, highest=HIGHEST)
    keep_days = CountField(_("Delete the answers so many days after the event"), highest=LONGEST_KEEP)
    key = LineField(_("Report key"), limit=KEY_LIMIT)

    def for_kind(self, code: str, *, is_new: bool) -> QuestionForm:
        """Ask only what a question of this kind can have; the report key can be chosen once."""
        kind = KINDS[code]
        if not kind.has_options:
            del self.options
        if not kind.has_bounds:
            del self.lowest, self.highest
        if not is_new:
            del self.key
        return self

    def add_blanks(self) -> None:
        """A few empty lines for more answers."""
        if "options" in self:
            for _number in range(min(BLANK_OPTIONS, MOST_OPTIONS - len(self.options.entries))):
                self.options.append_entry()

    def name_languages(self, first: str) -> None:
        """Say in each label which language it is for, and which number an answer has."""
        own, second = LANGUAGE_NAMES[first], LANGUAGE_NAMES[other_language(first)]
        for field, name in ((self.label, own), (self.label_other, second), (self.help, own), (self.help_other, second)):
            field.label.text = f"{field.label.text} ({name})"
        for number, entry in enumerate(self.options.entries if "options" in self else (), start=1):
            words = gettext("Answer %(number)s", number=number)
            entry.form.label.label.text = f"{words} ({own})"
            entry.form.label_other.label.text = f"{words} ({second})"

    def move_up(self, place: int) -> None:
        """Put an answer before the one above it."""
        rows = [entry.form.data for entry in self.options.entries] if "options" in self else []
        if 0 < place < len(rows):
            rows[place - 1], rows[place] = rows[place], rows[place - 1]
            for entry, row in zip(self.options.entries, rows, strict=True):
                entry.form.process(None, data=row)

    def read(self, kind: str, first: str) -> QuestionValues:
        """The values of a valid form; `first` is the organization's language."""
        second = other_language(first)
        return QuestionValues(
            kind=kind,
            key=self.key.data if "key" in self else "",
            label={first: self.label.data, second: self.label_other.data},
            help={first: self.help.data, second: self.help_other.data},
            options=tuple(self._options(first, second)),
            lowest=self.lowest.data if "lowest" in self else None,
            highest=self.highest.data if "highest" in self else None,
            keep_days=self.keep_days.data,
        )

    def _options(self, first: str, second: str) -> list[OptionValues]:
        forms = [entry.form for entry in self.options.entries] if "options" in self else []
        return [
            OptionValues(
                one.code.data or None, {first: one.label.data, second: one.label_other.data}, one.is_archived.data
            )
            for one in forms
            if not one.is_blank
        ]


def question_data(row: Question, first: str) -> dict[str, Any]:
    """What the form of a known question begins with."""
    second = other_language(first)
    return {
        "label": row.label.get(first, ""),
        "label_other": row.label.get(second, ""),
        "help": row.help.get(first, ""),
        "help_other": row.help.get(second, ""),
        "options": [
            {
                "code": option["code"],
                "label": option["label"].get(first, ""),
                "label_other": option["label"].get(second, ""),
                "is_archived": option["is_archived"],
            }
            for option in row.options
        ],
        "lowest": row.lowest,
        "highest": row.highest,
        "keep_days": row.keep_days,
    }


class EventQuestionForm(Form):
    """How an event asks a question; `event_question_form` adds the answers that it can depend on."""

    is_required = TickField(_("An answer is needed"))

    @property
    def conditions(self) -> list[Any]:
        """The fields of the earlier questions."""
        return [field for field in self if field.name.startswith(CONDITION)]

    def validate(self, extra_validators: Any = None) -> bool:
        """A question depends on one other."""
        super().validate(extra_validators)
        ticked = [field for field in self.conditions if field.data]
        if len(ticked) > 1:
            self.refuse(gettext("Please tick answers to one question only."), ticked[1].name)
        return not self.errors

    @property
    def only_if(self) -> tuple[int, list[str]] | None:
        """The earlier question and the answers to it; None: always asked."""
        ticked = next((field for field in self.conditions if field.data), None)
        return (int(ticked.name.removeprefix(CONDITION)), list(ticked.data)) if ticked is not None else None


def event_question_form(formdata: Any, question: AskedQuestion, earlier: Sequence[AskedQuestion]) -> EventQuestionForm:
    """The form of one question of an event, which may depend on `earlier` ones that have choices."""
    able = [one for one in earlier if KINDS[one.kind].is_condition]
    boxes = {
        f"{CONDITION}{one.id}": ManyField(
            gettext("Only if “%(question)s” is", question=said(one.label)), choices=KINDS[one.kind].choices(one)
        )
        for one in able
    }
    kind = type("OneEventQuestionForm", (EventQuestionForm,), boxes)
    data: dict[str, Any] = {"is_required": question.is_required}
    if question.only_if_id is not None:
        data[f"{CONDITION}{question.only_if_id}"] = list(question.only_if_codes)
    form: EventQuestionForm = kind(formdata, data=data)
    return form
