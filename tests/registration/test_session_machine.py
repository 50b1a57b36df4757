"""A random life of a conference against a model that is nothing but lists: who sits where, and who waits, in turn."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

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
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration, SeatClaim, WaitingEntry
from app.registration.operations.choosing import TooLateToChoose
from app.registration.operations.offers import OfferOver
from app.registration.session_seats import NothingChosen, SessionClash, SessionFull
from tests.support.cast import person
from tests.support.conference import FAIR, KITCHEN, YARD, change_session, make_conference, only_chosen, session_called
from tests.support.events import sign_up
from tests.support.lives import live

SESSIONS = (YARD, KITCHEN, FAIR)
AT_ONCE = {YARD: KITCHEN, KITCHEN: YARD}
chosen = st.lists(st.sampled_from(SESSIONS), unique=True, max_size=3)
told_full = st.sets(st.sampled_from(SESSIONS))


@dataclass
class Someone:
    """What the model believes of one registration. What is waited for is in the machine's queues, too."""

    id: int = 0
    sits: set[str] = field(default_factory=set)
    waits: set[str] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)
    ended: str | None = None

    @property
    def all(self) -> set[str]:
        return self.sits | self.waits | self.offers


class LifeOfAConference(RuleBasedStateMachine):
    """`people` are all registrations ever made, `queues` those who wait for each session, `told` what they hear."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Someone] = []
        self.queues: dict[str, list[Someone]] = {title: [] for title in SESSIONS}
        self.told: Counter[tuple[str, int]] = Counter()

    @initialize(limits=st.tuples(*[st.integers(1, 2)] * 3), hours=st.sampled_from([20, 200]), must_choose=st.booleans())
    def put_up(self, limits: tuple[int, ...], hours: int, must_choose: bool) -> None:
        db.session.rollback()
        yard, kitchen, fair = limits
        self.event = make_conference(days=hours / 24, yard=yard, kitchen=kitchen)
        change_session(self.event, FAIR, capacity_in_person=fair)
        if must_choose:
            only_chosen(self.event)
        self.capacity = dict(zip(SESSIONS, limits, strict=True))
        self.asks_first, self.must_choose = hours < 24, must_choose
        rows = {title: session_called(self.event, title) for title in SESSIONS}
        self.codes = {title: row.code for title, row in rows.items()}
        pools = {pool.session_id: pool.id for pool in queries.pools_of(self.event.id)}
        self.pools = {title: pools[row.id] for title, row in rows.items()}

    def taken(self, title: str) -> int:
        return sum(title in one.sits | one.offers for one in self.people)

    def is_free(self, title: str) -> bool:
        """Whether a newcomer could have a seat."""
        return not self.queues[title] and self.taken(title) < self.capacity[title]

    def status(self, someone: Someone) -> str:
        if someone.ended:
            return someone.ended
        if someone.sits or not self.must_choose:
            return "confirmed"
        return "offered" if someone.offers else "waitlisted"

    def one(self, number: int) -> Someone:
        """Somebody; mostly one of those who are still there."""
        there = [one for one in self.people if not one.ended] if number % 5 else []
        return (there or self.people)[number % len(there or self.people)]

    def hand_on(self, *, is_each_a_deed: bool = False) -> list[Someone]:
        """What must have happened after each deed: freed seats go to the queues, in turn, until nobody can move.

        Whoever gets several seats by one deed is told once, but asked about each.
        """
        moved: list[Someone] = []
        while title := next(
            (one for one in SESSIONS if self.queues[one] and self.taken(one) < self.capacity[one]), None
        ):
            someone = self.queues[title].pop(0)
            someone.waits.remove(title)
            if self.asks_first:
                someone.offers.add(title)
            else:
                self.sit(someone, title)
            if self.asks_first:
                self.told["seat_offered", someone.id] += 1
            elif is_each_a_deed or someone not in moved:
                self.told["promoted", someone.id] += 1
            moved.append(someone)
        return moved

    def sit(self, someone: Someone, title: str) -> None:
        """For good, instead of what is at the same time."""
        someone.sits.discard(AT_ONCE.get(title, ""))
        someone.sits.add(title)

    def leave(self, someone: Someone, titles: set[str]) -> None:
        for title in titles & someone.waits:
            self.queues[title].remove(someone)
        for kind in (someone.sits, someone.waits, someone.offers):
            kind.difference_update(titles)

    def what_is_wrong(self, someone: Someone, wishes: list[str], told: set[str]) -> type[DomainError] | None:
        """Why a choice must be refused whatever is free."""
        new = set(wishes) - someone.all
        sits = someone.sits & set(wishes) | new - told
        waits = (someone.waits | someone.offers) & set(wishes) | new & told
        if any({YARD, KITCHEN} <= titles for titles in (sits, waits)):
            return SessionClash
        return None

    def bring(self, someone: Someone, wishes: list[str], told: set[str]) -> type[DomainError] | None:
        """Give exactly these; what was refused leaves a mess, which the caller must take back."""
        new = [title for title in wishes if title not in someone.all]
        had_seats = bool(someone.sits)
        self.leave(someone, someone.all - set(wishes))
        for title in [one for one in new if one in told and self.is_free(one)]:
            self.sit(someone, title)
        for title in [one for one in new if one not in told and AT_ONCE.get(one) not in someone.sits & set(new)]:
            if not self.is_free(title):
                return SessionFull
            someone.sits.add(title)
        for title in [one for one in new if one in told and one not in someone.sits]:
            someone.waits.add(title)
            self.queues[title].append(someone)
        is_nothing = not someone.sits and (had_seats or not someone.all)
        return NothingChosen if self.must_choose and is_nothing else None

    @rule(wishes=chosen, told=told_full)
    def comes(self, wishes: list[str], told: set[str]) -> None:
        someone, name = Someone(), f"Person {len(self.people)} of {self.event.id}"
        wrong = self.what_is_wrong(someone, wishes, told)
        before = {title: list(queue) for title, queue in self.queues.items()}
        self.people.append(someone)
        wrong = wrong or self.bring(someone, wishes, told)
        if wrong:
            self.people.pop()
            self.queues = before
        codes = tuple(self.codes[title] for title in wishes)
        full = tuple(self.codes[title] for title in told)
        if wrong:
            with pytest.raises(wrong):
                sign_up(self.event, name, sessions=codes, told_full=full)
            return
        someone.id = sign_up(self.event, name, sessions=codes, told_full=full).id
        self.told["registration_confirmed" if self.status(someone) == "confirmed" else "waitlisted", someone.id] += 1

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), wishes=chosen, told=told_full, keeps=st.booleans(), by_organizer=st.booleans())
    def chooses(self, number: int, wishes: list[str], told: set[str], keeps: bool, by_organizer: bool) -> None:
        """`keeps`: what the person has is chosen, too."""
        someone = self.one(number)
        if keeps:
            wishes = [*wishes, *sorted(someone.all - set(wishes))]
        given = {
            "registration_id": someone.id,
            "sessions": [self.codes[title] for title in wishes],
            "told_full": [self.codes[title] for title in told],
        }
        before = (set(someone.sits), set(someone.waits), set(someone.offers))
        queues = {title: list(queue) for title, queue in self.queues.items()}
        is_same = set(wishes) == someone.all
        wrong: type[DomainError] | None = TooLateToChoose if someone.ended else None
        if not (wrong or is_same):
            wrong = self.what_is_wrong(someone, wishes, told) or self.bring(someone, wishes, told)
        if wrong:
            someone.sits, someone.waits, someone.offers = before
            self.queues = queues
        choose = partial(operations.choose_sessions, **given)
        if by_organizer:
            choose = partial(operations.choose_for_person, actor=person("bob"), notify=True, **given)
        if wrong:
            with pytest.raises(wrong):
                choose()
            return
        done = choose()
        assert done is not is_same
        if done:
            status = self.status(someone)
            if someone not in self.hand_on():
                words = {"confirmed": "registration_changed", "offered": "seat_offered", "waitlisted": "waitlisted"}
                self.told[words[status], someone.id] += 1

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
            self.end(someone, "cancelled")

    def end(self, someone: Someone, ended: str) -> None:
        self.leave(someone, someone.all)
        someone.ended = ended
        self.hand_on()

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), title=st.sampled_from(SESSIONS))
    def accepts(self, number: int, title: str) -> None:
        someone = self.one(number)
        title = next(iter(sorted(someone.offers)), title)
        given = {"registration_id": someone.id, "session": self.codes[title]}
        if title in someone.offers:
            assert operations.accept_offer(**given) is True
            someone.offers.remove(title)
            self.sit(someone, title)
            if someone not in self.hand_on():
                self.told["registration_confirmed", someone.id] += 1
        elif title in someone.sits:
            assert operations.accept_offer(**given) is False
        else:
            with pytest.raises(OfferOver):
                operations.accept_offer(**given)

    @precondition(lambda self: self.people)
    @rule(number=st.integers(0, 99), title=st.sampled_from(SESSIONS))
    def declines(self, number: int, title: str) -> None:
        someone = self.one(number)
        title = next(iter(sorted(someone.offers)), title)
        was_offered = title in someone.offers
        done = operations.decline_offer(registration_id=someone.id, session=self.codes[title])
        assert done is was_offered
        if was_offered:
            self.lose_offer(someone, title)
            self.told["registration_cancelled", someone.id] += bool(someone.ended)

    def lose_offer(self, someone: Someone, title: str) -> None:
        """Who has nothing else is out."""
        someone.offers.remove(title)
        if self.must_choose and not someone.all:
            someone.ended = "expired"
        self.hand_on()

    @precondition(lambda self: any(one.offers for one in self.people))
    @rule(by_newcomer=st.booleans(), wishes=chosen, told=told_full)
    def lets_an_offer_run_out(self, by_newcomer: bool, wishes: list[str], told: set[str]) -> None:
        """The scheduler ends it, or, while that is dead, whoever signs up; who is refused ends nothing."""
        someone = next(one for one in self.people if one.offers)
        title = min(someone.offers)
        late = update(WaitingEntry).where(
            WaitingEntry.registration_id == someone.id, WaitingEntry.pool_id == self.pools[title]
        )
        with transaction():
            execute(late.values(offer_until=now() - timedelta(seconds=1)))
        if by_newcomer:
            self.lose_offer(someone, title)
            self.told["offer_over", someone.id] += 1
            self.comes(wishes, told)
            operations.tend_queues()  # where the newcomer was refused, all was taken back
        else:
            operations.tend_queues()
            self.lose_offer(someone, title)
            self.told["offer_over", someone.id] += 1

    @rule(title=st.sampled_from(SESSIONS), limit=st.integers(1, 3))
    def changes_the_number_of_seats(self, title: str, limit: int) -> None:
        change_session(self.event, title, capacity_in_person=limit)
        self.capacity[title] = limit
        self.hand_on(is_each_a_deed=True)

    @rule()
    def worker_comes_by(self) -> None:
        operations.tend_queues()

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "event"):
            return
        db.session.rollback()
        rows = db.session.execute(
            select(Registration.id, Registration.status).where(Registration.event_id == self.event.id)
        )
        assert {row.id: row.status for row in rows} == {one.id: self.status(one) for one in self.people}
        pools = {pool.id: pool for pool in queries.pools_of(self.event.id)}
        entries = waiting.waiting_at(self.event.id)
        for title, pool_id in self.pools.items():
            pool = pools[pool_id]
            db.session.refresh(pool)
            here = [entry for entry in entries if entry.session_id == pool.session_id]
            waits = [entry.registration_id for entry in here if entry.offer_until is None]
            assert waits == [one.id for one in self.queues[title]]
            offered = {entry.registration_id for entry in here if entry.offer_until is not None}
            assert offered == {one.id for one in self.people if title in one.offers}
            assert (pool.taken, pool.waiting) == (self.taken(title), len(waits))
            held = db.session.scalars(select(SeatClaim.registration_id).where(SeatClaim.pool_id == pool_id)).all()
            assert sorted(held) == sorted(one.id for one in self.people if title in one.sits | one.offers)
            assert not (waits and pool.taken < self.capacity[title]), "a free seat beside somebody who waits"
        for one in self.people:
            assert not {YARD, KITCHEN} <= one.sits, "two seats at one time"
            assert not {YARD, KITCHEN} <= one.waits | one.offers, "two places in queues at one time"
        assert seats.drifts() == []

    def teardown(self) -> None:
        """Everybody has heard of each deed once, and of nothing else."""
        if sys.exc_info()[0] is not None or not hasattr(self, "event"):
            return  # a step has failed: its words are the ones to read
        rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts)).all()
        ids = dict(db.session.execute(select(Registration.public_id, Registration.id)).all())
        mine = {one.id for one in self.people}
        told = Counter((row.name, ids[row.facts["registration"]]) for row in rows if "registration" in row.facts)
        expected = {key: number for key, number in self.told.items() if number}
        assert {key: number for key, number in told.items() if key[1] in mine} == expected


@pytest.mark.slow_on_postgresql
@pytest.mark.usefixtures("context")
def test_a_short_life() -> None:
    live(LifeOfAConference, examples=15, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
def test_a_long_life(database: str) -> None:
    """Longest where it is quicker: the statements are the same on both, and `tests/races` has what differs."""
    live(LifeOfAConference, examples=200 if database.startswith("sqlite") else 50, steps=50)
