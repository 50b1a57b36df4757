"""Another time zone of an event with several meetings: those to come keep their hours, and everybody is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue.models import Event
from app.catalogue.operations.writing import WrongTime
from app.catalogue.queries import event_values, pools_of, seen_of, session_values, sessions_of
from app.core.db import db
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration.messages import MESSAGES
from tests.support.cast import person
from tests.support.changes import change
from tests.support.events import local, make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")


def add(event: Event, starts: datetime, zone: str) -> None:
    values = session_values(sessions_of(event.id)[0], pools_of(event.id))
    catalogue.add_session(
        actor=person("bob"),
        event_id=event.id,
        values=replace(values, starts_local=starts, ends_local=starts + timedelta(hours=1), zone=zone),
    )


def course() -> Event:
    """A meeting in three days, two later ones by the same clocks, and one in New York."""
    event = make_event(starts_local=local(days=3), ends_local=local(days=3, hours=1))
    for days, zone in ((5, event.zone), (7, event.zone), (9, "America/New_York")):
        add(event, local(days=days), zone)
    return event


def clocks(event: Event) -> list[tuple[str, datetime, int]]:
    again()
    return [(one.zone, one.starts_local, one.sequence) for one in sessions_of(event.id)]


def mails() -> list[Letter | None]:
    again()
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.name.like("%_moved")))
    return [MESSAGES[row.name](row.facts) for row in rows]


def test_the_meetings_to_come_follow_and_all_are_told_by_one_mail() -> None:
    event = course()
    sign_up(event)
    before = clocks(event)
    change(event, zone="Europe/Berlin")
    after = clocks(event)
    assert [zone for zone, _starts, _number in after] == [*["Europe/Berlin"] * 3, "America/New_York"]
    assert [starts for _zone, starts, _number in after] == [starts for _zone, starts, _number in before]
    assert [number for _zone, _starts, number in after] == [1, 1, 1, 0]
    again()
    for one in sessions_of(event.id)[:3]:
        assert one.starts_at.utctimetuple()[:5] != one.starts_local.timetuple()[:5]
    [mail] = mails()
    assert mail is not None
    assert "Changed: " in mail.subject
    assert "It was planned for: " in mail.text


def test_the_page_tells_the_hour_by_the_clocks_that_it_was_told_by(client: Client) -> None:
    event = make_event(starts_local=local(days=3).replace(hour=18, minute=0), ends_local=local(days=3).replace(hour=20))
    change(event, zone="America/New_York")
    page = client.page(f"/e/{event.slug}")
    assert "The time has changed" in page.words
    assert "18:00, Moscow time" in page.words.split("It was to be on")[1][:80]
    change(event, starts_local=local(days=4).replace(hour=18, minute=0), ends_local=local(days=4).replace(hour=20))
    assert "The date has changed" in client.page(f"/e/{event.slug}").words


def test_what_is_over_stays_as_it_was() -> None:
    event = course()
    first, second, third, _other = sessions_of(event.id)
    with time_machine.travel(first.ends_at + timedelta(days=1), tick=True):
        again()
        known = db.session.get_one(Event, event.id)
        values = event_values(known, [sessions_of(event.id)[1]], pools_of(event.id))
        catalogue.edit_event(
            actor=person("bob"),
            event_id=event.id,
            values=replace(values, zone="Europe/Berlin"),
            seen=seen_of(known),
            session_id=second.id,
        )
        zones = [zone for zone, _starts, _number in clocks(event)]
    assert zones == [first.zone, "Europe/Berlin", "Europe/Berlin", "America/New_York"]
    assert third.zone == first.zone != "Europe/Berlin"


def test_an_hour_that_the_new_clocks_skip_is_refused_with_its_day() -> None:
    with time_machine.travel("2027-03-01T09:00:00Z", tick=True):
        first = datetime.fromisoformat("2027-03-10 02:30")
        event = make_event(starts_local=first, ends_local=first + timedelta(hours=1))
        add(event, datetime.fromisoformat("2027-03-14 02:30"), event.zone)
        before = clocks(event)
        with pytest.raises(WrongTime, match=r"The meeting on 14 March 2027: .*Choose 01:30 or 03:30"):
            change(event, zone="America/New_York")
        assert clocks(event) == before


def test_of_whole_days_another_zone_tells_nobody_anything_and_moves_no_entry() -> None:
    day = local(days=5).replace(hour=0, minute=0)
    event = make_event(starts_local=day, ends_local=day + timedelta(days=1), is_all_day=True)
    sign_up(event)
    change(event, zone="Europe/Berlin")
    assert [(zone, number) for zone, _starts, number in clocks(event)] == [("Europe/Berlin", 0)]
    assert mails() == []


def test_beside_whole_days_the_meetings_with_hours_move_and_are_told() -> None:
    day = local(days=5).replace(hour=0, minute=0)
    event = make_event(starts_local=day, ends_local=day + timedelta(days=1), is_all_day=True)
    add(event, local(days=7), event.zone)
    second = sessions_of(event.id)[1]
    values = replace(session_values(second, pools_of(event.id)), is_all_day=False)
    catalogue.edit_session(actor=person("bob"), session_id=second.id, values=values, seen=seen_of(event_now(event)))
    before = [number for _zone, _starts, number in clocks(event)]
    sign_up(event)
    change(event, zone="Europe/Berlin")
    assert [number for _zone, _starts, number in clocks(event)] == [before[0], before[1] + 1]
    assert len(mails()) == 1


def event_now(event: Event) -> Event:
    again()
    return db.session.get_one(Event, event.id)
