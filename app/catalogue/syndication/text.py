"""Text that XML and JSON can both carry."""

import re
from datetime import UTC, datetime

_LINE_BREAK = re.compile("\r\n?")
# What XML 1.0 §2.2 forbids, even as a reference. UTF-8 can't write lone surrogates either.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text as every reader will give it back: line breaks as newlines, and nothing that XML forbids."""
    if text.isprintable():
        return text  # as nearly always
    return _UNWRITABLE.sub("", _LINE_BREAK.sub("\n", text))


def utc(moment: datetime) -> str:
    """An instant as RFC 3339 writes it, to the second: "2026-12-03T15:30:00Z"."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
