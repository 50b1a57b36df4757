"""The month view, and the page that puts a calendar together, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.core.clock import now
from tests.support import databases
from tests.support.browser import chromium, visit
from tests.support.events import event_values, make_event
from tests.support.outgoing import application
from tests.support.servers import serving

pytestmark = pytest.mark.browser

LONG = "Persönlichkeitsentwicklungsworkshop und Fördermittelbeantragung"
FULL_DAY = 9


@dataclass(frozen=True)
class Site:
    """A running site with a busy month on it."""

    url: str
    month: str
    browser: Browser
    large: Browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Twenty events in the month after next, and a day that is full."""
    queue: Path = tmp_path_factory.mktemp("queue") / "queue.db"
    first = ((now() + timedelta(days=62)).replace(day=1, hour=18, minute=30)).replace(
        tzinfo=None, second=0, microsecond=0
    )
    with databases.fresh("sqlite") as database:
        with application(database):
            for day in range(20):
                kind = "workshop" if day % 2 else "lecture"
                title = {"en": f"Evening {day} {LONG if day == 3 else 'of the city'}"}
                make_event(event_values(title=title, format=kind, starts_local=first + timedelta(days=day)))
            for hour in range(FULL_DAY):
                starts = first.replace(hour=8) + timedelta(days=25, hours=hour)
                make_event(event_values(title={"en": f"Talk {hour}"}, format="club", starts_local=starts))
        with serving(database, QUEUE_FILE=str(queue)) as web, chromium() as launch:
            month = f"/events/{first:%Y-%m}"
            yield Site(web.url, month, launch(), launch("--blink-settings=defaultFontSize=32"))


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_month_is_a_table_where_there_is_room(site: Site, colours: str) -> None:
    visitor = visit(site.browser, viewport={"width": 1280, "height": 900}, color_scheme=colours)
    visitor.go(site.url + site.month)
    page = visitor.page
    boxes = [cell.bounding_box() for cell in page.locator("tbody tr").nth(1).locator("td").all()]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    expect(page.get_by_role("columnheader", name="Monday")).to_be_visible()
    expect(page.get_by_role("link", name=f"and {FULL_DAY - 5} more")).to_be_visible()
    assert (visitor.overflow, visitor.problems) == (0, [])
    visitor.context.close()


@pytest.mark.parametrize("width", [320, 360])
def test_a_month_is_a_list_of_days_on_a_phone(site: Site, width: int) -> None:
    visitor = visit(site.browser, viewport={"width": width, "height": 740})
    visitor.go(site.url + site.month)
    page = visitor.page
    shown = [cell for cell in page.locator("tbody td").all() if cell.is_visible()]
    assert len(shown) == 21  # days without anything take no room
    places = [cell.bounding_box() for cell in shown]
    assert [box["y"] for box in places if box] == sorted({box["y"] for box in places if box})
    assert page.get_by_role("cell").count() == 21
    target = page.locator(".month-entries a").first.bounding_box()
    assert target
    assert target["height"] >= 44
    assert (visitor.overflow, visitor.problems) == (0, [])
    page.get_by_role("link", name=f"and {FULL_DAY - 5} more").click()
    expect(page.get_by_role("status")).to_have_text(f"{FULL_DAY} events fit")
    visitor.context.close()


def test_a_month_fits_with_text_twice_as_large_and_is_a_list_then(site: Site) -> None:
    for width in (360, 1280):
        visitor = visit(site.large, viewport={"width": width, "height": 740})
        visitor.go(site.url + site.month)
        assert visitor.overflow == 0
        assert visitor.page.get_by_role("cell").count() == 21
        visitor.context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_month_prints_on_one_page_across(site: Site, language: str) -> None:
    visitor = visit(site.browser)
    visitor.go(f"{site.url}{site.month}?lang={language}")
    pdf = visitor.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = (float(size) for size in re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)[0])
    assert width > height
    visitor.context.close()


