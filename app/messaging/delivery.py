"""Carries out what the outbox holds.

Each message is taken by a lease, rendered, its words kept, sent outside any transaction, and marked. Killed at any
point, the lease runs out and the message is taken again, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update

from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import in_language
from app.core.settings import settings
from app.messaging.letters import Letter, Renderer
from app.messaging.mail import MailPutOff, MailRefused, MailServerTrouble, Postman, build_message, postman
from app.messaging.models import DeliveryStatus, OutboxMessage

# After each failed try the message waits longer; after the last it is `failed`. About two days in all.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 180, 360, 720, 1440))

log = structlog.get_logger()
MESSAGES: dict[str, Renderer] = {}


@dataclass(frozen=True)
class Taken:
    """A message that this worker holds until `lease_until`."""

    id: int
    name: str
    to: str
    language: str
    facts: dict[str, Any]
    message_id: str
    attempts: int
    created_at: datetime


def register_messages(messages: Mapping[str, Renderer]) -> None:
    """Fill the table of renderers (done once at start)."""
    MESSAGES.update(messages)


def drain(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, single mails before bulk, at most `MAIL_RATE` a minute; returns how many were sent.

    What the rate leaves over is taken by the next minute's run. Between two mails `is_stopping` may end it.
    """
    server = settings().mail
    if server is None:
        return _keep_all() if settings().demo_mode else 0
    sent = 0
    with postman(server) as man:
        while not is_stopping() and not _is_rate_spent() and (message := take()):
            try:
                sent += deliver(message, man)
            except MailServerTrouble as trouble:
                log.warning("mail_server_trouble", error=str(trouble))
                break
    return sent


def _keep_all() -> int:
    """Without a mail server the demo sends nothing, and takes for arrived what can be read at /letters."""
    kept = 0
    while message := take():
        letter = _render_or_fail(message)
        if letter is not None:
            if letter.before_sent:
                letter.before_sent()
            _count_as_sent(message, letter)
            kept += 1
    return kept


def take() -> Taken | None:
    """Take the next due message for the time of a lease."""
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status == DeliveryStatus.QUEUED,
            OutboxMessage.next_attempt_at <= now(),
            (OutboxMessage.lease_until.is_(None)) | (OutboxMessage.lease_until < now()),
        )
        .order_by(OutboxMessage.priority, OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        row = execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == due.scalar_subquery())
            .values(
                lease_until=now() + timedelta(seconds=settings().mail_lease),
                attempts=OutboxMessage.attempts + 1,
            )
            .returning(
                OutboxMessage.id,
                OutboxMessage.name,
                OutboxMessage.to_address,
                OutboxMessage.language,
                OutboxMessage.facts,
                OutboxMessage.message_id,
                OutboxMessage.attempts,
                OutboxMessage.created_at,
            )
        ).first()
    return Taken(*row) if row else None


def deliver(message: Taken, man: Postman) -> int:
    """Render and send one message; returns how many went out (0 or 1). Raises `MailServerTrouble` to end the drain."""
    letter = _render_or_fail(message)
    if letter is None:
        return 0
    sender = settings().mail_from
    try:
        mime = build_message(
            letter,
            sender=sender,
            sender_name=settings().site_name,
            to=message.to,
            message_id=message.message_id,
            date=message.created_at,
        )
        if letter.before_sent:
            letter.before_sent()
        man.send(mime, sender=sender, to=message.to)
    except MailRefused as refused:
        _mark_failed(message, str(refused))
        return 0
    except MailPutOff as putting_off:
        _put_off(message, str(putting_off))
        return 0
    except MailServerTrouble as trouble:
        _put_off(message, str(trouble))
        raise
    except (ValueError, UnicodeError) as wrong:
        # The address or a header can't be put into a mail at all; trying again won't help.
        _mark_failed(message, f"{type(wrong).__name__}: {wrong}")
        return 0
    _count_as_sent(message, letter)
    return 1


def letter_of(name: str, facts: dict[str, Any], language: str) -> Letter | None:
    """The letter as it would go out now; None when there is nothing to say any more."""
    with in_language(language):
        return MESSAGES[name](facts)


def _render_or_fail(message: Taken) -> Letter | None:
    """The letter, its words kept with the row. A message that can't be rendered fails and stops nobody else."""
    try:
        letter = letter_of(message.name, message.facts, message.language)
    except Exception as error:
        log.error("message_not_rendered", message=message.name, id=message.id, exc_info=error)
        _mark_failed(message, f"{type(error).__name__}: {error}")
        return None
    if letter is None or not letter.may_go_to(message.to):
        _set(message, status=DeliveryStatus.NOT_NEEDED, lease_until=None, last_error=None)
        return None
    _set(message, subject=letter.subject[:500], body_text=letter.text, body_html=letter.html)
    return letter


def _count_as_sent(message: Taken, letter: Letter) -> None:
    if letter.after_sent:
        letter.after_sent()
    _set(message, status=DeliveryStatus.SENT, sent_at=now(), lease_until=None, last_error=None)


def _mark_failed(message: Taken, reason: str) -> None:
    log.warning("message_failed", message=message.name, id=message.id, error=reason)
    _set(message, status=DeliveryStatus.FAILED, lease_until=None, last_error=reason[:500])


def _put_off(message: Taken, reason: str) -> None:
    if message.attempts > len(PAUSES):
        _mark_failed(message, reason)
        return
    later = now() + PAUSES[message.attempts - 1]
    _set(message, next_attempt_at=later, lease_until=None, last_error=reason[:500])


def _set(message: Taken, **values: Any) -> None:
    with transaction():
        execute(update(OutboxMessage).where(OutboxMessage.id == message.id).values(**values))


def _is_rate_spent() -> bool:
    """Whether as many mails as allowed went out within the last minute, from whichever worker."""
    rate = settings().mail_rate
    if not rate:
        return False
    db.session.rollback()
    sent_lately = select(func.count()).where(OutboxMessage.sent_at > now() - timedelta(minutes=1))
    return (db.session.scalar(sent_lately) or 0) >= rate
