"""Adding meetings to an event that people have signed up for: they are told of all of them at once, if at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue import queries as catalogue_queries
from app.catalogue.models import Event, Session, SessionStatus
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing
from app.registration import queries, seats
from app.registration.added_meetings import meeting_lines
from app.registration.operations.reminding import count_as_reminded
from app.registration.operations.telling import tell_all
from app.registration.queries import NOBODY, Told
from app.registration.session_rules import overlap


@dataclass(frozen=True)
class Repetition:
    """Meetings like one that is there, each so many weeks after the one before."""

    session_id: int
    times: int
    weeks: int


class Added(NamedTuple):
    """How many meetings were added, who hears of them, and what these people hear of, a line each.

    `beside` are the other meetings that are held at the same hours.
    """

    number: int
    told: Told
    lines: list[str]
    beside: list[str]


def add_meetings(*, actor: Person, event_id: int, new: SessionValues | Repetition, notify: bool = True) -> Added:
    """Add one meeting, or repeat one; everybody who comes to what is new by having signed up gets one `meetings_added`.

    Raises what `catalogue.operations.add_session` and `repeat_session` raise.
    """
    with transaction():
        event, made = _add(actor, event_id, new)
        news = _news(event, made)
        added = _added(event, made, news)
        if notify and added.told.all:
            _tell(event, news)
    return added


def rehearse_added_meetings(*, actor: Person, event_id: int, new: SessionValues | Repetition) -> Added:
    """What would be added and who would hear of it; raises what adding would raise, and changes nothing."""
    with transaction() as database:
        event, made = _add(actor, event_id, new)
        added = _added(event, made, _news(event, made))
        database.rollback()
    return added


def _add(actor: Person, event_id: int, new: SessionValues | Repetition) -> tuple[Event, list[Session]]:
    """The event and its new meetings, by time, once nobody else can move a seat of the event."""
    seats.hold(event_id)
    known = {session.id for session in catalogue_queries.sessions_of(event_id)}
    if isinstance(new, SessionValues):
        catalogue.add_session(actor=actor, event_id=event_id, values=new)
    elif new.session_id in known:
        catalogue.repeat_session(actor=actor, session_id=new.session_id, times=new.times, weeks=new.weeks)
    else:
        raise Missing
    made = [session for session in catalogue_queries.sessions_of(event_id) if session.id not in known]
    return db.session.get_one(Event, event_id), made


def _news(event: Event, made: list[Session]) -> list[Session]:
    """What people come to without choosing it: public, not over, and for everybody."""
    if not event.is_published:
        return []
    pools = catalogue_queries.pools_of(event.id)
    return [one for one in made if one.ends_at > now() and not catalogue_queries.own_pools(one.id, pools)]


def _added(event: Event, made: list[Session], news: list[Session]) -> Added:
    told = queries.told_of(event.id, *(session.id for session in news)) if news else NOBODY
    return Added(len(made), told, meeting_lines(news, None), meeting_lines(_beside(event, made, news), None))


def _beside(event: Event, made: list[Session], news: list[Session]) -> list[Session]:
    """What was there before and is held while something of the news is."""
    known = [one for one in catalogue_queries.sessions_of(event.id) if one not in made]
    held = [one for one in known if one.status == SessionStatus.SCHEDULED]
    return [one for one in held if any(overlap(one, new) for new in news)]


def _tell(event: Event, news: list[Session]) -> None:
    """Tell those who count on the event by one message, which is the reminder of what begins soon; in a transaction."""
    for session in news:
        count_as_reminded(event.id, session.id)
    tell_all(
        event,
        "meetings_added",
        key=f"{event.changed_at:%Y%m%dT%H%M%S%f}",
        session_ids=[session.id for session in news],
        added=[session.uid for session in news],
    )
