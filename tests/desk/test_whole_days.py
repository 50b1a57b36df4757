"""Events and meetings that last whole days: no hours are asked for, and calendars get days."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Session
from app.core.db import db
from tests.support.calendars import entries
from tests.support.desk_forms import form_at, mails
from tests.support.events import event_values, local, sign_up
from tests.support.meetings import event_of, make, meetings, typed
from tests.support.pages import Client, Page

FAIR = local(days=30).replace(hour=0, minute=0)


@pytest.fixture(autouse=True)
def organizer(client: Client) -> None:
    """Bob, on the desk."""
    client.sign_in("bob")


def days(client: Client, app: APIFlask, public_id: str) -> tuple[Any, Any]:
    """First and last day as the calendar has them; its end is the day after."""
    with app.app_context():
        slug = event_of(public_id).slug
    (entry,) = entries(client.get(f"/e/{slug}.ics").data).values()
    return entry["DTSTART"].dt, entry["DTEND"].dt - timedelta(days=1)


def test_an_event_becomes_one_of_whole_days_and_gets_hours_again(client: Client, app: APIFlask) -> None:
    public_id = make(app)
    address = f"/desk/events/{public_id}/edit"
    last = FAIR + timedelta(days=2)
    whole = {"all_day": "y", "on": f"{FAIR:%d.%m.%Y}", "ends_on": f"{last:%d.%m.%Y}", "starts": "", "ends": ""}
    client.send(address, form_at(client, address, **whole))
    (session,) = meetings(app, public_id)
    assert (session.is_all_day, session.starts_local, session.ends_local) == (True, FAIR, last + timedelta(days=1))
    assert days(client, app, public_id) == (FAIR.date(), last.date())
    fields = client.page(address).fields()
    assert (fields["on"], fields["ends_on"]) == (f"{FAIR:%Y-%m-%d}", f"{last:%Y-%m-%d}")
    assert (fields["all_day"], fields["starts"], fields["ends"]) == ("y", "", "")
    without = {name: value for name, value in form_at(client, address).items() if name != "all_day"}
    refused = Page(client.send(address, without, status=422))
    assert "Please write when it starts." in refused.words
    client.send(address, {**without, "starts": "10:00", "ends": "12:00", "ends_on": ""})
    (session,) = meetings(app, public_id)
    assert (session.is_all_day, session.starts_local.time()) == (False, time(10))


def test_saving_days_as_they_are_changes_no_hour_and_tells_nobody(client: Client, app: APIFlask) -> None:
    """A data file may have given hours to a day without any."""
    starts = FAIR.replace(hour=10)
    public_id = make(app, event_values(is_all_day=True, starts_local=starts, ends_local=starts + timedelta(hours=8)))
    with app.app_context():
        sign_up(event_of(public_id), "Pat")
    client.send(f"/desk/events/{public_id}/edit", form_at(client, f"/desk/events/{public_id}/edit"))
    (session,) = meetings(app, public_id)
    assert (session.starts_local, session.sequence) == (starts, 0)
    assert mails(app, "event_moved") == []


def test_a_last_day_before_the_first_is_refused(client: Client, app: APIFlask) -> None:
    public_id = make(app)
    address = f"/desk/events/{public_id}/edit"
    wrong = {"all_day": "y", "on": f"{FAIR:%d.%m.%Y}", "ends_on": f"{FAIR - timedelta(days=1):%d.%m.%Y}"}
    page = Page(client.send(address, form_at(client, address, **wrong), status=422))
    assert "The last day must not be before the first." in page.words
    assert page.fields()["all_day"] == "y"


def test_a_meeting_lasts_a_whole_day(client: Client, app: APIFlask) -> None:
    public_id = make(app)
    values = typed(all_day="y", starts="", ends="", on=f"{FAIR:%d.%m.%Y}")
    client.send(f"/desk/events/{public_id}/sessions/new", values)
    with app.app_context():
        session = db.session.scalars(db.select(Session).order_by(Session.id.desc())).first()
        assert session is not None
        assert (session.is_all_day, session.starts_local, session.ends_local) == (True, FAIR, FAIR + timedelta(days=1))
    assert "All day" in client.page(f"/desk/events/{public_id}/sessions").words


def test_the_next_meeting_after_a_whole_day_is_a_whole_day_as_well(client: Client, app: APIFlask) -> None:
    public_id = make(app, event_values(is_all_day=True, starts_local=FAIR, ends_local=FAIR + timedelta(days=1)))
    address = f"/desk/events/{public_id}/sessions/new"
    fields = client.page(address).fields()
    assert (fields["all_day"], fields["on"], fields["starts"], fields["ends"]) == ("y", "", "", "")
    following = FAIR + timedelta(days=7)
    client.send(address, form_at(client, address, on=f"{following:%d.%m.%Y}"))
    _first, second = meetings(app, public_id)
    assert (second.is_all_day, second.starts_local) == (True, following)
