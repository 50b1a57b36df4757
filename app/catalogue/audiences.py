"""For whom an event is meant: the fixed list that filters and reports use. One entry adds one."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.i18n import lazy_gettext as _


@dataclass(frozen=True)
class Audience:
    """A group of people. `name` speaks the language of the moment in which it is shown."""

    code: str
    name: str


_ALL = (
    Audience("anyone", _("Anyone")),
    Audience("ngo_staff", _("Teams of non-profits")),
    Audience("ngo_leaders", _("Heads of non-profits")),
    Audience("volunteers", _("Volunteers")),
    Audience("young_people", _("Young people")),
    Audience("over_55", _("People over 55")),
    Audience("families", _("Families with children")),
    Audience("professionals", _("Professionals")),
)

AUDIENCES: dict[str, Audience] = {audience.code: audience for audience in _ALL}
