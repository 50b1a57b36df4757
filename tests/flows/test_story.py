"""The whole story on one running system: from an event put up to a green scan at the door, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.fakecamera import empty_hall, film_flags, write_y4m
from tests.support.browser import Visitor, chromium, visit
from tests.support.cast import PASSWORD
from tests.support.events import local, make_event
from tests.support.outgoing import application
from tests.support.servers import Web, serving, worker
from tests.support.smtp_sink import Sink, smtp_sink
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

TITLE = "Letters that people answer"
ROOM = "https://rooms.example/quiet-river-8142"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True)
class System:
    """Everything that runs: the web server, the worker and somebody's mail server."""

    web: Web
    sink: Sink

    def mail_to(self, address: str, count: int) -> EmailMessage:
        """The mail that makes it `count` for this address, as soon as it is there."""
        arrived = eventually(lambda: self.sink.to(address)[count - 1 : count], 90, what=f"mail {count} to {address}")
        return arrived[0].message

    def feed(self, slug: str) -> str:
        """The event's public calendar file."""
        with urlopen(f"{self.web.url}/e/{slug}.ics") as answer:
            text: str = answer.read().decode()
        return text


@contextmanager
def running_system(database: str, folder: Path) -> Iterator[System]:
    queue = folder / "queue.db"
    with (
        smtp_sink() as sink,
        serving(database, QUEUE_FILE=str(queue), MAIL_URL=sink.url) as web,
        worker(database, queue, MAIL_URL=sink.url, BASE_URL=web.url),
    ):
        yield System(web, sink)


def ticket_picture(mail: EmailMessage) -> Image.Image:
    """The square code, cut out of the mail."""
    [part] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    return Image.open(BytesIO(part.get_content())).convert("RGB")


def calendar_of(mail: EmailMessage) -> str:
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode()


def sequence(calendar: str) -> int:
    [found] = re.findall(r"^SEQUENCE:(\d+)\r$", calendar, re.MULTILINE)
    return int(found)


def uid(calendar: str) -> str:
    [found] = re.findall(r"^UID:(\S+)\r$", calendar, re.MULTILINE)
    return str(found)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


def sign_in(organizer: Visitor, system: System) -> None:
    organizer.go(f"{system.web.url}/desk/")
    organizer.page.fill("[name=email]", "bob@example.org")
    organizer.page.fill("[name=password]", PASSWORD)
    organizer.press("Sign in")
    organizer.page.wait_for_url("**/desk/**")


def put_up(organizer: Visitor) -> str:
    """Create and publish a hybrid event that begins in half an hour, one seat in the hall; returns its address."""
    page = organizer.page
    starts, ends = local(minutes=30), local(minutes=150)
    organizer.press("New event")
    page.fill("[name=title]", TITLE)
    page.select_option("[name=format]", "workshop")
    page.fill("[name=on]", starts.date().isoformat())
    page.fill("[name=starts]", f"{starts:%H:%M}")
    page.fill("[name=ends]", f"{ends:%H:%M}")
    page.check("[name=modes][value=in_person]")
    page.check("[name=modes][value=online]")
    page.select_option("[name=venue]", label="Lighthouse Resource Centre, main hall")
    page.fill("[name=capacity_in_person]", "1")
    page.fill("[name=room_url]", ROOM)
    page.fill("[name=capacity_online]", "30")
    page.fill("[name=summary]", "We **write** one together.")
    page.select_option("[name=topic]", "fundraising")
    if ends.date() != starts.date():
        page.locator("details.more").last.locator("summary").click()
        page.fill("[name=ends_on]", ends.date().isoformat())
    organizer.press("Save the draft")
    expect(page.locator("h1")).to_have_text(TITLE)
    organizer.press("Publish…")
    organizer.press("Publish")
    address = page.locator("#public-address").inner_text()
    assert address.endswith(f"/e/{address.rpartition('/')[2]}")
    return address


def sign_up(participant: Visitor, address: str, name: str, email: str) -> None:
    """Sign up for a seat in the hall, from the event's page to one's own."""
    page = participant.page
    participant.go(address)
    page.locator(".event-action a.button").click()
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.check("[name=mode][value=in_person]")
    page.check("input[name^=consent_]")
    page.locator("main form button").first.click()
    page.wait_for_url("**/r/*")


def pair(organizer: Visitor, browser: Browser, system: System, gate: str) -> Visitor:
    """A phone paired by a link from the desk, at this gate, with the camera running."""
    page = organizer.page
    organizer.go(f"{system.web.url}/desk/door")
    page.get_by_role("checkbox", name=re.compile(re.escape(TITLE))).check()
    page.fill("[name=gate]", gate)
    organizer.press("Make a pairing link")
    link = page.locator("#pairing-link").inner_text()
    phone = visit(browser, **PHONE)
    phone.go(link)
    phone.press("Pair this phone")
    phone.page.locator("#view-scan").wait_for()
    start = phone.page.locator("#camera-start")
    phone.page.locator("#lens[data-state=on]").or_(start).first.wait_for()
    if start.is_visible():
        start.click()
    return phone


def verdict(phone: Visitor, colour: str) -> str:
    """What the phone says once it shows this colour."""
    phone.page.locator(f"#verdict[data-colour={colour}]").wait_for()
    return " ".join(phone.page.locator("#verdict").inner_text().split())


