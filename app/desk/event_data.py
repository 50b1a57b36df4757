"""What the form of an event begins with: of a new one, and of one that is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import Organization
from app.catalogue.models import Mode, SignUp
from app.catalogue.values import SIGN_UP_SETTINGS, EventValues
from app.core.i18n import language, said
from app.core.times import local_time
from app.desk.hours import hours_data
from config import LANGUAGES


def blank_data(organization: Organization) -> dict[str, Any]:
    """What the form of a new event begins with; people mostly write in the language in which they read the desk."""
    return {
        "language": language(),
        "zone": organization.zone,
        "modes": [Mode.IN_PERSON],
        "format": "lecture",
        "audience": "anyone",
        "sign_up": SignUp.HERE,
        **{name: getattr(EventValues, name) for name in SIGN_UP_SETTINGS},
        "contact_email": organization.email,
    }


def data_of(values: EventValues, seen: str) -> dict[str, Any]:
    """What the form of a known event begins with."""
    first, second = values.language, other_language(values.language)
    return {
        **{name: getattr(values, name) for name in _SAME},
        "title": values.title.get(first) or said(values.title, first),
        "title_other": values.title.get(second, "") if first in values.title else "",
        **{name: getattr(values, name).get(first, "") for name in _TEXTS},
        **{f"{name}_other": getattr(values, name).get(second, "") for name in _TEXTS},
        **hours_data(values),
        "modes": _modes(values),
        "venue": str(values.venue_id or ""),
        "project": str(values.project_id or ""),
        "programme": str(values.programme_id or ""),
        **_split(values.sign_up_opens_at, values.zone, "opens"),
        **_split(values.sign_up_closes_at, values.zone, "closes"),
        "starts_pass": str(values.starts_fold),
        "ends_pass": str(values.ends_fold),
        "seen": seen,
    }


_TEXTS = ("summary", "description", "place_note", "price")
_SAME = (
    "language",
    "format",
    "zone",
    "capacity_in_person",
    "capacity_online",
    "room_url",
    "audience",
    "topic",
    "contact_email",
    "contact_phone",
    "sign_up",
    "sign_up_url",
    *SIGN_UP_SETTINGS,
)


def _modes(values: EventValues) -> list[str]:
    offered = ((Mode.IN_PERSON, values.is_in_person), (Mode.ONLINE, values.is_online))
    return [mode for mode, is_offered in offered if is_offered]


def _split(at: datetime | None, zone: str, name: str) -> dict[str, Any]:
    local = local_time(at, zone) if at else None
    return {f"{name}_on": local and local.date(), f"{name}_at": local and local.time()}


def other_language(code: str) -> str:
    """The second language of the site."""
    return next(one for one in LANGUAGES if one != code)
