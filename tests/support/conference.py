"""A conference for tests: an opening for everybody, two sessions at once, one after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, Session
from app.core.db import db
from tests.support.cast import person
from tests.support.events import event_values, local, make_event

YARD, KITCHEN, FAIR = "The yard", "The kitchen", "The fair"


def make_conference(*, days: float = 20, yard: int | None = 2, kitchen: int | None = 2, **changes: Any) -> Event:
    """A published conference; `yard` and `kitchen` are the seats of what is at the same time, the fair has no limit."""
    opens = local(days=days)
    changes = {"capacity_in_person": 50, "format": "conference", **changes}
    event = make_event(event_values(starts_local=opens, ends_local=opens + timedelta(hours=1), **changes))
    for title, hours, seats in ((YARD, 1, yard), (KITCHEN, 1, kitchen), (FAIR, 2, None)):
        add_session(event, title, hours=hours, seats=seats)
    db.session.expunge_all()
    db.session.rollback()
    return db.session.get_one(Event, event.id)


def add_session(event: Event, title: str, *, hours: float, seats: int | None, **changes: Any) -> None:
    """One more session to choose, that begins so many hours after the opening and lasts an hour."""
    first = queries.sessions_of(event.id)[0]
    starts = first.starts_local + timedelta(hours=hours)
    values = replace(
        queries.session_values(first, []),
        title={"en": title, "ru": title},
        starts_local=starts,
        ends_local=starts + timedelta(hours=1),
        is_chosen=True,
        capacity_in_person=seats,
        **changes,
    )
    catalogue.add_session(actor=person("bob"), event_id=event.id, values=values)


def session_called(event: Event, title: str) -> Session:
    """The session with this title."""
    return next(one for one in queries.sessions_of(event.id) if one.title.get("en") == title)


def code(event: Event, title: str) -> str:
    """What forms call the session."""
    return session_called(event, title).code
