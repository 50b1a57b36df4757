"""What an event is about: the fixed list that filters and reports use. One entry adds one."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.i18n import lazy_gettext as _


@dataclass(frozen=True)
class Topic:
    """A field of interest. `name` speaks the language of the moment in which it is shown."""

    code: str
    name: str


_ALL = (
    Topic("society", _("Society and community")),
    Topic("law", _("Law")),
    Topic("finance", _("Money and accounting")),
    Topic("fundraising", _("Fundraising and grants")),
    Topic("digital", _("Computers and phones")),
    Topic("communication", _("Communication and media")),
    Topic("health", _("Health")),
    Topic("culture", _("Culture and art")),
    Topic("history", _("History and the city")),
    Topic("ecology", _("Nature and ecology")),
    Topic("crafts", _("Crafts")),
    Topic("languages", _("Languages")),
    Topic("other", _("Other topics")),
)

TOPICS: dict[str, Topic] = {topic.code: topic for topic in _ALL}
