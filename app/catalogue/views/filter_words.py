"""Filters in words: one by one, and as the name of what is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.accounts.queries import find_organization
from app.catalogue import queries
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import Mode
from app.catalogue.queries import Filters
from app.catalogue.queries.filters import HYBRID
from app.catalogue.times_text import date_words
from app.catalogue.topics import TOPICS
from app.core.i18n import LANGUAGE_NAMES, language, said
from app.core.i18n import gettext as _
from app.core.settings import settings

_FINDERS: dict[str, Callable[[str], Any]] = {
    "org": find_organization,
    "venue": queries.find_venue,
    "programme": queries.find_programme,
    "project": queries.find_public_project,
    "track": queries.find_public_track,
    "series": queries.find_series,
}


def modes() -> list[tuple[str, str]]:
    """The ways of attending, as a filter offers them."""
    return [(Mode.IN_PERSON, _("In person")), (Mode.ONLINE, _("Online")), (HYBRID, _("Both at once"))]


def value_words(name: str, value: str, filters: Filters) -> str:
    """One value of a filter in words; as it stands in the address where there is nothing of that name."""
    if name in _FINDERS and (thing := _FINDERS[name](value)) is not None:
        return said(getattr(thing, "name", None) or thing.title)
    if name in _FIXED:
        return str(_FIXED[name]().get(value, value))
    if name == "q":
        return _("“%(words)s”", words=value)
    if filters.from_ and name == "from":
        return _("from %(date)s", date=date_words(filters.from_, language()))
    if filters.to and name == "to":
        return _("until %(date)s", date=date_words(filters.to, language()))
    return value


def feed_name(filters: Filters) -> str:
    """What a feed with these filters is called: "Lectures in the North district · Lectern"."""
    return f"{in_words(filters)} · {settings().site_name}"


def in_words(filters: Filters) -> str:
    """What these filters leave: "Lectures, workshops in the North district, for volunteers"."""
    words: dict[str, list[str]] = {}
    for name, value in filters.parts():
        words.setdefault(name, []).append(value_words(name, value, filters))
    kinds = [kind if not place else kind[:1].lower() + kind[1:] for place, kind in enumerate(words.pop("format", []))]
    what = ", ".join(kinds) or (_("Events") if words else _("All events"))
    districts = words.pop("district", [])
    if len(districts) == 1:
        what = _("%(what)s in the %(name)s district", what=what, name=districts[0])
    elif districts:
        what = _("%(what)s in the districts %(names)s", what=what, names=", ".join(districts))
    return ", ".join([what, *(one for texts in words.values() for one in texts)])


_FIXED: dict[str, Callable[[], dict[str, str]]] = {
    "format": lambda: {code: str(entry.several) for code, entry in FORMATS.items()},
    "mode": lambda: dict(modes()),
    "topic": lambda: {code: str(entry.name) for code, entry in TOPICS.items()},
    "audience": lambda: {code: str(entry.name) for code, entry in AUDIENCES.items()},
    "language": lambda: dict(LANGUAGE_NAMES),
}
