"""Registrations from a file that choose sessions: the same rules, no mail, and a second loading changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.models import Registration
from tests.exchange.files import REGISTRATION, everything, load, problems_of, small_file
from tests.support.conference import chooses, nobody_is_wronged, seats_of, status_of, waits_of

pytestmark = pytest.mark.usefixtures("context")

SAIL, ROW, SWIM = "Sail", "Row", "Swim"


def session(title: str, hour: int) -> dict[str, Any]:
    return {
        "title": {"en": title},
        "starts": f"2027-06-03T{hour:02}:00",
        "ends": f"2027-06-03T{hour + 1:02}:00",
        "venue": "pier-house",
    }


def conference(*registrations: dict[str, Any], opening: bool = True) -> dict[str, Any]:
    """An opening for everybody, to sail or to row at the same time with a seat each, and to swim after it."""
    first = [session("Opening", 9)] if opening else []
    limits = [{"mode": "in_person", "session": len(first) + number, "capacity": 1} for number in (1, 2, 3)]
    document = small_file(
        format="conference",
        sessions=[*first, session(SAIL, 10), session(ROW, 10), session(SWIM, 11)],
        seats=[{"mode": "in_person", "capacity": 20}, *limits],
    )
    document["registrations"] = list(registrations)
    return document


def someone(key: str, **changes: Any) -> dict[str, Any]:
    return {**REGISTRATION, "key": key, "name": f"Person {key}", "email": f"{key}@example.org", **changes}


def person(key: str) -> Registration:
    return db.session.scalars(select(Registration).where(Registration.source_key == key)).one()


def known_event() -> Event:
    return db.session.scalars(select(Event).where(Event.slug == "knots")).one()


def test_sessions_are_counted_from_one_and_taken_or_waited_for() -> None:
    document = conference(someone("a", sessions=[2]), someone("b", sessions=[3, 4], waits_for_sessions=[2]))
    load(document)
    assert (seats_of(person("a")), waits_of(person("a"))) == ({SAIL}, set())
    assert (seats_of(person("b")), waits_of(person("b"))) == ({ROW, SWIM}, {SAIL})
    assert db.session.scalars(select(OutboxMessage)).all() == []
    nobody_is_wronged(known_event())
    before = everything()
    assert not load(document).changed
    assert everything() == before


def test_who_only_waits_where_one_must_choose_is_on_the_list() -> None:
    document = conference(
        someone("a", sessions=[1]), someone("b", waits_for_sessions=[1], status="waitlisted"), opening=False
    )
    load(document)
    assert (status_of(person("b")), waits_of(person("b"))) == ("waitlisted", {SAIL})
    before = everything()
    load(document)
    assert everything() == before


def test_another_choice_in_the_file_moves_the_person_and_those_who_wait() -> None:
    load(conference(someone("a", sessions=[2]), someone("b", waits_for_sessions=[2])))
    load(conference(someone("a", sessions=[4]), someone("b", waits_for_sessions=[2])))
    assert (seats_of(person("a")), seats_of(person("b"))) == ({SWIM}, {SAIL})
    nobody_is_wronged(known_event())


def test_a_file_that_says_nothing_of_sessions_leaves_them() -> None:
    load(conference(someone("a", sessions=[2])))
    load(conference(someone("a", phone="+7 495 000-00-02")))
    assert seats_of(person("a")) == {SAIL}


@pytest.mark.parametrize("chosen", [{"sessions": [9]}, {"sessions": [2, 3]}, {"sessions": [1]}])
def test_what_cannot_be_chosen_is_a_problem(chosen: dict[str, Any]) -> None:
    assert problems_of(conference(someone("a", **chosen)))
    assert db.session.scalars(select(Registration)).all() == []


def test_who_has_moved_up_meanwhile_keeps_that_when_the_file_comes_again() -> None:
    document = conference(someone("a", sessions=[2]), someone("b", sessions=[3, 4], waits_for_sessions=[2]))
    load(document)
    chooses(person("a"))
    assert seats_of(person("b")) == {SAIL, SWIM}
    document["registrations"][0]["sessions"] = []
    before = everything()
    load(document)
    assert everything() == before
    assert seats.drifts() == []


def test_what_was_free_though_the_file_waits_for_it_stays_when_the_file_comes_again() -> None:
    document = conference(someone("b", sessions=[3], waits_for_sessions=[2]))
    load(document)
    assert (seats_of(person("b")), waits_of(person("b"))) == ({SAIL}, set())
    before = everything()
    load(document)
    assert everything() == before


def test_who_gave_the_place_back_stays_away() -> None:
    document = conference(someone("a", sessions=[2]))
    load(document)
    operations.cancel_registration(registration_id=person("a").id)
    load(document)
    assert (status_of(person("a")), seats_of(person("a"))) == ("cancelled", set())
