"""What two people have made of the same event, or the same session."""

from __future__ import annotations

from typing import Any

from app.core.forms import ChoiceField, Form, ManyField, RadioField

_UNTOLD = ("seen", "session", "over_limit", "starts_pass", "ends_pass")


def told_apart(mine: Form, theirs: Form) -> list[tuple[str, str]]:
    """Where two filled forms differ: the question, and the answer of `theirs` in words."""
    return [
        (str(field.label.text), _in_words(field))
        for field in theirs
        if field.name not in _UNTOLD and (field.data or None) != (mine[field.name].data or None)
    ]


def _in_words(field: Any) -> str:
    """An answer as the form shows it."""
    if isinstance(field, ChoiceField | RadioField | ManyField):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(str(words) for value, words, *_more in field.iter_choices() if value in chosen) or "–"
    return str(field._value()) or "–"  # noqa: SLF001 - what WTForms itself puts into the box
