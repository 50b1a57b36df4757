"""The form that every form derives from, and its fields.

Each field cleans what was typed, accepts any unambiguous way of writing, limits the length, and says in the
reader's language what to do. Required fields get `needed=` with the words to show when they are empty.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from wtforms import Form as PlainForm
from wtforms import fields, i18n, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.core.i18n import language, lazy_gettext, ngettext
from app.core.text import clean, clean_line

Validator = Callable[[Any, Any], None]
Choices = Iterable[tuple[str, Any]]

LINE_LIMIT = 200
TEXT_LIMIT = 5000
EMAIL_LIMIT = 254
PHONE_LIMIT = 40
LINK_LIMIT = 500
SHOWN_LIMIT = 100  # of a wrong date or number, when it is shown again
SUBMISSION_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Form(PlainForm):
    """A form. The built-in messages of WTForms, where one is left, come in the reader's language."""

    class Meta:
        """What WTForms asks about the form."""

        def get_translations(self, _form: Any) -> Any:
            """The built-in messages in the language spoken now; English has none to load."""
            return i18n.get_translations([language()]) if language() != "en" else i18n.DummyTranslations()

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


class _Asked:
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


class LineField(_Asked, fields.StringField):
    """One line of text: cleaned, runs of white space made one space."""

    limit = LINE_LIMIT

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed; nothing sent is an empty text."""
        self.data = clean_line(valuelist[0]) if valuelist else ""


class ParagraphField(_Asked, fields.TextAreaField):
    """Text of several lines, cleaned."""

    limit = TEXT_LIMIT

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed; nothing sent is an empty text."""
        self.data = clean(valuelist[0]) if valuelist else ""


class SecretField(_Asked, fields.PasswordField):
    """A password, exactly as typed; never shown again. Whoever checks it limits its length."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep it as it is; no spaces are stripped from a password."""
        self.data = valuelist[0] if valuelist else ""


class EmailField(LineField):
    """An e-mail address; also in other alphabets. The domain isn't looked up."""

    widget = widgets.EmailInput()
    limit = EMAIL_LIMIT

    def process_formdata(self, valuelist: list[str]) -> None:
        """Forgive what a copied address brings along."""
        super().process_formdata(valuelist)
        self.data = self.data.removeprefix("mailto:").strip(" <>,;").removesuffix(".")

    def check(self, value: Any) -> None:
        """Check the shape, and keep the address with its domain in small letters."""
        try:
            found = validate_email(value, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_("Please check the address. It looks like name@example.org.")) from None
        self.data = found.normalized


class PhoneField(LineField):
    """A telephone number, as people write one; kept as typed."""

    widget = widgets.TelInput()
    limit = PHONE_LIMIT

    def check(self, value: Any) -> None:
        """Digits, spaces, brackets, hyphens and a plus; at least five digits."""
        if not re.fullmatch(r"\+?[\d ().\-–/]+", value) or sum(c.isdigit() for c in value) < 5:
            raise ValidationError(_("Please check the number. It looks like +7 912 345-67-89."))


class LinkField(LineField):
    """A web address, http or https only. `example.org/page` gets https:// in front."""

    limit = LINK_LIMIT

    def process_formdata(self, valuelist: list[str]) -> None:
        """Complete an address that people shorten."""
        super().process_formdata(valuelist)
        if re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?(/|$)", self.data):
            self.data = f"https://{self.data}"

    def check(self, value: Any) -> None:
        """Refuse other schemes, spaces, and a name and password inside the address."""
        if not is_web_address(value):
            raise ValidationError(_("Please give a full web address that begins with https://."))


def is_web_address(text: str) -> bool:
    """Whether `text` is an absolute http or https address without spaces and without a password in it."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return False
    return re.search(r"[\s\"<>\\]", text) is None


class _OneTyped(_Asked, fields.Field):
    """A field whose typed text means one value; a text that means none is shown again as it was typed."""

    picker: Any = widgets.TextInput()
    words: Any = ""
    data: Any

    def widget(self, field: Any, **attributes: Any) -> Any:
        """The browser's own picker, unless it could not show what was typed."""
        return (widgets.TextInput() if self.process_errors else self.picker)(field, **attributes)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand the text, or say how to write it."""
        self.data = None
        self.typed = clean_line(valuelist[0])[:SHOWN_LIMIT] if valuelist else ""
        if not self.typed:
            return
        try:
            self.data = self.read(self.typed)
        except ValueError:
            raise ValueError(str(self.words)) from None

    def read(self, text: str) -> Any:
        """The value that `text` means. Raises `ValueError`."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The value as the input wants it."""
        return str(value)

    def _value(self) -> str:
        if self.data is not None:
            return self.write(self.data)
        return getattr(self, "typed", "")


