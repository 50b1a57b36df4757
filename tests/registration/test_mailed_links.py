"""The link that a mail carries: it opens the same page, and its calendar file says what the mailbox may know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.tickets import mailed_token, manage_token
from tests.support.calendars import begin_feed, entries, feed, feed_path, uid_of
from tests.support.events import make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import again

PAT = "pat@example.net"
PAGES = ("", "/ticket", "/letter", "/name", "/address", "/cancel", "/consents", "/event.ics")

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def event() -> Event:
    return make_event()


def file_at(client: Client, token: str, event: Event) -> Any:
    response = client.get(f"/r/{token}/event.ics")
    assert response.status_code == 200
    return entries(response.data)[uid_of(event.id)]


def last_mail(registration: Registration) -> str:
    """The words of the latest mail, with its links."""
    again()
    rows = select(OutboxMessage).where(OutboxMessage.facts["registration"].as_string() == registration.public_id)
    row = db.session.scalars(rows.order_by(OutboxMessage.id.desc())).first()
    assert row is not None
    letter = MESSAGES[row.name](row.facts)
    assert letter is not None
    return letter.filled(letter.text)


def test_who_comes_back_gets_the_number_of_mail_and_feed_from_the_mailed_page(client: Client, event: Event) -> None:
    sign_up(event, "Zoe", email=PAT)
    begin_feed(PAT)
    first = sign_up(event, "Pat")
    operations.cancel_registration(registration_id=first.id)
    pat = sign_up(event, "Pat")
    again()
    [link] = {line for line in last_mail(pat).split() if line.endswith(mailed_token(pat))}
    page = client.page(link.removeprefix("http://127.0.0.1:5000"))
    [address] = [one for one in page.links() if one.endswith("/event.ics")]
    own, told = entries(client.get(address).data)[uid_of(event.id)], feed(client, PAT)[uid_of(event.id)]
    for name in ("SEQUENCE", "LAST-MODIFIED", "DTSTAMP", "DESCRIPTION", "DTSTART", "SUMMARY"):
        assert own[name] == told[name], name
    assert int(own["SEQUENCE"]) > 1
    assert "Zoe" in str(own["DESCRIPTION"])


def test_who_signed_somebody_up_is_never_given_that_link(client: Client, event: Event) -> None:
    sign_up(event, "Pat")
    eve = sign_up(event, "Eve", email=PAT)
    again()
    token, mailed = manage_token(eve), mailed_token(eve)
    assert mailed.startswith(token)
    for path in PAGES:
        assert mailed not in client.get(f"/r/{token}{path}").get_data(as_text=True), path
    assert "Pat" not in str(file_at(client, token, event)["DESCRIPTION"])
    assert "Pat" in str(file_at(client, mailed, event)["DESCRIPTION"])


def test_the_file_without_proof_is_never_newer_than_what_the_mailbox_has(client: Client, event: Event) -> None:
    """A calendar takes what has the higher number and then the later stamp: Anna's entry stays until the mail comes."""
    with time_machine.travel(now() + timedelta(minutes=1)):
        anna = sign_up(event, "Anna", email=PAT)
    again()
    held = file_at(client, mailed_token(anna), event)
    with time_machine.travel(now() + timedelta(minutes=2)):
        ben = sign_up(event, "Ben", email=PAT)
    again()
    shown, mailed = file_at(client, manage_token(ben), event), file_at(client, mailed_token(ben), event)

    def age(entry: Any) -> tuple[int, datetime]:
        return int(entry["SEQUENCE"]), entry["DTSTAMP"].dt

    assert age(shown) < age(held) < age(mailed)
    assert manage_token(ben) in str(shown["DESCRIPTION"])
    assert ("Anna" in str(mailed["DESCRIPTION"]), "Ben" in str(mailed["DESCRIPTION"])) == (True, True)


def test_deeds_on_the_mailed_page_lead_back_to_it(client: Client, event: Event) -> None:
    pat = sign_up(event, "Pat")
    again()
    mailed = mailed_token(pat)
    for path in PAGES[:-1]:
        page = client.page(f"/r/{mailed}{path}")
        ours = [link for link in page.links() if f"/r/{manage_token(pat)}" in link]
        assert all(f"/r/{mailed}" in link for link in ours), path
    response = client.send(f"/r/{mailed}/cancel")
    assert f"/r/{mailed}" in response.headers["Location"]


@pytest.mark.parametrize("wrong", ["x", "xxxxxxxxxxx", "%ED%A0%80", "é"])
def test_a_wrong_proof_opens_nothing(client: Client, event: Event, wrong: str) -> None:
    pat = sign_up(event, "Pat")
    again()
    assert client.get(f"/r/{manage_token(pat)}{wrong}").status_code == 404
    assert client.get(f"/r/{mailed_token(pat)[:-1]}").status_code == 404


def test_a_corrected_address_ends_the_mailed_link(client: Client, event: Event) -> None:
    pat = sign_up(event, "Pat")
    again()
    mailed = mailed_token(pat)
    operations.correct_address(registration_id=pat.id, email="right@example.net")
    again()
    assert client.get(f"/r/{mailed}").status_code == 404
    fresh = db.session.get_one(Registration, pat.id)
    assert client.get(f"/r/{mailed_token(fresh)}").status_code == 200


def test_all_links_of_an_address_are_mailed_ones(client: Client, event: Event) -> None:
    pat = sign_up(event, "Pat")
    page = client.page(begin_feed(PAT))
    again()
    assert any(mailed_token(pat) in link for link in page.links())
    assert feed_path(PAT)
