"""The filters that list and feed share, read from an address that anybody may have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from app.accounts.models import Organization
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, Mode, Programme, Project, Series, Session, Venue
from app.catalogue.times import TimeInGap, wall_time
from app.catalogue.topics import TOPICS
from app.core.settings import settings
from app.core.text import clean_line, fold
from config import LANGUAGES

TEXT_LENGTH = 200
GIVEN_LENGTH = 40
WORDS = 8
PAGES = 1000
HYBRID = "hybrid"
CHOICES: dict[str, frozenset[str]] = {
    "format": frozenset(FORMATS),
    "mode": frozenset((Mode.IN_PERSON, Mode.ONLINE, HYBRID)),
    "audience": frozenset(AUDIENCES),
    "topic": frozenset(TOPICS),
    "language": frozenset(LANGUAGES),
}
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What to show. Empty means everything; `from_` and `to` are days in the site's time zone."""

    q: str = ""
    format: str = ""
    mode: str = ""
    audience: str = ""
    topic: str = ""
    org: str = ""
    venue: str = ""
    district: str = ""
    programme: str = ""
    project: str = ""
    track: str = ""
    series: str = ""
    from_: date | None = None
    to: date | None = None
    language: str = ""
    page: int = 1

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> Filters:
        """From the query of an address; what can't be meant is left out, never refused."""
        if not arguments:
            return cls()
        values: dict[str, Any] = {}
        for name in _TEXTS:
            text = clean_line(arguments.get(name, "")[: TEXT_LENGTH * 4])[:TEXT_LENGTH].strip()
            if text and (name not in CHOICES or text in CHOICES[name]):
                values[name] = text
        values["from_"] = _day(arguments.get("from", ""))
        values["to"] = _day(arguments.get("to", ""))
        values["page"] = _page(arguments.get("page", ""))
        return cls(**values)

    def not_understood(self, arguments: Mapping[str, str]) -> list[str]:
        """The filters that were given and left out, each as it stood in the address."""
        given = {name: clean_line(arguments.get(name, ""))[:GIVEN_LENGTH] for name in (*CHOICES, "from", "to")}
        return [f"{name}={text}" for name, text in given.items() if text and name not in self.query()]

    def query(self) -> dict[str, str]:
        """As the query of an address, without the page and what is empty."""
        values: dict[str, str] = {name: getattr(self, name) for name in _TEXTS if getattr(self, name)}
        if self.from_:
            values["from"] = self.from_.isoformat()
        if self.to:
            values["to"] = self.to.isoformat()
        return values

    def without(self, name: str) -> Filters:
        """The same without one filter, on the first page."""
        empty: Any = None if name in ("from_", "to") else ""
        return replace(self, page=1, **{name: empty})

    def first_page(self) -> Filters:
        """The same on the first page."""
        return replace(self, page=1)

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the filters ask of an event."""
        found: list[ColumnElement[bool]] = [
            Event.search_text.contains(word, autoescape=True) for word in fold(self.q).split()[:WORDS]
        ]
        found += [
            getattr(Event, name) == getattr(self, name)
            for name in ("format", "audience", "topic", "language")
            if getattr(self, name)
        ]
        found += self._of_frame()
        if self.mode in (Mode.IN_PERSON, HYBRID):
            found.append(Event.is_in_person.is_(True))
        if self.mode in (Mode.ONLINE, HYBRID):
            found.append(Event.is_online.is_(True))
        if self.from_:
            found.append(Event.ends_at >= _midnight(self.from_))
        if self.to:
            found.append(Event.starts_at < _midnight(self.to + timedelta(days=1)))
        return found

    def _of_frame(self) -> list[ColumnElement[bool]]:
        """Conditions on what the event belongs to and where its sessions are."""
        found: list[ColumnElement[bool]] = []
        for text, model, column in (
            (self.org, Organization, Event.organization_id),
            (self.programme, Programme, Event.programme_id),
            (self.project, Project, Event.project_id),
            (self.series, Series, Event.series_id),
        ):
            if text:
                found.append(column.in_(select(model.id).where(model.slug == text)))
        at_event = exists().where(Session.event_id == Event.id).correlate(Event)
        if self.venue:
            found.append(at_event.where(Session.venue_id == Venue.id, Venue.slug == self.venue))
        if self.district:
            found.append(at_event.where(Session.venue_id == Venue.id, Venue.district == self.district))
        if self.track:
            number = int(self.track) if self.track.isdecimal() and len(self.track) < 10 else 0
            found.append(at_event.where(Session.track_id == number))
        return found


_TEXTS = tuple(field.name for field in fields(Filters) if field.name not in ("from_", "to", "page"))


def _day(text: str) -> date | None:
    text = text.strip()[:10]
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
        try:
            day = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
        return day if EARLIEST <= day <= LATEST else None
    return None


def _page(text: str) -> int:
    return min(max(int(text), 1), PAGES) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def _midnight(day: date) -> datetime:
    zone = settings().default_time_zone
    try:
        return wall_time(datetime.combine(day, time()), zone).at
    except TimeInGap as gap:
        return wall_time(gap.after, zone).at
