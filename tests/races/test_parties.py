"""Parties at the same moment: all of each get a seat or nobody, whoever comes, goes, splits and sends somebody else."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from app.catalogue.models import SeatPool
from app.core.db import db
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration
from app.registration.operations import Companion, SignUpValues, register_party
from app.registration.operations.replacing import SamePerson
from app.registration.operations.sign_up import EventFull
from tests.support.events import make_event, sign_up
from tests.support.together import in_threads

pytestmark = pytest.mark.usefixtures("context")

ROUNDS = 5


def party_of(number: int, size: int, *, may_wait: bool, shared: str = "") -> tuple[SignUpValues, list[Companion]]:
    """A party; some of its members have an address of their own, which another party may name, too."""
    names = [f"Party {number} person {one}" for one in range(size)]
    values = SignUpValues(names[0], f"party{number}@example.net", "in_person", "en", may_wait=may_wait)
    return values, [Companion(name, shared or None) for name in names[1:]]


def sound(event_id: int) -> None:
    """The books are true, nobody waits who could have a seat, and of who stays together all wait or nobody."""
    db.session.rollback()
    assert seats.drifts() == []
    pool = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id)).one()
    assert pool.capacity is not None
    assert pool.taken <= pool.capacity
    free = pool.capacity - pool.taken
    sizes = waiting.group_sizes(event_id, "in_person")
    assert not [size for size in sizes if size <= free]


def states_by_party(event_id: int) -> dict[int, set[str]]:
    db.session.rollback()
    rows = db.session.execute(
        select(Registration.party_id, Registration.status).where(
            Registration.event_id == event_id, Registration.status.in_(("confirmed", "waitlisted"))
        )
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row.party_id, set()).add(row.status)
    return found


def test_parties_want_the_last_seats_at_once(app: APIFlask) -> None:
    for _round in range(ROUNDS):
        event_id = make_event(capacity_in_person=7, largest_party=4).id
        parties = [party_of(number, 2 + number % 3, may_wait=number % 2 == 0) for number in range(8)]
        results = in_threads(
            app,
            *(partial(register_party, event_id=event_id, values=one, companions=more) for one, more in parties),
        )
        assert all(not isinstance(result, DomainError) or isinstance(result, EventFull) for result in results)
        assert all(len(states) == 1 for states in states_by_party(event_id).values())
        sound(event_id)


def test_parties_that_name_each_others_addresses_do_not_wait_for_each_other(app: APIFlask) -> None:
    for _round in range(ROUNDS):
        event_id = make_event(capacity_in_person=50, largest_party=4).id
        parties = [
            party_of(number, 3, may_wait=False, shared=f"party{(number + 1) % 6}@example.net") for number in range(6)
        ]
        results = in_threads(
            app,
            *(partial(register_party, event_id=event_id, values=one, companions=more) for one, more in parties),
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        assert len(states_by_party(event_id)) == 6
        sound(event_id)


def test_a_storm_of_parties_leaving_splitting_and_sending_others(app: APIFlask) -> None:
    for round_ in range(ROUNDS):
        event = make_event(capacity_in_person=8, largest_party=4)
        event_id = event.id
        early = [sign_up(event, f"Early {round_} {number}").id for number in range(6)]

        def comes(number: int, event_id: int = event_id) -> None:
            values, companions = party_of(number, 2 + number % 3, may_wait=True)
            made = register_party(event_id=event_id, values=values, companions=companions).registration_id
            if number % 3 == 0:
                operations.split_party(registration_id=made)
            if number % 3 == 1:
                operations.cancel_registration(registration_id=made + 1)

        def sends_other(registration_id: int) -> None:
            values = SignUpValues(f"Other {registration_id}", None, "in_person", "en")
            with suppress(SamePerson):
                operations.replace_person(registration_id=registration_id, values=values)

        results = in_threads(
            app,
            *(partial(comes, number) for number in range(7)),
            *(partial(operations.cancel_registration, registration_id=one) for one in early[:4]),
            *(partial(sends_other, one) for one in early[4:]),
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        sound(event_id)
        told = db.session.scalars(select(OutboxMessage.dedupe_key)).all()
        assert len(told) == len(set(told))
