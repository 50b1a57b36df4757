"""What the mailed page says of the personal calendar, and what can be chosen there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.operations import set_invitations
from app.catalogue.models import Event
from app.core.audit import AuditLine
from app.core.db import execute
from app.desk.deeds import DEEDS
from tests.support.calendars import begin_feed, entries, feed, feed_path, uid_of
from tests.support.cast import organization_id, person
from tests.support.conference import KITCHEN, YARD, chooses, comes, make_conference
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client

PAT = "pat.participant@example.net"

pytestmark = pytest.mark.usefixtures("context")


def test_reminders_are_chosen_by_the_person(client: Client, event: Event) -> None:
    page = begin_feed(PAT)
    assert b"VALARM" not in client.get(feed_path(PAT)).data
    client.send(f"{page}/calendar/alarms", {"alarms": "day_hours", "speaks": "en"})
    [mine] = feed(client, PAT).values()
    triggers = [alarm["TRIGGER"].to_ical() for alarm in mine.walk("VALARM")]
    assert triggers == [b"-P1D", b"-PT2H"]
    assert int(mine["SEQUENCE"]) == 0
    refused = client.post(f"{page}/calendar/alarms", data={"alarms": "hourly", "speaks": "en"})
    assert refused.status_code == 422
    assert len(entries(client.get(feed_path(PAT)).data)) == 1
    client.send(f"{page}/calendar/alarms", {"alarms": "none", "speaks": "en"})
    assert b"VALARM" not in client.get(feed_path(PAT)).data


def test_the_person_chooses_what_the_calendar_speaks(client: Client, event: Event) -> None:
    page, address = begin_feed(PAT), feed_path(PAT)
    assert client.page(page, lang="en").fields()["speaks"] == "en"
    assert "Your ticket" in str(feed(client, PAT)[uid_of(event.id)]["DESCRIPTION"])
    client.send(f"{page}/calendar/alarms", {"alarms": "none", "speaks": "ru"})
    assert feed_path(PAT) == address
    assert "Ваш билет" in str(feed(client, PAT)[uid_of(event.id)]["DESCRIPTION"])
    assert client.post(f"{page}/calendar/alarms", data={"alarms": "none", "speaks": "xx"}).status_code == 422
    assert client.post(f"{page}/calendar/alarms", data={"alarms": "none"}).status_code == 422


def test_a_new_address_ends_the_old_one_and_it_can_be_switched_off(client: Client, event: Event) -> None:
    page, old = begin_feed(PAT), feed_path(PAT)
    client.send(f"{page}/calendar/renew")
    new = feed_path(PAT)
    assert new != old
    assert [client.get(path).status_code for path in (old, new)] == [404, 200]
    client.send(f"{page}/calendar/stop")
    assert feed_path(PAT) == ""
    assert client.get(new).status_code == 404
    assert "Make an address for my calendar" in client.page(page).words
    assert begin_feed(PAT)
    assert feed_path(PAT) == "", "asking for the links doesn't switch it on again"
    client.send(f"{page}/calendar/renew")
    newest = feed_path(PAT)
    assert newest not in ("", old, new)
    assert client.get(newest).status_code == 200
    told = execute(select(AuditLine.action).where(AuditLine.subject_kind == "contact")).scalars().all()
    assert told == ["renew_feed", "stop_feed", "renew_feed"]
    assert set(told) <= set(DEEDS)


def test_the_page_says_what_one_waits_for_beside_a_seat_and_how_many_meetings_there_are(client: Client) -> None:
    full = make_event(hybrid(capacity_in_person=1))
    sign_up(full, "Early")
    sign_up(full, mode="online", also_wait_for="in_person")
    forum = make_conference(yard=1, kitchen=5)
    comes(forum, "Early", YARD)
    mina = comes(forum, "Mina", KITCHEN, email=PAT)
    chooses(mina, KITCHEN, YARD, told=(YARD,))
    page = client.page(begin_feed(PAT))
    assert "Seat kept On the waiting list: in the hall Pat Participant" in page.words
    assert f"Seat kept On the waiting list: “{YARD}” Mina" in page.words
    assert len(re.findall(r"2 meetings(?!, until)", page.words)) == 1, "the opening and the chosen session"


def test_who_gets_invitations_by_mail_is_told_that_an_event_stands_there_twice(client: Client, event: Event) -> None:
    page = begin_feed(PAT)
    assert "you see that event twice" not in client.page(page).words
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    assert "you see that event twice" in client.page(page).words


def test_the_page_says_who_reads_the_calendar_and_when(client: Client, event: Event) -> None:
    words = client.page(begin_feed(PAT)).words
    assert "you give the address to Google or Microsoft" in words
    assert "Outlook looks every few hours." in words
    assert "On the day itself, trust your own page." in words
    assert "Google or Microsoft has the address" in client.page("/privacy").words


def test_a_new_address_keeps_what_was_chosen(client: Client, event: Event) -> None:
    page = begin_feed(PAT)
    client.send(f"{page}/calendar/alarms", {"alarms": "hours", "speaks": "ru"})
    for deed in ("renew", "stop", "renew"):
        client.send(f"{page}/calendar/{deed}")
    assert (client.page(page, lang="en").fields()["speaks"], client.page(page).fields()["alarms"]) == ("ru", "hours")
    assert "Ваш билет" in str(feed(client, PAT)[uid_of(event.id)]["DESCRIPTION"])


def test_what_is_chosen_for_a_calendar_that_another_tab_switched_off_is_kept_and_said(
    client: Client, event: Event
) -> None:
    page = begin_feed(PAT)
    client.send(f"{page}/calendar/stop")
    answer = client.send(f"{page}/calendar/alarms", {"alarms": "hours", "speaks": "en"})
    shown = client.page(answer.headers["Location"].partition("#")[0])
    assert "This calendar is switched off" in shown.words
    assert "Your calendar follows" not in shown.words
    assert feed_path(PAT) == ""
    client.send(f"{page}/calendar/renew")
    assert client.page(page).fields()["alarms"] == "hours"


def test_a_get_changes_nothing_and_a_link_that_ran_out_neither(client: Client, event: Event) -> None:
    page, path = begin_feed(PAT), feed_path(PAT)
    for deed in ("renew", "stop", "alarms"):
        assert client.get(f"{page}/calendar/{deed}").status_code == 405
        assert client.post(f"/me/{'x' * 22}/calendar/{deed}").status_code == 404
    assert feed_path(PAT) == path
