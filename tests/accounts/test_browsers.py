"""Two words for a browser, which its updates don't change."""

import pytest

from app.accounts.browsers import UNKNOWN, browser_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (
            "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/138.0 YaBrowser/25.8.0 Safari/537.36", "Yandex Browser, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge, Windows"),
        ("curl/8.5", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_browser_has_a_short_name(agent: str, name: str) -> None:
    assert browser_name(agent) == name
