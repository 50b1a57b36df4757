"""Every icon of the pages, drawn on a 24 px grid with a 2 px line.

An icon always stands beside a word, so it is hidden from screen readers. A page of the list shows a hundred: each is
put together once, not once a use.
"""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

PATHS = {
    "calendar": '<path d="M4 6h16v14H4zM4 10.5h16M8.5 3v4M15.5 3v4"/>',
    "place": (
        '<path d="M12 21.5c-4-4.6-6.5-8-6.5-11.5a6.5 6.5 0 0 1 13 0c0 3.5-2.5 6.9-6.5 11.5z"/>'
        '<circle cx="12" cy="10" r="2.2"/>'
    ),
    "online": '<path d="M3 5h18v11H3zM8 20.5h8M12 16v4.5"/><path d="M10.2 8l4 2.5-4 2.5z"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/>'
        '<path d="M2.5 20c.3-4 2.9-6 6.5-6s6.2 2 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.6c2.1.8 3.3 2.6 3.5 5.4"/>'
    ),
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.5-4.2 3.3-6.5 7.5-6.5s7 2.3 7.5 6.5"/>',
    "ticket": '<path d="M3 6h18v4a2 2 0 0 0 0 4v4H3v-4a2 2 0 0 0 0-4z"/><path d="M14.5 7v2M14.5 11v2M14.5 15v2"/>',
    "ok": '<circle cx="12" cy="12" r="9"/><path d="M7.8 12.3l3 3 5.5-6.3"/>',
    "warn": '<path d="M12 3.5l9.5 17h-19zM12 10v5M12 17.3v.4"/>',
    "cross": '<circle cx="12" cy="12" r="9"/><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/>',
    "note": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.4v.4"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 6.8V12l3.6 2.2"/>',
    "mail": '<path d="M3 5.5h18v13H3z"/><path d="M3.5 6.5L12 13l8.5-6.5"/>',
    "phone": (
        '<path d="M6.5 3h3l1.5 5-2.2 1.6a12 12 0 0 0 5.6 5.6L16 13l5 1.5v3c0 '
        '2-1.5 3.5-3.5 3.5C10 21 3 14 3 6.5 3 4.5 4.5 3 6.5 3z"/>'
    ),
    "printer": '<path d="M7 8V3h10v5M7 17H3.5V8h17v9H17"/><path d="M7 14h10v7H7z"/>',
    "camera": '<path d="M3 7h4.5L9 4.5h6L16.5 7H21v12.5H3z"/><circle cx="12" cy="13" r="3.7"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "arrow": '<path d="M4 12h15M13 6l6 6-6 6"/>',
    "back": '<path d="M20 12H5M11 6l-6 6 6 6"/>',
    "money": '<path d="M3 6h18v12H3z"/><circle cx="12" cy="12" r="2.7"/><path d="M6 9.5v.1M18 14.4v.1"/>',
    "language": (
        '<circle cx="12" cy="12" r="9"/>'
        '<path d="M3 12h18M12 3c3 2.8 3.8 5.8 3.8 9s-.8 6.2-3.8 9c-3-2.8-3.8-5.8-3.8-9S9 5.8 12 3z"/>'
    ),
    "letters": '<path d="M3 19L8.5 5 14 19M5 14.5h7M16 19l2.8-7 2.7 7M16.8 17h3.8"/>',
    "copy": '<path d="M9 9h11v11H9z"/><path d="M6 15H4V4h11v2"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19z"/>',
}


@cache
def icon(name: str) -> Markup:
    """The drawing of this name. Raises `KeyError` for a name that there isn't."""
    return Markup(  # noqa: S704 - our own drawings
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">'
        f"{PATHS[name]}</svg>"
    )
