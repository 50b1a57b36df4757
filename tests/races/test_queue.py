"""A waiting list while everybody moves at once: nobody overtakes, nobody is stranded beside a free seat."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration
from app.registration.operations import SignUpValues, register
from app.registration.rules import Way
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.together import in_threads

pytestmark = pytest.mark.usefixtures("context")

PAT = SignUpValues(name="Pat", email="pat@example.net", mode="in_person", language="en", may_wait=True)
ROUNDS = 6


def statuses(event: Event) -> dict[int, str]:
    db.session.rollback()
    rows = db.session.execute(
        select(Registration.id, Registration.status).where(Registration.event_id == event.id).order_by(Registration.id)
    )
    return {row.id: row.status for row in rows}


def nobody_is_stranded(event: Event) -> None:
    db.session.rollback()
    pools = db.session.execute(
        select(SeatPool.capacity, SeatPool.taken, SeatPool.waiting).where(SeatPool.event_id == event.id)
    ).all()
    for pool in pools:
        assert pool.waiting == 0 or pool.taken >= pool.capacity, pool
    assert seats.drifts() == []


def test_several_leave_at_once_and_as_many_of_those_who_wait_come_in_in_turn(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=4)
        early = [sign_up(event, f"Early {number} {one}").id for one in range(4)]
        queue = [sign_up(event, f"Waits {number} {one}", may_wait=True).id for one in range(6)]
        results = in_threads(
            app, *(partial(operations.cancel_registration, registration_id=one) for one in early[:3] * 2)
        )
        assert sorted(results) == [False] * 3 + [True] * 3
        found = statuses(event)
        assert [found[one] for one in queue] == ["confirmed"] * 3 + ["waitlisted"] * 3
        nobody_is_stranded(event)


def test_the_last_seat_comes_back_while_somebody_queues_up_for_it(app: APIFlask) -> None:
    """The queue's condition is the claim's opposite: whoever doesn't get the seat gets a place, and the other way."""
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=1)
        holder = sign_up(event, f"Holder {number}")
        people = [replace(PAT, name=f"Wants {one}", email=f"w{one}.{number}@example.net") for one in range(5)]
        results = in_threads(
            app,
            partial(operations.cancel_registration, registration_id=holder.id),
            *(partial(register, event_id=event.id, values=one) for one in people),
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        assert sorted(statuses(event).values()) == ["cancelled", "confirmed", *["waitlisted"] * 4]
        nobody_is_stranded(event)


def test_an_offer_is_taken_declined_and_run_out_at_the_same_moment_and_one_of_it_counts(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(capacity_in_person=1, starts_local=local(hours=20))
        holder = sign_up(event, f"Holder {number}")
        first = sign_up(event, f"First {number}", may_wait=True)
        second = sign_up(event, f"Second {number}", may_wait=True)
        operations.cancel_registration(registration_id=holder.id)
        in_threads(
            app,
            partial(operations.accept_offer, registration_id=first.id),
            partial(operations.accept_offer, registration_id=first.id),
            partial(operations.decline_offer, registration_id=first.id),
            partial(operations.cancel_registration, registration_id=first.id),
            operations.tend_queues,
        )
        found = statuses(event)
        assert (found[first.id], found[second.id]) in (
            ("confirmed", "waitlisted"),
            ("expired", "offered"),
            ("cancelled", "offered"),
        )
        nobody_is_stranded(event)


def test_a_storm_of_all_deeds_leaves_no_drift_and_nobody_stranded(app: APIFlask) -> None:
    event = make_event(capacity_in_person=3)
    bob = person("bob")

    def comes_and_goes(number: int) -> None:
        for turn in range(4):
            values = replace(PAT, name=f"Person {number} {turn}", email=f"p{number}@example.net")
            place = register(event_id=event.id, values=values)
            if turn % 2:
                operations.cancel_person(actor=bob, registration_id=place.registration_id, notify=False)
            operations.cancel_registration(registration_id=place.registration_id)

    def changes_the_seats() -> None:
        for capacity in (6, 1, 4, 2):
            now_is = db.session.get_one(Event, event.id)
            values = queries.event_values(now_is, queries.sessions_of(event.id), queries.pools_of(event.id))
            operations.change_event(
                actor=bob,
                event_id=event.id,
                values=replace(values, capacity_in_person=capacity, confirm_over_limit=True),
                seen=queries.seen_of(now_is),
            )

    def works() -> None:
        for _turn in range(6):
            operations.tend_queues()

    results = in_threads(app, *(partial(comes_and_goes, one) for one in range(10)), changes_the_seats, works, works)
    assert not [result for result in results if isinstance(result, DomainError)]
    operations.tend_queues()
    assert set(statuses(event).values()) == {"cancelled"}
    assert waiting.waiting_at(event.id) == []
    nobody_is_stranded(event)
    told = db.session.scalars(select(OutboxMessage.dedupe_key)).all()
    assert len(told) == len(set(told))


HALL, ONLINE = "in_person", "online"
WAYS = [Way(seat=HALL), Way(seat=ONLINE), Way(HALL, ONLINE), Way(ONLINE, HALL), Way(queue=HALL), Way(queue=ONLINE)]


def test_people_who_wait_for_each_others_seats_switch_at_once_without_a_deadlock(app: APIFlask) -> None:
    """A seat in the hall that comes free moves one person over, whose seat online moves the next one back."""
    for number in range(ROUNDS):
        event = make_event(hybrid(capacity_in_person=3, capacity_online=2))
        leaver, *hall = [sign_up(event, f"Hall {number} {one}").id for one in range(3)]
        online = [sign_up(event, f"Online {number} {one}", mode=ONLINE).id for one in range(2)]
        results = in_threads(
            app,
            *(partial(operations.switch_mode, registration_id=one, way=Way(HALL, ONLINE)) for one in hall),
            *(partial(operations.switch_mode, registration_id=one, way=Way(ONLINE, HALL)) for one in online),
            partial(operations.cancel_registration, registration_id=leaver),
        )
        assert results[-1] is True
        operations.tend_queues()
        nobody_is_stranded(event)
        modes = dict(db.session.execute(select(Registration.id, Registration.mode)).all())
        assert sorted(modes[one] for one in hall + online) == [HALL, HALL, ONLINE, ONLINE]


def test_an_offer_beside_a_seat_is_taken_and_switched_away_at_the_same_moment(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_event(hybrid(capacity_in_person=1, capacity_online=1, starts_local=local(hours=20)))
        holder = sign_up(event, f"Holder {number}")
        mina = sign_up(event, f"Mina {number}", mode=ONLINE, also_wait_for=HALL)
        next_one = sign_up(event, f"Next {number}", may_wait=True)
        operations.cancel_registration(registration_id=holder.id)
        in_threads(
            app,
            partial(operations.accept_offer, registration_id=mina.id, mode=HALL),
            partial(operations.switch_mode, registration_id=mina.id, way=Way(seat=ONLINE)),
            partial(operations.decline_offer, registration_id=mina.id),
            partial(operations.switch_mode, registration_id=mina.id, way=Way(seat=ONLINE)),
        )
        found = statuses(event)
        mode = db.session.execute(select(Registration.mode).where(Registration.id == mina.id)).scalar_one()
        assert found[mina.id] == "confirmed"
        assert (mode, found[next_one.id]) in ((HALL, "waitlisted"), (ONLINE, "offered"))
        nobody_is_stranded(event)


def test_a_storm_of_sign_ups_cancels_and_switches_over_two_modes(app: APIFlask) -> None:
    event = make_event(hybrid(capacity_in_person=3, capacity_online=3))
    bob = person("bob")

    def comes_switches_and_goes(number: int) -> None:
        for turn in range(3):
            mode, rather = ((HALL, None), (ONLINE, None), (ONLINE, HALL))[(number + turn) % 3]
            values = replace(
                PAT, name=f"P {number} {turn}", email=f"p{number}@example.net", mode=mode, also_wait_for=rather
            )
            with suppress(DomainError):  # no seat to give meanwhile, or a way that isn't open just now
                place = register(event_id=event.id, values=values).registration_id
                for more in range(4):
                    operations.switch_mode(registration_id=place, way=WAYS[(number + turn + more) % len(WAYS)])
                operations.cancel_registration(registration_id=place)

    def organizes() -> None:
        for hall, online in ((6, 1), (1, 5), (4, 4), (3, 3)):
            now_is = db.session.get_one(Event, event.id)
            values = queries.event_values(now_is, queries.sessions_of(event.id), queries.pools_of(event.id))
            values = replace(values, capacity_in_person=hall, capacity_online=online, confirm_over_limit=True)
            operations.change_event(actor=bob, event_id=event.id, values=values, seen=queries.seen_of(now_is))
            operations.tend_queues()

    results = in_threads(app, *(partial(comes_switches_and_goes, one) for one in range(9)), organizes)
    assert not [result for result in results if isinstance(result, DomainError)]
    operations.tend_queues()
    nobody_is_stranded(event)
    rows = db.session.execute(
        select(Registration.id, Registration.status, Registration.mode).where(Registration.event_id == event.id)
    ).all()
    assert {row.status for row in rows} <= {"confirmed", "waitlisted", "cancelled"}
    for row in rows:
        if row.status == "confirmed":
            assert waiting.ways_of(event.id, row.id).now.seat == row.mode
    told = db.session.scalars(select(OutboxMessage.dedupe_key)).all()
    assert len(told) == len(set(told))


def test_everybody_is_asked_while_a_seat_that_came_free_moves_them_about(app: APIFlask) -> None:
    """The question touches people in the order of their numbers, a chain in the order of the queues."""
    for number in range(ROUNDS):
        event = make_event(
            hybrid(capacity_in_person=13, capacity_online=12, starts_local=local(hours=30), reconfirm_days=2)
        )
        leaver, *hall = [sign_up(event, f"Hall {number} {one}").id for one in range(13)]
        online = [sign_up(event, f"Online {number} {one}", mode=ONLINE).id for one in range(12)]
        for one, other in zip(reversed(hall), online, strict=True):
            operations.switch_mode(registration_id=one, way=Way(HALL, ONLINE))
            operations.switch_mode(registration_id=other, way=Way(ONLINE, HALL))
        with transaction():
            long_ago = now() - timedelta(days=9)
            execute(update(Registration).values(confirmed_at=long_ago, replied_at=None))
        results = in_threads(
            app, partial(operations.cancel_registration, registration_id=leaver), operations.tend_answers
        )
        assert results[0] is True
        nobody_is_stranded(event)
        asked = db.session.scalars(
            select(Registration.asked_at).where(Registration.event_id == event.id, Registration.id != leaver)
        ).all()
        assert None not in asked
