"""Organizers' Markdown: to HTML that can do no harm, and to plain text for calendars and previews."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FIRST_HEADING = 3  # The page's own title and its parts are h1 and h2.
TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "a",
    "code",
    "pre",
    "hr",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}

_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image").enable("table")
_cleaner = nh3.Cleaner(tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow")
_CODE = ("fence", "code_block")
_HEADING = ("heading_open", "heading_close")
_ENDS = ("paragraph_close", "heading_close", "bullet_list_close", "ordered_list_close")
_blank_lines = re.compile(r"\n{3,}")


@lru_cache(maxsize=2048)
def html(text: str) -> Markup:
    """`text` as HTML: headings begin at h3 and skip no level, raw HTML is shown as typed, links lend no weight."""
    if not text:
        return Markup()
    tokens = _parsed(text)
    levels = sorted({token.tag for token in tokens if token.type in _HEADING})
    shown = [_lowered(token, levels) if token.type in _HEADING else token for token in tokens]
    # What is stored has no lone surrogates, but nh3 would stop at one, and with it the whole page or feed.
    rendered = str(_reader.renderer.render(shown, _reader.options, {})).encode(errors="ignore").decode()
    return Markup(_cleaner.clean(rendered))  # noqa: S704 - nh3 has just cleaned it.


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """`text` without marks: an empty line between paragraphs, a dash before items, addresses after links."""
    lines: list[str] = []
    for token in _parsed(text):
        if token.type == "inline":
            lines.append(_inline(token.children or []) + "\n")
        elif token.type in _CODE:
            lines.append(token.content + "\n")
        elif token.type == "list_item_open":
            lines.append("– ")
        elif token.type in _ENDS and not token.hidden:
            lines.append("\n")
    return _blank_lines.sub("\n\n", "".join(lines)).strip()


@lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[Token, ...]:
    """Kept for a moment, for a page wants the same text in both forms. Nobody may change these tokens."""
    return tuple(_reader.parse(text))


def _lowered(heading: Token, levels: list[str]) -> Token:
    return heading.copy(tag=f"h{min(FIRST_HEADING + levels.index(heading.tag), 6)}")


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    address = ""
    for token in tokens:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
        elif token.type == "link_close" and address and address not in parts[-1:]:
            parts.append(f" ({address})")
    return "".join(parts)
