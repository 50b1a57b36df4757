"""What one can do about messages."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, or_, update

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


def forget_mails_about(registrations: Sequence[str], *, words_only: bool = False) -> None:
    """Erase the words of the mails about these registrations (public ids), and unless `words_only` where they went.

    What is still to be sent to them isn't. In a running transaction.
    """
    about = OutboxMessage.facts["registration"].as_string().in_(registrations)
    execute(_forget(about, words_only=words_only))


def forget_mails_to(address: str) -> None:
    """Erase the words of all mails to participants that went to this address, and the address. In a transaction."""
    facts = OutboxMessage.facts
    about_people = or_(*(facts[name].as_string().is_not(None) for name in ("registration", "registrations", "find")))
    execute(_forget(OutboxMessage.to_address == address, about_people, words_only=False))


def _forget(*conditions: Any, words_only: bool) -> Any:
    words: dict[str, Any] = {"subject": None, "body_text": None, "body_html": None, "last_error": None}
    if not words_only:
        is_waiting = OutboxMessage.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.FAILED))
        words |= {"to_address": "", "status": case((is_waiting, DeliveryStatus.NOT_NEEDED), else_=OutboxMessage.status)}
    return update(OutboxMessage).where(*conditions).values(**words).execution_options(synchronize_session=False)
