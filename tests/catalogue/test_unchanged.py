"""Unchanged feeds are told so without waking the application, and changed ones never."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from apiflask import APIFlask
from flask import request_started

from app.core.clock import now
from tests.support.events import event_values, make_event
from tests.support.pages import Client


@pytest.fixture
def woken(app: APIFlask) -> Iterator[list[str]]:
    """Grows with each request that reaches the application."""
    requests: list[str] = []

    def count(_app: APIFlask, **_more: object) -> None:
        requests.append("request")

    with request_started.connected_to(count, app):
        yield requests


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of an event."""
    with app.app_context():
        return make_event().slug


@pytest.fixture(params=["/events.ics?format=lecture", "/events.atom", "/events.json?lang=ru", "/e/{slug}.ics?lang=ru"])
def path(request: pytest.FixtureRequest, slug: str) -> str:
    """A feed, and a file of one event."""
    return str(request.param).format(slug=slug)


def test_the_second_question_is_answered_without_the_application(client: Client, path: str, woken: list[str]) -> None:
    tag = {"If-None-Match": client.get(path).headers["ETag"]}
    first = client.get(path, headers=tag)
    before = len(woken)
    second = client.get(path, headers=tag)
    assert len(woken) == before
    assert (first.status_code, second.status_code, second.data) == (304, 304, b"")
    assert dict(second.headers) == dict(first.headers)


def test_whoever_has_another_version_or_another_host_asks_the_application(
    client: Client, path: str, woken: list[str]
) -> None:
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert client.get(path).status_code == 200
    foreign = client.get(path, headers={"If-None-Match": tag, "Host": "evil.example"})
    assert foreign.status_code == 400
    assert len(woken) == 5


def test_a_change_is_seen_at_once(app: APIFlask, client: Client, slug: str) -> None:
    tag = {"If-None-Match": client.get("/events.ics").headers["ETag"]}
    assert [client.get("/events.ics", headers=tag).status_code for _ in range(2)] == [304, 304]
    with app.app_context():
        make_event(event_values(title={"en": "News"}))
    after = client.get("/events.ics", headers=tag)
    assert after.status_code == 200
    assert b"News" in after.data


def test_a_new_day_is_another_feed(client: Client, slug: str) -> None:
    tag = {"If-None-Match": client.get("/events.ics").headers["ETag"]}
    assert [client.get("/events.ics", headers=tag).status_code for _ in range(2)] == [304, 304]
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        assert client.get("/events.ics", headers=tag).status_code == 200
