"""Changing and calling off one session of an event that people have signed up for, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, SeatPool, Session
from app.catalogue.rules import EventChange
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Missing, NotAllowed
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts
from app.registration.models import Call, Registration, SeatClaim, SessionWish
from app.registration.own_calendar import personal_calendar
from app.registration.tickets import manage_token
from tests.support.cast import organization_id, person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.letters import letter
from tests.support.pages import Client

pytestmark = pytest.mark.usefixtures("context")


def course(*days: int, **changes: Any) -> tuple[Event, list[int]]:
    """A published event with a meeting on each of these days from now, and the meetings' numbers, by time."""
    first, *others = days
    event = make_event(hybrid(starts_local=local(days=first), **changes))
    (row,) = queries.sessions_of(event.id)
    values = replace(values_of(row.id), room_url="https://rooms.example/2")
    for day in others:
        starts = local(days=day)
        add(event, values, starts_local=starts, ends_local=starts + timedelta(hours=2), title={"en": f"Day {day}"})
    return known(event), [session.id for session in queries.sessions_of(event.id)]


def add(event: Event, values: SessionValues, **changes: Any) -> int:
    return catalogue.add_session(actor=person("bob"), event_id=event.id, values=replace(values, **changes))


def known(event: Event) -> Event:
    db.session.expunge_all()
    db.session.rollback()
    return db.session.get_one(Event, event.id)


def values_of(session_id: int) -> SessionValues:
    db.session.expunge_all()
    db.session.rollback()
    session = db.session.get_one(Session, session_id)
    return queries.session_values(session, queries.pools_of(session.event_id))


def seen_of(session_id: int) -> str:
    return queries.seen_of(db.session.get_one(Event, db.session.get_one(Session, session_id).event_id))


def change(session_id: int, *, by: str = "bob", notify: bool = True, **changes: Any) -> EventChange:
    values = replace(values_of(session_id), **changes)
    return operations.change_session(
        actor=person(by), session_id=session_id, values=values, seen=seen_of(session_id), notify=notify
    )


def later(session_id: int, **by: Any) -> dict[str, Any]:
    values = values_of(session_id)
    return {"starts_local": values.starts_local + timedelta(**by), "ends_local": values.ends_local + timedelta(**by)}


def mails(message: str) -> list[str]:
    db.session.rollback()
    query = select(OutboxMessage.to_address).where(OutboxMessage.name == message)
    return sorted(db.session.scalars(query))


def counters(session_id: int) -> dict[str, tuple[int | None, int, int]]:
    """Limit, seats taken and people waiting of a session's own pools."""
    db.session.rollback()
    rows = execute(
        select(SeatPool.mode, SeatPool.capacity, SeatPool.taken, SeatPool.waiting).where(
            SeatPool.session_id == session_id
        )
    )
    return {row.mode: (row.capacity, row.taken, row.waiting) for row in rows}


def entry_of(session_id: int) -> str:
    """The session's calendar entry."""
    session = db.session.get_one(Session, session_id)
    entries = [entry.vevent.decode() for entry in queries.entries_of(session.event_id, "en")]
    (own,) = [entry for entry in entries if f"UID:{session.uid}" in entry]
    return own


def leave(registration: Registration, session_id: int) -> None:
    """As one who does not want a session after all."""
    with transaction():
        for pool_id in db.session.scalars(select(SeatPool.id).where(SeatPool.session_id == session_id)):
            seats.give_back(registration.id, pool_id)


def queue_up(registration: Registration, session_id: int) -> None:
    """As one who has asked for a session that is full."""
    with transaction():
        pool = db.session.scalars(select(SeatPool).where(SeatPool.session_id == session_id)).first()
        assert pool is not None
        assert seats.wait(registration.id, pool.id, now())


def test_everybody_hears_once_of_a_meeting_that_is_for_everybody() -> None:
    event, (first, second) = course(5, 12)
    pat, _quinn = sign_up(event, "Pat"), sign_up(event, "Quinn", mode="online")
    assert EventChange.TIME in change(second, **later(second, hours=1))
    assert mails("session_moved") == ["pat@example.net", "quinn@example.net"]
    assert mails("event_moved") == []
    moved = letter("session_moved", pat)
    assert moved is not None
    row = db.session.get_one(Session, second)
    told = moved.text.partition("It was planned for:")[2].partition("\n")[2]
    for hour in (row.starts_local, row.ends_local):  # with another day between them, late in the evening
        assert f"{hour:%H:%M}" in told
    assert "It was planned for:" in moved.text
    assert "Day 12" in moved.subject
    assert moved.qr
    for words in (moved.text, moved.html):
        assert "((" not in moved.filled(words)
    russian = letter("session_moved", pat, "ru")
    assert russian is not None
    assert "Одна из встреч изменилась" in russian.text
    assert db.session.get_one(Session, second).sequence == 1
    assert db.session.get_one(Session, first).sequence == 0


