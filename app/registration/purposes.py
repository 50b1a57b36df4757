"""What people are asked to agree to: an entry for each purpose, and one more adds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.i18n import lazy_gettext as _

PERSONAL_DATA, PARTNER = "personal_data", "partner"


@dataclass(frozen=True)
class Purpose:
    """A purpose with ready-made words, which an organization changes to its own. `name` stands on pages."""

    code: str
    name: Any
    wording: dict[str, str]
    is_required: bool = False


_ALL = (
    Purpose(
        PERSONAL_DATA,
        _("Personal data"),
        {
            "en": "I agree that the organizer keeps my name and address to hold this event.",
            "ru": "Я даю согласие на то, чтобы организатор хранил моё имя и адрес для проведения этого события.",
        },
        is_required=True,
    ),
    Purpose(
        "photo",
        _("Photo and recording"),
        {
            "en": "I may be seen in photos and recordings of this event.",
            "ru": "Меня можно показывать на фотографиях и в записи этого события.",
        },
    ),
    Purpose(
        "news",
        _("News"),
        {
            "en": "Write to me about other events, too.",
            "ru": "Пишите мне и о других событиях.",
        },
    ),
    Purpose(
        PARTNER,
        _("Partners"),
        {
            "en": "My name and address may be given to the partners of this event.",
            "ru": "Моё имя и адрес можно передать партнёрам этого события.",
        },
    ),
)
PURPOSES: dict[str, Purpose] = {purpose.code: purpose for purpose in _ALL}


def purpose_name(code: str) -> str:
    """The purpose's name; one that came by a data file goes by its code."""
    return str(PURPOSES[code].name) if code in PURPOSES else code.replace("_", " ")
