"""Text as people mean it: cleaned of what nobody typed on purpose, and folded for comparing."""

import re
import unicodedata

_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u00ad\u200b\u2060\ufeff\ufffe\uffff]"
)
_NEVER_TYPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` in NFC without control, direction-override and surrogate characters; line ends as \\n, ends stripped."""
    text = _LINE_ENDS.sub("\n", _SURROGATES.sub("", text))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text)).strip()


def holds_controls(text: str) -> bool:
    """Whether there are characters in `text` that no keyboard types and no program leaves when one copies.

    `clean` takes them out, as it does with the invisible ones that come along; whoever reads a form says so.
    """
    return _NEVER_TYPED.search(text) is not None


def clean_line(text: str) -> str:
    """`clean` for a single line: any run of white space is one space."""
    return " ".join(clean(text).split())


def dialled(phone: str) -> str:
    """A telephone number as a telephone dials it, for `tel:` links: digits, and the plus in front."""
    return "+" * phone.startswith("+") + "".join(character for character in phone if character.isdigit())


def fold(text: str) -> str:
    """`text` for comparing and searching: without case, doubled spaces and the dots of ё; й stays й."""
    return " ".join(text.casefold().replace("ё", "е").split())
