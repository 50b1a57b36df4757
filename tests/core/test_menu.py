"""The menu is put together once for each language and place, and yet says where one is."""

from __future__ import annotations

import pytest

from tests.support.pages import Client, Page


def marked(page: Page) -> list[str]:
    """The menu's words for the place where one is."""
    return ["".join(link.itertext()) for link in page.all("a") if link.get("aria-current") == "page"]


@pytest.mark.parametrize(
    ("path", "english", "russian"),
    [
        ("/events", ["Events"], ["События"]),
        ("/find", ["My registrations"], ["Мои записи"]),
        ("/subscribe", ["Calendar"], ["Календарь"]),
        ("/help", [], []),
    ],
)
def test_the_menu_marks_the_place_in_each_language(
    client: Client, path: str, english: list[str], russian: list[str]
) -> None:
    for _time in range(2):
        assert marked(client.page(path)) == english
        assert marked(client.page(f"{path}?lang=ru")) == russian


def test_the_footer_speaks_the_pages_language(client: Client) -> None:
    for _time in range(2):
        assert "No account, no tracking." in client.page("/help").words
        assert "No account, no tracking." not in client.page("/help?lang=ru").words
