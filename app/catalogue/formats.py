"""The formats of events. One entry adds one: see docs/how-to/add-an-event-format.md."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.i18n import lazy_gettext as _


@dataclass(frozen=True)
class Format:
    """A kind of event. `name` and `several` speak the language of the moment in which they are shown."""

    code: str
    name: str
    several: str
    default_minutes: int


_ALL = (
    Format("lecture", _("Lecture"), _("Lectures"), 90),
    Format("workshop", _("Workshop"), _("Workshops"), 120),
    Format("master_class", _("Master class"), _("Master classes"), 120),
    Format("seminar", _("Seminar"), _("Seminars"), 180),
    Format("course", _("Course"), _("Courses"), 90),
    Format("club", _("Club"), _("Clubs"), 120),
    Format("webinar", _("Webinar"), _("Webinars"), 60),
    Format("conference", _("Conference"), _("Conferences"), 480),
    Format("other", _("Other event"), _("Other events"), 90),
)

FORMATS: dict[str, Format] = {format_.code: format_ for format_ in _ALL}
