"""Several deeds at the same moment, each in a thread with a session of its own."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIFlask

from app.core.db import db
from app.core.errors import DomainError
from tests.support.crowd import starting_together


def in_threads(app: APIFlask, *deeds: Callable[[], object]) -> list[object]:
    """What each deed gave, or the error that it raised; each runs in a thread with a session of its own."""

    def with_context(deed: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            with app.app_context():
                try:
                    return deed()
                except DomainError as error:
                    return error
                finally:
                    db.session.remove()

        return run

    return list(starting_together([with_context(deed) for deed in deeds]))