def move(organizer: Visitor, address: str) -> None:
    """Move the event by a day, and have the people told."""
    page = organizer.page
    organizer.go(address)
    organizer.press("Edit")
    later = local(days=1, minutes=30)
    page.fill("[name=on]", later.date().isoformat())
    if page.input_value("[name=ends_on]"):
        page.locator("details.more").last.locator("summary").click()
        page.fill("[name=ends_on]", local(days=1, minutes=150).date().isoformat())
    organizer.press("Save")
    expect(page.locator("main")).to_contain_text("1 person will be told by mail")
    organizer.press("Save and tell 1 person")
    expect(page.locator("main")).to_contain_text("1 person is told by mail.")


def public_page(browser: Browser, address: str) -> str:
    """The event's page as somebody sees it who comes by now; browsers keep it for half a minute."""
    passer_by = visit(browser)
    passer_by.go(address)
    words = passer_by.words
    passer_by.context.close()
    return words


def give_back(participant: Visitor) -> None:
    """Give the seat back, through one's own page."""
    page = participant.page
    page.locator("a[href$='/cancel']").first.click()
    page.locator("main form button").click()
    page.wait_for_url(re.compile(r"/r/[^/]+$"))


@pytest.mark.slow_on_postgresql
def test_the_story_from_the_organizers_form_to_the_door_and_back(database: str, tmp_path: Path) -> None:
    with running_system(database, tmp_path) as system, chromium() as launch:
        browser = launch()
        organizer = visit(browser, **PHONE)
        sign_in(organizer, system)
        address = put_up(organizer)
        desk_address = organizer.page.url
        slug = address.rpartition("/")[2]

        participant = visit(browser)
        assert "In the hall: 1 free seat" in public_page(browser, address)
        sign_up(participant, address, "Pat Participant", "pat@example.net")
        assert participant.h1 == "You are in"
        own_page = participant.page.url
        assert "In the hall: full" in public_page(browser, address)

        mail = system.mail_to("pat@example.net", 1)
        assert str(mail["Subject"]).startswith(f"You are in: {TITLE}")
        assert own_page in text_of(mail)
        assert ROOM not in mail.as_string()
        invited = calendar_of(mail)
        published = system.feed(slug)
        assert uid(invited) == uid(published)
        ticket = ticket_picture(mail)
        [code] = zxingcpp.read_barcodes(ticket)
        assert re.fullmatch(r"[A-Z2-7]{16}", code.text)

        hall = empty_hall()
        hall.paste(ticket.resize((300, 300), Image.Resampling.NEAREST), (170, 90))
        write_y4m(tmp_path / "ticket.y4m", hall)
        phones = launch(*film_flags(tmp_path / "ticket.y4m"))
        first = pair(organizer, phones, system, "A")
        assert "Pat Participant" in verdict(first, "green")
        second = pair(organizer, phones, system, "B")
        assert "Pat Participant" in verdict(second, "red")
        assert "gate A" in verdict(second, "red")
        for phone in (first, second):
            expect(phone.page.locator("#head-count")).to_contain_text("1")

        move(organizer, desk_address)
        moved = system.mail_to("pat@example.net", 2)
        assert sequence(calendar_of(moved)) == sequence(invited) + 1
        assert sequence(system.feed(slug)) == sequence(published) + 1
        assert uid(calendar_of(moved)) == uid(invited)

        participant.go(own_page)
        give_back(participant)
        assert participant.h1 == "Your seat was given back"
        assert "given back" in text_of(system.mail_to("pat@example.net", 3))
        assert "In the hall: 1 free seat" in public_page(browser, address)
        assert [visitor.problems for visitor in (organizer, participant, first, second)] == [[], [], [], []]
        assert len(system.sink.arrivals) == len(system.sink.to("pat@example.net")) + len(
            system.sink.to("bob@example.org")
        )


@pytest.mark.slow_on_postgresql
def test_the_participants_part_on_a_small_phone_in_russian(database: str, tmp_path: Path) -> None:
    with application(database):
        slug = make_event(capacity_in_person=1).slug
    with running_system(database, tmp_path) as system, chromium() as launch:
        browser = launch()
        phone = visit(browser, locale="ru-RU", **PHONE)
        phone.go(f"{system.web.url}/events")
        phone.page.get_by_role("link", name="Как просить деньги").click()
        address = phone.page.url.partition("?")[0]
        assert address == f"{system.web.url}/e/{slug}"
        assert phone.overflow == 0
        phone.page.locator(".event-action a.button").click()
        phone.page.fill("[name=name]", "Пётр Ёлкин")
        phone.page.fill("[name=email]", "petr@example.net")
        assert phone.overflow == 0
        phone.page.locator("main form button").first.click()
        expect(phone.page.locator(".error-summary")).to_be_focused()
        assert phone.page.input_value("[name=name]") == "Пётр Ёлкин"
        assert phone.overflow == 0
        phone.page.check("input[name^=consent_]")
        phone.page.locator("main form button").first.click()
        phone.page.wait_for_url("**/r/*")
        assert phone.h1 == "Вы записаны"
        assert phone.overflow == 0
        own_page = phone.page.url

        mail = system.mail_to("petr@example.net", 1)
        assert "Как просить деньги" in str(mail["Subject"])
        assert own_page in text_of(mail)
        assert re.search(r"^SUMMARY[^:]*:Как просить деньги", calendar_of(mail), re.MULTILINE)
        shown = Image.open(BytesIO(phone.page.locator("svg.qr").screenshot()))
        assert [code.text for code in zxingcpp.read_barcodes(shown)] == [
            code.text for code in zxingcpp.read_barcodes(ticket_picture(mail))
        ]

        give_back(phone)
        assert phone.overflow == 0
        mail = system.mail_to("petr@example.net", 2)
        assert "Как просить деньги" in str(mail["Subject"])
        assert "Only 1 seat left" in public_page(browser, address)
        assert phone.problems == []
