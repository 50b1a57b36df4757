"""The form that every form derives from, and what all fields share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from wtforms import Form as PlainForm
from wtforms import i18n
from wtforms.validators import StopValidation

from app.core.errors import DomainError
from app.core.i18n import language, ngettext

Validator = Callable[[Any, Any], None]


@cache
def _built_in_messages(code: str) -> Any:
    return i18n.get_translations([code]) if code != "en" else i18n.DummyTranslations()


class Form(PlainForm):
    """A form. The built-in messages of WTForms, where one is left, come in the reader's language."""

    class Meta:
        """What WTForms asks about the form."""

        def get_translations(self, _form: Any) -> Any:
            """The built-in messages in the language spoken now; English has none to load."""
            return _built_in_messages(language())

    def refuse(self, reason: DomainError | str, field: str | None = None) -> None:
        """Show the refusal of an operation: at `field`, or above the form when no field is to blame."""
        message = reason.message if isinstance(reason, DomainError) else str(reason)
        if field is None:
            self.form_errors.append(message)
        else:
            self[field].errors = [*self[field].errors, message]


class Needed:
    """Refuses an empty answer. The macros write "(optional)" at every field without it."""

    field_flags = {"required": True}

    def __init__(self, words: Any) -> None:
        self.words = words

    def __call__(self, _form: Any, field: Any) -> None:
        """Stop at this error, so that an empty answer is complained about once."""
        if field.data is None or field.data == "" or field.data is False or field.data == []:
            field.errors = list(field.errors) if field.process_errors else []
            raise StopValidation("" if field.process_errors else str(self.words))


class AtMost:
    """Refuses a text that is too long."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, _form: Any, field: Any) -> None:
        """Say how long it may be and how long it is."""
        length = len(field.data or "")
        if length > self.limit:
            raise StopValidation(
                ngettext(
                    "Please shorten this to %(limit)s characters; it has %(length)s now.",
                    "Please shorten this to %(limit)s characters; it has %(length)s now.",
                    length,
                    limit=self.limit,
                    length=length,
                )
            )


class Asked:
    """What all fields share: `needed` words, a limit of length, further checks, and a check of their own."""

    limit: int | None = None

    def __init__(
        self,
        label: Any = None,
        *,
        needed: Any = None,
        limit: int | None = None,
        checks: Sequence[Validator] = (),
        **more: Any,
    ) -> None:
        most = limit or self.limit
        validators: list[Validator] = [Needed(needed)] if needed else []
        validators += [AtMost(most)] if most else []
        super().__init__(label, [*validators, _own_check, *checks], **more)  # type: ignore[call-arg]

    def check(self, value: Any) -> None:
        """Raise `ValidationError` when a value that isn't empty can't be meant."""


def _own_check(_form: Any, field: Any) -> None:
    if field.data not in (None, ""):
        field.check(field.data)
