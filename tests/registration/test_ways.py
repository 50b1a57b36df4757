"""Coming another way: the hall, online, or online while waiting for the hall; one registration throughout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.catalogue.models import Event, SeatPool
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import NotAllowed
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.messages import MESSAGES
from app.registration.models import Registration, WaitingEntry
from app.registration.operations.offers import OfferOver
from app.registration.operations.sign_up import EventFull
from app.registration.operations.ways import TooLateToChange, WayNotOpen
from app.registration.own_calendar import personal_calendar
from app.registration.rules import Way, Why
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = Way(seat="in_person"), Way(seat="online")
MEANWHILE = Way(seat="online", queue="in_person")


def hybrid_event(hall: int = 1, online: int | None = 5, **changes: Any) -> tuple[Event, list[Registration]]:
    """A hybrid event whose hall is full, and those who filled it."""
    event = make_event(hybrid(capacity_in_person=hall, capacity_online=online, **changes))
    return event, [sign_up(event, f"Early {number}") for number in range(hall)]


def comes_meanwhile(event: Event, name: str = "Mina Meanwhile") -> Registration:
    return sign_up(event, name, mode="online", also_wait_for="in_person")


def known(registration: Registration) -> Registration:
    """The registration as it is now."""
    db.session.expunge_all()  # a rollback would empty what the test still looks at
    db.session.rollback()
    return db.session.get_one(Registration, registration.id)


def way(registration: Registration) -> Way:
    return waiting.ways_of(registration.event_id, registration.id).now


def counters(event: Event) -> dict[str, tuple[int, int]]:
    """Seats taken and people waiting, by mode."""
    db.session.rollback()
    rows = execute(select(SeatPool.mode, SeatPool.taken, SeatPool.waiting).where(SeatPool.event_id == event.id))
    return {row.mode: (row.taken, row.waiting) for row in rows}


def mails_to(registration: Registration) -> list[str]:
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts).order_by(OutboxMessage.id))
    return [row.name for row in rows if row.facts.get("registration") == registration.public_id]


def last_letter(registration: Registration, language: str = "en") -> Letter:
    """The last mail to the person, as the worker renders it."""
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts).order_by(OutboxMessage.id)).all()
    name, facts = [(row.name, row.facts) for row in rows if row.facts["registration"] == registration.public_id][-1]
    with in_language(language):
        letter = MESSAGES[name](facts)
    assert letter is not None
    return letter


def test_a_full_hall_gives_a_seat_online_and_a_place_in_the_queue_with_one_mail() -> None:
    event, (early,) = hybrid_event()
    mina = comes_meanwhile(event)
    assert (mina.status, mina.mode) == ("confirmed", "online")
    assert counters(event) == {"in_person": (1, 1), "online": (1, 0)}
    (entry,) = waiting.waiting_at(event.id)
    assert (entry.name, entry.mode, entry.place, entry.why, entry.held_mode) == (
        "Mina Meanwhile",
        "in_person",
        1,
        Why.FULL,
        "online",
    )
    assert mails_to(mina) == ["registration_confirmed"]
    for words in ("You are also on the waiting list: in the hall. You are the first on the list.", "/room"):
        assert words in last_letter(mina).text
    assert "Вы также в листе ожидания: в зале." in last_letter(mina, "ru").html
    assert way(early) == HALL


def test_the_seat_in_the_hall_comes_by_itself_and_the_one_online_goes_on_to_the_next() -> None:
    event, (early,) = hybrid_event(online=1)
    mina = comes_meanwhile(event)
    other = sign_up(event, "Otto Online", mode="online", may_wait=True)
    before = (mina.id, mina.reference, mina.ticket_hash, mina.manage_hash)
    operations.cancel_registration(registration_id=early.id)
    mina, other = known(mina), known(other)
    assert (mina.status, mina.mode, way(mina)) == ("confirmed", "in_person", HALL)
    assert (other.status, way(other)) == ("confirmed", ONLINE)
    assert (mina.id, mina.reference, mina.ticket_hash, mina.manage_hash) == before
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert mails_to(mina) == ["registration_confirmed", "promoted"]
    letter = last_letter(mina)
    assert "it was your turn: in the hall" in letter.text
    assert "You have given up the seat that you had until now: online." in letter.text
    assert letter.qr is not None
    assert "given up" not in last_letter(other).text


def test_who_wishes_for_the_hall_gets_it_when_it_is_free_after_all() -> None:
    event = make_event(hybrid(capacity_in_person=1))
    lucky = comes_meanwhile(event)
    assert (lucky.mode, way(lucky)) == ("in_person", HALL)
    assert counters(event) == {"in_person": (1, 0), "online": (0, 0)}


def test_without_a_seat_to_give_meanwhile_nobody_is_put_anywhere() -> None:
    event, _early = hybrid_event(online=1)
    sign_up(event, "Otto Online", mode="online")
    with pytest.raises(EventFull):
        comes_meanwhile(event)
    listless, _early = hybrid_event(has_waiting_list=False)
    with pytest.raises(EventFull):
        comes_meanwhile(listless)
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert counters(listless) == {"in_person": (1, 0), "online": (0, 0)}


def test_a_switch_keeps_number_ticket_and_uid_and_raises_the_entrys_revision() -> None:
    event, (early,) = hybrid_event()
    waits = sign_up(event, "Wanda Waits", may_wait=True)
    before = (early.reference, early.ticket_hash, early.manage_hash, early.change_number)
    entry = personal_calendar(known(early), "en").decode()
    assert operations.switch_mode(registration_id=early.id, way=ONLINE) is True
    assert operations.switch_mode(registration_id=early.id, way=ONLINE) is False
    early = known(early)
    assert (early.status, early.mode, early.changes) == ("confirmed", "online", 1)
    assert (early.reference, early.ticket_hash, early.manage_hash) == before[:3]
    assert early.change_number > before[3]
    assert known(waits).status == "confirmed"
    assert mails_to(early) == ["registration_confirmed", "registration_changed"]
    moved = personal_calendar(early, "en").decode()
    assert [line for line in entry.splitlines() if line.startswith("UID")] == [
        line for line in moved.splitlines() if line.startswith("UID")
    ]
    assert "SEQUENCE:0" in entry
    assert "SEQUENCE:1" in moved
    letter = last_letter(early)
    assert "Your seat is kept: online." in letter.text
    assert (letter.qr, letter.calendar is None) == (None, False)


def test_from_online_one_queues_for_the_hall_and_leaves_the_queue_again() -> None:
    event, _early = hybrid_event()
    otto = sign_up(event, "Otto Online", mode="online")
    operations.switch_mode(registration_id=otto.id, way=MEANWHILE)
    assert counters(event) == {"in_person": (1, 1), "online": (1, 0)}
    assert "You are also on the waiting list" in last_letter(otto).text
    operations.switch_mode(registration_id=otto.id, way=ONLINE)
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert "waiting list" not in last_letter(otto).text
    assert known(otto).changes == 0, "the calendar entry says the same"
    assert mails_to(otto) == ["registration_confirmed", "registration_changed", "registration_changed"]


def test_who_only_waits_takes_a_seat_online_and_keeps_the_turn() -> None:
    event, (early,) = hybrid_event()
    first, second = (sign_up(event, name, may_wait=True) for name in ("First", "Second"))
    operations.switch_mode(registration_id=first.id, way=MEANWHILE)
    assert (known(first).status, known(first).mode) == ("confirmed", "online")
    assert mails_to(first) == ["waitlisted", "registration_changed"]
    operations.cancel_registration(registration_id=early.id)
    assert way(known(first)) == HALL
    assert known(second).status == "waitlisted"


def test_one_waits_for_online_instead_of_the_hall() -> None:
    event, _early = hybrid_event(online=1)
    sign_up(event, "Otto Online", mode="online")
    waits = sign_up(event, "Wanda Waits", may_wait=True)
    operations.switch_mode(registration_id=waits.id, way=Way(queue="online"))
    assert (known(waits).status, known(waits).mode) == ("waitlisted", "online")
    assert counters(event) == {"in_person": (1, 0), "online": (1, 1)}
    assert mails_to(waits) == ["waitlisted", "waitlisted"]


def test_two_people_who_wait_for_each_others_seat_both_get_it() -> None:
    event = make_event(hybrid(capacity_in_person=2, capacity_online=1))
    leaver, ada = sign_up(event, "Leaver"), sign_up(event, "Ada")
    ben = sign_up(event, "Ben", mode="online")
    operations.switch_mode(registration_id=ada.id, way=Way(seat="in_person", queue="online"))
    operations.switch_mode(registration_id=ben.id, way=MEANWHILE)
    operations.cancel_registration(registration_id=leaver.id)
    assert (way(known(ada)), way(known(ben))) == (ONLINE, HALL)
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert seats.drifts() == []


@pytest.mark.parametrize(
    "wanted", [Way(seat="in_person"), Way(queue="in_person"), Way(seat="in_person", queue="online"), Way(seat="roof")]
)
def test_what_is_not_open_is_refused_and_changes_nothing(wanted: Way) -> None:
    event, _early = hybrid_event()
    otto = sign_up(event, "Otto Online", mode="online")
    before = counters(event)
    with pytest.raises(WayNotOpen):
        operations.switch_mode(registration_id=otto.id, way=wanted)
    assert counters(event) == before
    assert mails_to(otto) == ["registration_confirmed"]


def test_the_deadline_binds_the_person_and_not_the_organizer() -> None:
    event, (early,) = hybrid_event(starts_local=local(hours=5), change_lead_hours=6)
    with pytest.raises(TooLateToChange):
        operations.switch_mode(registration_id=early.id, way=ONLINE)
    bob = person("bob")
    assert operations.switch_person(actor=bob, registration_id=early.id, way=ONLINE, notify=False) is True
    assert mails_to(early) == ["registration_confirmed"]
    assert operations.switch_person(actor=bob, registration_id=early.id, way=HALL, notify=True) is True
    assert mails_to(early) == ["registration_confirmed", "registration_changed"]
    with time_machine.travel(event.ends_at + timedelta(minutes=1)), pytest.raises(TooLateToChange):
        operations.switch_person(actor=bob, registration_id=early.id, way=ONLINE, notify=False)


def test_only_those_who_see_people_switch_them() -> None:
    _event, (early,) = hybrid_event()
    with pytest.raises(NotAllowed):
        operations.switch_person(actor=person("dora"), registration_id=early.id, way=ONLINE, notify=False)


def test_a_place_given_back_can_not_be_switched() -> None:
    _event, (early,) = hybrid_event()
    operations.cancel_registration(registration_id=early.id)
    with pytest.raises(WayNotOpen):
        operations.switch_mode(registration_id=early.id, way=ONLINE)


def offered() -> tuple[Event, Registration]:
    """Somebody online who is asked whether to take a seat in the hall."""
    event, (early,) = hybrid_event(starts_local=local(hours=20))
    mina = comes_meanwhile(event)
    operations.cancel_registration(registration_id=early.id)
    return event, known(mina)


def test_an_offer_leaves_the_seat_online_untouched_until_it_is_taken() -> None:
    event, mina = offered()
    assert (mina.status, mina.mode) == ("confirmed", "online")
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert mails_to(mina) == ["registration_confirmed", "seat_offered"]
    assert "you keep the seat that you have (online) and leave this waiting list." in last_letter(mina).text
    assert operations.accept_offer(registration_id=mina.id, mode="in_person") is True
    assert operations.accept_offer(registration_id=mina.id, mode="in_person") is False
    mina = known(mina)
    assert (mina.mode, mina.changes, way(mina)) == ("in_person", 1, HALL)
    assert counters(event) == {"in_person": (1, 0), "online": (0, 0)}
    assert last_letter(mina).qr is not None


def test_a_no_and_an_offer_that_runs_out_cost_the_place_in_the_queue_only() -> None:
    event, mina = offered()
    assert operations.decline_offer(registration_id=mina.id) is True
    assert operations.decline_offer(registration_id=mina.id) is False
    assert (known(mina).status, way(mina)) == ("confirmed", ONLINE)
    assert counters(event) == {"in_person": (0, 0), "online": (1, 0)}
    assert mails_to(mina) == ["registration_confirmed", "seat_offered"]

    event, mina = offered()
    with time_machine.travel(now() + timedelta(hours=19)):
        operations.tend_queues()
    assert (known(mina).status, way(mina)) == ("confirmed", ONLINE)
    assert mails_to(mina) == ["registration_confirmed", "seat_offered", "offer_over"]
    assert "You keep the seat that you have: online." in last_letter(mina).text
    with pytest.raises(OfferOver):
        operations.accept_offer(registration_id=mina.id, mode="in_person")


def test_somebody_may_be_asked_again_later_and_hears_of_it_again() -> None:
    event, mina = offered()
    operations.decline_offer(registration_id=mina.id)
    filler = sign_up(event, "Filler")
    operations.switch_mode(registration_id=mina.id, way=MEANWHILE)
    operations.cancel_registration(registration_id=filler.id)
    assert mails_to(mina)[-2:] == ["registration_changed", "seat_offered"]


def test_who_is_asked_for_the_hall_may_come_online_instead() -> None:
    event, (early,) = hybrid_event(starts_local=local(hours=20))
    first, second = (sign_up(event, name, may_wait=True) for name in ("First", "Second"))
    operations.cancel_registration(registration_id=early.id)
    assert waiting.ways_of(event.id, first.id).open == [ONLINE]
    operations.switch_mode(registration_id=first.id, way=ONLINE)
    assert (known(first).status, known(second).status) == ("confirmed", "offered")
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}


def test_a_dead_scheduler_makes_no_way_full() -> None:
    event, mina = offered()
    with transaction():
        execute(update(WaitingEntry).values(offer_until=now() - timedelta(seconds=1)))
    otto = sign_up(event, "Otto Online", mode="online")
    assert operations.switch_mode(registration_id=otto.id, way=HALL) is True
    assert mails_to(mina)[-1] == "offer_over"


def test_leaving_altogether_gives_back_the_seat_and_the_place() -> None:
    event, _early = hybrid_event()
    mina = comes_meanwhile(event)
    operations.cancel_registration(registration_id=mina.id)
    assert counters(event) == {"in_person": (1, 0), "online": (0, 0)}
    assert waiting.waiting_at(event.id) == []


def test_seats_without_a_limit_are_given_and_not_offered() -> None:
    """Nobody is kept from a seat by one who doesn't come, so nobody need be asked."""
    event, _early = hybrid_event(starts_local=local(hours=20), online=1)
    sign_up(event, "Otto Online", mode="online")
    waits = sign_up(event, "Wanda Waits", mode="online", may_wait=True)
    with transaction():
        execute(update(SeatPool).where(SeatPool.event_id == event.id, SeatPool.mode == "online").values(capacity=None))
    operations.fill_seats(event.id)
    assert known(waits).status == "confirmed"
    assert mails_to(waits) == ["waitlisted", "promoted"]


