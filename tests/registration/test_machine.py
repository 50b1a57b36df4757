"""A random life of one event against a model that is nothing but two lists: who has a seat, and who waits, in turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration, SeatClaim, WaitingEntry
from app.registration.operations.sign_up import EventFull
from app.registration.operations.waiting import OfferOver
from tests.support.cast import person
from tests.support.events import local, make_event, sign_up

STATUSES = {"seat": "confirmed", "offer": "offered", "queue": "waitlisted"}


class LifeOfAnEvent(RuleBasedStateMachine):
    """`people` are all registrations ever made, `state` is what the model believes of each."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[int] = []
        self.state: dict[int, str] = {}
        self.queue: list[int] = []

    @initialize(capacity=st.integers(1, 3), hours=st.sampled_from([20, 200]))
    def put_up(self, capacity: int, hours: int) -> None:
        db.session.rollback()
        self.capacity, self.asks_first = capacity, hours < 24
        self.event_id = make_event(capacity_in_person=capacity, starts_local=local(hours=hours)).id

    @property
    def taken(self) -> int:
        return sum(state in ("seat", "offer") for state in self.state.values())

    def hand_on(self) -> None:
        """What must have happened after each deed: freed seats go to the queue, in turn."""
        while self.queue and self.taken < self.capacity:
            self.state[self.queue.pop(0)] = "offer" if self.asks_first else "seat"

    def end(self, registration_id: int, state: str) -> None:
        if registration_id in self.queue:
            self.queue.remove(registration_id)
        self.state[registration_id] = state
        self.hand_on()

    def one(self, number: int) -> int:
        return self.people[number % len(self.people)]

    @rule(may_wait=st.booleans())
    def comes(self, may_wait: bool) -> None:
        event = db.session.get_one(Event, self.event_id)
        name = f"Person {len(self.people)} of {self.event_id}"
        is_free = not self.queue and self.taken < self.capacity
        try:
            registration_id = sign_up(event, name, may_wait=may_wait).id
        except EventFull:
            assert not may_wait
            assert not is_free
            return
        self.people.append(registration_id)
        if is_free:
            self.state[registration_id] = "seat"
        else:
            assert may_wait
            self.state[registration_id] = "queue"
            self.queue.append(registration_id)

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), twice=st.booleans(), by_organizer=st.booleans())
    def cancels(self, number: int, twice: bool, by_organizer: bool) -> None:
        registration_id = self.one(number)
        was_active = self.state[registration_id] in STATUSES
        for attempt in range(1 + twice):
            if by_organizer:
                done = operations.cancel_person(actor=person("bob"), registration_id=registration_id, notify=True)
            else:
                done = operations.cancel_registration(registration_id=registration_id)
            assert done is (was_active and attempt == 0)
        if was_active:
            self.end(registration_id, "cancelled")

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def accepts(self, number: int) -> None:
        registration_id = self.one(number)
        if self.state[registration_id] == "offer":
            assert operations.accept_offer(registration_id=registration_id) is True
            self.state[registration_id] = "seat"
        elif self.state[registration_id] == "seat":
            assert operations.accept_offer(registration_id=registration_id) is False
        else:
            with pytest.raises(OfferOver):
                operations.accept_offer(registration_id=registration_id)

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def declines(self, number: int) -> None:
        registration_id = self.one(number)
        was_offered = self.state[registration_id] == "offer"
        assert operations.decline_offer(registration_id=registration_id) is was_offered
        if was_offered:
            self.end(registration_id, "expired")

    @precondition(lambda self: "offer" in self.state.values())
    @rule(by_newcomer=st.booleans())
    def lets_an_offer_run_out(self, by_newcomer: bool) -> None:
        """The scheduler ends it, or, while that is dead, whoever signs up."""
        offers = [one for one in self.people if self.state[one] == "offer"]
        with transaction():
            execute(
                update(WaitingEntry)
                .where(WaitingEntry.registration_id == offers[0])
                .values(offer_until=now() - timedelta(seconds=1))
            )
        if by_newcomer and self.taken >= self.capacity and not self.queue:
            self.state[offers[0]] = "expired"
            self.comes(may_wait=True)
        else:
            operations.tend_queues()
            self.end(offers[0], "expired")

    @rule(capacity=st.integers(1, 6))
    def changes_the_number_of_seats(self, capacity: int) -> None:
        event = db.session.get_one(Event, self.event_id)
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        values = replace(values, capacity_in_person=capacity, confirm_over_limit=True)
        operations.change_event(
            actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event), notify=False
        )
        self.capacity = capacity
        self.hand_on()

    @rule()
    def worker_comes_by(self) -> None:
        operations.tend_queues()

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "event_id"):
            return
        db.session.rollback()
        here = select(Registration.id, Registration.status).where(Registration.event_id == self.event_id)
        found = {row.id: row.status for row in db.session.execute(here)}
        assert found == {one: STATUSES.get(state, state) for one, state in self.state.items()}
        entries = waiting.waiting_at(self.event_id)
        assert [entry.registration_id for entry in entries if entry.offer_until is None] == self.queue
        pool = db.session.execute(select(SeatPool).where(SeatPool.event_id == self.event_id)).scalar_one()
        assert (pool.taken, pool.waiting) == (self.taken, len(self.queue))
        held = db.session.scalars(select(SeatClaim.registration_id).where(SeatClaim.pool_id == pool.id)).all()
        assert sorted(held) == sorted(one for one, state in self.state.items() if state in ("seat", "offer"))
        assert not (self.queue and self.taken < self.capacity), "a free seat beside somebody who waits"
        assert [drift for drift in seats.drifts() if drift.event_id == self.event_id] == []

    def teardown(self) -> None:
        """Nobody has heard of the same deed twice."""
        rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts)).all()
        told = [(row.name, row.facts["registration"]) for row in rows if "registration" in row.facts]
        assert len(told) == len(set(told))


@pytest.mark.usefixtures("context")
def test_a_short_life() -> None:
    run(examples=15, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
def test_a_long_life(database: str) -> None:
    """Longest where it is quicker: the statements are the same on both, and `tests/races` has what differs."""
    run(examples=500 if database.startswith("sqlite") else 100, steps=50)


def run(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        LifeOfAnEvent,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None
        ),
    )