class DateField(_OneTyped):
    """A day: 2026-12-03, 3.12.2026, 03/12/2026 or 3.12.26. The day comes before the month."""

    picker = widgets.DateInput()
    words = lazy_gettext("Please write the date like 3.12.2026.")

    def read(self, text: str) -> date:
        """The day that `text` means."""
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            year, month, day = (int(part) for part in found.groups())
        elif found := re.fullmatch(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})\.?", text):
            day, month, year = (int(part) for part in found.groups())
            year += 2000 if year < 100 else 0
        else:
            raise ValueError
        if not 1900 <= year <= 2200:
            raise ValueError
        return date(year, month, day)

    def write(self, value: date) -> str:
        """As a date input wants it."""
        return value.isoformat()


class TimeField(_OneTyped):
    """A time of day: 18:30, 18.30, 1830, 18 or 6:30 pm."""

    picker = widgets.TimeInput()
    words = lazy_gettext("Please write the time like 18:30.")

    def read(self, text: str) -> time:
        """The time that `text` means."""
        found = re.fullmatch(r"(\d{1,2})(?:[:.\-h ]?([0-5]\d))?(?::\d\d)?\s*([ap]\.?m\.?)?", text.lower())
        if found is None:
            raise ValueError
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
        if half:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if half == "p" else 0)
        return time(hour, minute)

    def write(self, value: time) -> str:
        """As a time input wants it."""
        return value.strftime("%H:%M")


class CountField(_OneTyped):
    """A whole number, 0 or more; spaces between thousands are fine."""

    words = lazy_gettext("Please write a whole number, such as 50.")

    def __init__(self, label: Any = None, *, lowest: int = 0, highest: int = 1_000_000, **more: Any) -> None:
        super().__init__(label, **more)
        self.lowest, self.highest = lowest, highest

    def read(self, text: str) -> int:
        """The number that `text` means."""
        digits = re.sub(r"[\s.,']", "", text) if re.fullmatch(r"\d{1,3}([\s.,']\d{3})*", text) else text
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            raise ValueError
        return int(digits)

    def check(self, value: Any) -> None:
        """Refuse a number that can't be meant."""
        if not self.lowest <= value <= self.highest:
            words = _(
                "Please write a number from %(lowest)s to %(highest)s.",
                lowest=self.lowest,
                highest=self.highest,
            )
            raise ValidationError(words)


def _listed(pairs: Choices | None) -> list[SelectChoice] | None:
    return None if pairs is None else [SelectChoice(value, words) for value, words in pairs]


class _Choice(_Asked):
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


class TickField(_Asked, fields.BooleanField):
    """A check box."""


class SubmissionKey(fields.HiddenField):
    """A random key of the rendered form, so that a double click is one deed; an odd one is made anew."""

    def __init__(self, **more: Any) -> None:
        super().__init__("", **more)

    def process(self, formdata: Any, *arguments: Any, **more: Any) -> None:
        """Take the key that was sent, if it looks like ours."""
        super().process(formdata, *arguments, **more)
        self.data: str = self.data if SUBMISSION_KEY.fullmatch(self.data or "") else secrets.token_urlsafe(24)


class HiddenLine(fields.HiddenField):
    """A value that travels with the form, such as the version that was seen."""

    def __init__(self, *, limit: int = LINE_LIMIT, **more: Any) -> None:
        super().__init__("", [AtMost(limit)], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean it all the same: anybody can write it."""
        self.data = clean_line(valuelist[0]) if valuelist else ""


class Honeypot(fields.StringField):
    """A field that people never see. `caught` says that a robot filled it in."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lazy_gettext("Please leave this empty"), **more)

    @property
    def caught(self) -> bool:
        """Whether something was written into it."""
        return bool(self.data)