def test_only_who_has_chosen_a_meeting_or_waits_for_it_hears_of_it() -> None:
    event, (_first, second) = course(5, 12)
    _pat, quinn = sign_up(event, "Pat"), sign_up(event, "Quinn")
    change(second, is_chosen=True, capacity_in_person=2, capacity_online=5)
    rita, _silent = sign_up(event, "Rita"), sign_up(event, "Silent")
    queue_up(rita, second)
    assert counters(second) == {"in_person": (2, 2, 1), "online": (5, 0, 0)}
    leave(quinn, second)
    change(second, **later(second, days=1))
    assert mails("session_moved") == ["pat@example.net", "rita@example.net"]
    assert seats.drifts() == []


def test_saving_quietly_and_a_new_room_tell_nobody() -> None:
    event, (_first, second) = course(5, 12)
    sign_up(event)
    change(second, notify=False, **later(second, hours=1))
    change(second, notify=False, title={"en": "Another title"})
    change(second, room_url="https://rooms.example/3")
    assert mails("session_moved") == []
    assert db.session.get_one(Session, second).sequence == 2


def test_another_title_of_a_meeting_is_told_with_the_old_one() -> None:
    event, (_first, second) = course(5, 12)
    pat = sign_up(event)
    change(second, title={"en": "Another title"})
    told = letter("session_moved", pat)
    assert told is not None
    assert "Another title" in told.subject
    assert "It was called: " in told.text


def test_a_past_meeting_is_corrected_without_a_mail() -> None:
    event, (first, _second) = course(-5, 2)
    sign_up(event)
    change(first, **later(first, hours=1))
    assert mails("session_moved") == []
    change(first, **later(first, days=9))
    assert len(mails("session_moved")) == 1


def test_the_only_meeting_is_the_event_and_people_are_asked_whether_they_come() -> None:
    event, (only,) = course(5)
    pat = sign_up(event, "Pat")
    change(only, **later(only, days=1))
    assert mails("event_moved") == ["pat@example.net"]
    assert mails("session_moved") == []
    assert db.session.get_one(Registration, pat.id).owes_answer


def test_a_rehearsal_counts_and_changes_nothing() -> None:
    event, (_first, second) = course(5, 12)
    sign_up(event)
    values = replace(values_of(second), **later(second, hours=1))
    seen = seen_of(second)
    rehearsal = operations.rehearse_session_change(actor=person("bob"), session_id=second, values=values, seen=seen)
    assert (rehearsal.told.mails, rehearsal.told.calls, rehearsal.told.all) == (1, 0, 1)
    assert values_of(second).starts_local != values.starts_local
    assert mails("session_moved") == []


