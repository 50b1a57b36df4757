"""Forms: untrusted input to clean values.

Each field cleans what was typed, accepts any unambiguous way of writing, limits the length, and says in the
reader's language what to do. Required fields get `needed=` with the words to show when they are empty.
"""

from app.core.forms.base import Asked, AtMost, Form, Needed
from app.core.forms.choices import ChoiceField, ManyField, RadioField, TickField
from app.core.forms.hidden import HiddenLine, Honeypot, SubmissionKey
from app.core.forms.texts import (
    EmailField,
    LineField,
    LinkField,
    NameField,
    ParagraphField,
    PhoneField,
    SecretField,
    is_web_address,
)
from app.core.forms.values import CountField, DateField, TimeField

__all__ = [
    "Asked",
    "AtMost",
    "ChoiceField",
    "CountField",
    "DateField",
    "EmailField",
    "Form",
    "HiddenLine",
    "Honeypot",
    "LineField",
    "LinkField",
    "ManyField",
    "NameField",
    "Needed",
    "ParagraphField",
    "PhoneField",
    "RadioField",
    "SecretField",
    "SubmissionKey",
    "TickField",
    "TimeField",
    "is_web_address",
]
