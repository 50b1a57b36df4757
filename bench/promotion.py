"""A thousand people move up after a raise by a thousand, while newcomers keep coming: how long does a newcomer wait?

The newcomers send the form over HTTP to a server as in production, one after the other; the raise and the promotions
happen in this process, as a request of the desk and the worker do them. The floor is a newcomer before the raise.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import secrets
import statistics
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.accounts.permissions import Person
from app.catalogue import queries
from app.catalogue.models import Event
from app.core.audit import COMMAND
from app.core.db import db
from app.exchange.operations import load_data
from app.registration import operations
from app.registration.models import Registration, RegistrationStatus
from app.registration.values import SignUpValues
from bench import databases
from bench.servers import free_port, serving
from config import ROOT, read_settings

PEOPLE, NEWCOMERS_BEFORE = 1_000, 100
SLUG = "promotion"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
DOCUMENT: dict[str, Any] = {
    "organizations": [
        {
            "slug": "house",
            "name": {"en": "House"},
            "email": "house@example.org",
            "zone": "Europe/Moscow",
            "language": "en",
            "consents": [{"purpose": "personal_data", "wording": {"en": "I agree."}, "required": True}],
        }
    ],
    "events": [
        {
            "slug": SLUG,
            "organization": "house",
            "title": {"en": "A talk that everybody wants to hear"},
            "format": "lecture",
            "sessions": [{"starts": {"day": 30, "time": "18:30"}, "place_note": {"en": "The hall"}}],
            "seats": [{"mode": "in_person", "capacity": 1}],
        }
    ],
}


@dataclass(frozen=True)
class Figures:
    """Seconds: those of all promotions together, and of each newcomer before and during them."""

    kind: str
    promotions: float
    before: list[float]
    during: list[float]

    def lines(self) -> list[str]:
        """The figures in words."""
        middle, longest = statistics.median(self.before), max(self.during)
        return [
            f"{self.kind}: {PEOPLE} people moved up in {self.promotions:.1f} s",
            f"  newcomers before: {_spread(self.before)}",
            f"  newcomers meanwhile: {_spread(self.during)}, the longest {longest / middle:.0f} × the p50 before",
        ]


def _spread(seconds: list[float]) -> str:
    p50, most = statistics.median(seconds) * 1000, max(seconds) * 1000
    return f"{len(seconds)}, p50 {p50:.0f} ms, most {most:.0f} ms"


class Newcomers(threading.Thread):
    """Signs up one person after the other until told to stop."""

    def __init__(self, port: int, consent: str, word: str, most: int | None = None) -> None:
        super().__init__()
        self.port, self.consent, self.word, self.most = port, consent, word, most
        self.seconds: list[float] = []
        self.enough = threading.Event()

    def run(self) -> None:
        """Send the form again and again."""
        while not self.enough.is_set() and (self.most is None or len(self.seconds) < self.most):
            begun = time.perf_counter()
            status = self._sign_up(len(self.seconds))
            self.seconds.append(time.perf_counter() - begun)
            if status != http.HTTPStatus.SEE_OTHER:
                raise SystemExit(f"a newcomer was answered {status}")

    def _sign_up(self, number: int) -> int:
        form = {
            "name": f"{self.word} {number}",
            "email": f"{self.word}{number}@example.net",
            "mode": "in_person",
            "queued": "in_person",
            self.consent: "y",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", f"/e/{SLUG}/sign-up", body=urlencode(form), headers=HEADERS)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status


def measure(kind: databases.Databases, folder: Path) -> Figures:
    """Fill, let newcomers come, raise, let everybody move up."""
    port = free_port()
    environment = {
        "SECRET_KEY": secrets.token_hex(32),
        "LINK_KEY": f"1:{secrets.token_hex(32)}",
        "PORT": str(port),
        "DATABASE_URL": kind.create("promotion"),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "LIMITS": "0",
        "QUEUE_FILE": str(folder / f"{kind.kind}.queue.db"),
        "LOG_LEVEL": "WARNING",
    }
    app = create_app(read_settings(environment))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        load_data(actor=COMMAND, content=json.dumps(DOCUMENT).encode())
        event_id = db.session.scalars(select(Event.id).where(Event.slug == SLUG)).one()
        for number in range(PEOPLE + 1):
            values = SignUpValues(f"Early {number}", f"early{number}@example.net", "in_person", "en", may_wait=True)
            operations.register(event_id=event_id, values=values)
        with serving("wsgi:app", kind.kind, environment, folder / f"{kind.kind}.log"):
            consent = _consent(port)
            before = Newcomers(port, consent, "Before", NEWCOMERS_BEFORE)
            before.start()
            before.join()
            during = Newcomers(port, consent, "During")
            during.start()
            begun = time.perf_counter()
            _raise(event_id)
            while _confirmed(event_id) <= PEOPLE:
                operations.tend_queues()
            promotions = time.perf_counter() - begun
            during.enough.set()
            during.join()
        db.session.remove()
        db.engine.dispose()
    return Figures(kind.kind, promotions, before.seconds, during.seconds)


def _consent(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/e/{SLUG}/sign-up")
    found = re.search(r'name="(consent_\d+)"', connection.getresponse().read().decode())
    connection.close()
    if found is None:
        raise SystemExit("the form asks for no consent")
    return found[1]


def _raise(event_id: int) -> None:
    event = db.session.get_one(Event, event_id)
    values = queries.event_values(event, queries.sessions_of(event_id), queries.pools_of(event_id))
    operations.change_event(
        actor=Person(user_id=0, name="Bench", email="bench@example.org", is_administrator=True),
        event_id=event_id,
        values=replace(values, capacity_in_person=PEOPLE + 1),
        seen=queries.seen_of(event),
    )


def _confirmed(event_id: int) -> int:
    db.session.rollback()
    query = select(db.func.count()).select_from(Registration)
    mine = query.where(Registration.event_id == event_id, Registration.status == RegistrationStatus.CONFIRMED)
    return db.session.scalars(mine).one()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.promotion", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this kind")
    arguments = parser.parse_args()
    for kind, folder in databases.each(arguments.database):
        print("\n".join(measure(kind, folder).lines()))


if __name__ == "__main__":
    main()
