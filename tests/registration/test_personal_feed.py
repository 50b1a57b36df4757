"""The personal feed: everything that one mailbox has signed up for, at a secret address."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue.models import Event, EventStatus, Session
from app.catalogue.queries import seen_of
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import Base, db, execute, transaction
from app.core.logs import mask
from app.privacy.operations import erase_person
from app.registration import operations
from app.registration.models import Contact, OwnEntry, PersonalFeed, Registration
from app.registration.rules import Way
from app.registration.tickets import manage_token, manage_url
from tests.readers.calendars import READERS, installed, read_by_icalendar
from tests.support import databases
from tests.support.calendars import begin_feed, entries, feed, feed_path, uid_of
from tests.support.cast import person
from tests.support.conference import KITCHEN, YARD, cancel_session, chooses, comes, make_conference, session_called
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import again, bring

PAT = "pat.participant@example.net"

pytestmark = pytest.mark.usefixtures("context")


def kept(table: type[Base]) -> list[Any]:
    return [tuple(row) for row in execute(select(table)).all()]


def summary(found: Any) -> str:
    return str(found["SUMMARY"])


def test_it_has_all_registrations_over_events_and_organizations(client: Client, event: Event) -> None:
    other = make_event(by="olga", title={"en": "Reading aloud"})
    sign_up(other)
    found = feed(client, PAT)
    assert set(found) == {uid_of(event.id), uid_of(other.id)}
    mine = found[uid_of(event.id)]
    assert (str(mine["STATUS"]), int(mine["SEQUENCE"])) == ("CONFIRMED", 0)
    pat = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).one()
    assert manage_url(pat) in str(mine["DESCRIPTION"])


def test_it_is_found_on_the_mailed_page_alone(client: Client, event: Event) -> None:
    secret = feed_path(PAT)
    pat = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).one()
    assert secret not in client.page(f"/r/{manage_token(pat)}").text
    page = client.page(begin_feed(PAT))
    assert f"http://127.0.0.1:5000{secret}" in page.words
    assert f"webcal://127.0.0.1:5000{secret}" in page.links()
    for site in (
        "https://calendar.google.com/calendar/r?cid=webcal%3A",
        "https://outlook.live.com/calendar/0/addfromweb?",
    ):
        assert any(link.startswith(site) for link in page.links()), site
    assert "This calendar is private" in page.words


def test_a_stranger_who_signs_up_the_address_sees_nothing_of_the_mailbox(client: Client, event: Event) -> None:
    operations.cancel_registration(registration_id=db.session.scalars(select(Registration.id)).one())
    again()
    eve = sign_up(event, "Eve", email=PAT)
    own = client.get(f"/r/{manage_token(eve)}/event.ics").data.decode()
    assert "Pat" not in own
    assert "SEQUENCE:0\r\n" in own, "a higher number would tell that somebody of this address was here"
    assert int(feed(client, PAT)[uid_of(event.id)]["SEQUENCE"]) == 2
    sign_up(event, "Pat Participant", email=PAT)
    operations.cancel_registration(registration_id=eve.id)
    assert "Pat" not in client.page(f"/r/{manage_token(eve)}").words, "the mail tells who stays, the page doesn't"


def test_the_secret_is_not_kept_and_the_answer_is_private(client: Client, event: Event) -> None:
    path = feed_path(PAT)
    secret = path.removeprefix("/cal/").removesuffix(".ics")
    assert len(secret) == 22, "128 bits"
    assert secret not in repr([kept(table) for table in (PersonalFeed, Contact, AuditLine)])
    answer = client.get(path)
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers
    assert answer.mimetype == "text/calendar"
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    text = answer.data.decode()
    assert "\r\nSOURCE" not in text
    assert "\r\nURL;" not in text
    assert "METHOD" not in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in text
    assert f"/cal/{secret}" not in mask(f"GET {path} 200")


def test_no_log_line_has_the_secret(client: Client, event: Event, caplog: pytest.LogCaptureFixture) -> None:
    path = feed_path(PAT)
    with caplog.at_level(logging.DEBUG):
        client.get(path)
        client.get(path + "x")
    assert path not in mask(caplog.text)
    assert mask(f'"GET {path} HTTP/1.1"') == '"GET /cal/… HTTP/1.1"'


def test_a_wrong_address_is_not_found_and_tells_nothing(client: Client, event: Event) -> None:
    path = feed_path(PAT)
    for wrong in (path[:-6] + "x.ics", "/cal/x.ics", "/cal/" + "я" * 22 + ".ics", f"/cal/{'A' * 3000}.ics"):
        answer = client.get(wrong)
        assert answer.status_code == 404, wrong
        assert answer.headers["Cache-Control"].startswith("private")
        assert b"no longer works" in answer.data


def test_whoever_guesses_is_slowed_down_and_the_right_address_is_no_guess(database: str) -> None:
    from app import create_app

    app = create_app(databases.settings_for(database, LIMITS="1", CALENDAR_LIMIT="2 per hour"))
    with app.app_context():
        sign_up(make_event())
        begin_feed(PAT)
        path, guesser = feed_path(PAT), app.test_client()
        base = {"base_url": "http://127.0.0.1:5000"}
        assert [guesser.get(path, **base).status_code for _again in range(4)] == [200] * 4
        assert [guesser.get("/cal/guess.ics", **base).status_code for _again in range(3)] == [404, 404, 429]
        db.session.remove()
        db.engine.dispose()


def test_reading_writes_no_row_and_an_unchanged_feed_is_not_sent_again(client: Client, event: Event) -> None:
    path, tables = feed_path(PAT), (PersonalFeed, OwnEntry, Registration, AuditLine)
    before = [kept(table) for table in tables]
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    again_asked = client.get(path, headers={"If-None-Match": tag})
    assert (again_asked.status_code, again_asked.data) == (304, b"")
    assert again_asked.headers["Cache-Control"].startswith("private")
    assert [kept(table) for table in tables] == before
    assert client.get(path).data == first.data


@pytest.mark.parametrize("change", ["mode", "name", "cancel", "other event", "moved event", "alarms", "venue"])
def test_whatever_changes_it_changes_its_tag(client: Client, event: Event, change: str) -> None:
    path = feed_path(PAT)
    first = client.get(path)
    pat = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).one()
    if change == "mode":
        operations.switch_mode(registration_id=pat.id, way=Way(seat="online"))
    elif change == "name":
        operations.correct_own_name(registration_id=pat.id, name="Pat P. Participant")
    elif change == "cancel":
        operations.cancel_registration(registration_id=pat.id)
    elif change == "other event":
        sign_up(make_event())
    elif change == "moved event":
        values = hybrid(starts_local=local(days=9), capacity_in_person=2)
        operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=seen_of(event))
    elif change == "alarms":
        operations.set_alarms(contact_id=pat.contact_id or 0, alarm="hours")
    else:
        from app.catalogue import operations as catalogue
        from app.catalogue.models import Venue
        from app.catalogue.values import VenueValues

        hall = db.session.scalars(select(Venue).where(Venue.slug == "lighthouse-hall")).one()
        values_of_hall = VenueValues(name={"en": "New hall"}, address=dict(hall.address), directions={})
        catalogue.edit_venue(actor=person("bob"), venue_id=hall.id, values=values_of_hall)
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_somebody_elses_sign_up_changes_nothing(client: Client, event: Event) -> None:
    path = feed_path(PAT)
    first = client.get(path)
    sign_up(event, "Otto Other")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_who_waits_sees_it_as_tentative_and_the_offer_with_its_end(client: Client) -> None:
    event = make_event(capacity_in_person=1, starts_local=local(days=0.9), offer_lead_hours=24)
    holder, waits = sign_up(event, "Holder"), sign_up(event, may_wait=True)
    begin_feed(PAT)
    waiting = feed(client, PAT)[uid_of(event.id)]
    assert (str(waiting["STATUS"]), summary(waiting)) == ("TENTATIVE", "Waiting list: How to ask for money")
    assert "This is not a ticket yet." in str(waiting["DESCRIPTION"])
    operations.cancel_registration(registration_id=holder.id)
    offered = feed(client, PAT)[uid_of(event.id)]
    assert (str(offered["STATUS"]), summary(offered)) == ("TENTATIVE", "A seat is offered: How to ask for money")
    assert "A seat is offered until " in str(offered["DESCRIPTION"])
    assert f"{manage_url(waits)}/offer" in str(offered["DESCRIPTION"])
    operations.accept_offer(registration_id=waits.id)
    sure = feed(client, PAT)[uid_of(event.id)]
    assert (str(sure["STATUS"]), summary(sure)) == ("CONFIRMED", "How to ask for money")
    assert int(waiting["SEQUENCE"]) < int(offered["SEQUENCE"]) < int(sure["SEQUENCE"])


def test_an_unconfirmed_sign_up_is_not_in_it_and_an_undecided_one_is_tentative(client: Client, event: Event) -> None:
    held = make_event(sign_up_way="after_mail")
    asked = make_event(sign_up_way="i_decide")
    button, pending = sign_up(held), sign_up(asked)
    found = feed(client, PAT)
    assert uid_of(held.id) not in found
    assert summary(found[uid_of(asked.id)]).startswith("Not decided yet: ")
    assert str(found[uid_of(asked.id)]["STATUS"]) == "TENTATIVE"
    operations.confirm_address(registration_id=button.id)
    operations.decide_people(actor=person("bob"), registration_ids=[pending.id], accept=True)
    found = feed(client, PAT)
    assert {str(one["STATUS"]) for one in found.values()} == {"CONFIRMED"}
    assert len(found) == 3


def test_what_was_given_back_drops_and_a_cancelled_event_stays_for_a_week(client: Client, event: Event) -> None:
    back, off = make_event(), make_event()
    given = sign_up(back)
    sign_up(off)
    operations.cancel_registration(registration_id=given.id)
    operations.cancel_event(actor=person("bob"), event_id=off.id, reason="")
    found = feed(client, PAT)
    assert set(found) == {uid_of(event.id), uid_of(off.id)}
    gone = found[uid_of(off.id)]
    assert (str(gone["STATUS"]), summary(gone)) == ("CANCELLED", "Cancelled: How to ask for money")
    assert int(gone["SEQUENCE"]) == 1
    for days, is_there in ((6, True), (8, False)):
        shift(off, days)
        assert (uid_of(off.id) in feed(client, PAT)) is is_there, days
    for days, is_there in ((89, True), (91, False)):
        shift(event, days)
        assert (uid_of(event.id) in feed(client, PAT)) is is_there, days


def shift(event: Event, days: int) -> None:
    """As if the event had ended so many days ago."""
    ends = now() - timedelta(days=days)
    times = {"starts_at": ends - timedelta(hours=2), "ends_at": ends}
    with transaction():
        execute(update(Event).where(Event.id == event.id).values(**times))
        execute(update(Session).where(Session.event_id == event.id).values(**times))


def test_people_who_share_a_mailbox_share_one_entry_with_all_names(client: Client, event: Event) -> None:
    sign_up(event, "Quentin", email=PAT, mode="online")
    sign_up(event, "Rosa", email=PAT, may_wait=True)
    sign_up(event, "Zoe", email=PAT, may_wait=True)
    [mine] = feed(client, PAT).values()
    words = str(mine["DESCRIPTION"])
    assert "Who comes: Pat Participant, Quentin (online), Rosa" in words
    assert "On the waiting list: Zoe" in words
    assert str(mine["STATUS"]) == "CONFIRMED"
    assert str(mine["LOCATION"]).endswith(", or online")
    assert int(mine["SEQUENCE"]) == 3
    quentin = db.session.scalars(select(Registration).where(Registration.name == "Quentin")).one()
    assert str(mine["CONFERENCE"]) == f"{manage_url(quentin)}/room"
    pat = db.session.scalars(select(Registration).where(Registration.name == "Pat Participant")).one()
    operations.cancel_registration(registration_id=pat.id)
    [left] = feed(client, PAT).values()
    assert "Pat Participant" not in str(left["DESCRIPTION"])
    assert int(left["SEQUENCE"]) == 4


def test_companions_without_an_own_address_are_on_the_page_and_in_the_calendar(client: Client) -> None:
    event = make_event(largest_party=4)
    bring(event, "Anna", "Boris", "Clara", own=("Clara",))
    page = client.page(begin_feed("anna@example.net"))
    assert "Boris" in page.words
    assert "Clara" not in page.words
    [mine] = feed(client, "anna@example.net").values()
    assert "Who comes: Anna, Boris\n" in str(mine["DESCRIPTION"])
    assert int(mine["SEQUENCE"]) == 0, "they came by one deed"


def test_of_a_conference_it_has_the_chosen_sessions_only(client: Client) -> None:
    event = make_conference(yard=1, kitchen=5)
    comes(event, "Early", YARD)
    mina = comes(event, "Mina", KITCHEN, email=PAT)
    begin_feed(PAT)
    opening, kitchen, yard = uid_of(event.id), session_called(event, KITCHEN).uid, session_called(event, YARD).uid
    assert set(feed(client, PAT)) == {opening, kitchen}
    chooses(mina, KITCHEN, YARD, told=(YARD,))
    found = feed(client, PAT)
    assert summary(found[yard]).startswith("Waiting list: ")
    assert (str(found[yard]["STATUS"]), str(found[kitchen]["STATUS"])) == ("TENTATIVE", "CONFIRMED")
    cancel_session(event, KITCHEN)
    assert str(feed(client, PAT)[kitchen]["STATUS"]) == "CANCELLED"


def test_the_room_is_reached_by_the_own_page_and_a_changed_room_changes_nothing(client: Client) -> None:
    event = make_event(hybrid())
    pat = sign_up(event, mode="online")
    begin_feed(PAT)
    before = client.get(feed_path(PAT)).data
    [mine] = entries(before).values()
    assert str(mine["CONFERENCE"]) == f"{manage_url(pat)}/room"
    assert b"secret-room" not in before
    with transaction():
        execute(update(Session).where(Session.event_id == event.id).values(room_url="https://rooms.example/new"))
    assert client.get(feed_path(PAT)).data == before


def test_it_speaks_the_language_in_which_it_was_asked_for(client: Client) -> None:
    event = make_event(capacity_in_person=1)
    sign_up(event, "Holder")
    sign_up(event, may_wait=True)
    begin_feed(PAT, "ru")
    [mine] = feed(client, PAT).values()
    assert summary(mine).endswith("Как просить деньги")
    assert "Waiting list" not in summary(mine)


def test_a_corrected_address_takes_the_entry_to_the_other_mailbox(client: Client, event: Event) -> None:
    pat = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).one()
    operations.correct_address(registration_id=pat.id, email="right@example.net")
    begin_feed("right@example.net")
    assert feed(client, PAT) == {}
    assert set(feed(client, "right@example.net")) == {uid_of(event.id)}


def test_erasing_the_last_registration_ends_the_feed(client: Client, event: Event) -> None:
    path = feed_path(PAT)
    pat = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).one()
    erase_person(actor=person("bob"), registration_id=pat.id)
    assert client.get(path).status_code == 404
    assert (kept(PersonalFeed), kept(OwnEntry)) == ([], [])


def test_a_hostile_name_writes_no_lines_into_the_calendar(client: Client, event: Event) -> None:
    sign_up(event, "Eve\r\nATTENDEE:mailto:x@example.net\r\nEND:VEVENT", email=PAT, mode="online")
    [mine] = feed(client, PAT).values()
    assert "ATTENDEE" not in mine
    assert "ATTENDEE" in str(mine["DESCRIPTION"])


def test_a_draft_with_a_mailbox_behind_it_can_be_deleted(app: APIFlask) -> None:
    event = make_event(publish=False)
    contact = Contact(public_id="c" * 16, email="x@example.net", language="en", created_at=now())
    with transaction() as session:
        session.add(contact)
        session.flush()
        session.add(OwnEntry(contact_id=contact.id, event_id=event.id, changes=0, changed_at=now()))
    operations.delete_draft(actor=person("bob"), event_id=event.id)
    assert kept(OwnEntry) == []
    assert db.session.get(Event, event.id) is None
    assert event.status == EventStatus.DRAFT


@pytest.mark.parametrize("name", READERS)
def test_every_reader_sees_the_same_feed(client: Client, name: str) -> None:
    plain = make_event(starts_local=local(days=200))
    whole = make_event(is_all_day=True, title={"en": "День открытых дверей; 🌱"})
    sign_up(plain)
    sign_up(whole, may_wait=True)
    sign_up(whole, "Rosa, the second", email=PAT)
    full = make_event(capacity_in_person=1, zone="America/New_York")
    sign_up(full, "Holder")
    sign_up(full, may_wait=True)
    page = begin_feed(PAT)
    client.send(f"{page}/calendar/alarms", {"alarms": "day_hours", "speaks": "en"})
    content = client.get(feed_path(PAT)).data
    expected = sorted(read_by_icalendar(content), key=lambda one: one.uid)
    assert len(expected) == 3
    with installed(name) as read:
        found = sorted(read(content), key=lambda one: one.uid)
    for one, other in zip(found, expected, strict=True):
        assert (one.uid, one.sequence, one.starts, one.ends) == (other.uid, other.sequence, other.starts, other.ends)
        assert (one.summary, one.description, one.location) == (other.summary, other.description, other.location)
