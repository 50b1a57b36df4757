"""The tables filled at start: blueprints, messages, periodic deeds, health checks.

What lies low (the worker, the scheduler) finds here what lies high, without importing it.
"""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIFlask

PERIODIC: dict[str, Callable[[], object]] = {}
"""Deeds that the worker does every minute; each run is claimed by one scheduler."""


def import_models() -> None:
    """Make every table known, for migrations and relationships."""
    import app.accounts.models
    import app.attendance.models
    import app.catalogue.models
    import app.core.audit
    import app.messaging.models
    import app.registration.models  # noqa: F401


def register_blueprints(app: APIFlask) -> None:
    """Mount every domain's pages, each under its prefix."""
    import importlib

    for path in (
        "app.core.views:core",
        "app.catalogue.views:public",
        "app.registration.views:registration",
        "app.accounts.views:accounts",
        "app.attendance.views:attendance",
        "app.messaging.views:letters",
        "app.desk.views:desk",
        "app.api.views:api",
        "app.attendance.api_views:door_api",
    ):
        module, name = path.split(":")
        try:
            blueprint = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            print("missing for now", module, error)
            continue
        app.register_blueprint(blueprint)


def register_messages() -> None:
    """Tell the worker how each message is rendered."""
    import importlib

    from app.messaging.delivery import register_messages as register

    for path in ("app.messaging.messages", "app.accounts.messages", "app.registration.messages"):
        try:
            register(importlib.import_module(path).MESSAGES)
        except ModuleNotFoundError as error:
            print("missing for now", path, error)


def register_health_checks() -> None:
    """Add the checks of what lies above `core` to the health page."""
    from app.core.health import CHECKS
    from app.messaging import health

    CHECKS[:] = [health.worker, health.queue]