def test_without_scripts_a_calendar_is_put_together_by_ticks(site: Site) -> None:
    visitor = visit(site.browser, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = visitor.page
    visitor.go(f"{site.url}/subscribe")
    expect(page.get_by_role("status")).to_have_text("29 entries in all")
    page.get_by_label("Lectures").check()
    page.get_by_label("Workshops").check()
    page.get_by_role("button", name="Show this calendar").click()
    expect(page.get_by_role("status")).to_have_text("20 entries in all")
    assert "The next 10 are:" in visitor.words
    expect(page.locator("#feed-address")).to_contain_text("/events.ics?lang=en&format=lecture&format=workshop")
    expect(page.get_by_role("button", name="Copy the address")).to_be_hidden()
    page.get_by_role("link", name="Remove the filter: Lectures").click()
    expect(page.get_by_role("status")).to_have_text("10 entries in all")
    assert visitor.overflow == 0
    visitor.context.close()


def test_with_scripts_each_tick_shows_its_calendar_at_once(site: Site) -> None:
    visitor = visit(site.browser, viewport={"width": 1280, "height": 900})
    page = visitor.page
    visitor.go(f"{site.url}/subscribe")
    lectures = page.get_by_label("Lectures")
    lectures.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text("10 entries in all")
    expect(lectures).to_be_focused()
    expect(page.locator("#feed-address")).to_contain_text("/events.ics?lang=en&format=lecture")
    assert page.url.endswith("/subscribe?format=lecture")
    webcal = page.get_by_role("link", name="Open in my calendar").get_attribute("href") or ""
    assert webcal.startswith("webcal://")
    assert webcal.endswith("format=lecture")
    expect(page.get_by_role("button", name="Copy the address")).to_be_visible()
    page.get_by_label("Words").fill("evening 4")
    expect(page.get_by_role("status")).to_have_text("2 entries in all")
    page.get_by_role("button", name="Русский").click()
    expect(page.get_by_role("status")).to_have_text("Всего 2 записи")
    expect(page.get_by_role("checkbox", name="Лекции")).to_be_checked()
    assert visitor.problems == []
    visitor.context.close()


def test_where_the_network_fails_a_tick_is_not_lost(site: Site) -> None:
    """The script asks for the page as the button does; refused, it leaves the answer to the browser."""
    visitor = visit(site.browser, viewport={"width": 1280, "height": 900})
    page = visitor.page
    visitor.go(f"{site.url}/subscribe")
    page.route(
        "**/subscribe?**", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    page.get_by_label("Workshops").check()
    expect(page.get_by_role("status")).to_have_text("10 entries in all")
    expect(page.locator("#feed-address")).to_contain_text("format=workshop")
    visitor.context.close()


def test_the_filters_of_the_list_take_several_by_keyboard(site: Site) -> None:
    visitor = visit(site.browser, viewport={"width": 1280, "height": 900})
    page = visitor.page
    visitor.go(f"{site.url}/events")
    page.locator("summary", has_text="Kind of event").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Lectures").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("20 events fit")
    assert "format=lecture&format=workshop" in page.url
    expect(page.get_by_label("Lectures")).to_be_checked()
    page.get_by_role("link", name="Show by months").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Events: ")
    assert "format=lecture&format=workshop" in page.url
    page.locator("summary", has_text="Search and filter").click()
    expect(page.get_by_label("Workshops")).to_be_checked()
    assert visitor.problems == []
    visitor.context.close()


def test_who_has_scripts_copies_the_address_by_a_button(site: Site) -> None:
    visitor = visit(site.browser, permissions=["clipboard-read", "clipboard-write"])
    visitor.go(f"{site.url}/o/lighthouse")
    visitor.page.locator("summary", has_text="Subscribe to these events").click()
    visitor.page.get_by_role("button", name="Copy the address").click()
    expect(visitor.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"http://[^/]+/events\.ics\?lang=en&org=lighthouse", copied)
    visitor.context.close()


@pytest.mark.parametrize("path", ["/subscribe", "/events"])
def test_no_tick_of_the_filters_lies_behind_their_button_or_out_of_reach(site: Site, path: str) -> None:
    visitor = visit(site.browser, viewport={"width": 1280, "height": 800})
    page = visitor.page
    visitor.go(site.url + path)
    groups = page.locator(".filters .ticks:not([open]) > summary")
    while groups.count():
        groups.first.click()
    button = page.locator(".filters .button-main").bounding_box()
    assert button
    for tick in page.locator(".filters input[type=checkbox]").all():
        box = tick.bounding_box()
        assert box
        assert box["y"] + box["height"] <= button["y"]
    whole = page.locator(".filters").evaluate("box => box.scrollHeight - box.clientHeight")
    assert whole == 0, "nothing of it needs a scroll bar of its own"
    visitor.context.close()


@pytest.mark.parametrize(
    ("program", "first", "second"),
    [
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36", "Google Calendar", "Open in my calendar"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Open in my calendar", "Google Calendar"),
    ],
)
def test_the_way_that_works_on_this_device_comes_first(site: Site, program: str, first: str, second: str) -> None:
    visitor = visit(site.browser, viewport={"width": 360, "height": 800}, user_agent=program)
    visitor.go(f"{site.url}/subscribe?lang=en")
    ways = visitor.page.locator("[data-way] .button")
    names = [" ".join(text.split()) for text in ways.all_inner_texts()]
    assert [name for name in names if name in (first, second)] == [first, second]
    expect(visitor.page.get_by_role("link", name=first, exact=True)).not_to_have_class(re.compile("button-second"))
    expect(visitor.page.get_by_role("link", name=second, exact=True)).to_have_class(re.compile("button-second"))
    assert visitor.problems == []
    visitor.context.close()
