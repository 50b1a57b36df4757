"""What is remembered of an event that was moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.catalogue import operations, queries
from app.catalogue.models import Event, PreviousStart, Session
from app.core.clock import now
from app.core.db import db
from tests.support.cast import person
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client

pytestmark = pytest.mark.usefixtures("context")


def move(event: Event, days: float) -> None:
    event = now_of(event)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    by = timedelta(days=days)
    moved = replace(values, starts_local=values.starts_local + by, ends_local=values.ends_local + by)
    operations.edit_event(actor=person("bob"), event_id=event.id, values=moved, seen=queries.seen_of(event))


def change(event: Event, **changes: object) -> None:
    event = now_of(event)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    changed = replace(values, **changes)  # type: ignore[arg-type]
    operations.edit_event(actor=person("bob"), event_id=event.id, values=changed, seen=queries.seen_of(event))


def now_of(event: Event) -> Event:
    return db.session.get_one(Event, event.id, populate_existing=True)


def move_meeting(event: Event, session_id: int, days: float) -> None:
    session = db.session.get_one(Session, session_id)
    values = queries.session_values(session, queries.pools_of(event.id))
    by = timedelta(days=days)
    later = replace(values, starts_local=values.starts_local + by, ends_local=values.ends_local + by)
    operations.edit_session(
        actor=person("bob"), session_id=session_id, values=later, seen=queries.seen_of(now_of(event))
    )


def previous(event: Event) -> list[datetime]:
    """Of its first meeting."""
    return previous_of(event, queries.sessions_of(event.id)[0].id)


def previous_of(event: Event, session_id: int) -> list[datetime]:
    return [start.starts_at for start in queries.previous_starts(event.id).get(session_id, ())]


def test_each_start_that_was_told_is_remembered_in_order_and_none_that_is_true_again() -> None:
    event = make_event()
    first = event.starts_at
    move(event, 3)
    second = now_of(event).starts_at
    move(event, -1)
    assert previous(event) == [first, second]
    move(event, -2)
    assert now_of(event).starts_at == first
    assert len(previous(event)) == 2
    assert first not in previous(event)


def test_another_end_or_title_is_no_move() -> None:
    values = event_values()
    event = make_event(values)
    change(event, title={"en": "Another"}, ends_local=values.ends_local + timedelta(hours=3))
    assert previous(event) == []


def test_a_draft_is_moved_without_a_trace_and_a_copy_begins_without_one() -> None:
    draft_id = operations.create_event(
        actor=person("bob"), organization_id=make_event().organization_id, values=event_values()
    )
    draft = db.session.get_one(Event, draft_id)
    move(draft, 3)
    assert previous(draft) == []
    event = make_event(hybrid())
    move(event, 3)
    change(event, is_in_person=False, capacity_in_person=None, room_url="https://meet.example/x")
    assert now_of(event).moved_online_at is not None
    copy = db.session.get_one(Event, operations.copy_event(actor=person("bob"), event_id=event.id))
    assert (previous(copy), copy.moved_online_at) == ([], None)


def test_an_event_in_a_hall_again_is_not_moved_online() -> None:
    event = make_event(hybrid())
    change(event, is_in_person=False, capacity_in_person=None)
    assert now_of(event).moved_online_at is not None
    change(event, is_in_person=True)
    assert now_of(event).moved_online_at is None


def test_an_event_that_is_in_the_hall_alone_now_says_so_until_it_is_online_again(client: Client) -> None:
    event = make_event(hybrid())
    notice = "In the hall only now"
    assert notice not in client.page(f"/e/{event.slug}").words
    change(event, is_online=False, capacity_online=None, room_url=None)
    assert now_of(event).moved_to_hall_at is not None
    assert notice in client.page(f"/e/{event.slug}").words
    copy = db.session.get_one(Event, operations.copy_event(actor=person("bob"), event_id=event.id))
    assert copy.moved_to_hall_at is None
    change(event, is_online=True)
    assert now_of(event).moved_to_hall_at is None
    assert notice not in client.page(f"/e/{event.slug}").words


def test_a_meeting_that_moves_the_event_is_remembered_too() -> None:
    event = make_event()
    first = event.starts_at
    (session,) = queries.sessions_of(event.id)
    move_meeting(event, session.id, 1)
    assert previous(event) == [first]


def test_each_meeting_remembers_its_own_starts_and_a_cancelled_or_added_one_moves_no_other() -> None:
    event = make_event()
    first, later = event.starts_at, event.starts_at + timedelta(days=7)
    (session,) = queries.sessions_of(event.id)
    values = queries.session_values(session, [])
    week = timedelta(days=7)
    other_id = one_more(event, starts_local=values.starts_local + week, ends_local=values.ends_local + week)
    move_meeting(event, session.id, 1)
    move_meeting(event, other_id, 1)
    operations.mark_session_cancelled(actor=person("bob"), session_id=session.id)
    earlier = local(days=3)
    added_id = one_more(event, starts_local=earlier, ends_local=earlier + timedelta(hours=1))
    assert [previous_of(event, each) for each in (session.id, other_id, added_id)] == [[first], [later], []]


def test_other_clocks_move_every_meeting() -> None:
    event = make_event()
    first, later = event.starts_at, event.starts_at + timedelta(days=1)
    values = queries.session_values(queries.sessions_of(event.id)[0], [])
    day = timedelta(days=1)
    other_id = one_more(event, starts_local=values.starts_local + day, ends_local=values.ends_local + day)
    change(event, zone="Europe/Samara")
    assert (previous(event), previous_of(event, other_id)) == ([first], [later])


def test_a_meeting_that_is_taken_out_leaves_nothing() -> None:
    draft_id = operations.create_event(
        actor=person("bob"), organization_id=make_event().organization_id, values=event_values()
    )
    draft = db.session.get_one(Event, draft_id)
    other_id = one_more(draft)
    db.session.add(PreviousStart(session_id=other_id, starts_at=now(), zone=draft.zone, moved_at=now()))
    db.session.commit()
    operations.remove_session(actor=person("bob"), session_id=other_id)
    assert db.session.scalars(select(PreviousStart)).all() == []


def test_a_draft_that_was_public_and_moved_is_deleted_with_nothing_left() -> None:
    event_id = operations.create_event(
        actor=person("bob"), organization_id=make_event().organization_id, values=event_values()
    )
    (session,) = queries.sessions_of(event_id)
    db.session.add(PreviousStart(session_id=session.id, starts_at=now(), zone=session.zone, moved_at=now()))
    db.session.commit()
    operations.delete_draft(actor=person("bob"), event_id=event_id)
    assert db.session.scalars(select(PreviousStart)).all() == []
