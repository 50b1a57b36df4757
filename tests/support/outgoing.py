"""Applications that send mail, messages to send, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from apiflask import APIFlask

from app import create_app
from app.core.clock import now
from app.core.db import db, transaction
from app.messaging import outbox
from app.messaging.models import OutboxMessage
from tests.support.databases import settings_for


@contextmanager
def application(database: str, **settings: str) -> Iterator[APIFlask]:
    """An application with settings of its own, and its context."""
    app = create_app(settings_for(database, **settings))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def put(*addresses: str, name: str = "test_mail", **more: Any) -> None:
    """Write one message to each address, in one transaction."""
    with transaction():
        for address in addresses:
            outbox.put(name, to=address, language="en", facts={}, **more)


def numbered(count: int, word: str = "person") -> list[str]:
    """So many different addresses."""
    return [f"{word}{number}@example.net" for number in range(count)]


def messages() -> list[OutboxMessage]:
    """All messages as they are now, in the order of writing."""
    db.session.rollback()
    query = db.select(OutboxMessage).order_by(OutboxMessage.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def message_to(address: str) -> OutboxMessage:
    """The only message to this address, as it is now."""
    [found] = [message for message in messages() if message.to_address == address]
    return found


def statuses() -> Counter[str]:
    """How many messages stand where."""
    return Counter(message.status for message in messages())


def all_sent(count: int) -> Callable[[], bool]:
    """A condition to wait for: so many messages are marked as sent, and no other is left."""
    return lambda: statuses() == {"sent": count}


def are_leases_over() -> bool:
    """Whether nobody holds a message any more."""
    return not any(message.lease_until and message.lease_until >= now() for message in messages())
