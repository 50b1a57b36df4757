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
    import app.registration.models
    import app.registration.questions.models  # noqa: F401


def register_blueprints(app: APIFlask) -> None:
    """Mount every domain's pages, each under its prefix."""
    from app.accounts.views import accounts
    from app.api.views import api
    from app.attendance.api_views import door_api
    from app.attendance.views import attendance
    from app.catalogue.views import public
    from app.core.views import core
    from app.desk.views import desk
    from app.messaging.views import letters
    from app.registration.views import registration

    for blueprint in (core, public, registration, accounts, attendance, letters, desk, api, door_api):
        app.register_blueprint(blueprint)


def register_messages() -> None:
    """Tell the worker how each message is rendered."""
    from app.accounts import messages as accounts
    from app.messaging import messages as machinery
    from app.messaging.delivery import register_messages as register
    from app.registration import messages as registration

    for domain in (machinery, accounts, registration):
        register(domain.MESSAGES)


def register_periodic_deeds() -> None:
    """Tell the scheduler what to do every minute."""
    from app.registration import operations as registration

    PERIODIC["release_kept_seats"] = registration.release_kept_seats
    PERIODIC["end_ways"] = registration.end_ways
    PERIODIC["tend_queues"] = registration.tend_queues
    PERIODIC["expire_unconfirmed"] = registration.expire_unconfirmed
    PERIODIC["tend_answers"] = registration.tend_answers
    PERIODIC["send_reminders"] = registration.send_reminders
    PERIODIC["delete_old_answers"] = registration.delete_old_answers


def register_health_checks() -> None:
    """Add the checks of what lies above `core` to the health page."""
    from app.core.health import CHECKS
    from app.messaging import health

    CHECKS[:] = [health.worker, health.queue]
