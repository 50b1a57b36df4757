"""What a mail is before it is sent, and how its words are rendered.

Templates lie in `templates/mail/<message>/{subject.txt,body.txt,body.html}`. They render without a request, in the
language that is being spoken. Secrets stand in the words as placeholders, so that what we keep of a mail opens
nothing; they are filled in at the moment of sending.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.core.i18n import add_to_templates, language, said
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.core.text import dialled
from config import ROOT

_BLANK_LINES = re.compile(r"\n{3,}")
_MARK = r"\(\([a-z0-9-]+\)\)"
_SECRET = re.compile(rf"(?:https?://[^\s\"<>()]*)?{_MARK}(?:/[\w./-]*\w)?")
_LINK_TO_SECRET = re.compile(rf' href="[^"]*{_MARK}[^"]*"')


@dataclass(frozen=True)
class CalendarMessage:
    """A calendar that says what is to be done with it (RFC 5546): `method` stands in `content`, too.

    `attendee` is the address that it was made for; it goes to no other.
    """

    method: Literal["REQUEST", "CANCEL"]
    content: bytes
    attendee: str


@dataclass(frozen=True)
class Letter:
    """One rendered mail.

    `secrets` maps placeholders (`placeholder("manage")`) to what they stand for. `qr` is the text of the square code
    shown in the mail as `cid:qr`. `calendar` is the `.ics` file attached to it, `invitation` what a calendar program
    takes in by itself, and `of_others` the same of what other mails have brought. It goes to `addressee`
    alone, if there is one: a mail that had to wait may stand under an address that has been corrected since.
    `before_sent` and `after_sent` note what it brings about outside, in transactions of their own.
    """

    subject: str
    text: str
    html: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    qr: str | None = None
    calendar: bytes | None = None
    invitation: CalendarMessage | None = None
    of_others: Sequence[CalendarMessage] = ()
    reply_to: str | None = None
    from_name: str | None = None
    addressee: str | None = None
    before_sent: Callable[[], None] | None = None
    after_sent: Callable[[], None] | None = None

    def may_go_to(self, address: str) -> bool:
        """Whether what it says, its secrets above all, is this address's business."""
        return self.addressee in (None, address)

    def calendars_for(self, address: str) -> list[tuple[str, bytes]]:
        """What it brings to the calendars at this address: each METHOD, "" for the plain file, with its bytes."""
        told = [part for part in (self.invitation, *self.of_others) if part and part.attendee == address]
        file = [("", self.calendar)] if self.calendar else []
        return [*file, *((part.method, part.content) for part in told)]

    def filled(self, words: str) -> str:
        """`words` with the secrets put in."""
        for mark, secret in self.secrets.items():
            words = words.replace(mark, secret)
        return words


Renderer = Callable[[dict[str, Any]], Letter | None]
"""From a message's facts to the letter, in the language being spoken; None when there is nothing to say any more."""


def placeholder(name: str) -> str:
    """The mark that stands for the secret `name` in kept words."""
    return f"(({name}))"


def without_secrets(words: str) -> str:
    """Kept words, plain or HTML, with a note wherever the mail itself has a secret link or code."""
    note = _("secret link")  # not within an f-string, where translations aren't looked for
    return _SECRET.sub(f"[{note}]", _LINK_TO_SECRET.sub("", words))


def render(message: str, values: Mapping[str, Any], **more: Any) -> Letter:
    """Render the three templates of `message` with `values`; `more` goes into the `Letter`."""
    environment = _environment()
    context = {
        "base_url": settings().base_url,
        "site_name": settings().site_name,
        "language": language(),
        **values,
    }
    subject = environment.get_template(f"mail/{message}/subject.txt").render(context)
    text = environment.get_template(f"mail/{message}/body.txt").render(context)
    html = environment.get_template(f"mail/{message}/body.html").render(context)
    return Letter(
        subject=" ".join(subject.split()),
        text=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
        html=_inliner().inline(html),
        **more,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    add_to_templates(environment)
    environment.filters["dialled"] = dialled
    environment.globals["said"] = said
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
