"""What a mail says, what of it is kept, and the bytes that go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from io import BytesIO

import icalendar
import pytest
import zxingcpp
from PIL import Image

from app.accounts.operations import set_invitations
from app.catalogue.queries import seen_of, sessions_of
from app.core.db import db
from app.messaging import delivery, queries
from app.messaging.letters import Letter
from app.messaging.mail import build_message
from app.messaging.models import OutboxMessage
from app.registration.models import Registration
from app.registration.operations import cancel_event, cancel_registration, change_event
from app.registration.tickets import code_of, manage_token, manage_url
from tests.support.cast import organization_id, person
from tests.support.events import daytime, event_values, hybrid, local, make_event, sign_up
from tests.support.outgoing import application, messages
from tests.support.smtp_sink import Sink, smtp_sink

HOSTILE = "Eve\r\nBcc: spy@example.net\r\n\r\n<b>Bold</b>"


@pytest.fixture
def sink(database: str) -> Iterator[Sink]:
    """A mail server, and an application that sends to it."""
    with smtp_sink() as server, application(database, MAIL_URL=server.url, SITE_NAME="Harbour events"):
        yield server


def delivered(sink: Sink, registration: Registration) -> EmailMessage:
    """The latest mail to the registered person, as it arrived."""
    delivery.drain()
    contact = db.session.scalars(
        db.select(OutboxMessage).where(OutboxMessage.facts["registration"].as_string() == registration.public_id)
    ).first()
    assert contact is not None
    return sink.to(contact.to_address)[-1].message


def words(mail: EmailMessage, kind: str) -> str:
    """One of the two ways in which the mail says the same."""
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def picture(mail: EmailMessage) -> Image.Image:
    """The picture in the mail."""
    [part] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert part["Content-ID"] == "<qr>"
    return Image.open(BytesIO(part.get_content()))


def entry(mail: EmailMessage) -> icalendar.Event:
    """The only entry of the calendar file in the mail."""
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    [found] = calendar.walk("VEVENT")
    assert isinstance(found, icalendar.Event)
    return found


def test_a_confirmation_carries_what_the_person_needs(sink: Sink) -> None:
    registration = sign_up(make_event(), "Pat Participant")
    mail = delivered(sink, registration)
    [row] = messages()
    assert mail["Subject"].startswith("You are in: How to ask for money")
    assert mail["Message-ID"] == row.message_id
    assert abs(parsedate_to_datetime(str(mail["Date"])) - row.created_at) < timedelta(seconds=1)
    assert mail["From"].addresses[0].addr_spec == "lectern@127.0.0.1"
    assert mail["From"].addresses[0].display_name == "Lighthouse Resource Centre"
    assert mail["Reply-To"] == "hello@lighthouse.example"
    assert mail["To"] == "pat.participant@example.net"
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = words(mail, kind)
        assert manage_url(registration) in text
        assert "How to ask for money" in text
        assert f"{registration.reference[:3]} {registration.reference[3:]}" in text
        assert "((" not in text, "a placeholder was left"
    assert 'src="cid:qr"' in words(mail, "html")


def test_the_square_code_in_the_mail_is_the_ticket(sink: Sink) -> None:
    registration = sign_up(make_event())
    mail = delivered(sink, registration)
    [code] = zxingcpp.read_barcodes(picture(mail))
    assert code.text == code_of(registration)
    assert code.format == zxingcpp.BarcodeFormat.QRCode


def test_the_calendar_file_has_the_events_uid_and_the_persons_own_page(sink: Sink) -> None:
    registration = sign_up(make_event())
    found = entry(delivered(sink, registration))
    assert str(found["UID"])
    assert int(found["SEQUENCE"]) == 0
    assert found["DTSTART"].dt.tzinfo is not None
    assert manage_url(registration) in str(found["DESCRIPTION"])


def test_secrets_are_filled_in_at_sending_and_never_kept(sink: Sink) -> None:
    registration = sign_up(make_event())
    mail = delivered(sink, registration)
    [row] = messages()
    secrets = [manage_token(registration), code_of(registration)]
    assert row.body_text is not None
    assert row.body_html is not None
    kept = " ".join([row.subject or "", row.body_text, row.body_html, str(row.facts)])
    assert not [secret for secret in secrets if secret in kept]
    assert "((manage))" in row.body_text
    assert "((manage))" in row.body_html
    assert all(secret in words(mail, "plain") for secret in secrets)


def test_who_signed_up_in_russian_gets_russian_mail(sink: Sink) -> None:
    mail = delivered(sink, sign_up(make_event(), "Пётр Иванов", email="petr@example.net", language="ru"))
    assert "Как просить деньги" in str(mail["Subject"])
    assert 'lang="ru"' in words(mail, "html")
    assert "You are in" not in words(mail, "plain")
    assert "Портовая улица, 1" in words(mail, "plain")
    assert "Пётр Иванов" in words(mail, "plain")
    assert mail["From"].addresses[0].display_name == "Ресурсный центр «Маяк»"


def test_who_comes_online_gets_no_square_code_and_no_room_address(sink: Sink) -> None:
    mail = delivered(sink, sign_up(make_event(hybrid()), mode="online"))
    assert "image/png" not in [part.get_content_type() for part in mail.walk()]
    everything = mail.as_string() + words(mail, "plain") + words(mail, "html") + str(entry(mail).to_ical())
    assert "secret-room-4711" not in everything
    assert "/room" in str(entry(mail).to_ical())


def test_a_hostile_name_can_not_write_heads_or_tags(sink: Sink) -> None:
    mail = delivered(sink, sign_up(make_event(), HOSTILE, email="eve@example.net"))
    assert mail["Bcc"] is None
    assert [arrival.to for arrival in sink.arrivals] == ["eve@example.net"]
    assert "<b>Bold</b>" not in words(mail, "html")
    assert "&lt;b&gt;Bold" in words(mail, "html")
    assert str(entry(mail)["UID"]), "the calendar file can still be read"


def test_a_hostile_title_can_not_write_heads_or_lines_of_a_calendar(sink: Sink) -> None:
    event = make_event(title={"en": "Talk\r\nBcc: spy@example.net\r\nBEGIN:VALARM", "ru": ""})
    mail = delivered(sink, sign_up(event))
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert entry(mail).walk("VALARM") == []


def test_heads_are_cleaned_whatever_a_letter_says() -> None:
    letter = Letter(subject=f"Hello {HOSTILE}", text="Words\n", html="<p>Words</p>", from_name=HOSTILE)
    mime = build_message(
        letter,
        sender="desk@example.org",
        sender_name="Desk",
        to="pat@example.net",
        message_id="<one@example.org>",
        date=datetime(2030, 1, 1, tzinfo=UTC),
    )
    parsed = message_from_bytes(mime.as_bytes(), policy=policy.default)
    assert parsed["Bcc"] is None
    assert parsed["Subject"] == "Hello Eve Bcc: spy@example.net <b>Bold</b>"
    assert [address.addr_spec for address in parsed["From"].addresses] == ["desk@example.org"]


def test_a_moved_event_is_told_with_the_old_time_and_a_higher_sequence(sink: Sink) -> None:
    event = make_event()
    registration = sign_up(event)
    first = entry(delivered(sink, registration))
    later = event_values(starts_local=daytime(local(days=9)), venue_id=None, is_in_person=True)
    change_event(actor=person("bob"), event_id=event.id, values=later, seen=seen_of(event))
    mail = delivered(sink, registration)
    moved = entry(mail)
    assert str(moved["UID"]) == str(first["UID"])
    assert int(moved["SEQUENCE"]) == int(first["SEQUENCE"]) + 1
    assert moved["DTSTART"].dt - first["DTSTART"].dt == timedelta(days=2)
    assert moved["DTSTAMP"].dt >= first["DTSTAMP"].dt


def test_a_cancelled_event_says_so_in_words_and_in_the_calendar(sink: Sink) -> None:
    event = make_event()
    registration = sign_up(event)
    first = entry(delivered(sink, registration))
    assert cancel_event(actor=person("bob"), event_id=event.id, reason="The hall is flooded.") == 1
    mail = delivered(sink, registration)
    assert "The hall is flooded." in words(mail, "plain")
    gone = entry(mail)
    assert str(gone["STATUS"]) == "CANCELLED"
    assert str(gone["UID"]) == str(first["UID"])
    assert int(gone["SEQUENCE"]) > int(first["SEQUENCE"])


def test_the_letter_box_shows_what_went_out(sink: Sink) -> None:
    registration = sign_up(make_event())
    mail = delivered(sink, registration)
    row = queries.find_message(messages()[0].id)
    assert row is not None
    letter = delivery.letter_of(row.name, row.facts, row.language)
    assert letter is not None
    assert letter.filled(letter.text).splitlines() == words(mail, "plain").splitlines()


def test_a_mail_that_is_no_longer_true_is_not_sent_and_has_not_failed(sink: Sink) -> None:
    event = make_event(capacity_in_person=1)
    holder = sign_up(event, "Early Bird")
    waits = sign_up(event, "Wanda Waits", may_wait=True)
    cancel_registration(registration_id=holder.id)
    delivery.drain()
    found = {row.name: row.status for row in messages() if row.facts["registration"] == waits.public_id}
    assert found == {"waitlisted": "not_needed", "promoted": "sent"}
    [mail] = sink.to("wanda.waits@example.net")
    assert "A seat for you" in str(mail.message["Subject"])


def test_the_demos_letter_box_shows_what_was_written_then(database: str) -> None:
    with application(database, DEMO_MODE="1", MAIL_URL="") as app:
        event = make_event()
        pat = sign_up(event)
        delivery.drain()
        letter = db.session.scalars(db.select(OutboxMessage.id)).one()
        before = app.test_client().get(f"/letters/{letter}/body").get_data(as_text=True)
        assert "How to ask for money" in before
        assert manage_token(pat) in before
        renamed = event_values(
            title={"en": "Something else", "ru": "Другое"}, venue_id=sessions_of(event.id)[0].venue_id
        )
        change_event(actor=person("bob"), event_id=event.id, values=renamed, seen=seen_of(event), notify=False)
        assert app.test_client().get(f"/letters/{letter}/body").get_data(as_text=True) == before
        assert "It is made anew when you open it" in app.test_client().get(f"/letters/{letter}").get_data(as_text=True)


def test_the_demos_letter_box_shows_invitations_and_their_end(database: str) -> None:
    with application(database, DEMO_MODE="1", MAIL_URL="") as app:
        set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
        pat = sign_up(make_event())
        delivery.drain()
        [ticket] = db.session.scalars(db.select(OutboxMessage.id))
        client = app.test_client()
        assert b"METHOD:REQUEST" in client.get(f"/letters/{ticket}/0.ics").data
        assert client.get(f"/letters/{ticket}/1.ics").status_code == 404
        cancel_registration(registration_id=pat.id)
        delivery.drain()
        last = max(db.session.scalars(db.select(OutboxMessage.id)))
        assert b"METHOD:CANCEL" in client.get(f"/letters/{last}/0.ics").data
        page = client.get(f"/letters/{last}").get_data(as_text=True)
        assert "Calendars take the entry away" in page
        assert "please delete it there" not in page


def test_the_demos_letter_box_says_of_an_overtaken_letter_that_it_was_not_sent(database: str) -> None:
    with application(database, DEMO_MODE="1", MAIL_URL="") as app:
        pat = sign_up(make_event())
        cancel_registration(registration_id=pat.id)
        delivery.drain()
        page = app.test_client().get("/letters").get_data(as_text=True)
        assert "Not sent: a later letter says more" in page
        assert "Being written" not in page
        assert page.count('href="/letters/') == len([row for row in messages() if row.subject])


def test_a_kept_letter_whose_links_are_gone_shows_no_placeholder(database: str) -> None:
    with application(database, DEMO_MODE="1", MAIL_URL="") as app:
        pat = sign_up(make_event(hybrid(), by="bob"), mode="online")
        delivery.drain()
        letter = db.session.scalars(db.select(OutboxMessage.id)).one()
        cancel_registration(registration_id=pat.id)
        client = app.test_client()
        for path in (f"/letters/{letter}", f"/letters/{letter}/body"):
            page = client.get(path).get_data(as_text=True)
            assert "((" not in page
            assert "/r/[" not in page
            assert 'href="[' not in page
        assert "[secret link]" in client.get(f"/letters/{letter}").get_data(as_text=True)
