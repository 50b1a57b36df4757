"""Many people at once, each sending the sign-up form over HTTP."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar
from urllib.parse import urlencode

CONNECTIONS = 64
PATIENCE_SECONDS = 120
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Sent:
    """One form that was sent and what came back."""

    name: str
    email: str
    status: int
    location: str
    text: str

    @property
    def is_in(self) -> bool:
        """Whether the answer leads to the person's own page."""
        return self.status == 303 and "/r/" in self.location

    @property
    def says_full(self) -> bool:
        """Whether the answer is the form with everything typed still in it, and says that no seat is left."""
        kept = f'value="{self.name}"' in self.text and f'value="{self.email}"' in self.text
        return self.status == 409 and kept


def consent_field(port: int, path: str) -> str:
    """The name of the required tick on the sign-up form at `path`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("GET", path)
    page = connection.getresponse().read().decode()
    connection.close()
    found = re.search(r'name="(consent_\d+)"', page)
    assert found, "the form asks for no consent"
    return found[1]


def rush(port: int, path: str, count: int, **values: str) -> list[Sent]:
    """`count` different people send the form at the same moment, over as many connections as a server gets at once."""
    people: SimpleQueue[int] = SimpleQueue()
    for number in range(count):
        people.put(number)
    connections = min(CONNECTIONS, count)
    start = threading.Barrier(connections)

    def one_connection(_number: int) -> list[Sent]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.connect()
        start.wait(PATIENCE_SECONDS)
        answers = []
        for number in _remaining(people):
            form = {"name": f"Person {number}", "email": f"person{number}@example.net", **values}
            answers.append(send(connection, path, form))
        connection.close()
        return answers

    return [answer for answers in at_once(one_connection, range(connections)) for answer in answers]


def _remaining(people: SimpleQueue[int]) -> Iterator[int]:
    while True:
        try:
            yield people.get_nowait()
        except Empty:
            return


def send(connection: http.client.HTTPConnection, path: str, form: dict[str, str]) -> Sent:
    """Send one form over an open connection."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", path, body=urlencode(form), headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    return Sent(form["name"], form["email"], response.status, response.headers.get("Location", ""), text)


def at_once(deed: Callable[[T], R], arguments: Iterable[T]) -> Sequence[R]:
    """Do the deed in a thread for each argument; the results in their order, the first exception raised."""
    given = list(arguments)
    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(deed, given, timeout=PATIENCE_SECONDS))


def starting_together(deeds: Sequence[Callable[[], R]]) -> Sequence[R]:
    """Do these deeds at the same moment, each in its thread."""
    start = threading.Barrier(len(deeds))

    def wait_and_do(deed: Callable[[], R]) -> R:
        start.wait(PATIENCE_SECONDS)
        return deed()

    return at_once(wait_and_do, deeds)
