"""A random life of one event with parties against a model that is nothing but lists."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.messaging.models import OutboxMessage
from app.privacy.operations import ErasedAlready, erase_person
from app.registration import operations, seats, waiting
from app.registration.models import Registration, WaitingEntry
from app.registration.operations import SignUpValues
from app.registration.operations.offers import OfferOver
from app.registration.operations.parties import NotWaitingTogether
from app.registration.operations.sign_up import EventFull
from tests.support.cast import person
from tests.support.events import local, make_event, sign_up
from tests.support.lives import live
from tests.support.parties import address, bring

MESSAGES = {
    "confirmed": "registration_confirmed",
    "waitlisted": "waitlisted",
    "pending": "registration_pending",
    "held": "confirm_address",
    "wishes": "confirm_address",
    "declined": "registration_declined",
}

MESSAGES_OF_PLACES = {
    "confirmed": "registration_confirmed",
    "waitlisted": "waitlisted",
    "offered": "seat_offered",
}


@dataclass(eq=False)
class Group:
    """People who were signed up by one form; somebody alone is one, too."""

    together: bool
    key: str
    """Whose mailbox it is."""
    people: list[Someone] = field(default_factory=list)


@dataclass(eq=False)
class Someone:
    """What the model believes of one registration."""

    group: Group
    status: str
    id: int = 0
    was_asked: bool = False
    is_erased: bool = False
    confirmed: int = 0

    @property
    def has_mate(self) -> bool:
        """Whether somebody else of the party has a seat, too."""
        return any(one is not self and one.status == "confirmed" for one in self.group.people)

    @property
    def leads(self) -> bool:
        return len(self.group.people) > 1 and self is self.group.people[0]


class LifeWithParties(RuleBasedStateMachine):
    """`people` are all registrations ever made, `queue` those who wait, `told` what each mailbox must get."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Someone] = []
        self.queue: list[Someone] = []
        self.told: Counter[tuple[str, str]] = Counter()
        self.confirmations = 0

    @initialize(
        seats=st.integers(1, 5),
        hours=st.sampled_from([20, 200]),
        way=st.sampled_from(["at_once", "at_once", "after_mail", "i_decide"]),
    )
    def put_up(self, seats: int, hours: int, way: str) -> None:
        db.session.rollback()
        self.capacity, self.asks_first, self.way = seats, hours < 24, way
        self.event_id = make_event(
            capacity_in_person=seats,
            starts_local=local(hours=hours),
            largest_party=5,
            reconfirm_days=1,
            release_hours=48,  # so that it is time for it by day and by night
            sign_up_way=way,
        ).id

    @property
    def taken(self) -> int:
        """An unconfirmed one has a seat unless the whole party waits for the button to join the queue."""
        held = ("confirmed", "offered", "held")
        return sum(one.status in held for one in self.people)

    def fits(self, size: int) -> bool:
        """Whether so many newcomers could have seats: nobody waits who could use one."""
        return self.next_group() is None and self.taken + size <= self.capacity

    def next_group(self) -> list[Someone] | None:
        for first in self.queue:
            together = [one for one in self.queue if one.group is first.group] if first.group.together else [first]
            if self.taken + len(together) <= self.capacity:
                return together
        return None

    def hand_on(self, *, one_by_one: bool = False) -> None:
        """What must have happened after a deed. `one_by_one`: each move is a deed of its own, with its own mail."""
        message = "seat_offered" if self.asks_first else "promoted"
        told: set[tuple[int, str]] = set()
        step = 0
        while together := self.next_group():
            step += one_by_one
            for one in together:
                self.queue.remove(one)
                self.settle(one, "offered" if self.asks_first else "confirmed")
            told.add((step, together[0].group.key))
        self.told.update((message, key) for _step, key in told)

    def settle(self, someone: Someone, status: str) -> None:
        someone.status = status
        if status == "confirmed" and not someone.confirmed:
            self.confirmations += 1
            someone.confirmed = self.confirmations

    def end(self, people: list[Someone], status: str) -> None:
        for one in people:
            if one in self.queue:
                self.queue.remove(one)
            one.status = status
        self.hand_on()

    def one(self, number: int, *statuses: str) -> Someone:
        there = [one for one in self.people if one.status in statuses] or self.people
        return there[number % len(there)]

    @rule(size=st.integers(1, 4), split=st.booleans(), may_wait=st.sampled_from([True, True, True, False]))
    def comes(self, size: int, split: bool, may_wait: bool) -> None:
        event = db.session.get_one(Event, self.event_id)
        names = [f"P{len(self.people) + number} of {self.event_id}" for number in range(size)]
        group = Group(together=size > 1 and not split, key=address(names[0]))
        outcome = self.what_comes_of(size, split=split and size > 1, may_wait=may_wait)
        try:
            if size > 1:
                made = bring(event, *names, split=split, may_wait=may_wait)
            else:
                made = [sign_up(event, names[0], may_wait=may_wait)]
        except EventFull:
            assert outcome is None
            return
        assert outcome is not None
        for registration, status in zip(made, outcome, strict=True):
            someone = Someone(group, status, registration.id)
            group.people.append(someone)
            self.people.append(someone)
            self.settle(someone, status)
            if status == "waitlisted":
                self.queue.append(someone)
        self.tell_entry(group)

    def tell_entry(self, group: Group) -> None:
        self.tell_once(group.people)

    def tell_once(self, people: list[Someone]) -> None:
        """One mail to the address of a party, about a seat rather than about waiting."""
        states = {one.status for one in people}
        status = "confirmed" if "confirmed" in states else people[0].status
        self.told[MESSAGES[status], people[0].group.key] += 1

    def what_comes_of(self, size: int, *, split: bool, may_wait: bool) -> list[str] | None:
        """The states of the people; None when they must be refused."""
        if size > self.capacity and not split:
            return None
        if self.way == "i_decide":
            return ["pending"] * size
        if self.fits(size):
            return ["held" if self.way == "after_mail" else "confirmed"] * size
        if not may_wait:
            return None
        if self.way == "after_mail":
            return ["wishes"] * size
        free = self.capacity - self.taken if split and self.next_group() is None else 0
        return ["confirmed"] * max(free, 0) + ["waitlisted"] * (size - max(free, 0))

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), twice=st.booleans(), by_organizer=st.booleans())
    def cancels(self, number: int, twice: bool, by_organizer: bool) -> None:
        someone = self.one(number, "confirmed", "waitlisted", "offered", "held", "wishes", "pending")
        was_active = someone.status not in ("cancelled", "expired", "declined")
        for attempt in range(1 + twice):
            if by_organizer:
                done = operations.cancel_person(actor=person("bob"), registration_id=someone.id, notify=True)
            else:
                done = operations.cancel_registration(registration_id=someone.id)
            assert done is (was_active and attempt == 0)
        if was_active:
            self.told["registration_cancelled", someone.group.key] += 1
            self.end([someone], "cancelled")

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def splits(self, number: int) -> None:
        someone = self.one(number, "waitlisted")
        group = someone.group
        counts = [one for one in group.people if one.status not in ("cancelled", "expired", "declined")]
        if not someone.leads:
            with pytest.raises(NotWaitingTogether):
                operations.split_party(registration_id=someone.id)
            return
        assert operations.split_party(registration_id=someone.id) is (group.together and bool(counts))
        if counts:
            group.together = False
            self.hand_on()

    @precondition(lambda self: any(one.status == "offered" for one in self.people))
    @rule(number=st.integers(0, 99), yes=st.booleans())
    def answers_an_offer(self, number: int, yes: bool) -> None:
        someone = self.one(number, "offered")
        answered = [someone]
        if someone.leads and someone.group.together:
            answered = [one for one in someone.group.people if one.status == "offered"]
        if yes:
            assert operations.accept_offer(registration_id=someone.id) is True
            for one in answered:
                self.settle(one, "confirmed")
                one.was_asked = False
            self.told["registration_confirmed", someone.group.key] += 1
        else:
            assert operations.decline_offer(registration_id=someone.id) is True
            self.told["registration_cancelled", someone.group.key] += 1
            self.end(answered, "expired")
            with pytest.raises(OfferOver):
                operations.accept_offer(registration_id=someone.id)

    @precondition(lambda self: any(one.status == "offered" for one in self.people))
    @rule()
    def lets_an_offer_run_out(self) -> None:
        someone = self.one(0, "offered")
        with transaction():
            late = update(WaitingEntry).where(WaitingEntry.registration_id == someone.id)
            execute(late.values(offer_until=now() - timedelta(seconds=1)))
        operations.expire_offers()
        group = someone.group
        ended = [one for one in group.people if one.status == "offered"] if group.together else [someone]
        self.told["offer_over", group.key] += 1
        self.end(ended, "expired")

    @precondition(lambda self: any(one.status in ("held", "wishes") for one in self.people))
    @rule(number=st.integers(0, 99))
    def presses_the_button(self, number: int) -> None:
        someone = self.one(number, "held", "wishes")
        people = [one for one in someone.group.people if one.status == someone.status]
        assert operations.confirm_address(registration_id=someone.id) is True
        if someone.status == "held":
            for one in people:
                self.settle(one, "confirmed")
        elif someone.group.together:
            self.enter(people)
        else:
            for one in people:
                self.enter([one])
        self.tell_once(people)

    def enter(self, people: list[Someone]) -> None:
        """A seat for each, or a place in the queue for each."""
        fits = self.fits(len(people))
        for one in people:
            if fits:
                self.settle(one, "confirmed")
            else:
                one.status = "waitlisted"
                self.queue.append(one)

    @precondition(lambda self: any(one.status in ("held", "wishes") for one in self.people))
    @rule(number=st.integers(0, 99))
    def lets_the_button_wait(self, number: int) -> None:
        someone = self.one(number, "held", "wishes")
        with transaction():
            late = update(Registration).where(Registration.id == someone.id)
            execute(late.values(hold_until=now() - timedelta(seconds=1)))
        people = [one for one in someone.group.people if one.status == someone.status]
        assert operations.expire_unconfirmed() == len(people)
        self.end(people, "expired")

    @precondition(lambda self: any(one.status == "pending" for one in self.people))
    @rule(number=st.integers(0, 99), several=st.booleans(), accept=st.sampled_from([True, True, False]))
    def is_decided_about(self, number: int, several: bool, accept: bool) -> None:
        someone = self.one(number, "pending")
        people = [one for one in someone.group.people if one.status == "pending"] if several else [someone]
        ids = [one.id for one in people]
        operations.decide_people(actor=person("bob"), registration_ids=ids, accept=accept, notify=True)
        groups = [people] if someone.group.together else [[one] for one in people]
        for group in groups:
            if accept:
                self.enter(group)
            else:
                for one in group:
                    one.status = "declined"
        self.tell_once(people)

    @precondition(lambda self: any(one.status == "confirmed" for one in self.people))
    @rule(number=st.integers(0, 99))
    def is_asked(self, number: int) -> None:
        someone = self.one(number, "confirmed")
        with transaction():
            asked = {"asked_at": now() - timedelta(hours=36), "replied_at": None}
            execute(update(Registration).where(Registration.id == someone.id).values(**asked))
        someone.was_asked = True

    @precondition(lambda self: any(one.was_asked for one in self.people))
    @rule()
    def silent_seats_are_released(self) -> None:
        operations.release_silent_seats()
        while self.asks_first:
            silent = [one for one in self.people if one.status == "confirmed" and one.was_asked]
            silent.sort(key=lambda one: (one.has_mate, -one.confirmed))
            missing = self.missing(len(silent))
            if not missing:
                break
            for one in silent[:missing]:
                one.status = "cancelled"
            self.told.update({("seat_released", one.group.key) for one in silent[:missing]})
            self.hand_on()

    def missing(self, silent: int) -> int:
        """How many seats the first ones need who could move up by silent people's seats."""
        for first in self.queue:
            together = [one for one in self.queue if one.group is first.group] if first.group.together else [first]
            missing = self.taken + len(together) - self.capacity
            if missing <= silent:
                return missing
        return 0

    @precondition(lambda self: any(one.status in MESSAGES_OF_PLACES for one in self.people))
    @rule(number=st.integers(0, 99))
    def sends_somebody_else(self, number: int) -> None:
        someone = self.one(number, *MESSAGES_OF_PLACES)
        name = f"P{len(self.people)} of {self.event_id}"
        values = SignUpValues(name, None, "in_person", "en")
        public_id = operations.replace_for_person(
            actor=person("bob"), registration_id=someone.id, values=values, notify=True
        )
        fresh = Someone(someone.group, someone.status)
        fresh.id = db.session.scalars(select(Registration.id).where(Registration.public_id == public_id)).one()
        self.settle(fresh, someone.status)
        self.told[MESSAGES_OF_PLACES[someone.status], someone.group.key] += 1
        for people in (someone.group.people, self.queue):
            if someone in people:
                people[people.index(someone)] = fresh
        self.people.append(fresh)
        someone.status, someone.group = "cancelled", Group(together=False, key=someone.group.key, people=[someone])

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99))
    def is_erased(self, number: int) -> None:
        someone = self.people[number % len(self.people)]
        if someone.is_erased:
            with pytest.raises(ErasedAlready):
                erase_person(actor=person("bob"), registration_id=someone.id)
            return
        erase_person(actor=person("bob"), registration_id=someone.id)
        someone.is_erased = True
        if someone.status not in ("cancelled", "expired", "declined"):
            self.end([someone], "cancelled")

    @rule(seats=st.integers(1, 6))
    def changes_the_number_of_seats(self, seats: int) -> None:
        event = db.session.get_one(Event, self.event_id)
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        values = replace(values, capacity_in_person=seats, confirm_over_limit=True)
        operations.change_event(
            actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event), notify=False
        )
        self.capacity = seats
        self.hand_on(one_by_one=True)

    @precondition(lambda self: self.people)
    @rule()
    def worker_comes_by(self) -> None:
        operations.tend_queues()

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "event_id"):
            return
        db.session.rollback()
        rows = db.session.execute(
            select(Registration.id, Registration.status).where(Registration.event_id == self.event_id)
        ).all()
        words = {"held": "unconfirmed", "wishes": "unconfirmed"}
        assert {row.id: row.status for row in rows} == {
            one.id: words.get(one.status, one.status) for one in self.people
        }
        waits = [one.registration_id for one in waiting.waiting_at(self.event_id) if one.offer_until is None]
        assert waits == [one.id for one in self.queue]
        pool = db.session.scalars(select(SeatPool).where(SeatPool.event_id == self.event_id)).one()
        assert (pool.taken, pool.waiting) == (self.taken, len(self.queue))
        assert self.next_group() is None, "free seats beside somebody who could take them"
        assert [drift for drift in seats.drifts() if drift.event_id == self.event_id] == []

    def teardown(self) -> None:
        """Each mailbox has heard of each deed once, and of nothing else."""
        if sys.exc_info()[0] is not None or not self.people:
            return
        rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts)).all()
        ids = dict(db.session.execute(select(Registration.public_id, Registration.id)).all())
        boxes = {one.id: one.group.key for one in self.people}
        about = ((row.name, ids[row.facts["registration"]]) for row in rows if "registration" in row.facts)
        assert Counter((name, boxes[one]) for name, one in about if one in boxes) == self.told


@pytest.mark.slow_on_postgresql
@pytest.mark.usefixtures("context")
def test_a_short_life_with_parties() -> None:
    live(LifeWithParties, examples=15, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
def test_a_long_life_with_parties(database: str) -> None:
    live(LifeWithParties, examples=300 if database.startswith("sqlite") else 60, steps=50)
