"""Mails to registered people, rendered."""

from __future__ import annotations

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration.messages import MESSAGES
from app.registration.models import Registration


def letter(message: str, to: Registration, language: str = "en") -> Letter | None:
    """The latest mail of this name to the person, as it would go out now."""
    facts = db.session.scalars(
        select(OutboxMessage.facts)
        .where(OutboxMessage.name == message, OutboxMessage.facts["registration"].as_string() == to.public_id)
        .order_by(OutboxMessage.id.desc())
    ).first()
    with in_language(language):
        return MESSAGES[message](facts or {})
