"""Text and content lines of RFC 5545: cleaned, escaped, folded.

We don't use `icalendar.vText`: it turns the two characters backslash and N of an ordinary text (`C:\\New`)
into a line break. The other reasons are in docs/decisions/0004-calendar-bytes.md.
"""

import re
from urllib.parse import quote

CRLF = b"\r\n"
OCTETS_PER_LINE = 75

_LINE_BREAK = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# Lone surrogates can't be written in UTF-8; the other controls are forbidden in TEXT (RFC 5545 §3.3.11).
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANKS = re.compile("[ \n]+")


def clean_text(text: str) -> str:
    """The text with every kind of line break as a newline, tabs as blanks, and no control characters."""
    return _UNWRITABLE.sub("", _LINE_BREAK.sub("\n", text).replace("\t", " "))


def clean_line(text: str) -> str:
    """The text on one line, without blanks at its ends."""
    return _BLANKS.sub(" ", clean_text(text)).strip(" ")


def escape(text: str) -> bytes:
    """A TEXT value (RFC 5545 §3.3.11), cleaned first."""
    text = clean_text(text)
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text.encode()


def quoted(text: str) -> str:
    """A parameter value in double quotes. RFC 6868 writes ^ as ^^; a double quote becomes the apostrophe
    that every reader shows, as many don't know RFC 6868's ^'."""
    return '"' + clean_line(text).replace("^", "^^").replace('"', "'") + '"'


def uri(address: str) -> str:
    """The address in plain ASCII; what may not stand in a URI is percent-encoded."""
    return quote(clean_line(address), safe="%:/?#[]@!$&'()*+,;=~")


def mailto(email: str) -> str:
    """The address as a calendar user's (RFC 6068 §2)."""
    return "mailto:" + quote(clean_line(email), safe="@!$'*+=~")


def content_line(name: str, value: bytes) -> bytes:
    """One folded property with its CRLF; `name` includes the parameters (`DTSTART;TZID=Europe/Berlin`)."""
    return fold(name.encode() + b":" + value)


def fold(line: bytes) -> bytes:
    """The line in pieces of at most 75 octets, ended by CRLF (RFC 5545 §3.1).

    No piece ends inside a UTF-8 character or after a backslash, which some readers take for the whole escape.
    Only a run of backslashes longer than a line is cut, and then between two escaped ones.
    """
    pieces = []
    start, room = 0, OCTETS_PER_LINE
    while len(line) - start > room:
        cut = start + room
        while line[cut] & 0xC0 == 0x80:
            cut -= 1
        without_backslashes = len(line[start:cut].rstrip(b"\\"))
        if without_backslashes:
            cut = start + without_backslashes
        else:
            cut -= (cut - start) % 2
        pieces.append(line[start:cut])
        start, room = cut, OCTETS_PER_LINE - 1
    pieces.append(line[start:])
    return b"\r\n ".join(pieces) + CRLF
