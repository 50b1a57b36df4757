"""How often something may be tried."""

from __future__ import annotations

from app import create_app
from tests.support import databases

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


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
