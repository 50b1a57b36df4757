"""What is measured: deeds of people, phones and calendar programs, as the requests that they send."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlencode

from bench.filling import Contents
from bench.load import CURSOR, NOW

Request = dict[str, str]
HELLO = "hello"
SAME_SQL = "same SQL"


@dataclass(frozen=True)
class Site:
    """A served database and what is in it; `etag_of` asks it for the present version of a path."""

    port: int
    contents: Contents
    etag_of: Callable[[str], str]


@dataclass(frozen=True)
class Deed:
    """`requests` gives, for a site, an endless run of requests per connection.

    `floor` says what the cost is compared with, `most` how many times the floor it may cost, `share` which part of
    the usual number of requests is enough.
    """

    name: str
    requests: Callable[[Site, int], Iterator[Request]]
    expected: int
    floor: str
    most: float | None = None
    share: float = 1.0


def request(method: str, path: str, port: int, body: str = "", **headers: str) -> Request:
    """A request as a browser sends it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language: ru,en;q=0.7",
        "Accept-Encoding: gzip, deflate, br",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return {"head": "\r\n".join(lines) + "\r\n", "body": body}


def hello(site: Site, _connection: int) -> Iterator[Request]:
    """The least that Flask can do."""
    return cycle([request("GET", "/hello", site.port)])


def _sign_ups(site: Site, connection: int) -> Iterator[Request]:
    """New people, each at an event chosen by chance among all that are open."""
    chance = random.Random(connection)
    while True:
        slug = chance.choice(site.contents.open_slugs)
        person = uuid.uuid4().hex
        form = {
            "name": f"Newcomer {person[:12]}",
            "email": f"{person}@example.net",
            "mode": "in_person",
            "key": person,
            "trap": "",
            f"consent_{site.contents.consent_of[slug]}": "y",
        }
        yield request(
            "POST",
            f"/e/{slug}/sign-up",
            site.port,
            urlencode(form),
            Content_Type="application/x-www-form-urlencoded",
            Origin=f"http://127.0.0.1:{site.port}",
            Sec_Fetch_Site="same-origin",
        )


def _scans(site: Site, connection: int) -> Iterator[Request]:
    """A phone at its own event's door: one ticket after the other, each sync with the cursor of the last."""
    door = site.contents.doors[connection]
    while door.tickets:
        scan = {
            "id": str(uuid.uuid4()),
            "event": door.event,
            "code": door.tickets.pop(),
            "reference": None,
            "kind": "in",
            "scanned_at": NOW,
            "source": "camera",
            "shown": None,
        }
        body = json.dumps({"cursor": CURSOR, "sent_at": NOW, "scans": [scan]})
        yield request(
            "POST",
            "/api/v1/door/sync",
            site.port,
            body.replace(f'"{CURSOR}"', CURSOR),
            Content_Type="application/json",
            Cookie=f"door={door.credential}",
            Origin=f"http://127.0.0.1:{site.port}",
            Sec_Fetch_Site="same-origin",
        )


def _any_event(site: Site, connection: int) -> Iterator[Request]:
    """Events chosen by chance among all, so that hardly any page has been made before."""
    chance = random.Random(f"event {connection}")
    while True:
        yield request("GET", f"/e/{chance.choice(site.contents.slugs)}", site.port)


def _one_event(site: Site, _connection: int) -> Iterator[Request]:
    """The one that everybody talks about."""
    return cycle([request("GET", f"/e/{site.contents.open_slugs[0]}", site.port)])


def _list(site: Site, _connection: int) -> Iterator[Request]:
    """The first page of the list."""
    return cycle([request("GET", "/events", site.port)])


def _any_list(site: Site, connection: int) -> Iterator[Request]:
    """The list with a text searched for and another page each time, so that no answer has been made before."""
    chance = random.Random(f"list {connection}")
    while True:
        query = urlencode({"q": f"{chance.randrange(10_000)}", "mode": chance.choice(["", "online", "in_person"])})
        yield request("GET", f"/events?{query}", site.port)


def _any_list_page(site: Site, connection: int) -> Iterator[Request]:
    """A page of the list, chosen by chance among three hundred."""
    chance = random.Random(f"page {connection}")
    while True:
        yield request("GET", f"/events?page={chance.randrange(1, 301)}", site.port)


def _unchanged(path: str) -> Callable[[Site, int], Iterator[Request]]:
    """A calendar program or news reader that has the present version."""

    def requests(site: Site, _connection: int) -> Iterator[Request]:
        return cycle([request("GET", path, site.port, If_None_Match=site.etag_of(path))])

    return requests


def _unchanged_own_feed(site: Site, connection: int) -> Iterator[Request]:
    """Calendar programs that have the present version of a person's own feed, some dozen by chance."""
    chance = random.Random(f"own feed {connection}")
    paths = [f"/cal/{token}.ics" for token in chance.choices(site.contents.feed_tokens, k=24)]
    return cycle([request("GET", path, site.port, If_None_Match=site.etag_of(path)) for path in paths])


def _kept(path: str) -> Callable[[Site, int], Iterator[Request]]:
    """One that asks for the first time, of a feed that another one has had."""
    return lambda site, _connection: cycle([request("GET", path, site.port)])


def _any_month(site: Site, connection: int) -> Iterator[Request]:
    """Months chosen by chance among ten years, so that the same is seldom asked for again."""
    chance = random.Random(f"month {connection}")
    while True:
        yield request("GET", f"/events/{chance.randrange(2021, 2031)}-{chance.randrange(1, 13):02d}", site.port)


def _own_page(site: Site, connection: int) -> Iterator[Request]:
    """People's own pages, chosen by chance."""
    chance = random.Random(f"own {connection}")
    while True:
        yield request("GET", f"/r/{chance.choice(site.contents.manage_tokens)}", site.port)


HELLO_WORLD = Deed("hello-world (the floor of pages)", hello, 200, HELLO, share=3)
DEEDS = (
    Deed("sign-up POST", _sign_ups, 303, SAME_SQL, most=3),
    Deed("scan", _scans, 200, SAME_SQL, most=2.5),
    Deed("event page, any of 10,000", _any_event, 200, HELLO, most=12),
    Deed("event page, the same again", _one_event, 200, HELLO, most=12),
    Deed("/events", _list, 200, HELLO, most=12),
    Deed("/events, any of 300 pages", _any_list_page, 200, HELLO, most=12, share=0.5),
    Deed("/events?q=…, never asked before", _any_list, 200, HELLO, share=0.5),
    Deed("/events/2026-12, any of 120", _any_month, 200, HELLO, share=0.5),
    Deed("/events.ics 304", _unchanged("/events.ics"), 304, HELLO, most=2, share=3),
    Deed("/events.atom 304", _unchanged("/events.atom"), 304, HELLO, most=2, share=3),
    Deed("/events.json 304", _unchanged("/events.json"), 304, HELLO, most=2, share=3),
    Deed("/events.ics 200, kept", _kept("/events.ics"), 200, HELLO),
    Deed("/events.json 200, kept", _kept("/events.json"), 200, HELLO),
    Deed("/cal/<token>.ics 304", _unchanged_own_feed, 304, HELLO, share=2),
    Deed("/r/<token>", _own_page, 200, HELLO),
)


def take(plan: list[Iterator[Request]], number: int) -> list[list[Request]]:
    """The next `number` requests in all, by connection."""
    return [list(islice(requests, number // len(plan))) for requests in plan]