def test_every_deed_is_in_the_history_of_the_one_registration() -> None:
    _event, (early,) = hybrid_event()
    operations.switch_mode(registration_id=early.id, way=ONLINE)
    rows = db.session.scalars(
        select(audit.AuditLine.action)
        .where(audit.AuditLine.subject_id == early.id, audit.AuditLine.subject_kind == "registration")
        .order_by(audit.AuditLine.id)
    )
    assert list(rows) == ["sign_up", "switch_mode"]


def test_as_many_are_announced_as_will_move_along_a_chain() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=1))
    ada, ben = sign_up(event, "Ada"), sign_up(event, "Ben", mode="online")
    operations.switch_mode(registration_id=ben.id, way=MEANWHILE)
    operations.switch_mode(registration_id=ada.id, way=Way(seat="in_person", queue="online"))
    for name in ("Hal", "Hans"):
        sign_up(event, name, may_wait=True)
    assert waiting.count_moving_up(event.id, {"in_person": 1, "online": 1}) == 0
    assert waiting.count_moving_up(event.id, {"in_person": 2, "online": 1}) == 3
    assert waiting.count_moving_up(event.id, {"in_person": None, "online": 1}) == 4
    with transaction():
        execute(update(SeatPool).where(SeatPool.event_id == event.id, SeatPool.mode == "in_person").values(capacity=2))
    assert operations.fill_seats(event.id) == 3
    assert [way(known(one)) for one in (ada, ben)] == [ONLINE, HALL]


def test_after_the_deadline_one_may_still_leave_the_queue() -> None:
    event, _early = hybrid_event(starts_local=local(hours=20), change_lead_hours=48)
    mina = comes_meanwhile(event)
    with pytest.raises(TooLateToChange):
        operations.switch_mode(registration_id=mina.id, way=HALL)
    operations.switch_mode(registration_id=mina.id, way=ONLINE)
    assert counters(event) == {"in_person": (1, 0), "online": (1, 0)}


def test_a_late_answer_is_told_what_is_true() -> None:
    _event, mina = offered()
    operations.switch_mode(registration_id=mina.id, way=ONLINE)
    with pytest.raises(OfferOver) as over:
        operations.accept_offer(registration_id=mina.id, mode="in_person")
    assert over.value.message == "This offer is over. Your page says how things stand now."
