"""Do feeds stay cheap when there are many events? The same deeds with 10,000 events and with 100, beside the floor.

As `python -m bench`, but there it is people who grow in number, and here events; *growth* is the cost with 10,000 of
them over that with 100. What is rendered anew may grow, up to the thousand entries that a feed has at most; what is
unchanged or kept may not.
"""

from __future__ import annotations

import argparse
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from bench import databases, report
from bench.__main__ import CONNECTIONS, QUICK, Bench, Size
from bench.deeds import DEEDS, HELLO, Deed, Request, Site, request
from bench.filling import Contents, Filler
from bench.servers import free_port
from config import read_settings

MANY, FEW = 10_000, 100


def _never_asked(ending: str) -> Callable[[Site, int], Iterator[Request]]:
    """The feed of all events from some day long past on: each time another key, and each time everything."""

    def requests(site: Site, connection: int) -> Iterator[Request]:
        chance = random.Random(f"{ending} {connection}")
        while True:
            day = date(2001, 1, 1) + timedelta(days=chance.randrange(7_000))
            yield request("GET", f"/events.{ending}?from={day}", site.port)

    return requests


FEED_DEEDS = (
    *(deed for deed in DEEDS if deed.name.startswith(("/events.", "/events/"))),
    *(
        Deed(f"/events.{ending} 200, made anew", _never_asked(ending), 200, HELLO, share=0.3)
        for ending in ("ics", "atom", "json")
    ),
)


class FeedBench(Bench):
    """As its parent, with few events in place of few people."""

    def fill(self, kind: databases.Databases) -> tuple[Contents, Contents, dict[str, str]]:
        """What is in the databases with few events and with all, and the address of each database."""
        filled = {
            name: self._events(kind, name, number) for name, number in (("full", self.size.events), ("small", FEW))
        }
        addresses = {name: address for name, (_contents, address) in filled.items()}
        addresses |= {name: kind.copy(addresses["full"], name) for name in ("floor", "count")}
        return copy.deepcopy(filled["small"][0]), filled["full"][0], addresses

    def _events(self, kind: databases.Databases, name: str, number: int) -> tuple[Contents, str]:
        address = kind.create(name)
        filler = Filler(read_settings(self.environment(address, free_port())), events=number, doors=CONNECTIONS)
        filler.make_events()
        return filler.contents, address


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each site is asked in turn")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this kind")
    arguments = parser.parse_args()
    size: Size = replace(QUICK, events=MANY, people=0, few=0, rounds=arguments.rounds)
    for kind, folder in databases.each(arguments.database):
        print(f"\n{kind.kind}\n\n{report.table(FeedBench(size, folder, FEED_DEEDS).measure(kind))}")


if __name__ == "__main__":
    main()
