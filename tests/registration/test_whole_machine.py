"""A random life in which everything happens: hall and online, parties, partners, offers, decisions, replacing, erasing.

The other machines know what must come of each deed. This one knows only what must never be, whatever came before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update

from app.catalogue import derive, queries
from app.catalogue.models import Event, SeatPool, Session
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.privacy.operations import erase_person
from app.registration import operations
from app.registration.models import ACTIVE, Registration, WaitingEntry
from app.registration.operations import SignUpValues
from app.registration.rules import Way
from tests.support import books
from tests.support.cast import person
from tests.support.events import ZONE, hybrid, local, make_event, sign_up
from tests.support.lives import live
from tests.support.meetings import one_more
from tests.support.parties import address, again, bring
from tests.support.partners import add_partner, partner_values

HALL, ONLINE = "in_person", "online"
MODES = st.sampled_from([HALL, HALL, ONLINE])
NUMBERS = st.integers(0, 199)
FAR, SOON = 200, 20
STARTS = st.sampled_from([(FAR, 24), (FAR, 300), (SOON, 24)])
"""Hours to the start, and how many hours before it seats that come free are only offered. Seats are kept for a partner
only of what is far, seats of silent people are released only of what is soon.
"""


class LifeOfEverything(RuleBasedStateMachine):
    """`names` counts the people who ever came; a deed that is refused has told nobody and moved nothing.

    `too_many`: how many people more than seats each pool may have, since the organizer lowered the number.
    """

    way: ClassVar[str] = "at_once"

    def __init__(self) -> None:
        super().__init__()
        self.names = 0
        self.too_many: dict[tuple[str, int | None], int] = {}

    @initialize(hall=st.integers(1, 4), kept=st.integers(0, 2), start=STARTS)
    def put_up(self, hall: int, kept: int, start: tuple[int, int]) -> None:
        again()
        hours, lead = start
        values = hybrid(
            capacity_in_person=hall + kept,
            capacity_online=2,
            starts_local=local(hours=hours),
            offer_lead_hours=lead,
            largest_party=4,
            reconfirm_days=1,
            release_hours=48,  # so that it is time for it by day and by night
            sign_up_way=self.way,
        )
        event = make_event(values)
        self.event_id, self.partner = event.id, None
        if hours == FAR:
            partner = add_partner(event, seats_in_person=kept, release_days=1)
            self.partner, self.code = partner.id, partner.code
        self.more_is_held()
        self.a_queue_forms(HALL, 2, as_guest=False)

    def more_is_held(self) -> None:
        """Further meetings of the event; here it has none."""

    @property
    def event(self) -> Event:
        return db.session.get_one(Event, self.event_id)

    def one(self, number: int, *statuses: str) -> int | None:
        """One of the registrations in these states."""
        query = select(Registration.id).where(Registration.event_id == self.event_id, Registration.status.in_(statuses))
        found = db.session.scalars(query.order_by(Registration.id)).all()
        return found[number % len(found)] if found else None

    def do(self, deed: Callable[..., object], *, several: bool = False, **arguments: Any) -> None:
        """Do it, and look whether anybody heard twice; `several`: it is a row of deeds, each with its own mail."""
        again()
        before = books.standing(self.event_id)
        last = books.last_mail()
        try:
            deed(**arguments)
        except DomainError:
            again()
            assert books.standing(self.event_id) == before, "what was refused has happened"
            return
        again()
        if several:
            return
        rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
        heard = Counter(str(row.facts.get("registration")) for row in rows if row.name != "your_links")
        assert max(heard.values(), default=0) <= 1, [(row.name, row.to_address) for row in rows]

    def name(self) -> str:
        self.names += 1
        return f"P{self.names} of {self.event_id}"

    def comes(self, mode: str, as_guest: bool) -> dict[str, Any]:
        via = {"via": self.code} if as_guest and self.partner is not None else {}
        return {"mode": mode, "may_wait": True, **via}

    @rule(mode=MODES, also=st.booleans(), as_guest=st.booleans())
    def somebody_comes(self, mode: str, also: bool, as_guest: bool) -> None:
        rather = {"also_wait_for": HALL} if also and mode == ONLINE else {}
        name = self.name()
        self.do(lambda: sign_up(self.event, name, **self.comes(mode, as_guest), **rather))

    @rule(size=st.integers(2, 4), mode=MODES, split=st.booleans(), own=st.booleans(), as_guest=st.booleans())
    def a_party_comes(self, size: int, mode: str, split: bool, own: bool, as_guest: bool) -> None:
        names = [self.name() for _person in range(size)]
        own_ones = names[1:2] if own else []
        self.do(lambda: bring(self.event, *names, split=split, own=own_ones, **self.comes(mode, as_guest)))

    @rule(mode=MODES, size=st.integers(2, 3), as_guest=st.booleans())
    def a_queue_forms(self, mode: str, size: int, as_guest: bool) -> None:
        """All seats are taken but one, then come people who stay together, then one more who could have had it."""
        theirs = (None, self.partner) if as_guest else (None,)
        pools = [pool for pool in queries.pools_of(self.event_id) if pool.mode == mode and pool.partner_id in theirs]
        for _seat in range(sum((pool.capacity or 0) - pool.taken for pool in pools) - 1):
            self.somebody_comes(mode, also=False, as_guest=as_guest)
        self.a_party_comes(size, mode, split=False, own=True, as_guest=as_guest)
        self.somebody_comes(mode, also=False, as_guest=as_guest)

    @rule(number=NUMBERS, by_organizer=st.booleans(), everybody=st.booleans())
    def somebody_leaves(self, number: int, by_organizer: bool, everybody: bool) -> None:
        """And once more, as by a second click, which changes nothing."""
        chosen = self.one(number, *ACTIVE)
        if chosen is None:
            return

        def leave() -> None:
            if by_organizer:
                self.do(operations.cancel_person, actor=person("bob"), registration_id=chosen, notify=True)
            else:
                self.do(operations.cancel_registration, registration_id=chosen, with_companions=everybody)

        leave()
        once = books.standing(self.event_id)
        leave()
        assert books.standing(self.event_id) == once

    @rule(number=NUMBERS)
    def somebody_leaves_who_left(self, number: int) -> None:
        chosen = self.one(number, "cancelled", "declined", "expired")
        if chosen is not None:
            before = books.standing(self.event_id)
            self.do(operations.cancel_registration, registration_id=chosen)
            assert books.standing(self.event_id) == before

    @rule(number=NUMBERS, seat=st.sampled_from([HALL, ONLINE, None]), queue=st.sampled_from([HALL, ONLINE, None]))
    def somebody_switches(self, number: int, seat: str | None, queue: str | None) -> None:
        chosen = self.one(number, "confirmed", "waitlisted")
        if chosen is not None and (seat or queue) and seat != queue:
            self.do(operations.switch_mode, registration_id=chosen, way=Way(seat=seat, queue=queue))

    @rule(number=NUMBERS, yes=st.booleans())
    def an_offer_is_answered(self, number: int, yes: bool) -> None:
        here = select(SeatPool.id).where(SeatPool.event_id == self.event_id)
        offers = select(WaitingEntry.registration_id).where(
            WaitingEntry.pool_id.in_(here), WaitingEntry.offer_until.is_not(None)
        )
        found = db.session.scalars(offers.order_by(WaitingEntry.id)).all()
        if found:
            deed = operations.accept_offer if yes else operations.decline_offer
            self.do(deed, registration_id=found[number % len(found)])

    @rule()
    def offers_run_out(self) -> None:
        with transaction():
            here = select(SeatPool.id).where(SeatPool.event_id == self.event_id)
            offers = update(WaitingEntry).where(WaitingEntry.offer_until.is_not(None), WaitingEntry.pool_id.in_(here))
            execute(offers.values(offer_until=now() - timedelta(seconds=1)))
        self.do(operations.tend_queues, several=True)

    @rule(number=NUMBERS)
    def a_party_is_split(self, number: int) -> None:
        leads = select(Registration.party_id).where(
            Registration.event_id == self.event_id, Registration.stays_together, Registration.status.in_(ACTIVE)
        )
        found = db.session.scalars(leads.distinct().order_by(Registration.party_id)).all()
        if found:
            self.do(operations.split_party, registration_id=found[number % len(found)])

    @rule(number=NUMBERS, other=NUMBERS, is_known=st.booleans(), has_address=st.booleans())
    def somebody_else_comes(self, number: int, other: int, is_known: bool, has_address: bool) -> None:
        """Perhaps somebody who is there already, or waits; from the same mailbox or another."""
        chosen, known = self.one(number, *ACTIVE), self.one(other, *ACTIVE)
        if chosen is None or known is None:
            return
        name = db.session.get_one(Registration, known).name if is_known else self.name()
        values = SignUpValues(name, address(name) if is_known or has_address else None, HALL, "en")
        self.do(operations.replace_for_person, actor=person("bob"), registration_id=chosen, values=values, notify=True)

    @rule(number=NUMBERS)
    def somebody_is_asked_and_silent(self, number: int) -> None:
        chosen = self.one(number, "confirmed")
        if chosen is None:
            return
        with transaction():
            asked = {"asked_at": now() - timedelta(hours=36), "replied_at": None}
            execute(update(Registration).where(Registration.id == chosen).values(**asked))
        self.do(operations.release_silent_seats, several=True)

    @rule(number=NUMBERS)
    def somebody_says_yes(self, number: int) -> None:
        chosen = self.one(number, "confirmed")
        if chosen is not None:
            self.do(operations.confirm_coming, registration_id=chosen)

    @rule(number=NUMBERS)
    def somebody_is_erased(self, number: int) -> None:
        chosen = self.one(number, *ACTIVE)
        if chosen is not None:
            self.do(erase_person, actor=person("bob"), registration_id=chosen)

    @rule(hall=st.integers(1, 7), online=st.integers(1, 4))
    def there_are_other_seats(self, hall: int, online: int) -> None:
        event = self.event
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        values = replace(values, capacity_in_person=hall, capacity_online=online, confirm_over_limit=True)
        seen = queries.seen_of(event)
        self.do(operations.change_event, several=True, actor=person("bob"), event_id=event.id, values=values, seen=seen)
        self.too_many = books.people_too_many(self.event_id)

    @rule(number=st.integers(0, 3))
    def a_partner_keeps_so_many(self, number: int) -> None:
        if self.partner is not None:
            values = partner_values(name={"en": "A partner"}, seats_in_person=number, release_days=1)
            self.do(operations.edit_partner, several=True, actor=person("bob"), partner_id=self.partner, values=values)

    @rule()
    def kept_seats_are_released(self) -> None:
        with transaction():
            due = update(SeatPool).where(SeatPool.event_id == self.event_id, SeatPool.partner_id.is_not(None))
            execute(due.values(kept_until=now() - timedelta(seconds=1)))
        self.do(operations.release_kept_seats, several=True)

    @invariant()
    def the_books_are_true(self) -> None:
        again()
        books.check_counts(self.event_id)
        books.check_holdings(self.event_id)
        books.check_nobody_is_there_twice(self.event_id)
        books.check_nobody_waits_beside_a_seat(self.event_id)

    @invariant()
    def there_are_no_more_people_than_seats(self) -> None:
        """But those who had theirs before the organizer lowered the number, and they only get fewer."""
        found = books.people_too_many(self.event_id)
        assert {pool: people for pool, people in found.items() if people > self.too_many.get(pool, 0)} == {}
        self.too_many = found


class LifeByMail(LifeOfEverything):
    """Who signs up has the seat for good after pressing the mail's button."""

    way = "after_mail"

    @rule(number=NUMBERS)
    def a_button_is_pressed(self, number: int) -> None:
        chosen = self.one(number, "unconfirmed")
        if chosen is not None:
            self.do(operations.confirm_address, registration_id=chosen)

    @rule()
    def all_buttons_are_pressed(self) -> None:
        while (chosen := self.one(0, "unconfirmed")) is not None:
            self.do(operations.confirm_address, registration_id=chosen)

    @rule()
    def nobody_presses_in_time(self) -> None:
        with transaction():
            held = update(Registration).where(
                Registration.event_id == self.event_id, Registration.status == "unconfirmed"
            )
            execute(held.values(hold_until=now() - timedelta(seconds=1)))
        self.do(operations.expire_unconfirmed, several=True)


