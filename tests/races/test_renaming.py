"""The organizer renames an event, and so gives it another address, while people sign up for it."""

from __future__ import annotations

from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from app.catalogue.models import Event
from app.catalogue.queries import event_values, pools_of, seen_of, sessions_of
from app.catalogue.values import EventValues
from app.core.db import db
from app.registration import operations, seats
from tests.support.cast import person
from tests.support.events import make_event, sign_up
from tests.support.parties import again
from tests.support.together import in_threads

ROUNDS = 15

pytestmark = pytest.mark.usefixtures("context")


def renames(event_id: int) -> None:
    """Another title, again and again."""
    for number in range(ROUNDS):
        again()
        event = db.session.get_one(Event, event_id)
        old = event_values(event, sessions_of(event_id), pools_of(event_id))
        values = EventValues(**{**vars(old), "title": {"en": f"Title {number}"}})
        operations.change_event(actor=person("bob"), event_id=event_id, values=values, seen=seen_of(event))


def signs_up(event_id: int, word: str) -> None:
    """One person after the other."""
    for number in range(3 * ROUNDS):
        again()
        sign_up(db.session.get_one(Event, event_id), f"{word} {number}")


def test_nobody_is_refused_while_the_event_gets_another_address(app: APIFlask) -> None:
    event = make_event(capacity_in_person=200)
    event_id = event.id
    deeds = [partial(renames, event_id), *(partial(signs_up, event_id, word) for word in ("Ann", "Ben"))]
    assert in_threads(app, *deeds) == [None, None, None]
    again()
    assert db.session.get_one(Event, event_id).title == {"en": f"Title {ROUNDS - 1}"}
    assert sum(pool.taken for pool in pools_of(event_id)) == 6 * ROUNDS
    assert seats.drifts() == []


def test_an_event_is_still_looked_up_by_its_address() -> None:
    """By the index that is no key on PostgreSQL, and a whole one on SQLite."""
    make_event()
    query = "SELECT id FROM event WHERE slug = :slug"
    if db.engine.dialect.name == "sqlite":
        plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {query}"), {"slug": "any"}).all()
    else:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = db.session.execute(text(f"EXPLAIN {query}"), {"slug": "any"}).all()
    assert "uq_event_slug" in str(plan)
