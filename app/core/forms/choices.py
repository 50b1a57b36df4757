"""Fields with given answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import fields, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from app.core.forms.base import Asked
from app.core.i18n import gettext as _

Choices = Iterable[tuple[str, Any]]


def _listed(pairs: Choices | None) -> list[SelectChoice] | None:
    return None if pairs is None else [SelectChoice(value, words) for value, words in pairs]


class _Choice(Asked):
    """Tells an answer that isn't on the list from none at all. Choices are pairs of value and words."""

    data: Any

    def __init__(self, label: Any = None, *, choices: Choices | None = None, **more: Any) -> None:
        super().__init__(label, choices=_listed(choices), **more)

    @property
    def choices(self) -> Any:
        """The list, as WTForms wants it."""
        return self._choices

    @choices.setter
    def choices(self, pairs: Choices) -> None:
        self._choices = _listed(pairs)

    def pre_validate(self, form: Any) -> None:
        """Refuse what isn't offered; an answer that is missing is left to `Needed`."""
        if not self.data:
            return
        try:
            super().pre_validate(form)  # type: ignore[misc]
        except (ValueError, TypeError):
            raise StopValidation(_("Please choose one of the answers on the list.")) from None


class ChoiceField(_Choice, fields.SelectField):
    """One of a list, folded. `choices` are (value, words); an empty value stands for no choice."""


class RadioField(_Choice, fields.RadioField):
    """One of a few, all in sight."""


class ManyField(_Choice, fields.SelectMultipleField):
    """Any number of a list, as check boxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class TickField(Asked, fields.BooleanField):
    """A check box. Only what our own pages send, or a plain yes, counts as a tick."""

    YES = ("y", "yes", "on", "true", "1")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the answer; anything else than yes is no."""
        self.data = bool(valuelist) and valuelist[0].lower() in self.YES
