"""Guests and everybody else sign up at once while the block shrinks and is released: no drift, nothing overbooked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, EventPartner, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations import SignUpValues, register
from app.registration.operations.sign_up import EventFull
from app.registration.rules import Way
from tests.support.cast import person
from tests.support.events import hybrid, make_event, sign_up
from tests.support.partners import add_partner, guest, partner_values, pools_now, seats_are_sound
from tests.support.together import in_threads

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = "in_person", "online"
PAT = SignUpValues(name="Pat", email="pat@example.net", mode=HALL, language="en", may_wait=True)
ROUNDS = 5


def people(number: int, count: int, **changes: object) -> list[SignUpValues]:
    """Different people who send the form."""
    names = [f"Person {number} {one} {changes.get('via', '')}" for one in range(count)]
    return [replace(PAT, name=name, email=f"{name.replace(' ', '.')}@example.net", **changes) for name in names]


def make_due(event_id: int) -> None:
    """The day on which the kept seats are everybody's has come."""
    with transaction():
        execute(update(SeatPool).where(SeatPool.partner_id.is_not(None)).values(kept_until=now()))


def seated(event: Event) -> int:
    db.session.rollback()
    query = select(Registration.id).where(Registration.event_id == event.id, Registration.status == "confirmed")
    return len(db.session.scalars(query).all())


def told_once() -> None:
    told = db.session.scalars(select(OutboxMessage.dedupe_key)).all()
    assert len(told) == len(set(told))


def test_guests_and_everybody_want_the_last_seats_at_once(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=5)
        bakery = add_partner(event, seats_in_person=3)
        bakery_id, code = bakery.id, bakery.code
        results = in_threads(
            app,
            *(partial(register, event_id=event.id, values=one) for one in people(number, 6, via=code, may_wait=False)),
            *(partial(register, event_id=event.id, values=one) for one in people(number, 6, may_wait=False)),
        )
        assert sum(isinstance(result, EventFull) for result in results) == 7
        assert pools_now(event) == {(HALL, None): (2, 2, 0), (HALL, bakery_id): (3, 3, 0)}
        seats_are_sound(event.id)


def test_a_storm_of_sign_ups_while_the_block_grows_shrinks_and_is_released(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=12)
        bakery = add_partner(event, seats_in_person=6)
        event_id, partner_id, code, bob = event.id, bakery.id, bakery.code, person("bob")

        def comes_and_goes(values: SignUpValues, event_id: int = event_id) -> None:
            place = register(event_id=event_id, values=values)
            if place.registration_id % 3 == 0:
                operations.cancel_registration(registration_id=place.registration_id)

        def bargains(partner_id: int = partner_id, bob: object = bob) -> None:
            for seats_in_person in (2, 5, 1, 4, 0, 3):
                with suppress(DomainError):  # taken meanwhile, or not free
                    values = partner_values(seats_in_person=seats_in_person)
                    operations.edit_partner(actor=bob, partner_id=partner_id, values=values)

        def schedules(event_id: int = event_id) -> None:
            for _turn in range(4):
                make_due(event_id)
                operations.release_kept_seats()
                operations.tend_queues()

        results = in_threads(
            app,
            *(partial(comes_and_goes, one) for one in people(number, 9, via=code)),
            *(partial(comes_and_goes, one) for one in people(number, 9)),
            bargains,
            schedules,
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        operations.tend_queues()
        seats_are_sound(event_id)
        db.session.rollback()
        now_is = db.session.get_one(Event, event_id)
        values = queries.event_values(now_is, queries.sessions_of(event_id), queries.pools_of(event_id))
        assert values.capacity_in_person == 12, "open and kept seats are no longer the hall's size"
        make_due(event_id)
        operations.release_kept_seats()
        operations.tend_queues()
        seats_are_sound(event_id)
        going = db.session.scalars(
            select(Registration.id).where(
                Registration.event_id == event_id, Registration.status.in_(("confirmed", "waitlisted"))
            )
        ).all()
        assert seated(event) == min(12, len(going))
    told_once()


def test_two_release_the_same_seats_at_the_same_moment(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=4)
        bakery = add_partner(event, seats_in_person=3)
        sign_up(event, f"Holder {number}")
        guest(event, bakery, f"Guest {number}")
        waits = [sign_up(event, f"Waits {number} {one}", may_wait=True).id for one in range(3)]
        event_id = event.id
        make_due(event_id)
        results = in_threads(
            app,
            *(operations.release_kept_seats for _one in range(3)),
            *(partial(register, event_id=event_id, values=one) for one in people(number, 4)),
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        operations.tend_queues()
        assert pools_now(event) == {(HALL, None): (4, 4, 5)}
        statuses = dict(db.session.execute(select(Registration.id, Registration.status)).all())
        assert [statuses[one] for one in waits] == ["confirmed", "confirmed", "waitlisted"]
        seats_are_sound(event_id)
    told_once()


def test_guests_switch_between_hall_and_online_while_the_partner_is_taken_away(app: APIFlask) -> None:
    ways = [Way(seat=HALL), Way(seat=ONLINE), Way(HALL, ONLINE), Way(ONLINE, HALL), Way(queue=HALL)]
    for number in range(ROUNDS):
        event = make_event(hybrid(capacity_in_person=6, capacity_online=6))
        bakery = add_partner(event, seats_in_person=3, seats_online=3)
        event_id, partner_id, code, bob = event.id, bakery.id, bakery.code, person("bob")

        def comes_and_switches(values: SignUpValues, turn: int, event_id: int = event_id) -> None:
            with suppress(DomainError):
                place = register(event_id=event_id, values=values).registration_id
                for more in range(4):
                    operations.switch_mode(registration_id=place, way=ways[(turn + more) % len(ways)])
                operations.cancel_registration(registration_id=place)

        def removes(partner_id: int = partner_id, bob: object = bob) -> None:
            operations.edit_partner(actor=bob, partner_id=partner_id, values=partner_values(seats_in_person=3))
            operations.remove_partner(actor=bob, partner_id=partner_id)

        several = people(number, 8, via=code) + people(number, 5)
        results = in_threads(
            app, *(partial(comes_and_switches, one, turn) for turn, one in enumerate(several)), removes
        )
        errors = [result for result in results if isinstance(result, DomainError)]
        assert not [error for error in errors if error.code != "cant_keep"]
        operations.tend_queues()
        seats_are_sound(event_id)
    assert db.session.scalars(select(EventPartner.id)).all() is not None
