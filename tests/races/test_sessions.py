"""Sessions that are chosen while everybody moves at once: nobody sits in two, nobody is stranded beside a free seat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import Connection, delete, select, update

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction, writing_options
from app.core.errors import DomainError
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.models import Registration, WaitingEntry
from app.registration.operations import SignUpValues, register
from app.registration.operations.sign_up import SignUpResult
from app.registration.session_seats import SessionFull
from tests.support.cast import person
from tests.support.conference import (
    FAIR,
    KITCHEN,
    YARD,
    change_session,
    chooses,
    code,
    comes,
    counters_at,
    make_conference,
    nobody_is_wronged,
    only_chosen,
    seats_of,
    session_pool,
    status_of,
    waits_of,
)
from tests.support.events import hybrid, make_event
from tests.support.together import in_threads
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("context")

ROUNDS = 6

# SQLite has one writer at a time, so there is nothing to try.
ONLY_POSTGRESQL = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def guest(name: str, *sessions: str, told_full: tuple[str, ...] = ()) -> SignUpValues:
    address = f"{name.lower().replace(' ', '.')}@example.net"
    return SignUpValues(name, address, "in_person", "en", sessions=sessions, told_full=told_full)


def nobody_was_told_twice() -> None:
    told = db.session.scalars(select(OutboxMessage.dedupe_key)).all()
    assert len(told) == len(set(told))


def everybody_leaves(event: Event) -> list[str]:
    """Take everybody off the list; gives the statuses that they had."""
    columns = select(Registration.id, Registration.status).where(Registration.event_id == event.id)
    rows = db.session.execute(columns.order_by(Registration.id)).all()
    for row in rows:
        operations.cancel_person(actor=person("bob"), registration_id=row.id, notify=False)
    return [row.status for row in rows]


@pytest.mark.parametrize("knew", [False, True], ids=["who hopes", "who knows that it is full"])
def test_ten_want_the_last_seat_of_a_session(app: APIFlask, knew: bool) -> None:
    for number in range(ROUNDS):
        event = make_conference(kitchen=1)
        kitchen, fair = code(event, KITCHEN), code(event, FAIR)
        told = (kitchen,) if knew else ()
        people = [guest(f"Wants {number} {one}", kitchen, fair, told_full=told) for one in range(10)]
        results = in_threads(app, *(partial(register, event_id=event.id, values=one) for one in people))
        came = [one for one in results if isinstance(one, SignUpResult)]
        assert len(came) == (10 if knew else 1)
        assert all(isinstance(one, SessionFull) for one in results if one not in came), results
        assert counters_at(event, KITCHEN) == (1, 9 if knew else 0)
        assert counters_at(event, FAIR) == (len(came), 0)
        nobody_is_wronged(event)


def test_the_last_seat_comes_back_while_others_ask_for_it(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_conference(kitchen=1)
        holder = comes(event, f"Holder {number}", KITCHEN)
        kitchen = code(event, KITCHEN)
        people = [guest(f"Wants {number} {one}", kitchen, told_full=(kitchen,)) for one in range(5)]
        results = in_threads(
            app,
            partial(operations.choose_sessions, registration_id=holder.id, sessions=[code(event, FAIR)]),
            *(partial(register, event_id=event.id, values=one) for one in people),
        )
        assert not [one for one in results if isinstance(one, DomainError)]
        assert counters_at(event, KITCHEN) == (1, 4)
        assert seats_of(holder) == {FAIR}
        nobody_is_wronged(event)


def test_two_swap_into_each_others_seats_at_once(app: APIFlask) -> None:
    """Each leaves the own seat and knows that the other one is full: whoever comes second gets what the first left."""
    for number in range(ROUNDS):
        event = make_conference(yard=1, kitchen=1)
        mina, nils = comes(event, f"Mina {number}", YARD), comes(event, f"Nils {number}", KITCHEN)
        yard, kitchen = code(event, YARD), code(event, KITCHEN)
        swap = operations.choose_sessions
        results = in_threads(
            app,
            partial(swap, registration_id=mina.id, sessions=[kitchen], told_full=[kitchen]),
            partial(swap, registration_id=nils.id, sessions=[yard], told_full=[yard]),
        )
        assert results == [True, True]
        assert (seats_of(mina), seats_of(nils)) == ({KITCHEN}, {YARD})
        assert (waits_of(mina), waits_of(nils)) == (set(), set())
        nobody_is_wronged(event)
    nobody_was_told_twice()


def test_chains_of_people_who_wait_for_each_others_seats_end_without_a_deadlock(app: APIFlask) -> None:
    for number in range(ROUNDS):
        event = make_conference(yard=3, kitchen=3)
        in_yard = [comes(event, f"Yard {number} {one}", YARD) for one in range(3)]
        in_kitchen = [comes(event, f"Kitchen {number} {one}", KITCHEN) for one in range(3)]
        for one in in_yard[1:]:
            chooses(one, YARD, KITCHEN, told=(KITCHEN,))
        for one in in_kitchen[1:]:
            chooses(one, KITCHEN, YARD, told=(YARD,))
        leave = operations.cancel_registration
        results = in_threads(
            app,
            partial(leave, registration_id=in_yard[0].id),
            partial(leave, registration_id=in_kitchen[0].id),
            *(partial(leave, registration_id=one.id) for one in (in_yard[1], in_kitchen[1])),
        )
        assert results == [True] * 4
        nobody_is_wronged(event)
        assert (seats_of(in_yard[2]), seats_of(in_kitchen[2])) == ({KITCHEN}, {YARD})
    nobody_was_told_twice()


def test_a_storm_of_sign_ups_choices_and_cancels_over_two_sessions_at_one_time(app: APIFlask) -> None:
    event = make_conference(yard=2, kitchen=2)
    yard, kitchen, fair = (code(event, title) for title in (YARD, KITCHEN, FAIR))
    plans = [[yard, kitchen], [kitchen], [kitchen, yard, fair], [fair], [yard], [yard, fair, kitchen]]
    told = [[kitchen], [kitchen, yard], [yard], [], [yard], [kitchen]]

    def comes_chooses_and_goes(number: int) -> None:
        for turn in range(3):
            first = (number + turn) % len(plans)
            values = guest(f"P {number} {turn}", *plans[first], told_full=tuple(told[first]))
            with suppress(DomainError):  # refused where something that wasn't known to be full is
                place = register(event_id=event.id, values=values).registration_id
                for more in range(4):
                    choice = (number + turn + more) % len(plans)
                    with suppress(DomainError):
                        operations.choose_sessions(
                            registration_id=place, sessions=plans[choice], told_full=told[choice]
                        )
                if turn < 2:
                    operations.cancel_registration(registration_id=place)

    def organizes() -> None:
        for limit in (4, 1, 3, 2):
            with suppress(DomainError):  # somebody else saved the form meanwhile
                change_session(event, YARD, capacity_in_person=limit)
            operations.tend_queues()

    results = in_threads(app, *(partial(comes_chooses_and_goes, one) for one in range(9)), organizes)
    assert not [one for one in results if isinstance(one, DomainError)]
    operations.tend_queues()
    nobody_is_wronged(event)
    nobody_was_told_twice()
    assert set(everybody_leaves(event)) <= {"confirmed", "cancelled"}
    assert [counters_at(event, title) for title in (YARD, KITCHEN, FAIR)] == [(0, 0)] * 3


@contextmanager
def second_connection() -> Iterator[Connection]:
    """A transaction of somebody else."""
    with db.engine.connect().execution_options(**writing_options(db.engine)) as connection, connection.begin():
        yield connection


def free_rows(event: Event) -> list[int]:
    """The pools of the event that nobody holds."""
    query = select(SeatPool.id).where(SeatPool.event_id == event.id).order_by(SeatPool.id)
    with second_connection() as connection:
        return list(connection.execute(query.with_for_update(skip_locked=True)).scalars())


def is_somebody_waiting() -> bool:
    """Whether a statement waits for a row that another transaction has."""
    with second_connection() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(connection.exec_driver_sql(query).scalar_one())


@ONLY_POSTGRESQL
def test_who_takes_an_offer_and_chooses_at_the_same_moment_keeps_what_was_taken(app: APIFlask, database: str) -> None:
    """The one who chooses had been read before the offer was taken; what is written must go by what is true then."""
    event = only_chosen(make_conference(days=0.8, yard=1))
    change_session(event, FAIR, capacity_in_person=1)
    holders = [comes(event, title, title) for title in (YARD, FAIR)]
    mina = comes(event, "Mina", YARD, FAIR, told=(YARD, FAIR))
    for one in holders:
        operations.cancel_registration(registration_id=one.id)
    with transaction():
        late = update(WaitingEntry).where(WaitingEntry.pool_id == session_pool(event, FAIR).id)
        execute(late.values(offer_until=now() - timedelta(seconds=1)))
    choice = {"registration_id": mina.id, "sessions": [code(event, YARD)]}
    found: list[object] = []
    thread = threading.Thread(
        target=lambda: found.extend(in_threads(app, partial(operations.choose_sessions, **choice)))
    )
    with transaction():
        seats.hold(event.id)
        thread.start()
        eventually(is_somebody_waiting, what="the wait for the event's seats")
        operations.accept_offer(registration_id=mina.id, session=code(event, YARD))
    thread.join()
    assert found == [False], "she has the yard already"
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {YARD}, set())
    nobody_is_wronged(event)


@ONLY_POSTGRESQL
def test_the_seats_are_held_though_the_first_pool_is_taken_away_meanwhile(app: APIFlask, database: str) -> None:
    """Who waited for a row that is gone then has found nothing to hold: the next pool is the first one now."""
    event = make_event(hybrid())
    first, second = (pool.id for pool in queries.pools_of(event.id))
    event_id = event.id
    holds, is_done = threading.Event(), threading.Event()

    def hold() -> None:
        with app.app_context():
            with transaction():
                seats.hold(event_id)
                holds.set()
                is_done.wait(30)
            db.session.remove()

    thread = threading.Thread(target=hold)
    with second_connection() as connection:
        connection.execute(update(SeatPool).where(SeatPool.id == first).values(taken=SeatPool.taken))
        thread.start()
        eventually(is_somebody_waiting, what="the wait for the first pool")
        assert free_rows(event) == [second]
        connection.execute(delete(SeatPool).where(SeatPool.id == first))
    try:
        assert holds.wait(30)
        assert free_rows(event) == []
    finally:
        is_done.set()
        thread.join()
    assert free_rows(event) == [second]
