"""Fields that people don't see."""

from __future__ import annotations

import re
import secrets
from typing import Any

from wtforms import fields

from app.core.forms.base import AtMost
from app.core.i18n import lazy_gettext
from app.core.text import clean_line

SUBMISSION_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
VALUE_LIMIT = 200


class SubmissionKey(fields.HiddenField):
    """A random key of the rendered form, so that a double click is one deed; an odd one is made anew."""

    def __init__(self, **more: Any) -> None:
        super().__init__("", **more)

    def process(self, formdata: Any, *arguments: Any, **more: Any) -> None:
        """Take the key that was sent, if it looks like ours."""
        super().process(formdata, *arguments, **more)
        self.data: str = self.data or ""
        if not SUBMISSION_KEY.fullmatch(self.data):
            self.renew()

    def renew(self) -> None:
        """Let what is sent next count as another form."""
        self.data = secrets.token_urlsafe(24)


class HiddenLine(fields.HiddenField):
    """A value that travels with the form, such as the version that was seen."""

    def __init__(self, *, limit: int = VALUE_LIMIT, **more: Any) -> None:
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
