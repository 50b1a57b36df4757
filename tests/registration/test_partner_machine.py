"""A random life of an event with seats for two partners' guests, against a model that is nothing but lists."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, EventPartner, SeatPool
from app.catalogue.operations import TooFewSeats
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.messaging.models import OutboxMessage
from app.registration import operations, waiting
from app.registration.models import Registration, WaitingEntry
from app.registration.operations import SignUpValues
from app.registration.operations.offers import OfferOver
from app.registration.operations.partners import CantKeep
from app.registration.operations.sign_up import EventFull
from tests.support.cast import person
from tests.support.events import local, make_event, sign_up
from tests.support.lives import live
from tests.support.partners import add_partner, partner_values, seats_are_sound

EVERYBODYS = -1
WHOSE = st.sampled_from([None, 0, 0, 1])
RARELY = st.sampled_from([False, False, False, False, True])
"""What clears much of the hall away is rare, or nobody would ever wait long."""


@dataclass
class Someone:
    """What the model believes of one registration: whose guest, in which pool there is a seat, and how it stands."""

    id: int
    partner: int | None
    pool: int | None = None
    waits: bool = False
    is_asked: bool = False
    ended: str | None = None

    @property
    def status(self) -> str:
        if self.ended:
            return self.ended
        return "waitlisted" if self.waits else "offered" if self.is_asked else "confirmed"


class LifeWithPartners(RuleBasedStateMachine):
    """`people` are all registrations ever made, `queue` those who wait, `told` what they must hear."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Someone] = []
        self.queue: list[Someone] = []
        self.told: Counter[tuple[str, int]] = Counter()

    @initialize(hall=st.integers(1, 3), kept=st.integers(0, 2), asks_first=st.booleans(), crowd=st.integers(0, 9))
    def put_up(self, hall: int, kept: int, asks_first: bool, crowd: int) -> None:
        db.session.rollback()
        self.asks_first = asks_first
        self.capacity = {EVERYBODYS: hall, 0: kept, 1: 1}
        event = make_event(
            capacity_in_person=hall + kept + 1, starts_local=local(days=3), offer_lead_hours=100 if asks_first else 1
        )
        self.event_id = event.id
        named = (("Bakery", kept), ("Library", 1))
        self.partners = [
            add_partner(event, name={"en": name}, seats_in_person=number, release_days=0).id for name, number in named
        ]
        for whose in (0, None, 1, 0, None, 0, None, 1, 0)[:crowd]:
            self.comes(partner=whose, may_wait=True, by_organizer=False)

    def taken(self, pool: int) -> int:
        return sum(one.pool == pool for one in self.people)

    def is_free(self, pool: int) -> bool:
        """Whether a newcomer could have a seat there."""
        return self.taken(pool) < self.capacity[pool] and not (pool == EVERYBODYS and self.queue)

    def hand_on(self) -> None:
        """What must have happened after each deed: freed seats go to who may have them, in turn."""
        while found := self.next_one():
            someone, pool = found
            self.queue.remove(someone)
            someone.waits, someone.pool, someone.is_asked = False, pool, self.asks_first
            self.told["seat_offered" if self.asks_first else "promoted", someone.id] += 1

    def next_one(self) -> tuple[Someone, int] | None:
        for pool in (EVERYBODYS, 0, 1):
            if self.taken(pool) < self.capacity[pool]:
                for someone in self.queue:
                    if pool in (EVERYBODYS, someone.partner):
                        return someone, pool
        return None

    def one(self, number: int) -> Someone:
        """Somebody; mostly one of those who are still there."""
        there = [one for one in self.people if not one.ended] if number % 5 else []
        return (there or self.people)[number % len(there or self.people)]

    def leaves(self, someone: Someone, ended: str) -> None:
        if someone.waits:
            self.queue.remove(someone)
        someone.pool, someone.waits, someone.is_asked, someone.ended = None, False, False, ended
        self.hand_on()

    def code_of(self, partner: int | None) -> str | None:
        if partner is None:
            return None
        return db.session.scalars(select(EventPartner.code).where(EventPartner.id == self.partners[partner])).one()

    @rule(partner=WHOSE, may_wait=st.sampled_from([True, True, False]), by_organizer=st.booleans())
    def comes(self, partner: int | None, may_wait: bool, by_organizer: bool) -> None:
        """By a partner's link, or by nobody's; or the organizer puts the person on the list."""
        pools = [one for one in (partner, EVERYBODYS) if one is not None and self.is_free(one)]
        someone = Someone(0, partner, pool=pools[0] if pools else None, waits=not pools)
        name = f"Person {len(self.people)} of {self.event_id}"
        try:
            someone.id = (self.add if by_organizer else self.sign_up)(name, partner, may_wait)
        except EventFull:
            assert not pools
            assert not may_wait
            return
        assert pools or may_wait
        self.people.append(someone)
        if someone.waits:
            self.queue.append(someone)
        self.told["waitlisted" if someone.waits else "registration_confirmed", someone.id] += 1

    def sign_up(self, name: str, partner: int | None, may_wait: bool) -> int:
        event = db.session.get_one(Event, self.event_id)
        return sign_up(event, name, via=self.code_of(partner), may_wait=may_wait).id

    def add(self, name: str, partner: int | None, may_wait: bool) -> int:
        values = SignUpValues(name, f"{name.replace(' ', '.')}@example.net", "in_person", "en", may_wait=may_wait)
        values = replace(values, partner_id=None if partner is None else self.partners[partner])
        public_id = operations.add_person(actor=person("bob"), event_id=self.event_id, values=values)
        return db.session.scalars(select(Registration.id).where(Registration.public_id == public_id)).one()

    @rule(partner=st.integers(0, 1))
    def guests_want_more_than_is_kept(self, partner: int) -> None:
        for _one in range(self.capacity[partner] - self.taken(partner) + 2):
            self.comes(partner=partner, may_wait=True, by_organizer=False)

    @precondition(lambda self: any(one.pool in (0, 1) for one in self.people))
    @rule(number=st.integers(0, 99))
    def a_guest_cancels(self, number: int) -> None:
        guests = [one for one in self.people if one.pool in (0, 1)]
        self.cancel(guests[number % len(guests)])

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def cancels(self, number: int) -> None:
        self.cancel(self.one(number))

    def cancel(self, someone: Someone) -> None:
        assert operations.cancel_registration(registration_id=someone.id) is not bool(someone.ended)
        if not someone.ended:
            self.told["registration_cancelled", someone.id] += 1
            self.leaves(someone, "cancelled")

    @precondition(lambda self: any(one.is_asked for one in self.people))
    @rule(number=st.integers(0, 99), answer=st.sampled_from(["yes", "no", None]))
    def is_asked(self, number: int, answer: str | None) -> None:
        asked = [one for one in self.people if one.is_asked]
        someone = asked[number % len(asked)]
        if answer == "yes":
            assert operations.accept_offer(registration_id=someone.id) is True
            someone.is_asked = False
            self.told["registration_confirmed", someone.id] += 1
            return
        if answer == "no":
            assert operations.decline_offer(registration_id=someone.id) is True
        else:
            with transaction():
                late = update(WaitingEntry).where(WaitingEntry.registration_id == someone.id)
                execute(late.values(offer_until=now() - timedelta(seconds=1)))
            with pytest.raises(OfferOver):
                operations.accept_offer(registration_id=someone.id)
            operations.tend_queues()
        self.told["registration_cancelled" if answer == "no" else "offer_over", someone.id] += 1
        self.leaves(someone, "expired")

    @rule(partner=st.integers(0, 1), number=st.sampled_from([0, 1, 1, 2, 2, 3]))
    def keeps_so_many(self, partner: int, number: int) -> None:
        before = self.capacity[partner]
        more = number - before
        can = more == 0 or number == 0
        can = can or (more < 0 and number >= self.taken(partner))
        can = can or (more > 0 and not self.queue and self.taken(EVERYBODYS) + more <= self.capacity[EVERYBODYS])
        values = partner_values(name={"en": "A partner"}, seats_in_person=number, release_days=0)
        try:
            operations.edit_partner(actor=person("bob"), partner_id=self.partners[partner], values=values)
        except CantKeep:
            assert not can
            return
        assert can
        if number == 0:
            self.ends(partner)
        else:
            self.capacity[partner], self.capacity[EVERYBODYS] = number, self.capacity[EVERYBODYS] - more
        self.hand_on()

    def ends(self, partner: int) -> None:
        """What was kept is everybody's, with those who have it."""
        self.capacity[EVERYBODYS] += self.capacity[partner]
        self.capacity[partner] = 0
        for one in self.people:
            one.pool = EVERYBODYS if one.pool == partner else one.pool

    @rule(partner=st.integers(0, 1), happens=RARELY)
    def is_removed_and_comes_again(self, partner: int, happens: bool) -> None:
        """Its guests keep their seats, and are nobody's guests."""
        if not happens:
            return
        operations.remove_partner(actor=person("bob"), partner_id=self.partners[partner])
        self.ends(partner)
        for one in self.people:
            one.partner = None if one.partner == partner else one.partner
        self.hand_on()
        event = db.session.get_one(Event, self.event_id)
        self.partners[partner] = add_partner(event, name={"en": "Again"}, seats_in_person=0, release_days=0).id

    @rule(by_newcomer=st.booleans(), happens=RARELY)
    def the_day_comes(self, by_newcomer: bool, happens: bool) -> None:
        """The scheduler gives everything to everybody, or, while that is dead, whoever signs up."""
        if not happens:
            return
        with transaction():
            due = update(SeatPool).where(SeatPool.event_id == self.event_id, SeatPool.partner_id.is_not(None))
            execute(due.values(kept_until=now() - timedelta(seconds=1)))
        comes = by_newcomer and not self.is_free(EVERYBODYS)
        if comes:
            name = f"Newcomer {len(self.people)} of {self.event_id}"
            newcomer = Someone(self.sign_up(name, None, may_wait=True), None)
        else:
            operations.release_kept_seats()
        for partner in (0, 1):
            self.ends(partner)
        self.hand_on()
        if comes:
            newcomer.waits = not self.is_free(EVERYBODYS)
            newcomer.pool = None if newcomer.waits else EVERYBODYS
            self.people.append(newcomer)
            self.queue += [newcomer] if newcomer.waits else []
            self.told["waitlisted" if newcomer.waits else "registration_confirmed", newcomer.id] += 1

    @rule(more=st.integers(-1, 1))
    def changes_the_size_of_the_hall(self, more: int) -> None:
        hall = max(sum(self.capacity.values()) + more, 1)
        event = db.session.get_one(Event, self.event_id)
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        assert values.capacity_in_person == sum(self.capacity.values())
        values = replace(values, capacity_in_person=hall, confirm_over_limit=True)
        kept = self.capacity[0] + self.capacity[1]
        try:
            operations.change_event(
                actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event), notify=False
            )
        except TooFewSeats:
            assert hall < kept
            return
        assert hall >= kept
        self.capacity[EVERYBODYS] = hall - kept
        self.hand_on()

    @rule()
    def worker_comes_by(self) -> None:
        operations.release_kept_seats()
        operations.tend_queues()

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "event_id"):
            return
        seats_are_sound(self.event_id, is_over_limit=True)
        rows = db.session.execute(
            select(Registration.id, Registration.status, Registration.partner_id).where(
                Registration.event_id == self.event_id
            )
        ).all()
        whose = {None: None, **dict(enumerate(self.partners))}
        assert {row.id: (row.status, row.partner_id) for row in rows} == {
            one.id: (one.status, whose[one.partner]) for one in self.people
        }
        pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id == self.event_id)).all()
        numbers = {None: EVERYBODYS, **{number: index for index, number in enumerate(self.partners)}}
        found = {numbers[pool.partner_id]: (pool.capacity, pool.taken) for pool in pools}
        assert found == {
            pool: (capacity, self.taken(pool))
            for pool, capacity in self.capacity.items()
            if capacity or pool == EVERYBODYS
        }
        queue = [one.registration_id for one in waiting.waiting_at(self.event_id) if one.offer_until is None]
        assert queue == [one.id for one in self.queue]

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
def test_a_short_life_with_partners() -> None:
    live(LifeWithPartners, examples=20, steps=30)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
def test_a_long_life_with_partners(database: str) -> None:
    """Longest where it is quicker: the statements are the same on both, and `tests/races` has what differs."""
    live(LifeWithPartners, examples=300 if database.startswith("sqlite") else 60, steps=50)
