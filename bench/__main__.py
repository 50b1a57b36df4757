"""Measures the deeds that people wait for, each beside a floor in the same run.

Everything runs as in production: gunicorn with threads, one process on SQLite and two on PostgreSQL, every commit on
the disk. Three servers of each kind stand side by side (all people, a hundredth of them, the floor) and are asked in
turn, so that whatever else the machine does meets all three alike.
"""

from __future__ import annotations

import argparse
import copy
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import databases, report
from bench.deeds import DEEDS, HELLO, HELLO_WORLD, Deed, Site, take
from bench.filling import DOOR_PEOPLE, Contents, Filler
from bench.report import Figures, Result, Run
from bench.servers import Server, free_port, serving
from bench.statements import count_statements
from config import ROOT, read_settings

CONNECTIONS = 8


@dataclass(frozen=True)
class Size:
    """How much is filled in and asked for. Each round asks for `requests` in all, after `warm` unmeasured ones."""

    events: int
    people: int
    few: int
    requests: int
    rounds: int
    warm: int


FULL = Size(events=10_000, people=200_000, few=CONNECTIONS * DOOR_PEOPLE, requests=240, rounds=7, warm=240)
QUICK = Size(events=2_000, people=20_000, few=CONNECTIONS * DOOR_PEOPLE, requests=240, rounds=1, warm=80)


class Bench:
    """The whole measurement on one kind of database."""

    def __init__(self, size: Size, folder: Path, deeds: tuple[Deed, ...] = DEEDS) -> None:
        self.size, self.folder, self.deeds = size, folder, deeds
        self._secrets = {"SECRET_KEY": secrets.token_hex(32), "LINK_KEY": f"1:{secrets.token_hex(32)}"}

    def measure(self, kind: databases.Databases) -> list[Result]:
        """Fill, serve, ask, count."""
        begun = time.monotonic()
        say(f"{kind.kind}: filling {self.size.events:,} events and {self.size.people:,} registrations …")
        few, everybody, addresses = self.fill(kind)
        say(f"{kind.kind}: filled in {time.monotonic() - begun:.0f} s; measuring …")
        values = read_settings(self.environment(addresses["count"], free_port()))
        counted = count_statements(values, copy.deepcopy(everybody), self.deeds)
        with ExitStack() as stack:
            full = stack.enter_context(self._site(kind, addresses["full"], everybody))
            small = stack.enter_context(self._site(kind, addresses["small"], few))
            floor = stack.enter_context(self._site(kind, addresses["floor"], everybody, "bench.floor:app"))
            results = [self._result(kind.kind, deed, full, small, floor, counted) for deed in self.deeds]
        say(f"{kind.kind}: done in {time.monotonic() - begun:.0f} s")
        return results

    def fill(self, kind: databases.Databases) -> tuple[Contents, Contents, dict[str, str]]:
        """What is in the databases with few people and with all, and the address of each database."""
        address = kind.create("full")
        filler = Filler(
            read_settings(self.environment(address, free_port())), events=self.size.events, doors=CONNECTIONS
        )
        filler.make_events()
        filler.add_people(self.size.few)
        few = copy.deepcopy(filler.contents)
        small = kind.copy(address, "small")
        filler.add_people(self.size.people)
        others = {name: kind.copy(address, name) for name in ("floor", "count")}
        return few, filler.contents, {"full": address, "small": small, **others}

    def environment(self, address: str, port: int) -> dict[str, str]:
        """As in production, but for the limits, for all the world comes from one address here."""
        name = address.rpartition("/")[2].partition("?")[0].removesuffix(".db")
        return {
            **self._secrets,
            "PORT": str(port),
            "DATABASE_URL": address,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SIGN_UP_LIMIT": "1000000 per minute; 10000000 per hour",
            "QUEUE_FILE": str(self.folder / f"{name}.queue.db"),
            "LOG_LEVEL": "WARNING",
            "FLOOR_DATABASE": address,
        }

    @contextmanager
    def _site(
        self, kind: databases.Databases, address: str, contents: Contents, target: str = "wsgi:app"
    ) -> Iterator[tuple[Server, Site]]:
        port = free_port()
        log = self.folder / f"{kind.kind}-{port}.log"
        with serving(target, kind.kind, self.environment(address, port), log) as server:
            yield server, Site(port, copy.deepcopy(contents), server.etag_of)

    def _result(
        self,
        database: str,
        deed: Deed,
        full: tuple[Server, Site],
        small: tuple[Server, Site],
        floor: tuple[Server, Site],
        counted: dict[str, int],
    ) -> Result:
        floor_deed = HELLO_WORLD if deed.floor == HELLO else deed
        figures = self._figures([(deed, full), (deed, small), (floor_deed, floor)])
        result = Result(database, deed.name, deed.floor, deed.most, counted[deed.name], *figures)
        say(f"  {deed.name}: {result.full.cpu:.2f} ms CPU, × {result.ratio:.1f}, growth {result.growth:.2f}")
        return result

    def _figures(self, asked: list[tuple[Deed, tuple[Server, Site]]]) -> list[Figures]:
        """Ask all sites in turn, several times: a machine that slows down for a minute slows them all."""
        # Each site's requests go on from round to round, so that nothing is asked for again that chance chose before.
        plans = [[deed.requests(site, each) for each in range(CONNECTIONS)] for deed, (_server, site) in asked]
        for (deed, (server, _site)), plan in zip(asked, plans, strict=True):
            ask(server, deed, take(plan, self.size.warm))
        figures = [Figures() for _site in asked]
        for _round in range(self.size.rounds):
            for (deed, (server, _site)), plan, found in zip(asked, plans, figures, strict=True):
                number = max(int(self.size.requests * deed.share), CONNECTIONS)
                found.runs.append(ask(server, deed, take(plan, number)))
        return figures


