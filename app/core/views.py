"""Health pages for monitoring, and the language switch."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify

from app.core.access import Access, declare
from app.core.health import readiness

core = APIBlueprint("core", __name__, enable_openapi=False)
declare(core, Access.MACHINE)


@core.get("/health/live")
def live() -> Response:
    """The process answers."""
    return _no_store(jsonify(status="ok"))


@core.get("/health/ready")
def ready() -> Response:
    """Database, migrations, worker and queue are in order (200), or not (503)."""
    checks = readiness()
    good = all(check.ok for check in checks)
    body = {
        "status": "ok" if good else "not ready",
        "checks": {check.name: check.as_json() for check in checks},
    }
    response = _no_store(jsonify(body))
    response.status_code = 200 if good else 503
    return response


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
