"""The desk's forms of meetings, filled in as an organizer would, and what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apiflask import APIFlask

from app.catalogue.models import Event, Session
from app.catalogue.operations import add_session
from app.catalogue.queries import find_event_for, pools_of, session_values, sessions_of
from tests.support.cast import person
from tests.support.events import local, make_event


def typed(days: int = 8, **changes: Any) -> dict[str, Any]:
    """What an organizer types for one meeting in the hall, so many days from now."""
    values = {
        "title": "Telling stories",
        "on": f"{local(days=days):%d.%m.%Y}",
        "starts": "18.30",
        "ends": "2000",
        "modes": ["in_person"],
        "place_note": "At the fountain",
        "who": "everybody",
    }
    return {**values, **changes}


def make(app: APIFlask, values: Any = None, **changes: Any) -> str:
    with app.app_context():
        return make_event(values, **changes).public_id


def one_more(event: Event, **changes: Any) -> int:
    """A meeting like the event's first one, but for `changes`; its number."""
    first = session_values(sessions_of(event.id)[0], [])
    return add_session(actor=person("bob"), event_id=event.id, values=replace(first, **changes))


def event_of(public_id: str) -> Event:
    found = find_event_for(person("bob"), public_id)
    assert found is not None
    return found


def meetings(app: APIFlask, public_id: str) -> list[Session]:
    with app.app_context():
        return sessions_of(event_of(public_id).id)


def limits(app: APIFlask, public_id: str) -> dict[tuple[str, str], int | None]:
    """The seats of the event as a whole, under "", and of its meetings, under their titles."""
    with app.app_context():
        event = event_of(public_id)
        titles = {session.id: session.title.get("en", "") for session in sessions_of(event.id)}
        return {(titles.get(pool.session_id or 0, ""), pool.mode): pool.capacity for pool in pools_of(event.id)}
