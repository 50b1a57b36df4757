"""A random life of one event against a model that is nothing but lists: who has which seat, and who waits, in turn."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration, SeatClaim, WaitingEntry
from app.registration.operations import SignUpValues
from app.registration.operations.offers import OfferOver
from app.registration.operations.sign_up import EventFull
from app.registration.operations.ways import WayNotOpen
from app.registration.rules import Way
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.lives import live

HALL, ONLINE = "in_person", "online"
OTHER = {HALL: ONLINE, ONLINE: HALL}
WAYS = [
    *(Way(seat=HALL), Way(seat=ONLINE), Way(queue=HALL), Way(queue=ONLINE)),
    *(Way(seat=HALL, queue=ONLINE), Way(seat=ONLINE, queue=HALL)),
]


@dataclass
class Someone:
    """What the model believes of one registration: the seat held for good, the queue, the seat offered."""

    id: int
    seat: str | None = None
    waits: str | None = None
    offer: str | None = None
    was_asked: bool = False
    confirmed: int = 0
    ended: str | None = None

    @property
    def mode(self) -> str | None:
        return self.seat or self.offer or self.waits

    @property
    def status(self) -> str:
        if self.ended:
            return self.ended
        return "confirmed" if self.seat else "offered" if self.offer else "waitlisted"


class LifeOfAnEvent(RuleBasedStateMachine):
    """`people` are all registrations ever made, `queues` those who wait in each mode, `told` what they must hear."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Someone] = []
        self.queues: dict[str, list[Someone]] = {HALL: [], ONLINE: []}
        self.told: Counter[tuple[str, int]] = Counter()
        self.confirmations = 0

    @initialize(hall=st.integers(1, 2), online=st.integers(1, 2), hours=st.sampled_from([20, 200]))
    def put_up(self, hall: int, online: int, hours: int) -> None:
        db.session.rollback()
        self.capacity, self.asks_first = {HALL: hall, ONLINE: online}, hours < 24
        asks = {"reconfirm_days": 1, "release_hours": 48}  # so that it is time for it by day and by night
        values = hybrid(capacity_in_person=hall, capacity_online=online, starts_local=local(hours=hours), **asks)
        self.event_id = make_event(values).id

    def taken(self, mode: str) -> int:
        return sum(not one.ended and mode in (one.seat, one.offer) for one in self.people)

    def is_free(self, mode: str) -> bool:
        """Whether a newcomer could have a seat."""
        return not self.queues[mode] and self.taken(mode) < self.capacity[mode]

    def hand_on(self) -> None:
        """What must have happened after each deed: freed seats go to the queues, in turn, until nobody can move."""
        while mode := next((one for one in OTHER if self.queues[one] and self.taken(one) < self.capacity[one]), None):
            someone = self.queues[mode].pop(0)
            someone.waits = None
            if self.asks_first:
                someone.offer = mode
            else:
                self.seat(someone, mode)
            self.told["seat_offered" if self.asks_first else "promoted", someone.id] += 1

    def seat(self, someone: Someone, mode: str) -> None:
        """For good; who has had a seat for longest counts from the first one."""
        someone.seat = mode
        if not someone.confirmed:
            self.confirmations += 1
            someone.confirmed = self.confirmations

    def leave_all(self, someone: Someone, ended: str) -> None:
        if someone.waits:
            self.queues[someone.waits].remove(someone)
        someone.seat = someone.waits = someone.offer = None
        someone.ended = ended
        self.hand_on()

    def one(self, number: int) -> Someone:
        """Somebody; mostly one of those who are still there."""
        there = [one for one in self.people if not one.ended] if number % 5 else []
        return (there or self.people)[number % len(there or self.people)]

    @rule(mode=st.sampled_from([HALL, ONLINE]), may_wait=st.sampled_from([True, True, False]), rather=st.booleans())
    def comes(self, mode: str, may_wait: bool, rather: bool) -> None:
        """`rather`: the person would rather have the other mode, and this one meanwhile."""
        event = db.session.get_one(Event, self.event_id)
        wish = OTHER[mode] if rather else None
        someone = Someone(0)
        if wish and self.is_free(wish):
            someone.seat = wish
        elif self.is_free(mode):
            someone.seat, someone.waits = mode, wish
        elif may_wait and not wish:
            someone.waits = mode
        name = f"Person {len(self.people)} of {self.event_id}"
        try:
            someone.id = sign_up(event, name, mode=mode, may_wait=may_wait, also_wait_for=wish).id
        except EventFull:
            assert someone.mode is None
            return
        assert someone.mode is not None
        self.people.append(someone)
        if someone.seat:
            self.seat(someone, someone.seat)
        if someone.waits:
            self.queues[someone.waits].append(someone)
        self.told["registration_confirmed" if someone.seat else "waitlisted", someone.id] += 1

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), twice=st.booleans(), by_organizer=st.booleans())
    def cancels(self, number: int, twice: bool, by_organizer: bool) -> None:
        someone = self.one(number)
        was_active = not someone.ended
        for attempt in range(1 + twice):
            if by_organizer:
                done = operations.cancel_person(actor=person("bob"), registration_id=someone.id, notify=True)
            else:
                done = operations.cancel_registration(registration_id=someone.id)
            assert done is (was_active and attempt == 0)
        if was_active:
            self.told["registration_cancelled", someone.id] += 1
            self.leave_all(someone, "cancelled")

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), way=st.sampled_from(WAYS), by_organizer=st.booleans())
    def switches(self, number: int, way: Way, by_organizer: bool) -> None:
        someone = self.one(number)
        expected = self.what_comes_of(someone, way)
        try:
            if by_organizer:
                done = operations.switch_person(actor=person("bob"), registration_id=someone.id, way=way, notify=True)
            else:
                done = operations.switch_mode(registration_id=someone.id, way=way)
        except WayNotOpen:
            assert expected is None
            return
        assert expected is not None
        assert done is (expected != Way(someone.seat, someone.waits or someone.offer))
        if done:
            self.come_by(someone, expected)

    def what_comes_of(self, someone: Someone, way: Way) -> Way | None:
        """The way that the person gets; None when it must be refused."""
        if someone.ended:
            return None
        if way == Way(someone.seat, someone.waits or someone.offer):
            return way
        if way.queue and way.queue != someone.seat and self.is_free(way.queue):
            return Way(seat=way.queue)  # why wait, then
        if way.seat and way.seat != someone.seat and not self.is_free(way.seat):
            return None
        if way.queue and (someone.offer or way.queue == someone.seat):
            return None
        return None if way.seat is None and someone.seat else way

    def come_by(self, someone: Someone, way: Way) -> None:
        if someone.waits and someone.waits != way.queue:
            self.queues[someone.waits].remove(someone)
        if way.queue and someone.waits != way.queue:
            self.queues[way.queue].append(someone)
        someone.seat, someone.waits, someone.offer = None, way.queue, None
        if way.seat:
            self.seat(someone, way.seat)
            someone.was_asked = False
        self.told["registration_changed" if way.seat else "waitlisted", someone.id] += 1
        self.hand_on()

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def accepts(self, number: int) -> None:
        someone = self.one(number)
        if someone.offer:
            assert operations.accept_offer(registration_id=someone.id, mode=someone.offer) is True
            self.seat(someone, someone.offer)
            someone.offer, someone.was_asked = None, False
            self.told["registration_confirmed", someone.id] += 1
            self.hand_on()
        elif someone.seat:
            assert operations.accept_offer(registration_id=someone.id, mode=someone.seat) is False
            with pytest.raises(OfferOver):
                operations.accept_offer(registration_id=someone.id, mode=OTHER[someone.seat])
        else:
            with pytest.raises(OfferOver):
                operations.accept_offer(registration_id=someone.id)

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def declines(self, number: int) -> None:
        someone = self.one(number)
        assert operations.decline_offer(registration_id=someone.id) is bool(someone.offer)
        if someone.offer:
            self.lose_offer(someone, "registration_cancelled", even_with_seat=False)

    def lose_offer(self, someone: Someone, message: str, *, even_with_seat: bool) -> None:
        if even_with_seat or not someone.seat:
            self.told[message, someone.id] += 1
        someone.offer = None
        if someone.seat:
            self.hand_on()
        else:
            self.leave_all(someone, "expired")

    @precondition(lambda self: any(one.offer for one in self.people))
    @rule(by_newcomer=st.booleans())
    def lets_an_offer_run_out(self, by_newcomer: bool) -> None:
        """The scheduler ends it, or, while that is dead, whoever signs up."""
        someone = next(one for one in self.people if one.offer)
        mode = someone.offer
        assert mode is not None
        with transaction():
            execute(
                update(WaitingEntry)
                .where(WaitingEntry.registration_id == someone.id)
                .values(offer_until=now() - timedelta(seconds=1))
            )
        if by_newcomer and self.taken(mode) >= self.capacity[mode] and not self.queues[mode]:
            self.lose_offer(someone, "offer_over", even_with_seat=True)
            self.comes(mode=mode, may_wait=True, rather=False)
        else:
            operations.tend_queues()
            self.lose_offer(someone, "offer_over", even_with_seat=True)

    @rule(mode=st.sampled_from([HALL, ONLINE]), over=st.booleans())
    def is_added(self, mode: str, over: bool) -> None:
        """By the organizer: onto the list, or with a seat that there isn't."""
        someone = Someone(0)
        is_free = self.is_free(mode)
        name = f"Guest {len(self.people)} of {self.event_id}"
        values = SignUpValues(name, f"{name.replace(' ', '.')}@example.net", mode, "en", may_wait=True)
        public_id = operations.add_person(
            actor=person("bob"), event_id=self.event_id, values=values, over_limit=over, notify=True
        )
        someone.id = db.session.scalars(select(Registration.id).where(Registration.public_id == public_id)).one()
        self.people.append(someone)
        if is_free or over:
            self.seat(someone, mode)
        else:
            someone.waits = mode
            self.queues[mode].append(someone)
        self.told["registration_confirmed" if someone.seat else "waitlisted", someone.id] += 1

    @precondition(lambda self: any(one.seat for one in self.people))
    @rule(number=st.integers(0, 99), comes=st.sampled_from([True, False, False]))
    def is_asked(self, number: int, comes: bool) -> None:
        """Somebody with a seat was asked whether she comes; she says so, or says nothing."""
        seated = [one for one in self.people if one.seat]
        someone = seated[number % len(seated)]
        with transaction():
            asked = {"asked_at": now() - timedelta(hours=36), "replied_at": None}
            execute(update(Registration).where(Registration.id == someone.id).values(**asked))
        someone.was_asked = True
        if comes:
            assert operations.confirm_coming(registration_id=someone.id) is True
            someone.was_asked = False

    @precondition(lambda self: any(one.was_asked for one in self.people))
    @rule()
    def silent_seats_are_released(self) -> None:
        """Of the modes that somebody waits for, who signed up last first, as long as somebody can move up by it."""
        operations.release_silent_seats()
        for mode in OTHER if self.asks_first else ():  # its start is near; the other's is far away
            while silent := [one for one in self.people if one.seat == mode and one.was_asked and self.queues[mode]]:
                missing = self.taken(mode) - self.capacity[mode] + 1
                if missing > len(silent):
                    break
                for someone in sorted(silent, key=lambda one: -one.confirmed)[:missing]:
                    self.told["seat_released", someone.id] += 1
                    self.leave_all(someone, "cancelled")

    @rule(hall=st.integers(1, 3), online=st.integers(1, 3))
    def changes_the_number_of_seats(self, hall: int, online: int) -> None:
        event = db.session.get_one(Event, self.event_id)
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        values = replace(values, capacity_in_person=hall, capacity_online=online, confirm_over_limit=True)
        operations.change_event(
            actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event), notify=False
        )
        self.capacity = {HALL: hall, ONLINE: online}
        self.hand_on()

    @precondition(lambda self: self.people)
    @rule()
    def worker_comes_by(self) -> None:
        operations.tend_queues()

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "event_id"):
            return
        db.session.rollback()
        columns = (Registration.id, Registration.status, Registration.mode)
        rows = db.session.execute(select(*columns).where(Registration.event_id == self.event_id)).all()
        assert {row.id: row.status for row in rows} == {one.id: one.status for one in self.people}
        modes = {row.id: row.mode for row in rows}
        for one in self.people:
            if not one.ended:
                assert modes[one.id] == one.mode
        entries = waiting.waiting_at(self.event_id)
        for mode in OTHER:
            waits = [entry.registration_id for entry in entries if entry.offer_until is None and entry.mode == mode]
            assert waits == [one.id for one in self.queues[mode]]
            pool = db.session.scalars(
                select(SeatPool).where(SeatPool.event_id == self.event_id, SeatPool.mode == mode)
            ).one()
            assert (pool.taken, pool.waiting) == (self.taken(mode), len(waits))
            held = db.session.scalars(select(SeatClaim.registration_id).where(SeatClaim.pool_id == pool.id)).all()
            assert sorted(held) == sorted(one.id for one in self.people if mode in (one.seat, one.offer))
            assert not (waits and pool.taken < self.capacity[mode]), "a free seat beside somebody who waits"
        assert [drift for drift in seats.drifts() if drift.event_id == self.event_id] == []

    def teardown(self) -> None:
        """Everybody has heard of each deed once, and of nothing else."""
        if sys.exc_info()[0] is not None:
            return  # a step has failed: its words are the ones to read
        rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts)).all()
        ids = dict(db.session.execute(select(Registration.public_id, Registration.id)).all())
        mine = {one.id for one in self.people}
        told = Counter((row.name, ids[row.facts["registration"]]) for row in rows if "registration" in row.facts)
        assert {key: number for key, number in told.items() if key[1] in mine} == dict(self.told)


@pytest.mark.slow_on_postgresql
@pytest.mark.usefixtures("context")
def test_a_short_life() -> None:
    live(LifeOfAnEvent, examples=15, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
def test_a_long_life(database: str) -> None:
    """Longest where it is quicker: the statements are the same on both, and `tests/races` has what differs."""
    live(LifeOfAnEvent, examples=500 if database.startswith("sqlite") else 100, steps=50)
