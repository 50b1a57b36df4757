"""The measuring itself: that it runs, and that its floor is the same work. Never how long anything takes."""

from __future__ import annotations

import copy
import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import databases, report
from bench.__main__ import CONNECTIONS, Bench, Size
from bench.deeds import DEEDS, SAME_SQL, Request, Site
from bench.feeds import FEED_DEEDS, FeedBench
from bench.filling import DOOR_PEOPLE
from bench.load import CURSOR, NOW
from bench.statements import NO_STATEMENTS, count_statements
from config import read_settings

pytestmark = pytest.mark.slow

PEOPLE = CONNECTIONS * DOOR_PEOPLE
TINY = Size(events=60, people=PEOPLE + 50, few=PEOPLE, requests=16, rounds=1, warm=8)


def test_every_deed_is_measured_beside_its_floor(tmp_path: Path) -> None:
    results = Bench(TINY, tmp_path).measure(databases.SQLite(tmp_path))

    assert [result.deed for result in results] == [deed.name for deed in DEEDS]
    assert all(len(result.full.runs[0].seconds) >= CONNECTIONS for result in results)
    assert len(report.table(results).splitlines()) == len(DEEDS) + 2
    written = json.loads(report.write(tmp_path / "results", results, {}).read_text())
    assert [row["deed"] for row in written["results"]] == [deed.name for deed in DEEDS]


def test_feeds_are_measured_with_few_events_and_with_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.feeds.FEW", 20)
    results = FeedBench(replace(TINY, people=0, few=0), tmp_path, FEED_DEEDS).measure(databases.SQLite(tmp_path))

    names = [result.deed for result in results]
    assert {f"/events.{ending} 304" for ending in ("ics", "atom", "json")} <= set(names)
    assert {f"/events.{ending} 200, made anew" for ending in ("ics", "atom", "json")} <= set(names)
    assert all(result.statements == 0 for result in results if "304" in result.deed)


def test_the_floor_sends_as_many_statements_as_the_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(TINY, tmp_path)
    _few, contents, addresses = bench.fill(databases.SQLite(tmp_path))
    deeds = tuple(deed for deed in DEEDS if deed.floor == SAME_SQL)
    values = read_settings(bench.environment(addresses["count"], 5000))
    ours = count_statements(values, copy.deepcopy(contents), deeds)
    monkeypatch.setenv("FLOOR_DATABASE", addresses["floor"])
    floor = importlib.import_module("bench.floor")
    statements: list[str] = []
    floor.store._connection().set_trace_callback(statements.append)

    for deed in deeds:
        request = next(deed.requests(Site(5000, contents, str), 0))
        statements.clear()
        _send(floor.app.test_client(use_cookies=False), request, deed.expected)
        sent = [text for text in statements if not text.startswith(NO_STATEMENTS)]
        assert len(sent) == ours[deed.name], (deed.name, sent)


def _send(client: object, request: Request, expected: int) -> None:
    line, *lines = request["head"].splitlines()
    headers = dict(one.split(": ", 1) for one in lines)
    body = request["body"].replace(CURSOR, "null").replace(NOW, "2026-01-01T00:00:00+00:00")
    response = client.post(line.split()[1], headers=headers, data=body)  # type: ignore[attr-defined]
    assert response.status_code == expected, response.get_data(as_text=True)
