"""How many SQL statements a deed needs: counted in a process of our own, as the driver gets them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Engine, event

from app import create_app
from app.core.db import db
from bench.deeds import DEEDS, Deed, Request, Site
from bench.filling import Contents
from bench.load import CURSOR, NOW
from config import Settings

NO_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def count_statements(values: Settings, contents: Contents, deeds: tuple[Deed, ...] = DEEDS) -> dict[str, int]:
    """Statements of the second time that each deed is done, for the first one may fill what is kept in memory."""
    app = create_app(values)
    port = urlsplit(values.base_url).port or 80
    client = app.test_client(use_cookies=False)
    site = Site(port, contents, lambda path: client.get(path, base_url=values.base_url).headers["ETag"])
    counted = {}
    with app.app_context():
        engine = db.engine
    with _Counter(engine) as counter:
        for deed in deeds:
            requests = deed.requests(site, 0)
            cursor = "null"
            for _time in range(2):
                counter.statements = 0
                cursor = _send(app, next(requests), deed.expected, cursor)
            counted[deed.name] = counter.statements
    engine.dispose()
    return counted


class _Counter:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.statements = 0

    def __enter__(self) -> _Counter:
        event.listen(self.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.statements += not statement.startswith(NO_STATEMENTS)


def _send(app: Flask, request: Request, expected: int, cursor: str) -> str:
    """Do one request of the plan with Flask's own client; returns the cursor that a phone would keep."""
    line, *lines = request["head"].splitlines()
    method, path, _version = line.split()
    headers = dict(one.split(": ", 1) for one in lines)
    body = request["body"].replace(CURSOR, cursor).replace(NOW, "2026-01-01T00:00:00+00:00")
    client = app.test_client(use_cookies=False)
    response = client.open(path, method=method, headers=headers, data=body.encode())
    if response.status_code != expected:
        raise SystemExit(f"{line}: {response.status_code} {response.get_data(as_text=True)[:600]}")
    answer = response.get_json(silent=True)
    return f'"{answer["cursor"]}"' if answer else cursor
