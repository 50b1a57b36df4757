"""A feed of a thousand events: sent again, sent first after a restart, and sent after one edit.

Sent again it is compared with a view that sends the same bytes from memory. After a restart and after an edit, the CPU
time of the first answer counts, and how many of the stored entries the edit has rendered anew.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import secrets
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app import create_app
from app.accounts.permissions import Person
from app.catalogue import queries
from app.catalogue.models import Event, SessionCalendar
from app.core.db import db
from app.registration import operations
from bench import databases
from bench.filling import Filler
from bench.servers import Server, free_port, serving
from config import LANGUAGES, Settings, read_settings

EVENTS = 1_300  # of which a feed has a thousand: the past is left out
REQUESTS, RESTARTS, WARM = 400, 5, 40
FEED, HELLO = "/events.ics?lang=en", "/health/live"
HEADERS = {"Accept-Encoding": "gzip"}
ACTOR = Person(user_id=0, name="Bench", email="bench@example.org", is_administrator=True)


@dataclass(frozen=True)
class Figures:
    """CPU milliseconds of one answer each.

    The feed has so many `events`, and this `size` when gzipped; `rendered` counts stored entries.
    """

    kind: str
    events: int
    size: int
    again: float
    same_bytes: float
    restarted: list[float]
    edited: float
    rendered: int

    def lines(self) -> list[str]:
        """The figures in words."""
        ratio, cold = self.again / self.same_bytes, statistics.median(self.restarted)
        stored = EVENTS * len(LANGUAGES)
        return [
            f"{self.kind}: a feed of {self.events} events, {self.size / 1024:.0f} KiB packed",
            f"  again: {self.again:.2f} ms CPU, × {ratio:.1f} of a view with the same bytes (at most 3)",
            f"  first after a restart: {cold - self.again:.0f} ms CPU more (at most 100)",
            f"  first after one edit: {self.edited - self.again:.0f} ms CPU more",
            f"  rendered anew by the edit: {self.rendered} of {stored} stored entries, one in each language",
        ]


def measure(kind: databases.Databases, folder: Path) -> Figures:
    """Fill, serve, ask."""
    environment = {
        "SECRET_KEY": secrets.token_hex(32),
        "LINK_KEY": f"1:{secrets.token_hex(32)}",
        "DATABASE_URL": kind.create("calendars"),
        "LIMITS": "0",
        "QUEUE_FILE": str(folder / f"{kind.kind}.queue.db"),
        "LOG_LEVEL": "WARNING",
    }
    values = read_settings(_at(environment, free_port()))
    Filler(values, events=EVENTS, doors=1).make_events()
    log = folder / f"{kind.kind}.log"
    with serving("wsgi:app", kind.kind, environment_here := _at(environment, free_port()), log) as server:
        packed = _get(server, FEED)
        again = _cpu(server, FEED, REQUESTS)
        rendered = _edit(values)
        edited = _first(server)
    same = folder / f"{kind.kind}.gz"
    same.write_bytes(packed)
    floor = {**environment_here, "PORT": str(free_port()), "SAME_BYTES": str(same)}
    with serving("bench.same_bytes:app", kind.kind, floor, log) as server:
        same_bytes = _cpu(server, "/events.ics", REQUESTS)
    restarted = []
    for _time in range(RESTARTS):
        with serving("wsgi:app", kind.kind, _at(environment, free_port()), log) as server:
            restarted.append(_first(server))
    events = gzip.decompress(packed).count(b"BEGIN:VEVENT")
    return Figures(kind.kind, events, len(packed), again, same_bytes, restarted, edited, rendered)


def _at(environment: dict[str, str], port: int) -> dict[str, str]:
    return {**environment, "PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}"}


def _get(server: Server, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", path, headers=HEADERS)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path}: {response.status} {body[:500]!r}")
    return body


def _cpu(server: Server, path: str, times: int) -> float:
    """CPU milliseconds of one answer, of many that are alike; each process has given some before."""
    for _time in range(WARM):
        _get(server, path)
    return _spent(server, lambda: [_get(server, path) for _time in range(times)]) / times


def _first(server: Server) -> float:
    """CPU milliseconds of the first feed that some process gives, once all of them have answered something else."""
    for _time in range(WARM):
        _get(server, HELLO)
    return _spent(server, lambda: _get(server, FEED))


def _spent(server: Server, deed: Callable[[], object]) -> float:
    before = server.cpu_seconds()
    deed()
    return (server.cpu_seconds() - before) * 1000


def _edit(values: Settings) -> int:
    """Change one event's title as the desk does; returns how many stored entries have other bytes than before."""
    app = create_app(values)
    with app.app_context():
        stored = select(SessionCalendar.session_id, SessionCalendar.language, SessionCalendar.vevent)
        before = set(map(tuple, db.session.execute(stored)))
        event = db.session.scalars(select(Event).order_by(Event.starts_at.desc()).limit(1)).one()
        sessions, pools = queries.sessions_of(event.id), queries.pools_of(event.id)
        changed = replace(queries.event_values(event, sessions, pools), title={"en": "Another title"})
        operations.change_event(actor=ACTOR, event_id=event.id, values=changed, seen=queries.seen_of(event))
        after = set(map(tuple, db.session.execute(stored)))
        db.session.remove()
        db.engine.dispose()
    return len(after - before)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.calendars", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this kind")
    arguments = parser.parse_args()
    for kind, folder in databases.each(arguments.database):
        print("\n".join(measure(kind, folder).lines()))


if __name__ == "__main__":
    main()
