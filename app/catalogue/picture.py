"""The picture of a page for chats and social pages: 1200 × 630 pixels, drawn from facts alone.

The facts give the version that its address carries, so that whoever keeps pictures keeps none with an old date.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import typst

from app.core.text import clean_line

DRAWING = Path(__file__).with_suffix(".typ")
COLOUR = "#0b5c64"
LONGEST_WORD = 20
LONGEST = {"title": 220, "when": 120, "place": 120, "host": 60, "site": 24}
WIDTH, HEIGHT = 1200, 630

MAY_BREAK = "\u200b"
_WITHOUT_BREAK = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")
_TURN = Lock()  # one at a time: a drawing takes some hundredths of a second and all the memory that it likes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """All words that the picture shows, in one language."""

    title: str
    language: str
    site: str
    host: str = ""
    when: str = ""
    place: str = ""
    state: str = ""
    colour: str = COLOUR

    @property
    def version(self) -> str:
        """Another one for whatever looks different, a new drawing included."""
        return hashlib.sha256(repr((_words(self), _drawing())).encode()).hexdigest()[:16]


def draw(facts: PictureFacts) -> bytes:
    """The picture as PNG. Signs that no font of ours can draw are left out."""
    with _TURN:
        png = _compiler().compile(format="png", ppi=72.0, sys_inputs=_words(facts))
    assert isinstance(png, bytes)
    return png


@cache
def _compiler() -> typst.Compiler:
    """Draws with the fonts that it brings along, so that each machine draws the same."""
    return typst.Compiler(input=str(DRAWING), ignore_system_fonts=True)


@cache
def _drawing() -> str:
    return DRAWING.read_text()


def _words(facts: PictureFacts) -> dict[str, str]:
    return {name: _drawable(value, LONGEST.get(name)) for name, value in asdict(facts).items()}


@lru_cache(maxsize=1024)
def _drawable(text: str, limit: int | None) -> str:
    """On one line, with an ellipsis where it is too long, and without signs that would become empty boxes."""
    line = clean_line("".join(letter for letter in text if _has_glyph(letter)))
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return _WITHOUT_BREAK.sub(lambda part: part[0] + MAY_BREAK, line)


def _has_glyph(letter: str) -> bool:
    """Whether the fonts have it: Latin, Greek and Cyrillic letters, and the signs that people write between them."""
    if letter.isascii():
        return True
    kind = unicodedata.category(letter)
    if kind in ("Cf", "Me"):  # what joins and encloses emoji, of which it would be all that is left
        return False
    if kind[0] in "LM":
        return unicodedata.name(letter, "").split(" ")[0] in ("LATIN", "GREEK", "CYRILLIC", "COMBINING")
    return ord(letter) < 0x2200 or letter in "−≈≠≤≥"
