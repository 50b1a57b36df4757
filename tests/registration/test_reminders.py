"""Reminders: once each, at the right hour, and never to somebody who has just been told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, Session
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.calls import open_calls
from app.registration.messages import MESSAGES
from app.registration.models import Registration, ReminderRound
from app.registration.operations import SignUpValues, reminding
from app.registration.rules import decide_reminder, is_worth_a_reminder, latest_to_remind, remind_at
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up

MOSCOW, NEW_YORK = "Europe/Moscow", "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Meeting:
    starts_at: datetime
    ends_at: datetime


def meeting(start: str, hours: int = 2) -> Meeting:
    return Meeting(at(start), at(start) + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("start", "zone", "hours", "expected"),
    [
        ("2026-12-03T15:30", MOSCOW, 24, "2026-12-02T15:30"),
        ("2026-12-03T15:30", MOSCOW, 2, "2026-12-03T13:30"),
        ("2026-12-03T15:30", MOSCOW, 30, "2026-12-02T09:30"),
        # 18:30 on the Sunday on which the clocks of New York go back, and the day before they did.
        ("2026-11-01T23:30", NEW_YORK, 24, "2026-10-31T22:30"),
        ("2026-11-01T23:30", NEW_YORK, 48, "2026-10-30T22:30"),
        ("2026-11-01T23:30", NEW_YORK, 2, "2026-11-01T21:30"),
        # 18:30 on the day on which they go forward.
        ("2026-03-08T22:30", NEW_YORK, 24, "2026-03-07T23:30"),
        # 2:30 of the day after; the same hour of the day before doesn't exist there.
        ("2026-03-09T06:30", NEW_YORK, 24, "2026-03-08T07:30"),
    ],
)
def test_one_day_before_is_the_same_hour_on_the_wall(start: str, zone: str, hours: int, expected: str) -> None:
    assert remind_at(at(start), zone, hours) == at(expected)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-12-02T15:29", None),
        ("2026-12-02T15:30", 24),
        ("2026-12-03T13:29", 24),
        ("2026-12-03T13:30", 2),
        ("2026-12-03T15:29", 2),
        ("2026-12-03T15:30", None),
    ],
)
def test_of_several_the_last_one_is_sent_and_none_after_the_start(moment: str, due: int | None) -> None:
    start = at("2026-12-03T15:30")
    assert decide_reminder(start, MOSCOW, (24, 2), at(moment)) == due
    assert decide_reminder(start, MOSCOW, (0, 0), at(moment)) is None


def test_a_seat_must_be_some_hours_old() -> None:
    start = at("2026-12-03T15:30")
    assert latest_to_remind(start, MOSCOW, 24) == at("2026-12-02T03:30")
    assert latest_to_remind(start, MOSCOW, 2) == at("2026-12-03T11:30")


def test_of_a_chain_of_meetings_only_those_after_a_rest_are_worth_a_reminder() -> None:
    days = [meeting(f"2026-12-{day:02}T10:00") for day in (7, 8, 10, 17)]
    section = meeting("2026-12-07T11:00")
    every = [*days, section]
    assert [is_worth_a_reminder(one, every) for one in every] == [True, False, True, True, False]


@contextmanager
def hours_before(event: Event, hours: float) -> Iterator[None]:
    """As if it were so many hours before the start."""
    starts_at = db.session.get_one(Event, event.id).starts_at
    with time_machine.travel(starts_at - timedelta(hours=hours), tick=False):
        yield


def reminded() -> list[str]:
    """Who was reminded, by name, in order."""
    rows = db.session.execute(
        select(OutboxMessage.facts).where(OutboxMessage.name == "reminder").order_by(OutboxMessage.id)
    )
    names = dict(db.session.execute(select(Registration.public_id, Registration.name)).all())
    return [names[row.facts["registration"]] for row in rows]


def letter(language: str = "en") -> Letter | None:
    facts = db.session.scalars(
        select(OutboxMessage.facts).where(OutboxMessage.name == "reminder").order_by(OutboxMessage.id.desc())
    ).first()
    assert facts is not None
    with in_language(language):
        return MESSAGES["reminder"](facts)


pytestmark = pytest.mark.usefixtures("context")


def test_everybody_with_a_seat_is_reminded_twice_and_no_more() -> None:
    event = make_event(capacity_in_person=2)
    sign_up(event, "Ada")
    sign_up(event, "Ben")
    sign_up(event, "Waits", may_wait=True)
    with hours_before(event, 25):
        operations.send_reminders()
        assert reminded() == []
    for hours in (24, 20, 3):
        with hours_before(event, hours):
            operations.send_reminders()
            operations.send_reminders()
            assert reminded() == ["Ada", "Ben"]
    for hours in (2, 0.5, -0.5):
        with hours_before(event, hours):
            operations.send_reminders()
            assert reminded() == ["Ada", "Ben"] * 2


def test_who_signed_up_today_hears_of_today_only_if_there_is_time_left() -> None:
    event = make_event()
    for hours, name in ((37, "Old"), (30, "Fresh"), (10, "Morning"), (3, "Late")):
        with hours_before(event, hours):
            sign_up(event, name)
    with hours_before(event, 24):
        operations.send_reminders()
    assert reminded() == ["Old"]
    with hours_before(event, 2):
        operations.send_reminders()
    assert reminded() == ["Old", "Old", "Fresh", "Morning"]


def test_a_worker_that_was_away_sends_the_last_one_only() -> None:
    event = make_event()
    sign_up(event, "Ada")
    with hours_before(event, 1):
        operations.send_reminders()
    assert reminded() == ["Ada"]


def test_hours_of_ones_own_and_none_at_all() -> None:
    event = make_event(reminder_hours=72, late_reminder_hours=0)
    silent = make_event(reminder_hours=0, late_reminder_hours=0)
    sign_up(event, "Ada")
    sign_up(silent, "Ben")
    for hours in (72, 24, 2):
        with hours_before(event, hours):
            operations.send_reminders()
    assert reminded() == ["Ada"]


@pytest.mark.parametrize("what", ["cancelled", "draft", "left"])
def test_nobody_is_reminded_of_what_does_not_concern_them(what: str) -> None:
    event = make_event(publish=what != "draft")
    if what != "draft":
        ada = sign_up(event, "Ada")
    if what == "cancelled":
        operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    elif what == "left":
        operations.cancel_registration(registration_id=ada.id)
    with hours_before(event, 24):
        operations.send_reminders()
    assert reminded() == []


def test_a_round_that_was_broken_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "AT_A_TIME", 2)
    event = make_event()
    names = [f"Person {number}" for number in range(5)]
    for name in names:
        sign_up(event, name)
    with hours_before(event, 24):
        with transaction():
            reminding._remind_next(reminding.due_reminders()[0])
        assert reminded() == names[:2]
        operations.send_reminders()
        assert reminded() == names
        operations.send_reminders()
    assert reminded() == names
    this = db.session.scalars(select(ReminderRound)).one()
    assert this.done_at is not None


def moved(event: Event, *, notify: bool = True, **changes: Any) -> None:
    known = db.session.get_one(Event, event.id)
    values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
    starts = changes.pop("starts_local")
    values = replace(values, starts_local=starts, ends_local=starts + timedelta(hours=2))
    operations.change_event(
        actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known), notify=notify
    )


def test_a_moved_event_reminds_again_but_not_right_after_saying_so() -> None:
    event = make_event()
    sign_up(event, "Ada")
    with hours_before(event, 24):
        operations.send_reminders()
        moved(event, starts_local=local(days=5))
        operations.send_reminders()
    assert reminded() == ["Ada"]
    with hours_before(event, 24):
        operations.send_reminders()
    assert reminded() == ["Ada", "Ada"]
    with hours_before(event, 30):
        moved(event, starts_local=local(hours=20))
        operations.send_reminders()
    assert reminded() == ["Ada", "Ada"], "the mail about the new time was a reminder"
    with hours_before(event, 2):
        operations.send_reminders()
    assert reminded() == ["Ada"] * 3


def test_whoever_was_told_nothing_of_the_move_is_reminded() -> None:
    event = make_event()
    sign_up(event, "Ada")
    with hours_before(event, 100):
        moved(event, starts_local=local(hours=20), notify=False)
    with hours_before(event, 19):
        operations.send_reminders()
    assert reminded() == ["Ada"]


def test_the_mail_says_when_where_and_how_not_to_come() -> None:
    event = make_event(hybrid())
    sign_up(event, "Hall")
    with hours_before(event, 24):
        operations.send_reminders()
        mail = letter()
        russian = letter("ru")
    assert mail is not None
    assert russian is not None
    assert mail.subject.startswith("Tomorrow: How to ask for money")
    assert russian.subject.startswith("Завтра: Как просить деньги")
    assert mail.qr is not None
    for words in ("/cancel", "See you tomorrow", "Moscow time"):
        assert words in mail.text
    sign_up(event, "Online", mode="online")
    with hours_before(event, 2):
        operations.send_reminders()
        mail = letter()
    assert mail is not None
    assert mail.subject.startswith("Today: ")
    assert mail.qr is None
    assert "/room" in mail.text


def test_a_mail_that_waited_too_long_or_speaks_of_an_old_time_is_not_sent() -> None:
    event = make_event()
    sign_up(event, "Ada")
    with hours_before(event, 24):
        operations.send_reminders()
    with hours_before(event, -0.1):
        assert letter() is None
    with hours_before(event, 23):
        moved(event, starts_local=local(days=9))
        assert letter() is None
        registration = db.session.scalars(select(Registration)).one()
        operations.cancel_registration(registration_id=registration.id)
        assert letter() is None


def test_people_without_mail_are_reminded_by_telephone_once() -> None:
    event = make_event()
    values = SignUpValues(name="Zoya", email=None, phone="+79123456789", mode="in_person", language="en")
    operations.add_person(actor=person("bob"), event_id=event.id, values=values)
    with hours_before(event, 24):
        operations.send_reminders()
        (call,) = open_calls(event.organization_id)
        assert list(call.messages) == ["reminder"]
        operations.answer_call(actor=person("bob"), call_id=call.id, answer=operations.Answer.COMES)
    with hours_before(event, 2):
        operations.send_reminders()
        assert open_calls(event.organization_id) == []
    assert reminded() == []


def test_a_call_for_a_reminder_is_gone_once_it_has_begun() -> None:
    event = make_event()
    values = SignUpValues(name="Zoya", email=None, phone="+79123456789", mode="in_person", language="en")
    operations.add_person(actor=person("bob"), event_id=event.id, values=values)
    with hours_before(event, 24):
        operations.send_reminders()
    with hours_before(event, -1):
        assert open_calls(event.organization_id) == []


def test_a_course_reminds_before_each_meeting_after_a_rest() -> None:
    event = make_event()
    sign_up(event, "Ada")
    first = db.session.scalars(select(Session).where(Session.event_id == event.id)).one()
    with transaction() as session:
        for number, days in enumerate((1, 7), start=1):
            copy = {column.key: getattr(first, column.key) for column in Session.__mapper__.column_attrs}
            step = timedelta(days=days)
            copy |= {"id": None, "uid": f"meeting-{number}@example.org", "position": number}
            for name in ("starts_at", "ends_at", "starts_local", "ends_local"):
                copy[name] += step
            session.add(Session(**copy))
        execute(update(Event).where(Event.id == event.id).values(ends_at=first.ends_at + timedelta(days=7)))
    counts = []
    for hours in (24, 0, -24 * 6, -24 * 7 + 2):
        with hours_before(event, hours):
            operations.send_reminders()
            counts.append(len(reminded()))
    assert counts == [1, 1, 2, 3], "the second day follows the first at once"
    assert now() < event.starts_at
