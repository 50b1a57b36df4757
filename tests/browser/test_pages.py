"""Key pages in a real browser: no sideways scrolling, no complaints, usable by keyboard and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.support import databases
from tests.support.browser import Visitor, chromium, visit
from tests.support.calendars import begin_feed
from tests.support.cast import PASSWORD, person
from tests.support.conference import KITCHEN, YARD, code, make_conference
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.outgoing import application
from tests.support.parties import bring
from tests.support.partners import add_partner, guest
from tests.support.servers import serving

pytestmark = pytest.mark.browser

TWICE_AS_LARGE = "--blink-settings=defaultFontSize=32"
Colours = Literal["light", "dark"]
LONG = "Persönlichkeitsentwicklungsworkshop und Fördermittelbeantragung"

SUBMIT = "main form > .actions button"


@dataclass(frozen=True)
class Site:
    """A running site with something on it, a browser, and one of a reader who wants all text twice as large."""

    url: str
    slug: str
    own_page: str
    all_of_mine: str
    desk_event: str
    conference: str
    chooser: str
    desk_chooser: str
    partner_page: str
    partner: str
    via: str
    browser: Browser
    large: Browser

    def pages(self) -> list[str]:
        """The pages that anybody may see, and one's own."""
        public = ["/", "/events", "/events?q=nothing+like+this", f"/e/{self.slug}", f"/e/{self.slug}/sign-up", "/find"]
        about = ["/subscribe", "/view", "/help", "/accessibility", "/privacy", "/login", "/door", "/nothing-here"]
        about += [f"/events/{month}" for month in (f"{local(days=7):%Y-%m}", "2199-01", "2026-13")]
        about += ["/subscribe?format=lecture&format=club", "/o/lighthouse", "/venues/lighthouse-hall"]
        own = [self.own_page, f"{self.own_page}/ticket", f"{self.own_page}/cancel", f"{self.own_page}/address"]
        own += [f"{self.own_page}/{name}" for name in ("edit", "name", "letter", "consents", "tickets", "replace")]
        own += [f"/e/{self.conference}", f"/e/{self.conference}/sign-up", self.chooser, f"{self.chooser}/sessions"]
        own += [self.partner_page, f"/e/{self.slug}?{self.via}", f"/e/{self.slug}/sign-up?{self.via}"]
        return [*public, *about, *own, self.all_of_mine, f"{self.own_page}/room"]

    def desk_pages(self) -> list[str]:
        """The organizer's pages."""
        event = f"/desk/events/{self.desk_event}"
        one = [event, f"{event}/edit", f"{event}/people", f"{event}/cancel", f"{event}/preview"]
        one += [f"{event}/people/add", f"{event}/answers", "/desk/calls"]
        one += [f"{event}/sessions", f"{event}/sessions/new", f"{event}/tracks", f"{event}/series", f"{event}/doubles"]
        one += [self.desk_chooser, *(f"{self.desk_chooser}/{name}" for name in ("sessions", "move", "replace"))]
        one += ["/desk/consents", "/desk/consents/photo", "/desk/calendar", f"{event}/calendar"]
        partners = f"{event}/partners"
        one += [partners, f"{partners}/new", f"{partners}/{self.partner}", f"{partners}/{self.partner}/remove"]
        rest = ["/desk/door", "/desk/venues", "/desk/team", "/desk/mail", "/desk/mail/calendars"]
        return ["/desk/", "/desk/events/new", *one, *rest]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all these tests; they change nothing on it but by signing up."""
    queue: Path = tmp_path_factory.mktemp("queue") / "queue.db"
    with databases.fresh("sqlite") as database:
        with application(database):
            from app.core.db import db, transaction
            from app.registration.models import Registration
            from app.registration.operations import SignUpValues, add_person
            from app.registration.operations.partners import partner_page_token
            from app.registration.operations.telling import call_person
            from app.registration.tickets import manage_token

            title = {"en": f"How to ask. {LONG}", "ru": f"Как просить. {LONG}"}
            event = make_event(hybrid(title=title, largest_party=4))
            make_event(capacity_in_person=1)
            names = [f"{name} {LONG}" for name in ("Pat", "Kim", "Li")]
            pat = bring(event, *names, own=names[2:], email="pat@example.net")[0]
            partner = add_partner(event, name={"en": f"Bakery {LONG}", "ru": f"Пекарня {LONG}"}, shows_names=True)
            guest(event, partner, f"Gus {LONG}")
            partner_page = f"/partner/{partner_page_token(partner)}"
            partner_link = f"{partner.id}", f"via={partner.code}"
            own_page, mine = f"/r/{manage_token(pat)}", begin_feed("pat@example.net")
            slug, public_id = event.slug, event.public_id
            forum = make_conference(kitchen=1, title={"en": f"Forum. {LONG}", "ru": f"Форум. {LONG}"})
            kitchen = code(forum, KITCHEN)
            sign_up(forum, "Early Bird", sessions=(kitchen,))
            chooser = sign_up(forum, f"Mina {LONG}", sessions=(kitchen, code(forum, YARD)), told_full=(kitchen,))
            chosen = (forum.slug, f"/r/{manage_token(chooser)}", f"/desk/people/{chooser.public_id}")
            phones = SignUpValues(
                name=f"Zoya {LONG}", email=None, phone="+7 912 345-67-89", mode="online", language="en"
            )
            add_person(actor=person("alice"), event_id=event.id, values=phones)
            with transaction():
                zoya = db.session.scalars(db.select(Registration.id).where(Registration.phone.is_not(None))).one()
                call_person(zoya, "event_moved")
        with serving(database, QUEUE_FILE=str(queue)) as web, chromium() as launch:
            own = (own_page, mine, public_id, *chosen, partner_page, *partner_link)
            yield Site(web.url, slug, *own, launch(), launch(TWICE_AS_LARGE))


def look_at(visitor: Visitor, site: Site, pages: list[str], colours: tuple[Colours, ...] = ("light",)) -> list[str]:
    """What is wrong with these pages: sideways scrolling, and what the console said."""
    wrong = []
    for path in pages:
        visitor.go(f"{site.url}{path}")
        for scheme in colours:
            visitor.page.emulate_media(color_scheme=scheme)
            if visitor.overflow > 0:
                wrong.append(f"{path} is {visitor.overflow} px too wide, {scheme}")
    return wrong + visitor.problems


def sign_in(visitor: Visitor, site: Site) -> None:
    visitor.go(f"{site.url}/login")
    visitor.page.fill("[name=email]", "alice@example.org")
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.locator("button[name=deed][value=password]").click()
    visitor.page.wait_for_url("**/desk/**")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_complain_of_nothing(site: Site, width: int, language: str) -> None:
    visitor = visit(site.browser, viewport={"width": width, "height": 800}, locale=language)
    assert look_at(visitor, site, site.pages(), ("light", "dark")) == []
    visitor.context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_more_people_are_added_on_a_small_phone_and_errors_lead_to_their_lines(site: Site, language: str) -> None:
    visitor = visit(site.browser, viewport={"width": 360, "height": 740}, locale=language)
    page = visitor.page
    visitor.go(f"{site.url}/e/{site.slug}/sign-up")
    page.fill("[name=name]", f"Mila {language}")
    for number in (1, 2):
        page.click("button[name=add]")
        expect(page.locator(f"[name=other_{number}_name]")).to_be_focused()
    page.fill("[name=other_1_name]", "Ann")
    page.fill("[name=other_2_email]", "not an address")
    page.click(SUBMIT)
    expect(page.locator(".error-summary")).to_be_focused()
    assert visitor.overflow == 0
    page.locator(".error-summary a[href='#other_2_name']").click()
    expect(page.locator("[name=other_2_name]")).to_be_focused()
    page.click("button[name=remove][value='2']")
    page.fill("[name=email]", f"mila.{language}@example.net")
    page.check("[name=mode][value=online]")
    page.check("[name=others_agree]")
    page.check("input[name^=consent_]")
    page.click(SUBMIT)
    page.wait_for_url("**/r/*")
    assert "Ann" in visitor.words
    assert visitor.overflow == 0
    assert visitor.problems == []
    visitor.context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_desks_pages_fit_and_complain_of_nothing(site: Site, width: int, language: str) -> None:
    visitor = visit(site.browser, viewport={"width": width, "height": 800}, locale=language)
    sign_in(visitor, site)
    assert look_at(visitor, site, site.desk_pages()) == []
    visitor.context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_page_scrolls_sideways_at_320_pixels(site: Site, language: str) -> None:
    visitor = visit(site.browser, viewport={"width": 320, "height": 640}, locale=language)
    assert look_at(visitor, site, site.pages()) == []
    sign_in(visitor, site)
    assert look_at(visitor, site, site.desk_pages()) == []
    visitor.context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_page_scrolls_sideways_with_text_twice_as_large(site: Site, language: str) -> None:
    visitor = visit(site.large, viewport={"width": 360, "height": 740}, locale=language)
    visitor.go(site.url)
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "36px"
    assert look_at(visitor, site, site.pages()) == []
    sign_in(visitor, site)
    assert look_at(visitor, site, site.desk_pages()) == []
    visitor.context.close()


def test_the_largest_text_of_the_sites_own_choice_fits_a_phone(site: Site) -> None:
    visitor = visit(site.browser, viewport={"width": 360, "height": 740})
    visitor.go(f"{site.url}/view")
    visitor.page.locator("[name=size]").last.check()
    visitor.page.locator("main form button").first.click()
    expect(visitor.page.locator("html")).to_have_attribute("data-size", "175")
    assert look_at(visitor, site, site.pages()) == []
    visitor.context.close()


def test_the_first_tab_stop_skips_to_the_content(site: Site) -> None:
    visitor = visit(site.browser)
    for path in ("/events", f"/e/{site.slug}", f"/e/{site.slug}/sign-up", site.own_page, "/login"):
        visitor.go(f"{site.url}{path}")
        visitor.page.keyboard.press("Tab")
        expect(visitor.page.locator("a.skip")).to_be_focused()
        expect(visitor.page.locator("a.skip")).to_be_in_viewport()
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("main")).to_be_focused()
    visitor.context.close()


def test_a_refused_form_begins_at_its_summary_which_leads_to_the_answers(site: Site) -> None:
    visitor = visit(site.browser)
    page = visitor.page
    visitor.go(f"{site.url}/e/{site.slug}/sign-up")
    page.fill("[name=name]", "Pat Participant")
    page.focus(SUBMIT)
    page.keyboard.press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error:")
    assert page.input_value("[name=name]") == "Pat Participant"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=email]")).to_be_focused()
    assert page.get_attribute("[name=email]", "aria-invalid") == "true"
    visitor.context.close()


def test_a_form_can_be_sent_by_keyboard_alone(site: Site) -> None:
    visitor = visit(site.browser)
    page = visitor.page
    visitor.go(f"{site.url}/e/{site.slug}/sign-up")
    page.focus("[name=name]")
    page.keyboard.type("Kim Keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("kim@example.net")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/*")
    assert visitor.h1 == "You are in"
    visitor.context.close()


def test_without_scripts_one_finds_an_event_signs_up_and_gives_the_place_back(site: Site) -> None:
    visitor = visit(site.browser, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = visitor.page
    visitor.go(f"{site.url}/events?q=persönlich")
    page.get_by_role("link", name=f"How to ask. {LONG}").click()
    page.locator(".event-action a.button").click()
    page.fill("[name=name]", "Nora Noscript")
    page.fill("[name=email]", "nora@example.net")
    page.check("[name=mode][value=online]")
    page.click(SUBMIT)
    assert page.locator(".error-summary").is_visible()
    page.check("input[name^=consent_]")
    page.click(SUBMIT)
    page.wait_for_url("**/r/*")
    assert visitor.h1 == "You are in"
    page.locator("a[href$='/cancel']").click()
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("Your seat was given back")
    visitor.context.close()


def test_a_participant_gets_no_cookie_and_no_request_leaves_the_site(site: Site) -> None:
    visitor = visit(site.browser)
    foreign: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((site.url, "data:")):
            foreign.append(request.url)

    visitor.page.on("request", note)
    for path in site.pages():
        visitor.go(f"{site.url}{path}")
    assert foreign == []
    assert visitor.context.cookies() == []
    visitor.context.close()


def test_the_letter_prints_on_one_page(site: Site) -> None:
    visitor = visit(site.browser)
    for language in ("en", "ru"):
        visitor.go(f"{site.url}{site.own_page}/letter?lang={language}")
        pdf = visitor.page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    visitor.context.close()


def test_a_call_is_tapped_and_answered_on_a_phone(site: Site) -> None:
    visitor = visit(site.browser, viewport={"width": 360, "height": 740}, has_touch=True)
    sign_in(visitor, site)
    visitor.go(f"{site.url}/desk/calls")
    number = visitor.page.get_by_role("link", name="Call +7 912 345-67-89")
    assert number.get_attribute("href") == "tel:+79123456789"
    number.tap(trial=True)
    visitor.page.get_by_role("button", name="No answer").tap()
    expect(visitor.page.get_by_text("The call stays on the list.")).to_be_visible()
    assert visitor.problems == []
    visitor.context.close()


def test_the_language_button_of_the_desk_loses_nothing_typed_and_enter_still_saves(site: Site) -> None:
    visitor = visit(site.browser, viewport={"width": 360, "height": 740}, locale="en")
    sign_in(visitor, site)
    page = visitor.page
    visitor.go(f"{site.url}/desk/events/new")
    page.locator("[name=title]").fill("Half a wo")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("[name=title]")).to_have_value("Half a wo")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("[name=title]").press("Enter")
    expect(page.locator("[name=title]")).to_have_value("Half a wo")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert visitor.problems == []
    visitor.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_private_calendar_is_looked_after_with_and_without_scripts(site: Site, scripts: bool) -> None:
    visitor = visit(site.browser, java_script_enabled=scripts, viewport={"width": 320, "height": 640})
    page = visitor.page
    visitor.go(f"{site.url}{site.all_of_mine}")
    address = page.locator("#own-feed-address").inner_text()
    assert page.request.get(address).status == 200
    expect(page.get_by_role("button", name="Copy the address")).to_be_visible(visible=scripts)
    page.get_by_label("2 hours before", exact=True).check()
    page.get_by_role("radio", name="Русский").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. Your calendar follows when it looks next.")).to_be_visible()
    assert "TRIGGER:-PT2H" in page.request.get(address).text()
    assert "NAME:Lectern: мои записи" in page.request.get(address).text()
    page.get_by_text("Make a new address", exact=True).click()
    page.get_by_role("button", name="Yes, make a new address").click()
    expect(page.get_by_text("Your calendar has a new address.")).to_be_visible()
    assert page.request.get(address).status == 404
    assert page.request.get(page.locator("#own-feed-address").inner_text()).status == 200
    assert visitor.overflow == 0
    assert visitor.problems == []
    visitor.context.close()
