"""Seats that a file keeps for partners, and guests that it brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue.models import Event, EventPartner, SeatPool
from app.core.clock import now
from app.core.db import db
from app.registration import operations
from app.registration.models import Registration
from app.registration.seats import drifts
from tests.exchange.files import load, problems_of, small_file

pytestmark = pytest.mark.usefixtures("context")

HALL = "in_person"


def a_file(**changes: Any) -> dict[str, Any]:
    """An event with three seats, of which two are kept for a bakery; one of its guests is there."""
    document = small_file(
        partners=[{"kind": "partner", "name": {"en": "Bakery"}, "release_days": 3, "shows_names": True}],
        seats=[{"mode": HALL, "capacity": 1}, {"mode": HALL, "capacity": 2, "partner": 1}],
        **changes,
    )
    (registration,) = document["registrations"]
    document["registrations"] = [{**registration, "partner": 1}]
    return document


def pools() -> dict[bool, tuple[int | None, int]]:
    """Capacity and seats taken: of everybody's, and of those kept."""
    db.session.rollback()
    return {pool.partner_id is not None: (pool.capacity, pool.taken) for pool in hall_pools()}


def hall_pools() -> list[SeatPool]:
    return list(db.session.scalars(select(SeatPool).where(SeatPool.mode == HALL)))


def test_kept_seats_and_a_guest_are_loaded_and_the_same_file_again_changes_nothing() -> None:
    document = a_file()
    load(document)
    assert pools() == {False: (1, 0), True: (2, 1)}
    partner = db.session.scalars(select(EventPartner)).one()
    assert (partner.seats_in_person, partner.release_days, partner.shows_names) == (2, 3, True)
    assert len(partner.code) == 10
    assert db.session.scalars(select(Registration.partner_id)).one() == partner.id
    starts = db.session.scalars(select(Event.starts_at)).one()
    until = next(pool.kept_until for pool in hall_pools() if pool.partner_id)
    assert until is not None
    assert timedelta(days=3) <= starts - until < timedelta(days=4)
    assert load(document).is_nothing
    assert drifts() == []


def test_a_file_that_is_loaded_again_after_their_day_keeps_no_seats_anew() -> None:
    document = a_file()
    load(document)
    starts = db.session.scalars(select(Event.starts_at)).one()
    with time_machine.travel(starts - timedelta(days=1)):
        assert operations.release_kept_seats() == 1
        assert pools() == {False: (3, 1)}
        assert load(document).is_nothing
        assert pools() == {False: (3, 1)}
        assert now() < starts


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ([{"mode": HALL, "capacity": None}, {"mode": HALL, "capacity": 2, "partner": 1}], "number has a limit"),
        ([{"mode": HALL, "capacity": 9}, {"mode": HALL, "capacity": None, "partner": 1}], "a number of seats"),
        (
            [{"mode": HALL, "capacity": 9}, {"mode": HALL, "capacity": 2, "partner": 1, "session": 1}],
            "a number of seats",
        ),
    ],
)
def test_what_cannot_be_kept_is_a_problem(seats: list[dict[str, Any]], words: str) -> None:
    document = a_file()
    document["events"][0]["seats"] = seats
    assert words in " ".join(problems_of(document).values())


def test_a_guest_of_a_partner_whom_the_event_has_not_is_a_problem() -> None:
    document = a_file()
    document["registrations"][0]["partner"] = 2
    assert "fewer partners" in " ".join(problems_of(document).values())


def test_a_file_that_names_fewer_partners_than_keep_seats_is_refused_in_words() -> None:
    document = a_file()
    load(document)
    document["events"][0]["partners"] = []
    document["events"][0]["seats"] = document["events"][0]["seats"][:1]
    assert "events[0].partners" in problems_of(document)
