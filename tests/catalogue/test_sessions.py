"""The sessions of an event as organizers make them: what follows for the event, its seats and its calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue import operations, queries, version
from app.catalogue.models import Event, Session, Track, Venue
from app.catalogue.operations.seats import close_modes
from app.catalogue.rules import EventChange
from app.catalogue.values import EventValues, SessionValues
from app.core.audit import AuditLine
from app.core.db import db, transaction
from app.core.errors import Refused
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event

pytestmark = pytest.mark.usefixtures("context")


def sessions(event: Event) -> list[Session]:
    """The event's sessions by time, loaded anew."""
    db.session.expunge_all()
    db.session.rollback()
    return queries.sessions_of(event.id)


def values_of(session: Session) -> SessionValues:
    return queries.session_values(session, queries.pools_of(session.event_id))


def add(event: Event, **changes: Any) -> int:
    """A session like the first one, a week later unless told otherwise."""
    first = values_of(sessions(event)[0])
    starts = changes.pop("starts_local", first.starts_local + timedelta(weeks=1))
    times = {"starts_local": starts, "ends_local": changes.pop("ends_local", starts + timedelta(hours=2))}
    return operations.add_session(
        actor=person("bob"), event_id=event.id, values=replace(first, **{"title": {}, **times, **changes})
    )


def edit(session_id: int, **changes: Any) -> EventChange:
    session = db.session.get_one(Session, session_id)
    seen = queries.seen_of(db.session.get_one(Event, session.event_id))
    values = replace(values_of(session), **changes)
    return operations.edit_session(actor=person("bob"), session_id=session_id, values=values, seen=seen)


def pools(event: Event) -> dict[tuple[int | None, str], int | None]:
    db.session.rollback()
    return {(pool.session_id, pool.mode): pool.capacity for pool in queries.pools_of(event.id)}


def close(event: Event, mode: str) -> None:
    """What registration does once nobody has a seat in the mode any more."""
    with transaction():
        close_modes(db.session.get_one(Event, event.id), [mode])


def entry(session_id: int) -> str:
    session = db.session.get_one(Session, session_id)
    entries = [one.vevent.decode().replace("\r\n ", "") for one in queries.entries_of(session.event_id, "en")]
    (own,) = [one for one in entries if f"UID:{session.uid}" in one]
    return own


def test_a_new_session_stretches_the_event_and_goes_into_calendars_and_audit() -> None:
    event = make_event()
    before = version.catalogue_version()
    seen = queries.seen_of(event)
    added = add(event, title={"en": "The second evening"})
    first, second = sessions(event)
    assert (second.id, second.position, second.sequence, second.status) == (added, 1, 0, "scheduled")
    known = db.session.get_one(Event, event.id)
    assert (known.starts_at, known.ends_at) == (first.starts_at, second.ends_at)
    assert queries.seen_of(known) != seen
    assert "SUMMARY;LANGUAGE=en:How to ask for money: The second evening" in entry(added)
    assert version.catalogue_version()[0] == before[0] + 1
    assert db.session.scalars(select(AuditLine.action).order_by(AuditLine.id.desc())).first() == "add_session"
    assert "the second evening" in known.search_text


def test_an_earlier_session_comes_first_and_the_others_keep_the_places_by_which_a_file_knows_them() -> None:
    event = make_event()
    (first,) = sessions(event)
    earlier = add(event, starts_local=first.starts_local - timedelta(days=1))
    assert [(session.id, session.position) for session in sessions(event)] == [(earlier, 1), (first.id, 0)]
    assert db.session.get_one(Event, event.id).starts_at == sessions(event)[0].starts_at


def test_each_mode_that_a_session_brings_has_seats_of_the_event() -> None:
    event = make_event()
    added = add(event, is_in_person=False, is_online=True, room_url="https://rooms.example/1", venue_id=None)
    assert pools(event) == {(None, "in_person"): 10, (None, "online"): None}
    assert db.session.get_one(Event, event.id).mode == "hybrid"
    venue_id = sessions(event)[0].venue_id
    edit(added, is_in_person=True, is_online=False, room_url=None, venue_id=venue_id)
    assert pools(event) == {(None, "in_person"): 10, (None, "online"): None}
    close(event, "online")
    assert pools(event) == {(None, "in_person"): 10}
    assert db.session.get_one(Event, event.id).mode == "in_person"


def test_only_a_session_to_choose_has_seats_of_its_own() -> None:
    event = make_event(hybrid())
    added = add(event, is_chosen=True, capacity_in_person=5, capacity_online=None)
    assert pools(event)[added, "in_person"] == 5
    assert pools(event)[added, "online"] is None
    assert edit(added, is_chosen=True, capacity_in_person=6) == EventChange.SEATS
    assert pools(event)[added, "in_person"] == 6
    edit(added, is_chosen=False)
    assert pools(event) == {(None, "in_person"): 10, (None, "online"): 100}


@pytest.mark.parametrize(
    ("changes", "sequence", "is_stamped"),
    [
        ({"starts_local": local(days=20), "ends_local": local(days=20, hours=1)}, 1, True),
        ({"place_note": {"en": "Room 9"}}, 1, True),
        ({"title": {"en": "Other"}}, 1, True),
        ({"is_in_person": False}, 1, True),
        ({"format": "workshop"}, 0, True),
        ({"room_url": "https://rooms.example/other"}, 0, False),
        ({"is_chosen": True, "capacity_in_person": 3}, 0, False),
        ({"new_track": {"en": "Funding"}}, 0, False),
    ],
)
def test_calendars_notice_what_they_show_and_nothing_else(
    changes: dict[str, Any], sequence: int, is_stamped: bool
) -> None:
    event = make_event(hybrid())
    added = add(event)
    before = db.session.get_one(Session, added).changed_at
    edit(added, **changes)
    session = next(one for one in sessions(event) if one.id == added)
    assert session.sequence == sequence
    assert (session.changed_at > before) is is_stamped
    assert sessions(event)[0].sequence == 0


