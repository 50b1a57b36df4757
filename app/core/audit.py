"""One line per deed: who did what, on what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base, execute, table_of


class AuditLine(Base):
    """A deed that was done. Names of people are not kept here, only numbers that lead to them."""

    __tablename__ = "audit_line"
    __table_args__ = (Index("ix_audit_line_organization_id_id", "organization_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60))
    organization_id: Mapped[int | None]
    event_id: Mapped[int | None] = mapped_column(index=True)
    subject_kind: Mapped[str | None] = mapped_column(String(30))
    subject_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]


_insert = insert(table_of(AuditLine))


@dataclass(frozen=True)
class Actor:
    """Who does a deed: `user`, `participant` (by link), `device` at the door, `system`, or the `command` line."""

    kind: str
    id: int | None = None


SYSTEM = Actor("system")
COMMAND = Actor("command")
PARTICIPANT = Actor("participant")


def record(
    actor: Actor,
    action: str,
    *,
    organization_id: int | None = None,
    event_id: int | None = None,
    subject: tuple[str, int] | None = None,
    **details: Any,
) -> None:
    """Write one line into the audit, in the running transaction."""
    execute(
        _insert,
        {
            "at": now(),
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "action": action,
            "organization_id": organization_id,
            "event_id": event_id,
            "subject_kind": subject[0] if subject else None,
            "subject_id": subject[1] if subject else None,
            "details": details,
        },
    )