class LifeByDecision(LifeOfEverything):
    """The organizer decides who comes."""

    way = "i_decide"

    @rule(number=NUMBERS, accept=st.sampled_from([True, True, False]))
    def one_is_decided(self, number: int, accept: bool) -> None:
        chosen = self.one(number, "pending")
        if chosen is not None:
            self.do(operations.decide_people, actor=person("bob"), registration_ids=[chosen], accept=accept)

    @rule()
    def all_are_taken(self) -> None:
        pending = [row.id for row in books.people_of(self.event_id) if row.status == "pending"]
        if pending:
            decide = operations.decide_people
            self.do(decide, several=True, actor=person("bob"), registration_ids=pending, accept=True)


class LifeUnderWay(LifeOfEverything):
    """One evening in the hall and online, and another one online alone; at some moment the first is over."""

    is_over = False

    def more_is_held(self) -> None:
        at = self.event.starts_at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) + timedelta(days=20)
        online: dict[str, Any] = {"is_in_person": False, "is_online": True, "venue_id": None}
        one_more(self.event, starts_local=at, ends_local=at + timedelta(hours=1), **online)

    @rule()
    def the_evening_in_the_hall_is_over(self) -> None:
        if self.is_over:
            return
        first, over = queries.sessions_of(self.event_id)[0].id, local(minutes=-1)
        values = {"starts_local": over - timedelta(hours=2), "ends_local": over}
        with transaction():
            session = db.session.get_one(Session, first)
            for name, at in values.items():
                setattr(session, name, at)
            derive.derive_session(session)
            derive.derive_event(self.event, queries.sessions_of(self.event_id))
        self.is_over = True
        self.do(operations.end_ways, several=True)
        self.too_many = books.people_too_many(self.event_id)

    @invariant()
    def nobody_counts_on_what_is_over(self) -> None:
        if not self.is_over:
            return
        assert [row.name for row in books.people_of(self.event_id) if row.status in ACTIVE and row.mode == HALL] == []
        pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id == self.event_id, SeatPool.mode == HALL))
        assert {(pool.taken, pool.waiting) for pool in pools} == {(0, 0)}


LIVES = pytest.mark.parametrize("kind", [LifeOfEverything, LifeByMail, LifeByDecision, LifeUnderWay])


@pytest.mark.slow_on_postgresql
@pytest.mark.usefixtures("context")
@LIVES
def test_whatever_happens_the_books_stay_true(kind: type[LifeOfEverything]) -> None:
    live(kind, examples=10, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("context")
@LIVES
def test_whatever_happens_for_long_the_books_stay_true(kind: type[LifeOfEverything], database: str) -> None:
    """Longest where it is quicker: the statements are the same on both, and `tests/races` has what differs."""
    often = 200 if kind is LifeUnderWay else 500  # it is the first of them, with one deed more
    live(kind, examples=often if database.startswith("sqlite") else 50, steps=50)
