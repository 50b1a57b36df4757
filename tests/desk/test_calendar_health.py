"""What the desk tells of calendar entries: in order, out of date, faulty; and making them anew."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from sqlalchemy import delete, func, update

from app.catalogue.ics.lint import Finding
from app.catalogue.models import Event, SessionCalendar
from app.catalogue.operations import mark_cancelled
from app.core.audit import AuditLine
from app.core.db import db, execute
from app.desk.health_words import finding_words
from tests.support.cast import person
from tests.support.events import event_values, hybrid, make_event
from tests.support.pages import Client


@pytest.fixture
def event(app: APIFlask) -> str:
    """The public id of a published event."""
    with app.app_context():
        return make_event(hybrid()).public_id


def spoil(app: APIFlask, old: bytes, new: bytes) -> None:
    """Change the stored bytes behind our back, as an upgrade of the rendering would."""
    with app.app_context():
        for row in db.session.scalars(db.select(SessionCalendar)):
            row.vevent = row.vevent.replace(old, new)
        db.session.commit()


def test_an_event_in_order_says_so_with_its_entry_in_words_and_bytes(client: Client, event: str) -> None:
    client.sign_in("bob")
    page = client.page(f"/desk/events/{event}/calendar")
    for words in (
        "In order",
        "How to ask for money",
        "Moscow time (UTC+3)",
        "Takes place",
        "BEGIN:VEVENT",
        "Changes told to calendars 0",
    ):
        assert words in page.words
    assert "Как просить деньги" in page.words
    assert "In order" in client.page("/desk/calendar").words


def test_a_cancelled_event_is_marked_on_the_list(app: APIFlask, client: Client, event: str) -> None:
    client.sign_in("bob")
    assert "Cancelled" not in client.page("/desk/calendar").words
    with app.app_context():
        mark_cancelled(actor=person("bob"), event_id=db.session.scalars(db.select(Event.id)).one(), reason="Ill")
    assert "Cancelled" in client.page("/desk/calendar").words


def test_a_draft_does_not_take_place_in_any_calendar_yet(app: APIFlask, client: Client) -> None:
    with app.app_context():
        draft = make_event(publish=False).public_id
    client.sign_in("bob")
    words = client.page(f"/desk/events/{draft}/calendar").words
    assert "Draft: no calendar has it yet" in words
    assert "Takes place" not in words


def test_stale_entries_are_found_and_made_anew_once(app: APIFlask, client: Client, event: str) -> None:
    with app.app_context():
        fresh = db.session.scalars(db.select(SessionCalendar.vevent)).all()
    etag = client.get("/events.ics").headers["ETag"]
    spoil(app, b"TRANSP:OPAQUE\r\n", b"TRANSP:OPAQUE\r\nX-OLD:1\r\n")
    client.sign_in("bob")
    assert "Out of date" in client.page("/desk/calendar").words
    assert "An entry is out of date" in client.page(f"/desk/events/{event}/calendar").words
    client.send("/desk/calendar", {"event": event})
    assert "The entry of 1 event is made anew." in client.page(f"/desk/events/{event}/calendar").words
    with app.app_context():
        assert db.session.scalars(db.select(SessionCalendar.vevent)).all() == fresh
    assert "In order" in client.page("/desk/calendar").words
    client.post("/desk/calendar")
    with app.app_context():
        renewed = db.select(func.count()).where(AuditLine.action == "renew_entries")
        assert db.session.scalar(renewed) == 1
    assert client.get("/events.ics", headers={"If-None-Match": etag}).status_code == 200


def test_a_fault_is_told_with_what_to_do(app: APIFlask, client: Client, event: str) -> None:
    spoil(app, b"TRANSP:OPAQUE", b"ATTENDEE:mailto:a@b.example\r\nTRANSP:OPAQUE")
    client.sign_in("bob")
    page = client.page(f"/desk/events/{event}/calendar")
    assert "something personal" in page.words
    assert "Look at it" in client.page("/desk/calendar").words


def test_a_missing_entry_and_an_unreadable_one_break_no_page(app: APIFlask, client: Client, event: str) -> None:
    client.sign_in("bob")
    with app.app_context():
        execute(update(SessionCalendar).values(vevent=b"\xff\x00 nothing"))
        db.session.commit()
    assert "No calendar can read this entry." in client.page(f"/desk/events/{event}/calendar").words
    with app.app_context():
        execute(delete(SessionCalendar))
        db.session.commit()
    assert "There is no entry yet." in client.page(f"/desk/events/{event}/calendar").words


def test_the_doctor_knows_too(app: APIFlask, event: str) -> None:
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert "ok    calendar_entries" in answer.output
    spoil(app, b"STATUS:CONFIRMED", b"STATUS:MAYBE")
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert "WRONG calendar_entries" in answer.output
    assert answer.exit_code == 1


def test_a_title_of_markup_is_shown_as_written(app: APIFlask, client: Client) -> None:
    with app.app_context():
        odd = make_event(event_values(title={"en": "<b>A</b>; x"})).public_id
    client.sign_in("bob")
    page = client.page(f"/desk/events/{odd}/calendar")
    assert page.all("h2")[0].text == "<b>A</b>; x"


@pytest.mark.parametrize("rule", ["floating", "unescaped", "link", "status", "personal", "long-line"])
def test_each_kind_of_finding_has_words(app: APIFlask, rule: str) -> None:
    with app.test_request_context():
        words = finding_words(Finding(rule, detail="X"))
    assert f"(Rule: {rule}: X)" in words
    assert len(words) > 60
