"""Loading data files: what they bring, that a second time changes nothing, and what a changed file changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts.models import Membership, Role
from app.accounts.queries import find_user
from app.catalogue.models import Event, EventLedger, EventSlug, SeatPool, Session, SessionCalendar, Venue
from app.catalogue.version import catalogue_version
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration.models import ConsentText, Registration, SeatClaim
from app.registration.seats import drifts
from tests.exchange.files import EVENT, REGISTRATION, everything, load, small_file

pytestmark = pytest.mark.usefixtures("context")


def event(slug: str = "knots") -> Event:
    return db.session.scalars(select(Event).where(Event.slug == slug)).one()


def session(position: int = 0) -> Session:
    return db.session.scalars(select(Session).where(Session.event_id == event().id, Session.position == position)).one()


def pools() -> dict[str, tuple[int | None, int]]:
    found = select(SeatPool.mode, SeatPool.capacity, SeatPool.taken).where(SeatPool.event_id == event().id)
    rows = db.session.execute(found)
    return {mode: (capacity, taken) for mode, capacity, taken in rows}


def entry(language: str = "en") -> bytes:
    found = select(SessionCalendar.vevent).where(
        SessionCalendar.session_id == session().id, SessionCalendar.language == language
    )
    return db.session.scalars(found).one()


def test_a_file_brings_everything_that_it_names() -> None:
    loaded = load(small_file())

    assert loaded.added == {
        "organizations": 1,
        "consents": 1,
        "people": 1,
        "roles": 1,
        "venues": 1,
        "rooms": 1,
        "projects": 1,
        "programmes": 1,
        "events": 1,
        "registrations": 1,
    }
    assert loaded.changed == {}
    user = find_user("pat@example.org")
    assert user is not None
    assert db.session.scalars(select(Membership.role).where(Membership.user_id == user.id)).one() == Role.OWNER


def test_what_an_event_repeats_of_its_parts_is_right() -> None:
    load(small_file())

    knots = event()
    assert knots.starts_at == datetime(2027, 6, 3, 15, 30, tzinfo=UTC)
    assert knots.ends_at == datetime(2027, 6, 3, 17, 0, tzinfo=UTC)
    assert knots.mode == "hybrid"
    assert knots.published_at is not None
    for word in ("knots for beginners", "морские узлы", "six knots", "клуб «гавань»", "pier house"):
        assert word in knots.search_text
    assert b"SUMMARY;LANGUAGE=en:Knots for beginners" in entry("en")
    assert "Морские узлы".encode() in entry("ru")
    assert b"DTSTART;TZID=Europe/Moscow:20270603T183000" in entry()
    assert b"rooms.example.org" not in entry()


def test_a_registration_takes_its_seat_and_mails_nobody() -> None:
    version, _changed_at = catalogue_version()
    load(small_file())

    assert pools() == {"in_person": (2, 1), "online": (None, 0)}
    assert drifts() == []
    person = db.session.scalars(select(Registration).where(Registration.source_key == "r1")).one()
    assert (person.status, person.name_folded, len(person.reference)) == ("confirmed", "ann lee", 6)
    assert person.change_number == db.session.get_one(EventLedger, event().id).change_number == 1
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert catalogue_version()[0] == version + 1
    assert db.session.scalars(select(AuditLine.action).where(AuditLine.action == "load_data")).all() == ["load_data"]


def test_the_same_file_again_changes_not_one_row() -> None:
    document = small_file()
    load(document)
    before = everything()

    again = load(document)

    assert again.is_nothing
    assert everything() == before


def test_times_counted_from_the_loading_stay_what_they_became() -> None:
    relative = {"starts": {"day": 5, "time": "18:30"}, "minutes": 90, "venue": "pier-house"}
    document = small_file(sessions=[relative], seats=EVENT["seats"][:1], sign_up_closes={"day": 4, "time": "12:00"})
    load(document)
    before = everything()

    with time_machine.travel(now() + timedelta(days=3)):
        assert load(document).is_nothing

    assert everything() == before


@pytest.mark.parametrize(
    ("starts", "minutes_ahead"), [({"minutes": 20}, 20), ({"minutes": -30}, -30), ({"minutes": 0}, 0)]
)
def test_a_time_in_minutes_is_the_next_full_five_minutes(starts: dict[str, int], minutes_ahead: int) -> None:
    load(
        small_file(sessions=[{"starts": starts, "venue": "pier-house"}], seats=EVENT["seats"][:1])
        | {"registrations": []}
    )

    starts_at = event().starts_at
    assert starts_at.minute % 5 == 0
    assert timedelta(minutes=-1) < starts_at - now() - timedelta(minutes=minutes_ahead) <= timedelta(minutes=5)
    assert event().ends_at - starts_at == timedelta(minutes=120)  # a workshop's usual length


def test_a_day_is_a_day_of_the_events_zone() -> None:
    said = {"starts": {"day": 1, "time": "00:30"}, "zone": "Asia/Vladivostok", "venue": "pier-house"}
    load(small_file(sessions=[said], seats=EVENT["seats"][:1]) | {"registrations": []})

    ahead = event().starts_at - now()
    assert timedelta(0) < ahead <= timedelta(days=1, hours=1)
    assert session().starts_local.strftime("%H:%M") == "00:30"


def test_a_changed_title_reaches_list_and_calendars() -> None:
    document = small_file()
    load(document)
    uid, changed_at = session().uid, event().changed_at
    version, _at = catalogue_version()
    document["events"][0]["title"] = {"en": "Knots for everybody"}

    loaded = load(document)

    assert loaded.changed == {"events": 1}
    assert loaded.added == {}
    assert event().search_text.startswith("knots for everybody")
    assert (session().sequence, session().uid) == (1, uid)
    assert event().changed_at > changed_at
    assert b"SEQUENCE:1\r\n" in entry()
    assert b"Knots for everybody" in entry()
    assert catalogue_version()[0] == version + 1


def test_a_moved_session_is_a_new_revision() -> None:
    document = small_file()
    load(document)
    document["events"][0]["sessions"][0].update(starts="2027-06-04T18:30", ends="2027-06-04T20:00")

    load(document)

    assert session().sequence == 1
    assert event().starts_at == datetime(2027, 6, 4, 15, 30, tzinfo=UTC)
    assert b"DTSTART;TZID=Europe/Moscow:20270604T183000" in entry()


def test_a_changed_room_address_moves_no_byte_of_the_entry() -> None:
    document = small_file()
    load(document)
    before = entry()
    document["events"][0]["sessions"][0]["room_url"] = "https://rooms.example.org/other"

    assert load(document).changed == {"events": 1}

    assert entry() == before
    assert session().room_url == "https://rooms.example.org/other"


def test_an_event_cancelled_by_a_file_is_cancelled_in_calendars() -> None:
    document = small_file()
    load(document)
    document["events"][0].update(status="cancelled", cancellation_reason="The speaker is ill.")

    load(document)

    assert event().cancelled_at is not None
    assert b"STATUS:CANCELLED" in entry()
    assert b"SEQUENCE:1\r\n" in entry()
    assert load(document).is_nothing


def test_a_session_that_a_file_called_off_before_its_event_stays_out_of_the_whole() -> None:
    document = small_file()
    first = document["events"][0]["sessions"][0]
    document["events"][0]["sessions"].append({"starts": "2027-06-10T18:30", "venue": "pier-house"})
    load(document)
    first["status"] = "cancelled"
    load(document)
    assert (session(0).called_off_alone, session(1).called_off_alone) == (True, False)
    document["events"][0]["status"] = "cancelled"
    del first["status"]

    load(document)

    assert (session(0).called_off_alone, session(1).called_off_alone) == (True, False)
    assert event().starts_at == session(1).starts_at
    for one in document["events"][0]["sessions"]:
        one["status"] = "cancelled"
    load(document)
    assert not session(0).called_off_alone, "the whole was called off, for nothing is left of it"


def test_a_course_that_a_file_cancels_midway_keeps_what_was_held_and_later_loads_keep_it_so() -> None:
    days = [{"starts": {"day": day, "time": "12:00"}, "venue": "pier-house"} for day in (-3, 3)]
    document = small_file(sessions=days, seats=EVENT["seats"][:1]) | {"registrations": []}
    load(document)
    document["events"][0]["status"] = "cancelled"

    load(document)

    assert [session(number).status for number in (0, 1)] == ["scheduled", "cancelled"]
    with time_machine.travel(now() + timedelta(days=9)):
        assert load(document).is_nothing


def test_a_session_added_to_the_list_leaves_the_first_alone() -> None:
    document = small_file()
    load(document)
    document["events"][0]["sessions"].append({"starts": "2027-06-10T18:30", "venue": "pier-house"})

    load(document)

    assert session(0).sequence == 0
    assert event().ends_at == session(1).ends_at == datetime(2027, 6, 10, 17, 30, tzinfo=UTC)


def test_an_event_with_a_key_may_get_another_address() -> None:
    document = small_file(key="k/1")
    document["registrations"][0]["event"] = "k/1"
    load(document)
    document["events"][0]["slug"] = "rope-work"

    assert load(document).changed == {"events": 1}

    assert db.session.get_one(EventSlug, "knots").event_id == event("rope-work").id
    document["events"][0]["slug"] = "knots"
    load(document)
    assert db.session.get(EventSlug, "knots") is None
    assert db.session.get_one(EventSlug, "rope-work").event_id == event().id


def test_a_renamed_venue_moves_its_coming_events() -> None:
    document = small_file()
    load(document)
    document["venues"][0]["name"] = {"en": "Old Pier House"}

    assert load(document).changed == {"venues": 1}

    assert b"LOCATION:Old Pier House" in entry()
    assert session().sequence == 1
    assert "old pier house" in event().search_text
    assert load(document).is_nothing


def test_what_a_file_leaves_out_stays_and_null_empties() -> None:
    load(small_file(contact_phone="+7 495 000-00-09", colour="#0b5c64"))
    load(small_file(contact_phone=None))

    assert event().contact_phone is None
    assert event().colour == "#0b5c64"
    assert db.session.scalars(select(Venue.capacity).where(Venue.slug == "pier-house")).one() is None


def test_new_words_of_a_consent_are_a_new_version() -> None:
    document = small_file()
    load(document)
    document["organizations"][0]["consents"][0]["wording"] = {"en": "I really agree."}

    assert load(document).changed == {"consents": 1}

    organization_id = event().organization_id
    rows = select(ConsentText.version, ConsentText.wording).where(ConsentText.organization_id == organization_id)
    assert sorted(tuple(row) for row in db.session.execute(rows.order_by(ConsentText.version))) == [
        (1, {"en": "I agree."}),
        (2, {"en": "I really agree."}),
    ]


def test_a_registration_changes_its_mode_with_its_seat() -> None:
    document = small_file()
    load(document)
    document["registrations"][0].update(mode="online", phone="+7 900 000-00-01")

    assert load(document).changed == {"registrations": 1}

    assert pools() == {"in_person": (2, 0), "online": (None, 1)}
    assert drifts() == []
    person = db.session.scalars(select(Registration).where(Registration.source_key == "r1")).one()
    assert (person.mode, person.changes, person.phone) == ("online", 1, "+7 900 000-00-01")
    assert load(document).is_nothing


def test_a_registration_cancelled_by_a_file_gives_its_seat_back() -> None:
    document = small_file()
    load(document)
    document["registrations"][0]["status"] = "cancelled"

    load(document)

    assert pools()["in_person"] == (2, 0)
    assert db.session.scalar(select(func.count()).select_from(SeatClaim)) == 0
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert load(document).is_nothing


def test_a_cancelled_registration_needs_no_seat_in_a_full_hall() -> None:
    people = [{**REGISTRATION, "key": f"k{n}", "name": f"Ann {n}"} for n in range(3)]
    document: dict[str, Any] = small_file()
    document["registrations"] = [people[0], people[1], {**people[2], "status": "cancelled"}]

    load(document)

    assert pools()["in_person"] == (2, 2)
    assert drifts() == []
    assert load(document).is_nothing


def test_a_person_who_signed_up_earlier_is_stored_so() -> None:
    document = small_file()
    document["registrations"][0]["registered"] = {"day": -3, "time": "10:15"}
    load(document)

    person = db.session.scalars(select(Registration).where(Registration.source_key == "r1")).one()
    assert timedelta(days=2) < now() - person.created_at < timedelta(days=4)


def test_where_only_sessions_have_limits_the_event_as_a_whole_has_seats_without_one() -> None:
    document = small_file(
        format="conference",
        sessions=[{"starts": "2027-06-03T10:00", "venue": "pier-house", "modes": ["in_person", "online"]}],
        seats=[
            {"mode": "in_person", "capacity": 4, "session": 1},
            {"mode": "online", "capacity": None, "session": 1},
        ],
    )
    del document["registrations"]
    load(document)

    rows = select(SeatPool.mode, SeatPool.capacity).where(
        SeatPool.event_id == event().id, SeatPool.session_id.is_(None)
    )
    assert set(map(tuple, db.session.execute(rows))) == {("in_person", None), ("online", None)}
    assert load(document).is_nothing


def test_parts_of_a_conference_find_each_other() -> None:
    document = small_file(
        format="conference",
        tracks=[{"code": "sea", "title": {"en": "Sea"}}, {"code": "shore", "title": {"en": "Shore"}}],
        sessions=[
            {"starts": "2027-06-03T10:00", "venue": "pier-house", "track": "sea", "title": {"en": "Waves"}},
            {"starts": "2027-06-03T10:00", "venue": "pier-house", "track": "shore", "format": "workshop"},
        ],
        seats=[{"mode": "in_person", "capacity": 9}, {"mode": "in_person", "capacity": 4, "session": 2},
               {"mode": "in_person", "capacity": 3, "partner": 1}],
    )  # fmt: skip
    load(document)

    assert session(0).track_id != session(1).track_id
    rows = select(SeatPool.capacity, SeatPool.session_id, SeatPool.partner_id.is_not(None)).where(
        SeatPool.event_id == event().id
    )
    assert set(map(tuple, db.session.execute(rows))) == {(9, None, False), (4, session(1).id, False), (3, None, True)}
    assert session(1).ends_local - session(1).starts_local == timedelta(hours=2)
    assert load(document).is_nothing
