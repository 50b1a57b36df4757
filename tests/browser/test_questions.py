"""Questions in a real browser: shown and hidden at once, complete without scripts, and pages that fit everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config import ROOT
from tests.support import databases
from tests.support.asking import ask, make_question, take_ready
from tests.support.browser import Visitor, chromium, visit
from tests.support.cast import PASSWORD
from tests.support.events import make_event, sign_up
from tests.support.outgoing import application
from tests.support.servers import serving

pytestmark = pytest.mark.browser

LONG = "Persönlichkeitsentwicklungsworkshop und Fördermittelbeantragung"
SCRIPT_LIMIT = 5 * 1024


@dataclass(frozen=True)
class Site:
    """A running site with an event that asks a lot, somebody who has answered, and two browsers."""

    url: str
    slug: str
    own_page: str
    desk: str
    person: str
    library: list[str]
    eats: str
    what: str
    why: str
    browser: Browser
    large: Browser

    def pages(self) -> list[str]:
        """What participants see."""
        return [f"/e/{self.slug}/sign-up", self.own_page, f"{self.own_page}/answers"]

    def desk_pages(self) -> list[str]:
        """What organizers see."""
        own = [self.desk, f"{self.desk}/questions", f"{self.desk}/questions/answers", f"{self.desk}/people/add"]
        own += [f"{self.desk}/questions/{self.what.removeprefix('q')}", self.person, f"{self.person}/answers"]
        return [*own, *self.library]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all these tests."""
    queue: Path = tmp_path_factory.mktemp("queue") / "queue.db"
    with databases.fresh("sqlite") as database:
        with application(database):
            from app.registration.tickets import manage_token

            event = make_event(capacity_in_person=None)
            eats = ask(event, make_question("yes_no", "Will you eat with us?"))
            what = ask(event, make_question("one_choice", f"What will you eat? {LONG}"), only_if=(eats, ["yes"]))
            why = ask(event, make_question("long_text", "Why red?"), required=True, only_if=(what, ["red"]))
            number = ask(event, make_question("number", "How many cakes?", lowest=0, highest=3))
            ask(event, make_question("date", "When were you here last?"))
            take_ready(event, "affiliation")
            take_ready(event, "access_needs")
            answers = {eats: True, what: "red", why: f"Because of {LONG}", number: 2}
            row = sign_up(event, f"Pat {LONG}", answers=answers)
            addresses = event.slug, f"/r/{manage_token(row)}", f"/desk/events/{event.public_id}"
            person = f"/desk/people/{row.public_id}"
            library = ["/desk/questions", "/desk/questions/new", f"/desk/questions/{what}"]
            library += ["/desk/questions/new?kind=number", "/desk/questions/new?kind=several_choices"]
            names = [f"q{one}" for one in (eats, what, why)]
        with serving(database, QUEUE_FILE=str(queue)) as web, chromium() as launch:
            large = launch("--blink-settings=defaultFontSize=32")
            yield Site(web.url, *addresses, person, library, *names, launch(), large)


def sign_in(visitor: Visitor, site: Site) -> None:
    visitor.go(f"{site.url}/login")
    visitor.page.fill("[name=email]", "alice@example.org")
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.locator("button[name=deed][value=password]").click()
    visitor.page.wait_for_url("**/desk/**")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("width", "is_large"), [(1280, False), (360, False), (320, False), (360, True)])
def test_the_pages_of_questions_fit_and_complain_of_nothing(
    site: Site, width: int, is_large: bool, language: str
) -> None:
    browser = site.large if is_large else site.browser
    visitor = visit(browser, viewport={"width": width, "height": 740}, locale=language)
    wide = []
    for path in site.pages():
        visitor.go(f"{site.url}{path}")
        wide += [path] if visitor.overflow > 0 else []
    sign_in(visitor, site)
    for path in site.desk_pages():
        visitor.go(f"{site.url}{path}")
        wide += [path] if visitor.overflow > 0 else []
    assert wide + visitor.problems == []
    visitor.context.close()


def test_a_question_comes_and_goes_with_the_answer_that_it_depends_on(site: Site) -> None:
    visitor = visit(site.browser)
    page = visitor.page
    visitor.go(f"{site.url}/e/{site.slug}/sign-up")
    what, why = (page.locator(f"[data-question={name}]") for name in (site.what, site.why))
    expect(what).to_be_hidden()
    page.check(f"[name={site.eats}][value=yes]")
    expect(what).to_be_visible()
    expect(page.get_by_text("Only if you answered")).to_have_count(3)
    expect(what.get_by_text("Only if you answered")).to_be_hidden()
    page.check(f"[name={site.what}][value=red]")
    expect(why).to_be_visible()
    page.fill(f"[name={site.why}]", "It is the best")
    page.check(f"[name={site.eats}][value=no]")
    expect(what).to_be_hidden()
    expect(why).to_be_hidden()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.name")
    assert focused not in (site.what, site.why)
    page.fill("[name=name]", "Vera Visible")
    page.fill("[name=email]", "vera@example.net")
    page.check("input[name^=consent_]")
    page.locator("main form button").first.click()
    page.wait_for_url("**/r/*")
    page.get_by_role("link", name="My answers").click()
    page.check(f"[name={site.eats}][value=yes]")
    assert not page.locator(f"[name={site.what}]:checked").count()
    assert visitor.problems == []
    visitor.context.close()


def test_without_scripts_everything_is_there_and_says_when_it_is_meant(site: Site) -> None:
    visitor = visit(site.browser, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = visitor.page
    visitor.go(f"{site.url}/e/{site.slug}/sign-up")
    assert "Only if you answered “Yes” to “Will you eat with us?”." in visitor.words
    page.fill("[name=name]", "Nora Noscript")
    page.fill("[name=email]", "nora@example.net")
    page.check("input[name^=consent_]")
    page.check(f"[name={site.eats}][value=yes]")
    page.check(f"[name={site.what}][value=red]")
    page.locator("main form button").first.click()
    assert page.locator(".error-summary").is_visible()
    page.locator(f".error-summary a[href='#{site.why}']").click()
    page.fill(f"[name={site.why}]", "It is red")
    page.locator("main form button").first.click()
    page.wait_for_url("**/r/*")
    page.get_by_role("link", name="My answers").click()
    assert page.input_value(f"[name={site.why}]") == "It is red"
    page.check(f"[name={site.eats}][value=no]")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()
    visitor.context.close()


def test_organizers_order_questions_by_buttons_alone(site: Site) -> None:
    visitor = visit(site.browser, java_script_enabled=False)
    sign_in(visitor, site)
    page = visitor.page
    visitor.go(f"{site.url}{site.desk}/questions")
    page.get_by_role("button", name="Move up: How many cakes?").click()
    titles = page.locator("ol.meetings h2")
    expect(titles.nth(2)).to_have_text("How many cakes?")  # the next page may still be on its way
    page.get_by_role("button", name="Move down: How many cakes?").click()
    expect(titles.nth(3)).to_have_text("How many cakes?")
    visitor.context.close()


def test_the_script_is_small() -> None:
    assert (ROOT / "static" / "js" / "questions.js").stat().st_size < SCRIPT_LIMIT