def ask(server: Server, deed: Deed, connections: list[list[dict[str, str]]]) -> Run:
    """Let the load program ask; what the server did meanwhile was for it."""
    plan = json.dumps({"port": server.port, "expected": deed.expected, "connections": connections})
    before = server.cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], cwd=ROOT, input=plan, capture_output=True, text=True, check=False
    )
    cpu = server.cpu_seconds() - before
    if done.returncode:
        raise SystemExit(f"{deed.name}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    if figures["failures"] or len(figures["seconds"]) != figures["asked"]:
        raise SystemExit(f"{deed.name}: {figures['failures'][:1] or done.stderr[-2000:]}\n{server.last_words}")
    return Run(figures["wall"], cpu, figures["seconds"], figures["received"])


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(text, file=sys.stderr, flush=True)


def settings_of_run(arguments: argparse.Namespace) -> tuple[Size, tuple[Deed, ...]]:
    """What was asked for on the command line."""
    deeds = tuple(deed for deed in DEEDS if not arguments.only or arguments.only in deed.name)
    return (QUICK if arguments.quick else FULL), deeds


def main() -> None:
    """Measure, print the tables, write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows and requests, one round: rough figures")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this kind")
    parser.add_argument("--only", metavar="TEXT", help="only deeds with this in their name")
    parser.add_argument("--output", type=Path, default=ROOT / "instance" / "bench", help="where the JSON file goes")
    arguments = parser.parse_args()
    size, deeds = settings_of_run(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    folder.chmod(0o755)  # PostgreSQL's own user must be able to enter it
    results: list[Result] = []
    facts: dict[str, Any] = {"machine": report.machine(), "size": vars(size), "connections": CONNECTIONS}
    try:
        if arguments.database != "postgresql":
            results += Bench(size, folder, deeds).measure(databases.SQLite(folder))
        if arguments.database != "sqlite":
            with databases.postgresql(folder) as server:
                facts["postgresql"] = server.durability()
                results += Bench(size, folder, deeds).measure(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for database in dict.fromkeys(result.database for result in results):
        print(f"\n{database}\n\n{report.table([result for result in results if result.database == database])}")
    say(f"\nWritten to {report.write(arguments.output, results, facts)}")


if __name__ == "__main__":
    main()