def test_saving_what_was_there_changes_nothing() -> None:
    event = make_event()
    added = add(event)
    before = version.catalogue_version()
    assert edit(added) == EventChange.NOTHING
    assert version.catalogue_version() == before


def test_another_place_is_in_the_calendar_at_once() -> None:
    event = make_event()
    added = add(event)
    assert "Lighthouse" in entry(added)
    oak = db.session.scalars(select(Venue).where(Venue.slug == "oak-hall")).one()
    edit(added, venue_id=oak.id)
    assert "LOCATION:Oak Library" in entry(added)
    edit(added, venue_id=None, place_note={"en": "At the fountain"})
    assert "LOCATION:At the fountain" in entry(added)


def test_another_place_of_the_event_is_in_the_calendar_at_once() -> None:
    event = make_event()
    (only,) = sessions(event)
    oak = db.session.scalars(select(Venue).where(Venue.slug == "oak-hall")).one()
    known = db.session.get_one(Event, event.id)
    values = replace(queries.event_values(known, [only], queries.pools_of(event.id)), venue_id=oak.id)
    operations.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
    assert "LOCATION:Oak Library" in entry(only.id)


def test_repeating_keeps_the_hour_on_the_wall_over_a_change_of_clocks() -> None:
    night = datetime(2027, 3, 21, 2, 30)  # noqa: DTZ001 - by the clocks on the wall
    event = make_event(zone="Europe/Berlin", starts_local=night, ends_local=night + timedelta(hours=2))
    (first,) = sessions(event)
    assert operations.repeat_session(actor=person("bob"), session_id=first.id, times=1, weeks=2) == 1
    hours = [f"{session.starts_local:%d %H:%M}" for session in sessions(event)]
    assert hours == ["21 02:30", "04 02:30"]
    with pytest.raises(operations.WrongTime, match="01:30 or 03:30"):
        operations.repeat_session(actor=person("bob"), session_id=first.id, times=1, weeks=1)
    assert len(sessions(event)) == 2


def test_a_session_may_be_repeated_after_the_other_was_called_off() -> None:
    event = make_event()
    (first,) = sessions(event)
    operations.repeat_session(actor=person("bob"), session_id=first.id, times=1, weeks=1)
    second = sessions(event)[1].id
    operations.mark_session_cancelled(actor=person("bob"), session_id=second)
    operations.repeat_session(actor=person("bob"), session_id=first.id, times=1, weeks=1)
    assert [session.status for session in sessions(event)] == ["scheduled", "cancelled", "scheduled"]


def test_an_event_that_lost_its_only_online_meeting_keeps_its_seats_until_they_are_closed() -> None:
    event = make_event()
    online = {"is_in_person": False, "is_online": True, "venue_id": None, "room_url": "https://rooms.example/1"}
    first, second = add(event, **online), add(event, starts_local=local(days=30), **online)
    operations.mark_session_cancelled(actor=person("bob"), session_id=first)
    assert pools(event) == {(None, "in_person"): 10, (None, "online"): None}
    operations.mark_session_cancelled(actor=person("bob"), session_id=second)
    assert pools(event) == {(None, "in_person"): 10, (None, "online"): None}
    close(event, "online")
    assert pools(event) == {(None, "in_person"): 10}


def test_ways_of_coming_that_the_event_loses_take_the_seats_of_its_meetings_along() -> None:
    event = make_event(hybrid())
    added = add(event, is_chosen=True, capacity_in_person=5, capacity_online=6)
    first = sessions(event)[0]
    known = db.session.get_one(Event, event.id)
    values: EventValues = replace(queries.event_values(known, [first], queries.pools_of(event.id)), is_online=False)
    operations.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
    assert pools(event) == {(None, "in_person"): 10, (added, "in_person"): 5}


def test_a_copy_brings_the_seats_and_sections_of_its_meetings_along() -> None:
    event = make_event(hybrid())
    add(event, is_chosen=True, capacity_in_person=5, capacity_online=None, new_track={"en": "Funding"})
    copy_id = operations.copy_event(actor=person("bob"), event_id=event.id)
    copy = db.session.get_one(Event, copy_id)
    first, second = sessions(copy)
    assert pools(copy) == {
        (None, "in_person"): 10,
        (None, "online"): 100,
        (second.id, "in_person"): 5,
        (second.id, "online"): None,
    }
    assert second.track is not None
    assert second.track.event_id == copy_id
    assert first.track is None
    assert db.session.scalar(select(db.func.count()).select_from(Track)) == 2


def test_sections_of_one_name_are_one() -> None:
    event = make_event()
    for name in ("Funding", "FUNDING", "Other"):
        add(event, new_track={"en": name}, starts_local=local(days=30 + len(name)), title={"en": name})
    assert [track.title["en"] for track in queries.tracks_of(event.id)] == ["Funding", "Other"]


def test_what_cannot_be_is_refused() -> None:
    event = make_event()
    start = local(days=3)
    for changes in (
        {"is_in_person": False},
        {"venue_id": 99999},
        {"venue_id": None},
        {"track_id": 99999},
        {"room_url": "https://rooms.example/1"},
        {"starts_local": start, "ends_local": start - timedelta(hours=1)},
        {"starts_local": start, "ends_local": start + timedelta(days=60)},
    ):
        with pytest.raises(Refused):
            add(event, **changes)
    assert len(sessions(event)) == 1
    draft = make_event(publish=False)
    add(draft, venue_id=None)
