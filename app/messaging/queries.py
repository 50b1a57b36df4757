"""What one can ask about messages and the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.core.clock import now
from app.core.db import db
from app.core.settings import settings
from app.messaging.models import DeliveryStatus, Heartbeat, OutboxMessage

PATIENCE = timedelta(minutes=3)
WORKER_SILENT_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class MailTrouble:
    """Mail doesn't go out. `kind`: `no_server` (nothing is set), `server` (it fails: `error`) or `worker` (silent)."""

    kind: str
    waiting: int
    since: datetime
    error: str | None = None


def mail_trouble() -> MailTrouble | None:
    """Why mail is not going out, or None when all is well."""
    waiting, oldest = db.session.execute(
        select(func.count(), func.min(OutboxMessage.created_at)).where(OutboxMessage.status == DeliveryStatus.QUEUED)
    ).one()
    if not waiting:
        return None
    error = db.session.scalar(
        select(OutboxMessage.last_error)
        .where(OutboxMessage.status == DeliveryStatus.QUEUED, OutboxMessage.last_error.is_not(None))
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )
    if settings().mail is None and not settings().demo_mode:
        return MailTrouble("no_server", waiting, oldest)
    if error is not None:
        return MailTrouble("server", waiting, oldest, error)
    if oldest < now() - PATIENCE and not is_worker_alive():
        return MailTrouble("worker", waiting, oldest)
    return None


def worker_seen_at() -> datetime | None:
    """When a worker last showed that it lives."""
    return db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == "worker"))


def is_worker_alive() -> bool:
    """Whether a worker has been seen lately."""
    seen = worker_seen_at()
    return seen is not None and seen > now() - WORKER_SILENT_AFTER


def queue_age() -> timedelta:
    """How long the oldest due message has been waiting."""
    oldest = db.session.scalar(
        select(func.min(OutboxMessage.next_attempt_at)).where(OutboxMessage.status == DeliveryStatus.QUEUED)
    )
    return max(now() - oldest, timedelta(0)) if oldest else timedelta(0)


def message_counts(organization_id: int | None = None) -> dict[str, int]:
    """Messages by status, of one organization or of all."""
    query = select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status)
    if organization_id is not None:
        query = query.where(OutboxMessage.organization_id == organization_id)
    counts = dict.fromkeys(DeliveryStatus, 0)
    counts.update({DeliveryStatus(status): count for status, count in db.session.execute(query)})
    return {str(status): count for status, count in counts.items()}


def messages_of(
    organization_id: int | None, *, status: str | None = None, limit: int = 100, offset: int = 0
) -> list[OutboxMessage]:
    """Messages of one organization (None: of all), latest first."""
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit).offset(offset)
    if organization_id is not None:
        query = query.where(OutboxMessage.organization_id == organization_id)
    if status:
        query = query.where(OutboxMessage.status == status)
    return list(db.session.scalars(query))


def find_message(message_id: int) -> OutboxMessage | None:
    """One message by its number."""
    return db.session.get(OutboxMessage, message_id)


def messages_about(registration_public_id: str, organization_id: int) -> list[OutboxMessage]:
    """What was said to one registered person, latest first."""
    return list(
        db.session.scalars(
            select(OutboxMessage)
            .where(
                OutboxMessage.organization_id == organization_id,
                OutboxMessage.facts["registration"].as_string() == registration_public_id,
            )
            .order_by(OutboxMessage.id.desc())
        )
    )