def test_calling_off_tells_those_who_come_and_leaves_their_seats() -> None:
    event, (first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    assert operations.cancel_session(actor=person("bob"), session_id=second, reason="The speaker is ill.") == 1
    assert mails("session_cancelled") == ["pat@example.net"]
    told = letter("session_cancelled", pat)
    assert told is not None
    assert "The speaker is ill." in told.text
    assert "Day 12" in told.subject
    assert "((" not in told.filled(told.text)
    assert told.text.count("Day 12") == 2  # what it is about, and why it is sent; not among the meetings to come
    goes_on, called_off = (entry_of(session_id) for session_id in (first, second))
    assert "STATUS:CANCELLED" in called_off
    assert "SEQUENCE:1" in called_off
    assert "STATUS:CONFIRMED" in goes_on
    known_pat = db.session.get_one(Registration, pat.id)
    assert known_pat.has_seat
    assert b"STATUS:CANCELLED" in personal_calendar(known_pat, "en")
    assert known(event).ends_at == db.session.get_one(Session, first).ends_at
    with pytest.raises(catalogue.SessionCancelled):
        operations.cancel_session(actor=person("bob"), session_id=second, reason="")
    with pytest.raises(catalogue.OnlySession):
        operations.cancel_session(actor=person("bob"), session_id=first, reason="")
    assert len(mails("session_cancelled")) == 1


def test_a_meeting_that_was_called_off_stands_struck_on_ones_own_page(client: Client) -> None:
    event, (_first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    token = manage_token(pat)
    assert "Cancelled" not in client.page(f"/r/{token}").words
    operations.cancel_session(actor=person("bob"), session_id=second, reason="")
    page = client.page(f"/r/{token}")
    assert "Cancelled: " in page.words
    assert any("Day 12" in "".join(struck.itertext()) for struck in page.all("s"))


def test_nobody_moves_up_into_a_meeting_that_was_called_off() -> None:
    event, (_first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    change(second, is_chosen=True, capacity_in_person=1, capacity_online=1)
    quinn = sign_up(event, "Quinn")
    queue_up(quinn, second)
    operations.cancel_session(actor=person("bob"), session_id=second, reason="")
    operations.cancel_registration(registration_id=pat.id)
    operations.fill_seats(event.id)
    assert counters(second)["in_person"] == (1, 0, 1)
    assert mails("session_cancelled") == ["pat@example.net", "quinn@example.net"]
    assert seats.drifts() == []


def test_a_moved_mail_that_waited_until_the_meeting_was_called_off_says_nothing() -> None:
    event, (_first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    change(second, **later(second, hours=1))
    operations.cancel_session(actor=person("bob"), session_id=second, reason="")
    assert letter("session_moved", pat) is None
    assert letter("session_cancelled", pat) is not None


def test_a_meeting_for_everybody_becomes_one_to_choose_and_back() -> None:
    event, (_first, second) = course(5, 12, capacity_in_person=2)
    in_hall = [sign_up(event, name) for name in ("Pat", "Quinn")]
    online = sign_up(event, "Olga", mode="online")
    waiting = sign_up(event, "Wanda", may_wait=True)
    assert EventChange.SEATS in change(second, is_chosen=True, capacity_in_person=5, capacity_online=None)
    assert counters(second) == {"in_person": (5, 2, 0), "online": (None, 1, 0)}
    held = select(SeatClaim.registration_id).join(SeatPool).where(SeatPool.session_id == second)
    assert set(db.session.scalars(held)) == {*(one.id for one in in_hall), online.id}
    assert list(db.session.scalars(select(SessionWish.registration_id))) == [waiting.id]
    assert seats.drifts() == []
    assert db.session.get_one(Session, second).sequence == 0
    change(second, is_chosen=False)
    assert counters(second) == {}
    assert list(db.session.scalars(select(SessionWish.id))) == []
    assert seats.drifts() == []
    assert mails("session_moved") == []


def test_fewer_seats_than_people_need_the_tick() -> None:
    event, (_first, second) = course(5, 12)
    for name in ("Pat", "Quinn", "Rita"):
        sign_up(event, name)
    for limits in ({"capacity_in_person": 2}, {"capacity_in_person": 0}):
        with pytest.raises(catalogue.TooFewSeats) as refused:
            change(second, is_chosen=True, **limits)
        assert refused.value.details["taken"] == 3
        assert counters(second) == {}
    change(second, is_chosen=True, capacity_in_person=2, confirm_over_limit=True)
    assert counters(second)["in_person"] == (2, 3, 0)
    with pytest.raises(catalogue.TooFewSeats):
        change(second, capacity_in_person=1)
    change(second, capacity_in_person=4)
    assert counters(second)["in_person"] == (4, 3, 0)
    assert seats.drifts() == []


def test_a_mode_that_people_have_chosen_stays() -> None:
    event, (_first, second) = course(5, 12)
    sign_up(event, "Olga", mode="online")
    change(second, is_chosen=True)
    with pytest.raises(catalogue.ModeInUse):
        change(second, is_online=False, room_url=None)
    change(second, is_in_person=False)
    assert list(counters(second)) == ["online"]
    assert mails("session_moved") == ["olga@example.net"]


def test_who_is_phoned_hears_of_each_meeting() -> None:
    event, (_first, second, third) = course(5, 12, 19)
    pat = sign_up(event, "Pat", phone="+7 900 000-00-00")
    with transaction():
        db.session.get_one(Registration, pat.id).wants_call = True
    for session_id in (second, third):
        change(session_id, **later(session_id, hours=1))
    operations.cancel_session(actor=person("bob"), session_id=third, reason="A burst pipe.")
    assert db.session.scalar(select(db.func.count()).select_from(Call)) == 2
    (call,) = open_calls(organization_id())
    words = " ".join(words_to_say(call, event_facts(call.event, "https://example.org")))
    assert "A meeting has changed: Day 12" in words
    assert "A meeting has changed: Day 19" not in words
    assert "A meeting is cancelled: Day 19" in words
    assert "A burst pipe." in words


def test_the_form_of_the_event_tells_of_the_one_meeting_that_it_moves() -> None:
    event, (_first, second) = course(5, 12)
    sign_up(event, "Pat")
    row = db.session.get_one(Session, second)
    values = queries.event_values(event, [row], queries.pools_of(event.id))
    moved = replace(values, **later(second, hours=2))
    operations.change_event(
        actor=person("bob"), event_id=event.id, values=moved, seen=queries.seen_of(known(event)), session_id=second
    )
    assert mails("session_moved") == ["pat@example.net"]
    assert mails("event_moved") == []
    assert [session.sequence for session in queries.sessions_of(event.id)] == [0, 1]


@pytest.mark.parametrize(("who", "error"), [("carol", NotAllowed), ("dan", NotAllowed), ("olga", Missing)])
def test_only_organizers_of_the_event_may(who: str, error: type[Exception]) -> None:
    _event, (_first, second) = course(5, 12)
    with pytest.raises(error):
        change(second, by=who, title={"en": "Mine"})
    with pytest.raises(error):
        operations.cancel_session(actor=person(who), session_id=second, reason="")
    for deed in (catalogue.remove_session, catalogue.mark_session_cancelled):
        with pytest.raises(error):
            deed(actor=person(who), session_id=second)
    with pytest.raises(error):
        catalogue.repeat_session(actor=person(who), session_id=second, times=1, weeks=1)
    with pytest.raises(Missing):
        operations.cancel_session(actor=person("bob"), session_id=99999, reason="")
