"""How often something may be tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from app import create_app
from app.core.clock import now
from tests.support import databases

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _clocks_stand() -> Iterator[None]:
    """The time that is left is told to the second."""
    with time_machine.travel(now(), tick=False):
        yield


def test_only_posts_are_limited_and_the_answer_says_how_long_to_wait(database: str) -> None:
    client = create_app(databases.settings_for(database, LIMITS="1", FIND_LIMIT="2 per hour")).test_client()

    asked = [client.post("/find", data={"email": "ann@example.org"}) for _ in range(3)]

    assert [answer.status_code for answer in asked] == [303, 303, 429]
    assert asked[2].headers["Retry-After"] == "3600"
    assert [client.get("/find").status_code for _ in range(3)] == [200] * 3


def test_each_window_of_a_rate_counts(database: str) -> None:
    limit = "5 per hour; 1 per minute"
    client = create_app(databases.settings_for(database, LIMITS="1", FIND_LIMIT=limit)).test_client()

    asked = [client.post("/find", data={"email": "ann@example.org"}) for _ in range(2)]

    assert asked[1].status_code == 429
    assert asked[1].headers["Retry-After"] == "60"


def test_a_machine_is_told_in_its_own_way(database: str) -> None:
    client = create_app(databases.settings_for(database, LIMITS="1", PAIRING_LIMIT="1 per minute")).test_client()

    asked = [client.post("/api/v1/door/pair", json={"token": "no-such-token", "device_name": "P"}) for _ in range(2)]

    assert [answer.status_code for answer in asked] == [404, 429]
    assert asked[1].json is not None
    assert asked[1].json["code"] == "too_many_requests"
    assert asked[1].headers["Retry-After"] == "60"


def test_counters_out_of_reach_stop_nobody(database: str) -> None:
    values = databases.settings_for(database, LIMITS="1", FIND_LIMIT="1 per hour", REDIS_URL=NOBODY_LISTENS)
    client = create_app(values).test_client()

    asked = [client.post("/find", data={"email": "nobody-here@example.org"}) for _ in range(2)]

    assert [answer.status_code for answer in asked] == [303, 303]


@pytest.mark.parametrize(
    ("later", "seconds", "words"),
    [
        (timedelta(minutes=10), 3000, "Please try again in 50 minutes."),
        (timedelta(minutes=59, seconds=30), 30, "Please try again in 1 minute."),
    ],
)
def test_it_says_how_long_to_wait_from_now_on(database: str, later: timedelta, seconds: int, words: str) -> None:
    client = create_app(databases.settings_for(database, LIMITS="1", FIND_LIMIT="1 per hour")).test_client()
    client.post("/find", data={"email": "ann@example.org"})

    with time_machine.travel(now() + later, tick=False):
        refused = client.post("/find", data={"email": "ann@example.org"})

    assert refused.headers["Retry-After"] == str(seconds)
    assert words in refused.text


def test_hours_are_told_as_hours(database: str) -> None:
    client = create_app(databases.settings_for(database, LIMITS="1", FIND_LIMIT="1 per day")).test_client()

    refused = [client.post("/find", data={"email": "ann@example.org"}) for _ in range(2)][1]

    assert refused.headers["Retry-After"] == "86400"
    assert "Please try again in about 24 hours." in refused.text


def test_tries_that_are_refused_neither_prolong_the_wait_nor_count(database: str) -> None:
    limit = "3 per hour; 1 per minute"
    client = create_app(databases.settings_for(database, LIMITS="1", FIND_LIMIT=limit)).test_client()
    start, found = now(), []

    for seconds in (0, 20, 40, 59, 61, 100, 122, 190, 3601):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            found.append(client.post("/find", data={"email": "ann@example.org"}).status_code)

    assert found == [303, 429, 429, 429, 303, 429, 303, 429, 303]
