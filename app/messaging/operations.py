"""What one can do about messages."""

from __future__ import annotations

import secrets

from sqlalchemy import update

from app.core import audit
from app.core.audit import Actor
from app.core.clock import now
from app.core.db import execute, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.messaging import outbox
from app.messaging.models import DeliveryStatus, OutboxMessage


class NotFailed(Conflict):
    """Only a failed message can be sent again by hand."""

    code = "not_failed"


def send_again(*, actor: Actor, message_id: int, organization_id: int | None) -> None:
    """Queue a failed message anew. Raises `NotFailed`."""
    with transaction():
        row = execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.status == DeliveryStatus.FAILED)
            .values(
                status=DeliveryStatus.QUEUED,
                attempts=0,
                next_attempt_at=now(),
                lease_until=None,
                last_error=None,
            )
            .returning(OutboxMessage.id)
        ).first()
        if row is None:
            raise NotFailed(_("This message has not failed, so there is nothing to send again."))
        audit.record(actor, "send_again", organization_id=organization_id, subject=("message", message_id))
        outbox.ring_after_commit()


def send_test_mail(*, actor: Actor, address: str) -> int:
    """Queue a test mail through the worker and return its number."""
    key = f"test_mail:{secrets.token_hex(8)}"
    with transaction() as session:
        outbox.put(
            "test_mail",
            to=address,
            language=settings().default_language,
            facts={"at": now().isoformat()},
            dedupe_key=key,
            priority=outbox.URGENT,
        )
        audit.record(actor, "send_test_mail")
        message_id: int = session.query(OutboxMessage.id).filter_by(dedupe_key=key).one().id
    return message_id
