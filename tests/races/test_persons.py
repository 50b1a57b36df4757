"""The same person, or two persons and one seat, at the very same moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event, SeatPool
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.models import Registration, SeatClaim
from app.registration.operations.addresses import TooManyPerAddress
from app.registration.operations.sign_up import EventFull, SignUpResult, SignUpValues, register
from app.registration.rules import PER_ADDRESS
from tests.support.events import make_event, sign_up
from tests.support.together import in_threads

pytestmark = pytest.mark.usefixtures("context")

PAT = SignUpValues(name="Pat Participant", email="pat@example.net", mode="in_person", language="en")
ROUNDS = 6


def pool(event: Event) -> SeatPool:
    db.session.rollback()
    found = db.session.scalars(
        db.select(SeatPool).where(SeatPool.event_id == event.id).execution_options(populate_existing=True)
    )
    return found.one()


def registrations(event: Event) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Registration.status).where(Registration.event_id == event.id)))


def mails() -> Counter[str]:
    return Counter(db.session.scalars(db.select(OutboxMessage.name)))


@pytest.mark.parametrize("same_form", [True, False], ids=["the same form", "two forms"])
def test_one_person_twice_at_once_is_one_registration(app: APIFlask, same_form: bool) -> None:
    for number in range(ROUNDS):
        event = make_event()
        keys = ["k" * 32] * 4 if same_form else [f"{letter * 32}" for letter in "abcd"]
        values = [replace(PAT, email=f"pat{number}@example.net", submission_key=f"{key}{number}") for key in keys]
        results = in_threads(app, *(partial(register, event_id=event.id, values=one) for one in values))
        assert all(isinstance(result, SignUpResult) for result in results), results
        assert len({result.registration_id for result in results}) == 1
        new = [result for result in results if result.is_new]
        assert len(new) == (4 if same_form else 1), "who sends another form learns nothing but a mail"
        assert registrations(event) == ["confirmed"]
        assert pool(event).taken == 1
    assert mails()["registration_confirmed"] == ROUNDS
    assert mails()["your_links"] == (0 if same_form else ROUNDS)
    assert seats.drifts() == []


def test_one_address_gets_no_more_than_its_share_however_fast_it_asks(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event()
        people = [replace(PAT, name=f"Guest {one}", email=f"f{number}@example.net") for one in range(PER_ADDRESS + 3)]
        results = in_threads(app, *(partial(register, event_id=event.id, values=one) for one in people))
        assert sum(isinstance(result, TooManyPerAddress) for result in results) == 3, results
        assert registrations(event) == ["confirmed"] * PER_ADDRESS


def test_giving_a_place_back_twice_at_once_frees_one_seat(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event()
        stays = sign_up(event, f"Stays {number}")
        leaves = sign_up(event, f"Leaves {number}")
        deeds = [partial(operations.cancel_registration, registration_id=leaves.id)] * 4
        assert sorted(in_threads(app, *deeds)) == [False, False, False, True]
        assert pool(event).taken == 1
        held = db.session.scalars(db.select(SeatClaim.registration_id).where(SeatClaim.pool_id == pool(event).id))
        assert held.all() == [stays.id]
    assert mails()["registration_cancelled"] == ROUNDS
    assert seats.drifts() == []


def test_one_leaves_while_others_come_and_never_more_than_the_seats_are_taken(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=2)
        first = sign_up(event, f"First {number}")
        sign_up(event, f"Second {number}")
        newcomers = [replace(PAT, name=f"New {n}", email=f"new{n}.{number}@example.net") for n in range(4)]
        results = in_threads(
            app,
            partial(operations.cancel_registration, registration_id=first.id),
            *(partial(register, event_id=event.id, values=one) for one in newcomers),
        )
        assert results[0] is True
        came = [result for result in results[1:] if isinstance(result, SignUpResult)]
        assert all(isinstance(result, EventFull) for result in results[1:] if result not in came), results
        assert len(came) <= 1
        assert pool(event).taken == 1 + len(came)
        assert Counter(registrations(event)) == {"confirmed": 1 + len(came), "cancelled": 1}
        late = in_threads(app, *(partial(register, event_id=event.id, values=one) for one in newcomers))
        assert pool(event).taken == 2, late
    assert seats.drifts() == []


def test_a_storm_of_coming_and_leaving_leaves_no_drift(app: APIFlask) -> None:
    event = make_event(capacity_in_person=5)

    def comes_and_goes(number: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        values = replace(PAT, name=f"Person {number}", email=f"person{number}@example.net")
        for _turn in range(5):
            try:
                place = register(event_id=event.id, values=values)
            except EventFull:
                seen["full"] += 1
                continue
            seen["in"] += 1
            operations.cancel_registration(registration_id=place.registration_id)
            operations.cancel_registration(registration_id=place.registration_id)
        return seen

    seen = in_threads(app, *(partial(comes_and_goes, number) for number in range(12)))
    assert sum(one["in"] + one["full"] for one in seen) == 60
    assert pool(event).taken == 0
    assert set(registrations(event)) == {"cancelled"}
    assert seats.drifts() == []
