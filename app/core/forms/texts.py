"""Fields of text: lines, paragraphs, addresses."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from wtforms import fields, widgets
from wtforms.validators import StopValidation, ValidationError

from app.core.forms.base import Asked
from app.core.i18n import gettext as _
from app.core.text import clean, clean_line, holds_controls

LINE_LIMIT = 200
TEXT_LIMIT = 5000
EMAIL_LIMIT = 254
PHONE_LIMIT = 40
LINK_LIMIT = 500


class Typed(Asked):
    """What somebody typed or pasted: cleaned, and said so if that took out what the person may have meant."""

    clean = staticmethod(clean)
    held_controls = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed; nothing sent is an empty text."""
        typed = valuelist[0] if valuelist else ""
        self.data = self.clean(typed)
        self.held_controls = holds_controls(typed)

    def pre_validate(self, _form: Any) -> None:
        """Show the cleaned text once before it is taken."""
        if self.held_controls:
            raise StopValidation(
                _("This held invisible control characters. We took them out: please look at it and send it again.")
            )


class LineField(Typed, fields.StringField):
    """One line of text: cleaned, runs of white space made one space."""

    limit = LINE_LIMIT
    clean = staticmethod(clean_line)


class NameField(LineField):
    """A person's name: anything with a letter in it, in whatever alphabet."""

    def check(self, value: Any) -> None:
        """Refuse what nobody could call out at the door, and addresses: a stranger must not mail links through us."""
        if not any(character.isalpha() for character in value) or "\ufffd" in value:
            raise ValidationError(_("Please write the name in letters."))
        if re.search(r"://|\bwww\.", value, re.IGNORECASE):
            raise ValidationError(_("Please write the name without a web address."))


class ParagraphField(Typed, fields.TextAreaField):
    """Text of several lines, cleaned."""

    limit = TEXT_LIMIT


class SecretField(Asked, fields.PasswordField):
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
