"""Many people who sign up, change and cancel over HTTP at the same time, on an event where some must wait."""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.support.crowd import PATIENCE_SECONDS, at_once

WAYS = ["in_person", "online", "online+in_person", "in_person+online", "+in_person", "+online"]
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
CONNECTIONS = 24


@dataclass
class Storm:
    """What came of it: every status that was answered; `after_answers` rings when so many have come."""

    port: int
    path: str
    consent: str
    bell_at: int = 0
    on_bell: Callable[[], None] = lambda: None
    statuses: list[int] = field(default_factory=list)
    cut_off: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def blow(self, people: int, *, seed: int) -> None:
        """Let so many people do what they do, over as many connections as a server gets at once."""
        groups = [range(first, people, CONNECTIONS) for first in range(min(CONNECTIONS, people))]
        at_once(lambda group: [self._live(number, seed) for number in group], groups)

    def _live(self, number: int, seed: int) -> None:
        """One person: signs up in some way, changes twice, and gives up in the end or not."""
        chance = random.Random(seed * 10_007 + number)
        form = {
            "name": f"Person {seed}-{number}",
            "email": f"person{seed}.{number}@example.net",
            "mode": chance.choice(WAYS[:4]),
            "queued": " ".join(WAYS),
            self.consent: "y",
        }
        try:
            own = self._post(self.path, form)
            if own is None:
                return
            for _time in range(2):
                self._post(f"{own}/edit", {"way": chance.choice(WAYS)})
            if chance.random() < 0.6:
                for _click in range(chance.choice((1, 2))):
                    self._post(f"{own}/cancel", {})
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.cut_off += 1

    def _post(self, path: str, form: dict[str, str]) -> str | None:
        """Send a form; the address that it leads to, None when it was refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("POST", path, body=urlencode(form), headers=HEADERS)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        self._count(response.status)
        location = str(response.headers.get("Location", "")).partition("?")[0]
        return location if response.status == 303 and location.startswith("/r/") else None

    def _count(self, status: int) -> None:
        with self._lock:
            self.statuses.append(status)
            rings = len(self.statuses) == self.bell_at
        if rings:
            self.on_bell()
