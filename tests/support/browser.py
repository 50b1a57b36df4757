"""A real Chromium, and pages that notice what goes wrong behind the reader's back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
REFUSED = "Failed to load resource: the server responded with a status of 4"
PAIRED_OR_NOT = "/api/v1/door/session"


@dataclass
class Visitor:
    """One person's browser window, with a memory of what its console complained about."""

    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        """Remember an error; that a page says 404, 409 or 422, or that a phone isn't paired yet, is none."""
        where = message.location.get("url", "")
        is_answer = where == self.page.url or where.endswith(PAIRED_OR_NOT)
        if message.type == "error" and not (is_answer and message.text.startswith(REFUSED)):
            self.problems.append(f"{self.page.url}: {message.text}")

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the window, once it is there: a followed link may be on its way."""
        self.page.wait_for_load_state()
        wider: int = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider

    def go(self, address: str) -> None:
        """Open an address."""
        self.page.goto(address)

    def press(self, name: str) -> None:
        """Press the button, or follow the link that looks like one, with this name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    @property
    def h1(self) -> str:
        """The main heading."""
        return self.page.locator("h1").inner_text()

    @property
    def words(self) -> str:
        """The main part in words."""
        return " ".join(self.page.locator("main").inner_text().split())


Launch = Callable[..., Browser]


@contextmanager
def chromium() -> Iterator[Launch]:
    """A function that starts Chromium, with more flags if given; all are closed at the end."""
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def launch(*flags: str) -> Browser:
            started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags]))
            return started[-1]

        try:
            yield launch
        finally:
            for browser in started:
                browser.close()


def visit(browser: Browser, **options: Any) -> Visitor:
    """A person's own window, without cookies; `options` as for Playwright's `new_context`."""
    context = browser.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Moscow", **options})
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context, context.new_page())
    visitor.page.on("console", visitor.note)
    visitor.page.on("pageerror", lambda error: visitor.problems.append(f"{visitor.page.url}: {error}"))
    return visitor
