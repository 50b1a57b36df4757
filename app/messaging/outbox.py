"""The only way to cause a side effect: a row, written in the transaction of the deed.

The request renders nothing and sends nothing. The worker is told after the commit; if nobody tells it, it finds the
row within a minute all the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import or_, select, update

from app.core.clock import now
from app.core.db import after_commit, execute, insert_unless_there
from app.core.settings import settings
from app.messaging.models import DeliveryStatus, OutboxMessage

URGENT, NORMAL, BULK = 0, 1, 5  # lower goes first: sign-in links, then single tickets, then mails to many

_wake: list[Callable[[], None]] = []


def on_new_message(wake: Callable[[], None]) -> None:
    """Have `wake` called after each commit that wrote messages (the worker's bell)."""
    _wake[:] = [wake]


def put(
    name: str,
    *,
    to: str,
    language: str,
    facts: dict[str, Any],
    organization_id: int | None = None,
    dedupe_key: str | None = None,
    priority: int = NORMAL,
) -> bool:
    """Write one message; False when it has been said, for then its `dedupe_key` was used before."""
    values = {
        "name": name,
        "organization_id": organization_id,
        "to_address": to,
        "language": language,
        "facts": facts,
        "dedupe_key": dedupe_key,
        "message_id": f"<{secrets.token_hex(16)}@{_mail_domain()}>",
        "priority": priority,
        "status": DeliveryStatus.QUEUED,
        "attempts": 0,
        "next_attempt_at": now(),
        "created_at": now(),
    }
    written = execute(insert_unless_there(OutboxMessage, on=("dedupe_key",), returning=("id",)), values).first()
    ring_after_commit()
    return written is not None


def take_back(name: str, organization_id: int, is_overtaken: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Let waiting messages of this name go unsaid where a later one says more; returns their facts, the oldest first.

    One that a worker has taken already goes out.
    """
    at = now()
    is_free = or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < at)
    waiting = select(OutboxMessage.id, OutboxMessage.facts).where(
        OutboxMessage.name == name,
        OutboxMessage.organization_id == organization_id,
        OutboxMessage.status == DeliveryStatus.QUEUED,
        is_free,
    )
    facts = {row.id: row.facts for row in execute(waiting.order_by(OutboxMessage.id)) if is_overtaken(row.facts)}
    if not facts:
        return []
    unsaid = update(OutboxMessage).where(
        OutboxMessage.id.in_(list(facts)), OutboxMessage.status == DeliveryStatus.QUEUED, is_free
    )
    done = execute(unsaid.values(status=DeliveryStatus.NOT_NEEDED).returning(OutboxMessage.id)).scalars()
    return [facts[message_id] for message_id in sorted(done)]


def ring_after_commit() -> None:
    """Tell the worker, once the running transaction is committed, that there is something to send."""
    for wake in _wake:
        after_commit(wake)


def _mail_domain() -> str:
    return settings().mail_from.rpartition("@")[2]
