"""The scanner in a real browser, with a hand-held reader: a keyboard that types fast and ends with Enter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import databases
from tests.support.browser import Visitor, chromium, visit
from tests.support.door import open_door, open_event
from tests.support.events import sign_up
from tests.support.outgoing import application
from tests.support.servers import serving

pytestmark = pytest.mark.browser

PEOPLE = ("Pat Participant", "Quinn Quick", "Robin Rest")


@dataclass(frozen=True)
class Hall:
    """A phone at a door, and the references of the people who come, by name."""

    phone: Visitor
    references: dict[str, str]

    def read(self, *names: str) -> None:
        """Let the reader read these people's codes, one right after the other."""
        for name in names:
            self.phone.page.keyboard.type(self.references[name])
            self.phone.page.keyboard.press("Enter")

    @property
    def let_in(self) -> list[str]:
        """Whom the door has let in so far, the latest first."""
        names: list[str] = self.phone.page.locator("#last-list li[data-colour=green] .last-name").all_text_contents()
        return names


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with databases.fresh("sqlite") as database:
        with application(database):
            event = open_event()
            references = {name: sign_up(event, name).reference for name in PEOPLE}
            credential = open_door(event).credential
        with serving(database, QUEUE_FILE=str(tmp_path / "queue.db")) as web, chromium() as launch:
            phone = visit(launch(), viewport={"width": 360, "height": 740})
            phone.context.add_cookies([{"name": "door", "value": credential, "url": web.url}])
            phone.go(f"{web.url}/door")
            phone.page.locator("#view-scan").wait_for()
            yield Hall(phone, references)


def test_nobodys_code_is_thrown_away_however_fast_they_come(hall: Hall) -> None:
    hall.read(*PEOPLE)
    rows = hall.phone.page.locator("#last-list li")
    expect(rows).to_have_count(3)
    assert hall.let_in == list(reversed(PEOPLE))
    expect(hall.phone.page.locator("#verdict-name")).to_have_text(PEOPLE[-1])
    assert hall.phone.problems == []


def test_a_ticket_shown_again_is_red_at_the_same_door_too(hall: Hall) -> None:
    panel = hall.phone.page.locator("#verdict")
    hall.read(PEOPLE[0], PEOPLE[1], PEOPLE[2])
    expect(hall.phone.page.locator("#last-list li")).to_have_count(3)
    hall.read(PEOPLE[0])  # each of the others kept the screen for a moment, so the first is long past
    expect(panel).to_have_attribute("data-colour", "red")
    expect(hall.phone.page.locator("#verdict-word")).to_have_text("Already in")


def test_next_person_clears_the_screen_at_once(hall: Hall) -> None:
    hall.read(PEOPLE[0])
    button = hall.phone.page.locator("#verdict-next")
    button.wait_for()
    button.click()
    expect(hall.phone.page.locator("#verdict")).to_be_hidden()
