"""What an organizer can do with events and places, and what calendars see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from app.catalogue import operations, queries, version
from app.catalogue.models import Event, EventLedger, SeatPool, Session, Venue
from app.catalogue.operations.events import AlreadyCancelled, PeopleSignedUp
from app.catalogue.operations.writing import WrongPlace, WrongTime
from app.catalogue.rules import EventChange
from app.catalogue.values import EventValues, VenueValues
from app.core.audit import AuditLine
from app.core.db import db, execute
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from tests.support.cast import organization_id, person
from tests.support.events import event_values, hybrid, local, make_event

pytestmark = pytest.mark.usefixtures("context")


def now_values(event_id: int) -> tuple[EventValues, str]:
    """The event as an edit form would show it, and what the form remembers."""
    event = db.session.get_one(Event, event_id)
    values = queries.event_values(event, queries.sessions_of(event_id), queries.pools_of(event_id))
    return values, queries.seen_of(event)


def edit(event_id: int, **changes: Any) -> EventChange:
    values, seen = now_values(event_id)
    return operations.edit_event(actor=person("bob"), event_id=event_id, values=replace(values, **changes), seen=seen)


def session_of(event_id: int) -> Session:
    return queries.sessions_of(event_id)[0]


def entry(event_id: int, language: str = "en") -> str:
    (only,) = queries.entries_of(event_id, language)
    return only.vevent.decode().replace("\r\n ", "")


def take(event_id: int, seats: int) -> None:
    execute(update(SeatPool).where(SeatPool.event_id == event_id).values(taken=seats))
    db.session.commit()


def test_a_new_event_is_a_draft_with_session_pools_entries_and_address() -> None:
    before = version.catalogue_version()
    event = make_event(hybrid(), publish=False)
    assert event.status == "draft"
    assert event.slug.startswith("how-to-ask-for-money")
    assert {pool.mode: pool.capacity for pool in queries.pools_of(event.id)} == {"in_person": 10, "online": 100}
    assert "SEQUENCE:0" in entry(event.id)
    assert "Честный разговор" in entry(event.id, "ru")
    assert "secret-room" not in entry(event.id)
    assert db.session.get_one(EventLedger, event.id).change_number == 1
    assert version.catalogue_version()[0] == before[0] + 1
    assert queries.find_public_event(event.slug) is None


def test_two_events_of_one_title_get_addresses_of_their_own() -> None:
    first, second = make_event().slug, make_event().slug
    assert first != second


def test_moving_raises_the_revision_once_and_describing_moves_the_stamp_alone() -> None:
    event_id = make_event().id
    starts = session_of(event_id).starts_local + timedelta(days=1)
    assert edit(event_id, starts_local=starts, ends_local=starts + timedelta(hours=1)).moved
    moved = session_of(event_id)
    assert moved.sequence == 1
    assert f"DTSTART;TZID=Europe/Moscow:{starts:%Y%m%dT%H%M%S}" in entry(event_id)
    stamp = moved.changed_at
    assert edit(event_id, summary={"en": "Quite another talk."}) == EventChange.TEXT
    described = session_of(event_id)
    assert described.sequence == 1
    assert described.changed_at > stamp
    assert "Quite another talk." in entry(event_id)


def test_seats_and_room_move_no_byte_of_the_calendar() -> None:
    event_id = make_event(hybrid()).id
    before = entry(event_id)
    edit(event_id, capacity_in_person=99, room_url="https://rooms.example/other", price={"en": "10"})
    assert entry(event_id) == before
    assert session_of(event_id).room_url == "https://rooms.example/other"


def test_saving_what_was_there_changes_nothing() -> None:
    event_id = make_event().id
    before = version.catalogue_version()
    assert edit(event_id) == EventChange.NOTHING
    assert version.catalogue_version() == before


def test_a_form_made_before_anothers_change_is_refused_and_leaves_nothing() -> None:
    event_id = make_event().id
    values, seen = now_values(event_id)
    edit(event_id, price={"en": "10"})
    with pytest.raises(operations.StaleForm) as refused:
        operations.edit_event(
            actor=person("bob"), event_id=event_id, values=replace(values, capacity_in_person=1), seen=seen
        )
    assert isinstance(refused.value, Conflict)
    assert refused.value.message
    assert queries.pools_of(event_id)[0].capacity == 10


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-12-03T12:00:00", "9" * 10_000])
def test_a_mangled_memory_of_the_form_is_stale(seen: str) -> None:
    event_id = make_event().id
    values, _seen = now_values(event_id)
    with pytest.raises(operations.StaleForm):
        operations.edit_event(actor=person("bob"), event_id=event_id, values=values, seen=seen)


def test_fewer_seats_than_taken_need_a_second_word() -> None:
    event_id = make_event().id
    take(event_id, 7)
    with pytest.raises(operations.TooFewSeats) as refused:
        edit(event_id, capacity_in_person=6)
    assert refused.value.details["taken"] == 7
    assert "7" in refused.value.message
    edit(event_id, capacity_in_person=6, confirm_over_limit=True)
    assert queries.pools_of(event_id)[0].capacity == 6
    assert queries.pools_of(event_id)[0].free == 0


def test_a_mode_with_people_in_it_stays() -> None:
    event_id = make_event(hybrid()).id
    take(event_id, 2)
    with pytest.raises(operations.ModeInUse):
        edit(event_id, is_online=False)
    take(event_id, 0)
    assert edit(event_id, is_online=False) == EventChange.MODES
    assert [pool.mode for pool in queries.pools_of(event_id)] == ["in_person"]


def test_a_new_title_brings_a_new_address_and_the_old_one_leads_there() -> None:
    event = make_event()
    former, event_id = event.slug, event.id
    edit(event_id, title={"en": "Asking politely"})
    assert queries.find_present_slug(former) == "asking-politely"
    edit(event_id, title={"en": "How to ask for money"})
    assert db.session.get_one(Event, event_id).slug == former


def test_a_title_only_in_russian_makes_a_readable_address() -> None:
    assert make_event(title={"ru": "Ёлка и щука"}).slug.isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {
            "starts_local": datetime.fromisoformat("2027-03-28T02:30"),
            "ends_local": datetime.fromisoformat("2027-03-28T04:00"),
            "zone": "Europe/Berlin",
        },
        {"zone": "Mars/Base"},
        {"starts_local": local(days=3), "ends_local": local(days=2)},
        {"starts_local": local(days=3), "ends_local": local(days=60)},
    ],
)
def test_times_that_cannot_be_are_refused_in_words(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongTime) as refused:
        operations.create_event(
            actor=person("bob"), organization_id=organization_id("lighthouse"), values=event_values(**changes)
        )
    assert refused.value.message


def test_a_room_of_another_place_is_refused() -> None:
    with pytest.raises(WrongPlace):
        make_event(event_values(venue_id=10_000), publish=False)


def test_an_event_that_nobody_can_attend_is_refused() -> None:
    with pytest.raises(Refused):
        make_event(event_values(is_in_person=False, is_online=False), publish=False)


def test_rights_hold() -> None:
    event_id = make_event().id
    values, seen = now_values(event_id)
    with pytest.raises(Missing):
        operations.edit_event(actor=person("olga"), event_id=event_id, values=values, seen=seen)
    with pytest.raises(Missing):
        operations.publish_event(actor=person("olga"), event_id=event_id)
    for who in ("carol", "dan"):
        with pytest.raises(NotAllowed):
            operations.mark_cancelled(actor=person(who), event_id=event_id, reason="")
        with pytest.raises(NotAllowed):
            operations.create_event(
                actor=person(who), organization_id=organization_id("lighthouse"), values=event_values()
            )
    with pytest.raises(Missing):
        operations.copy_event(actor=person("bob"), event_id=987_654)


def test_publishing_asks_for_a_place() -> None:
    event_id = operations.create_event(
        actor=person("bob"), organization_id=organization_id("lighthouse"), values=event_values()
    )
    with pytest.raises(operations.NotReady) as refused:
        operations.publish_event(actor=person("bob"), event_id=event_id)
    assert refused.value.message
    edit(event_id, place_note={"en": "At the fountain"})
    operations.publish_event(actor=person("bob"), event_id=event_id)
    assert db.session.get_one(Event, event_id).is_published


def test_hiding_is_possible_until_somebody_holds_a_seat() -> None:
    event_id = make_event().id
    operations.unpublish_event(actor=person("bob"), event_id=event_id)
    assert db.session.get_one(Event, event_id).status == "draft"
    operations.publish_event(actor=person("bob"), event_id=event_id)
    take(event_id, 1)
    with pytest.raises(PeopleSignedUp):
        operations.unpublish_event(actor=person("bob"), event_id=event_id)


def test_cancelling_shows_in_the_calendar_and_happens_once() -> None:
    event_id = make_event().id
    operations.mark_cancelled(actor=person("bob"), event_id=event_id, reason="The speaker\x00 is ill.")
    text = entry(event_id)
    assert "STATUS:CANCELLED" in text
    assert "SEQUENCE:1" in text
    assert "SUMMARY;LANGUAGE=en:Cancelled: " in text
    assert db.session.get_one(Event, event_id).cancellation_reason == "The speaker is ill."
    with pytest.raises(AlreadyCancelled):
        operations.mark_cancelled(actor=person("bob"), event_id=event_id, reason="")
    with pytest.raises(AlreadyCancelled):
        edit(event_id, price={"en": "10"})


def test_a_copy_is_a_draft_ahead_with_the_same_weekday_and_nobody_in_it() -> None:
    source_id = make_event(hybrid()).id
    take(source_id, 5)
    copy_id = operations.copy_event(actor=person("bob"), event_id=source_id)
    old, new = session_of(source_id), session_of(copy_id)
    assert new.starts_local - old.starts_local == timedelta(days=28)
    assert new.uid != old.uid
    assert [pool.taken for pool in queries.pools_of(copy_id)] == [0, 0]
    assert db.session.get_one(Event, copy_id).status == "draft"


def test_an_event_with_many_sessions_survives_an_edit() -> None:
    event = make_event()
    event_id = event.id
    second = operations.copies.new_session(position=1)
    first = session_of(event_id)
    for name in (*operations.writing.SESSION_FIELDS, *operations.writing.MODE_FIELDS):
        setattr(second, name, getattr(first, name))
    second.event_id = event_id
    second.starts_local, second.ends_local = (
        first.starts_local + timedelta(days=7),
        first.ends_local + timedelta(days=7),
    )
    operations.writing.derive_times(second)
    db.session.add(second)
    db.session.commit()
    starts = first.starts_local + timedelta(hours=1)
    edit(event_id, starts_local=starts)
    one, two = queries.sessions_of(event_id)
    assert (one.sequence, two.sequence) == (1, 0)
    assert two.starts_local == starts - timedelta(hours=1) + timedelta(days=7)
    edit(event_id, title={"en": "A course"})
    assert [session.sequence for session in queries.sessions_of(event_id)] == [2, 1]
    assert db.session.get_one(Event, event_id).ends_at == two.ends_at


def test_a_renamed_place_moves_the_entries_of_what_is_still_to_come() -> None:
    event_id = make_event().id
    venue_id = session_of(event_id).venue_id
    assert venue_id is not None
    venue = db.session.get_one(Venue, venue_id)
    values = VenueValues(name={"en": "The New Hall"}, address=venue.address)
    operations.edit_venue(actor=person("bob"), venue_id=venue_id, values=values)
    assert "LOCATION:The New Hall" in entry(event_id)
    assert session_of(event_id).sequence == 1
    operations.edit_venue(
        actor=person("bob"), venue_id=venue_id, values=replace(values, directions={"en": "Upstairs."})
    )
    assert session_of(event_id).sequence == 1
    with pytest.raises(Missing):
        operations.edit_venue(actor=person("olga"), venue_id=venue_id, values=values)


@pytest.mark.parametrize(("days", "is_shown"), [(80, True), (100, False)])
def test_a_renamed_place_moves_the_entries_that_feeds_still_show(days: int, is_shown: bool) -> None:
    event_id = make_event().id
    venue_id = session_of(event_id).venue_id
    assert venue_id is not None
    with time_machine.travel(session_of(event_id).ends_at + timedelta(days=days)):
        values = VenueValues(name={"en": "The New Hall"}, address={"en": "1 Long Street"})
        operations.edit_venue(actor=person("bob"), venue_id=venue_id, values=values)
    assert ("LOCATION:The New Hall" in entry(event_id)) is is_shown
    assert session_of(event_id).sequence == is_shown


def test_every_deed_leaves_a_line_in_the_audit() -> None:
    event_id = make_event().id
    edit(event_id, price={"en": "10"})
    operations.mark_cancelled(actor=person("bob"), event_id=event_id, reason="")
    lines = db.session.scalars(db.select(AuditLine.action).where(AuditLine.event_id == event_id))
    assert list(lines) == ["create_event", "publish_event", "edit_event", "cancel_event"]
