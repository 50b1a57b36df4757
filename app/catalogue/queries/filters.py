"""The filters that list and feed share, read from an address that anybody may have written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, exists, or_, select

from app.accounts.models import Organization
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import IN_A_HALL, Event, Mode, Programme, Project, Series, Session, Venue
from app.catalogue.topics import TOPICS
from app.core.settings import settings
from app.core.text import clean_line, fold
from app.core.times import TimeInGap, wall_time
from config import LANGUAGES

TEXT_LENGTH = 200
GIVEN_LENGTH = 40
WORDS = 8
MOST_VALUES = 100
TRACK_LENGTH = 10
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
OTHER_SPELLINGS: dict[str, tuple[str, ...]] = {
    "q": ("text", "query", "search"),
    "format": ("kind", "type"),
    "topic": ("topics", "theme"),
    "org": ("organization", "organisation", "organizer", "organiser"),
    "venue": ("place",),
    "programme": ("program",),
    "track": ("section",),
    "from": ("since",),
    "to": ("until",),
    "language": ("languages",),
}
"""Names that people guess, or read in our JSON. They are understood, and never written by us."""


Values = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What to show. Empty means everything; `from_` and `to` are days in the site's time zone.

    Of a filter with several values one is enough. They stand in one order and once, whatever the address said, so that
    the same wish is the same object, the same address and the same feed.
    """

    q: str = ""
    format: Values = ()
    mode: Values = ()
    audience: Values = ()
    topic: Values = ()
    org: Values = ()
    venue: Values = ()
    district: Values = ()
    programme: Values = ()
    project: Values = ()
    track: Values = ()
    series: Values = ()
    from_: date | None = None
    to: date | None = None
    language: Values = ()
    page: int = 1

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> Filters:
        """From the query of an address; what can't be meant is left out, never refused."""
        if not arguments:
            return cls()
        values: dict[str, Any] = {"q": _text(_first(arguments, "q"))}
        for name in SEVERAL:
            texts = {_text(text) for _name, text in _given(arguments, name)} - {""}
            values[name] = tuple(sorted(texts & CHOICES[name] if name in CHOICES else texts))
        values["from_"] = _day(_first(arguments, "from"))
        values["to"] = _day(_first(arguments, "to"))
        values["page"] = _page(arguments.get("page", ""))
        return cls(**values)

    def not_understood(self, arguments: Mapping[str, str]) -> list[str]:
        """The values that were given and left out, each as it stood in the address."""
        return [f"{spelling}={text}" for _name, spelling, text in self._left_out(arguments)]

    def fits_nothing(self, arguments: Mapping[str, str]) -> list[str]:
        """As `not_understood`, of those filters alone of which nothing at all was understood.

        A list may show all instead and say so. A feed may not: nobody reads what it says.
        """
        known = self.query()
        return [f"{spelling}={text}" for name, spelling, text in self._left_out(arguments) if name not in known]

    def _left_out(self, arguments: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        """Name, name as it was spelt, and text of each value that isn't among these filters."""
        query = self.query()
        for name in (*_TEXTS, "from", "to"):
            kept = query.get(name, ())
            given = {
                (name, spelling, clean_line(text)[:GIVEN_LENGTH])
                for spelling, text in _given(arguments, name)
                if not (_text(text) in kept if name in SEVERAL else kept)
            }
            yield from sorted(given)

    def query(self) -> dict[str, str | Values]:
        """As the query of an address, without the page and what is empty."""
        values: dict[str, str | Values] = {name: getattr(self, name) for name in _TEXTS if getattr(self, name)}
        if self.from_:
            values["from"] = self.from_.isoformat()
        if self.to:
            values["to"] = self.to.isoformat()
        return values

    def parts(self) -> list[tuple[str, str]]:
        """Each value with its filter's name, as in the query of an address."""
        query = self.query().items()
        return [(name, one) for name, value in query for one in ((value,) if isinstance(value, str) else value)]

    def without(self, name: str, value: str) -> Filters:
        """The same without one value of one filter, named as in an address; on the first page."""
        rest: Any = tuple(one for one in getattr(self, name) if one != value) if name in SEVERAL else ""
        if name in ("from", "to"):
            name, rest = ("from_" if name == "from" else name), None
        return replace(self, page=1, **{name: rest})

    def those(self, known: Callable[[str, Values], Collection[str]]) -> Filters:
        """The same with those values alone that `known` gives back of a filter's name and values.

        It is asked of what belongs to the tables, which `read` doesn't know.
        """
        kept: dict[str, Any] = {}
        for name in FRAMES:
            if values := getattr(self, name):
                found = known(name, values)
                kept[name] = tuple(value for value in values if value in found)
        return replace(self, **kept) if kept else self

    def first_page(self) -> Filters:
        """The same on the first page."""
        return replace(self, page=1)

    def on_sessions(self) -> list[ColumnElement[bool]]:
        """What the filters ask of an event and of its session together."""
        return [*self._of_event(), *self._of_sessions()]

    def conditions(self, until: BindParameter[datetime] | None = None) -> list[ColumnElement[bool]]:
        """What the filters ask of an event; with `until`, of what is still to come of it by then."""
        found = self._of_event()
        if self.mode:
            found.append(or_(*(and_(*_offers(one, Event), *_goes_on(one, until)) for one in self.mode)))
        return found

    def _of_event(self) -> list[ColumnElement[bool]]:
        """The same without how one can take part: the last session that offered it may have been called off alone."""
        found: list[ColumnElement[bool]] = [
            Event.search_text.contains(word, autoescape=True) for word in fold(self.q).split()[:WORDS]
        ]
        found += [
            _one_of(getattr(Event, name), getattr(self, name))
            for name in ("format", "audience", "topic", "language")
            if getattr(self, name)
        ]
        return [*found, *self._of_frame(), *self._of_days(Event)]

    def _of_sessions(self) -> list[ColumnElement[bool]]:
        """What the filters ask of each session of an event that fits, where sessions stand for themselves.

        Of a conference those of the section alone, of a course the evenings at the place, or online.
        """
        found = self._of_days(Session)
        if self.mode:  # of an event that is both at once each session may be one or the other
            found.append(or_(*(and_(*_offers(one, Event if one == HYBRID else Session)) for one in self.mode)))
        for column, values in ((Venue.slug, self.venue), (Venue.district, self.district)):
            if values:
                at = select(Venue.id).where(_one_of(column, values)).correlate(None)
                found += [Session.venue_id.in_(at), IN_A_HALL]
        if self.track:
            found.append(Session.track_id.in_(self._tracks()))
        return found

    def _tracks(self) -> list[int]:
        return [track_number(text) for text in self.track]

    def _of_days(self, held: type[Event] | type[Session]) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.from_:
            found.append(held.ends_at >= site_midnight(self.from_))
        if self.to:
            found.append(held.starts_at < site_midnight(self.to + timedelta(days=1)))
        return found

    def _of_frame(self) -> list[ColumnElement[bool]]:
        """Conditions on what the event belongs to and where its sessions are."""
        found: list[ColumnElement[bool]] = []
        for slugs, model, column in (
            (self.org, Organization, Event.organization_id),
            (self.programme, Programme, Event.programme_id),
            (self.project, Project, Event.project_id),
            (self.series, Series, Event.series_id),
        ):
            if slugs:
                found.append(column.in_(select(model.id).where(_one_of(model.slug, slugs))))
        at_event = exists().where(Session.event_id == Event.id).correlate(Event)
        at_venue = at_event.where(Session.venue_id == Venue.id, IN_A_HALL)
        if self.venue:
            found.append(at_venue.where(_one_of(Venue.slug, self.venue)))
        if self.district:
            found.append(at_venue.where(_one_of(Venue.district, self.district)))
        if self.track:
            found.append(at_event.where(Session.track_id.in_(self._tracks())))
        return found


_TEXTS = tuple(field.name for field in fields(Filters) if field.name not in ("from_", "to", "page"))
SEVERAL = tuple(field.name for field in fields(Filters) if field.default == ())
FRAMES = tuple(name for name in SEVERAL if name not in CHOICES)


def track_number(text: str) -> int:
    """The number of the track that an address names; 0, which none has, for what is no number."""
    return int(text) if text.isdecimal() and len(text) < TRACK_LENGTH else 0


def _given(arguments: Mapping[str, str], name: str) -> list[tuple[str, str]]:
    """All values of this filter but blank ones, each with the name as it was spelt."""
    spellings = (name, *OTHER_SPELLINGS.get(name, ()))
    return [(one, text) for one in spellings if one in arguments for text in _all_of(arguments, one) if text.strip()]


def _all_of(arguments: Mapping[str, str], spelling: str) -> list[str]:
    """An address may say several, a plain mapping one."""
    all_of: Callable[[str], list[str]] | None = getattr(arguments, "getlist", None)
    return all_of(spelling)[:MOST_VALUES] if all_of is not None else [arguments[spelling]]


def _first(arguments: Mapping[str, str], name: str) -> str:
    """The value of a filter that has one, the name itself before its other spellings."""
    return next((text for _name, text in _given(arguments, name)), "")


def _text(given: str) -> str:
    return clean_line(given[: TEXT_LENGTH * 4])[:TEXT_LENGTH].strip()


def _one_of(column: Any, values: Values) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return condition


def _offers(mode: str, held: type[Event] | type[Session]) -> list[ColumnElement[bool]]:
    """That an event, or one of its sessions, can be attended so."""
    found: list[ColumnElement[bool]] = []
    if mode in (Mode.IN_PERSON, HYBRID):
        found.append(held.is_in_person.is_(True))
    if mode in (Mode.ONLINE, HYBRID):
        found.append(held.is_online.is_(True))
    return found


def _goes_on(mode: str, until: BindParameter[datetime] | None) -> list[ColumnElement[bool]]:
    """That an event which isn't over goes on in this mode, too."""
    ends = {Mode.IN_PERSON: Event.in_person_until, Mode.ONLINE: Event.online_until}
    asked = [] if until is None else [end for one, end in ends.items() if mode in (one, HYBRID)]
    return [or_(end.is_(None), end > until) for end in asked]


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


def site_midnight(day: date) -> datetime:
    """The instant at which a day begins by the clocks of the site."""
    zone = settings().default_time_zone
    try:
        return wall_time(datetime.combine(day, time()), zone).at
    except TimeInGap as gap:
        return wall_time(gap.after, zone).at
